//! The words of the language, what a name may look like, and which name lies nearest.

/// Every word with a meaning, in either spelling.
const RESERVED: [&str; 19] = [
    "abs",
    "always",
    "and",
    "eventually",
    "fall",
    "false",
    "historically",
    "iff",
    "implies",
    "not",
    "once",
    "or",
    "rise",
    "since",
    "true",
    "until",
    "xor",
    // Short for `until` and `since`; the short prefixes G, F, H and O can also be names.
    "U",
    "S",
];

pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

pub(crate) fn starts_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

pub(crate) fn continues_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(continues_name)
}

pub(crate) fn starts_unit(letter: char) -> bool {
    letter.is_alphabetic() || letter == '%' || letter == '°'
}

pub(crate) fn continues_unit(letter: char) -> bool {
    starts_unit(letter) || letter.is_numeric() || letter == '_'
}

/// The candidate that differs least, if it differs in at most a third of the letters.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let most = name.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(distance, _)| distance <= most)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Letters to insert, drop or replace; a change of case counts as none, so that it comes first.
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, &to) in right.iter().enumerate() {
            let replaced = corner + usize::from(from != to);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_name() {
        let names = ["pressure", "level", "Speed"];
        assert_eq!(nearest("presure", names), Some("pressure".to_owned()));
        assert_eq!(nearest("speed", names), Some("Speed".to_owned()));
        assert_eq!(nearest("temperature", names), None);
    }
}
