//! Tables as the bench prints them: a line under the head, no frame, numbers to the right.

use comfy_table::{
    Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
    Width,
};

/// The width where nobody says how wide it is: files and pipes.
pub(crate) const WIDTH: u16 = 110;
const WIDTH_LEAST: u16 = 72;
/// A blank on either side of a cell, and the line between two.
const PADDING: usize = 3;
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// How wide the terminal is, or [`WIDTH`].
pub(crate) fn terminal_width() -> u16 {
    let width = Table::new().width();
    width.map_or(WIDTH, |width| width.max(WIDTH_LEAST))
}

/// A table with this head. The columns named in `right` hold numbers.
pub(crate) fn table(width: u16, head: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_truncation_indicator("…")
        .enforce_styling()
        .style_text_only();
    table.set_header(
        head.iter()
            .map(|word| Cell::new(*word))
            .collect::<Vec<Cell>>(),
    );
    for index in right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table as text, without blanks at the ends of lines.
pub(crate) fn drawn(table: &Table) -> String {
    let mut table = table.clone();
    keep_words_whole(&mut table);
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// A column is no narrower than its longest word, unless that is wider than a terminal: files and pipes have no edge.
fn keep_words_whole(table: &mut Table) {
    let mut longest = vec![0; table.column_count()];
    let rows = table.header().into_iter().chain(table.row_iter());
    for row in rows {
        for (longest, cell) in longest.iter_mut().zip(row.cell_iter()) {
            let content = cell.content();
            let words = content.split_whitespace().map(|word| word.chars().count());
            *longest = words.max().unwrap_or(0).max(*longest);
        }
    }
    let has_edge = Table::new().width().is_some();
    let needed: usize = longest.iter().map(|word| word + PADDING).sum();
    if has_edge && needed > table.width().map_or(0, usize::from) {
        return;
    }
    for (index, longest) in longest.into_iter().enumerate() {
        let width = u16::try_from(longest + PADDING).unwrap_or(u16::MAX);
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
    }
}

/// A cell in green, yellow or red.
pub(crate) fn judged(text: &str, judgement: Judgement) -> Cell {
    let cell = Cell::new(text);
    match judgement {
        Judgement::Good => cell.fg(Color::Green),
        Judgement::Nothing => cell.fg(Color::Yellow),
        Judgement::Bad => cell.fg(Color::Red),
    }
}

/// What a word says about what it stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judgement {
    /// As it should be.
    Good,
    /// Says nothing, neither good nor bad.
    Nothing,
    /// Not as it should be.
    Bad,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_broken_where_nothing_is_narrow() {
        let mut rows = table(30, &["hazard", "detected", "verdicts"], &[1]);
        rows.add_row([
            "HZ-08 of a kinked line",
            "100 %",
            "undetected_unsafe 12, safe 3",
        ]);
        let text = drawn(&rows);
        for word in ["HZ-08", "kinked", "detected", "undetected_unsafe", "safe"] {
            assert!(text.contains(word), "{text}");
        }
    }
}
