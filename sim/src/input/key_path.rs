//! Paths of keys such as `faults.0.from_min`, or `"a.b".c` when a key itself has a dot.

use std::fmt::Write as _;
use std::ops::Range;

/// One key or array index on the way to a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A key of a table.
    Key(String),
    /// A place in an array, from zero.
    Index(usize),
}

/// Writes steps as one path.
pub(super) fn join(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        if !path.is_empty() {
            path.push('.');
        }
        match step {
            Step::Index(index) => {
                let _ = write!(path, "{index}");
            }
            Step::Key(key) if is_bare(key) => path.push_str(key),
            Step::Key(key) => {
                let _ = write!(path, "\"{key}\"");
            }
        }
    }
    path
}

/// Splits a path into its keys, each with the bytes it stood in.
///
/// # Errors
///
/// The bytes of an empty key, or of a quote that does not close.
pub(super) fn split(path: &str) -> Result<Vec<(Range<usize>, String)>, Range<usize>> {
    let mut keys = Vec::new();
    let mut start = 0;
    loop {
        let end = key_end(path, start)?;
        let span = trimmed(path, start..end);
        let key = &path[span.clone()];
        let name = unquoted(key).ok_or(span.clone())?;
        keys.push((span, name.to_owned()));
        if end == path.len() {
            return Ok(keys);
        }
        start = end + 1;
    }
}

/// The first byte at or after `start` that is a dot outside quotes, or the end.
fn key_end(path: &str, start: usize) -> Result<usize, Range<usize>> {
    let mut quote = None;
    for (at, letter) in path[start..].char_indices() {
        match quote {
            Some((_, open)) if letter == open => quote = None,
            Some(_) => {}
            None if letter == '"' || letter == '\'' => quote = Some((start + at, letter)),
            None if letter == '.' => return Ok(start + at),
            None => {}
        }
    }
    match quote {
        Some((open_at, _)) => Err(open_at..path.len()),
        None => Ok(path.len()),
    }
}

/// The first `=` of an override outside quotes.
pub(super) fn equals_sign(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, letter)| {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None if letter == '=' => return Some(at),
            None => {}
        }
        None
    })
}

/// `span` without the white space at both of its ends.
pub(super) fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let whole = &text[span.clone()];
    let start = span.start + (whole.len() - whole.trim_start().len());
    start..start + whole.trim().len()
}

fn unquoted(key: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(rest) = key.strip_prefix(quote) {
            return rest
                .strip_suffix(quote)
                .filter(|inner| !inner.contains(quote));
        }
    }
    (!key.is_empty()).then_some(key)
}

fn is_bare(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str) -> Result<Vec<String>, Range<usize>> {
        split(path).map(|keys| keys.into_iter().map(|(_, name)| name).collect())
    }

    #[test]
    fn splits_at_dots_outside_quotes() {
        assert_eq!(names("a.b.0.c").unwrap(), ["a", "b", "0", "c"]);
        assert_eq!(names(" a . \"b.c\" .'d\"'").unwrap(), ["a", "b.c", "d\""]);
        assert_eq!(split("a.bc").unwrap()[1].0, 2..4);
    }

    #[test]
    fn refuses_empty_keys_and_open_quotes() {
        assert_eq!(names(""), Err(0..0));
        assert_eq!(names("a..b"), Err(2..2));
        assert_eq!(names("a."), Err(2..2));
        assert_eq!(names("a.\"b.c"), Err(2..6));
        assert_eq!(names("a.\"b\"c"), Err(2..6));
    }

    #[test]
    fn joins_what_split_takes_apart() {
        let steps = [
            Step::Key("ä b.c".into()),
            Step::Index(0),
            Step::Key("d".into()),
        ];
        let path = join(&steps);
        assert_eq!(path, "\"ä b.c\".0.d");
        assert_eq!(names(&path).unwrap(), ["ä b.c", "0", "d"]);
    }
}
