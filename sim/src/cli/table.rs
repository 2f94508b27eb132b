//! Tables as the bench prints them: a line under the head, no frame, numbers to the right.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

/// The width where nobody says how wide it is: files and pipes.
pub(crate) const WIDTH: u16 = 110;
const WIDTH_LEAST: u16 = 72;
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
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
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
