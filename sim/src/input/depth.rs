//! How deep a file may nest, so that nothing that walks its tree runs out of stack.

use std::ops::Range;

use toml::de::DeValue;

use super::tree::Node;

/// Deeper than any file of ours, and shallow enough for a small stack.
pub(super) const DEPTH_MAX: usize = 48;
/// Keys in one dotted key. Depth by dots is not limited by the parser, so it is limited before it.
pub(super) const DOTS_MAX: usize = 16;

/// The first value that lies deeper than [`DEPTH_MAX`]; without recursion.
pub(super) fn too_deep(root: &Node<'_>) -> Option<Range<usize>> {
    let mut waiting = vec![(root, 0)];
    while let Some((node, depth)) = waiting.pop() {
        if depth > DEPTH_MAX {
            return Some(node.span());
        }
        if let DeValue::Array(array) = node.get_ref() {
            waiting.extend(array.iter().map(|element| (element, depth + 1)));
        }
        if let DeValue::Table(table) = node.get_ref() {
            waiting.extend(table.values().map(|value| (value, depth + 1)));
        }
    }
    None
}

/// Where a dotted key begins to have more than [`DOTS_MAX`] dots.
pub(super) fn too_many_dots(text: &str) -> Option<usize> {
    let (mut at, mut dots, mut after_word) = (0, 0, false);
    loop {
        let (token, length) = token(text.as_bytes().get(at..).unwrap_or_default())?;
        match token {
            Token::Space => {}
            Token::Word => {
                dots = if after_word { 0 } else { dots };
                after_word = true;
            }
            Token::Dot if after_word => {
                dots += 1;
                after_word = false;
            }
            Token::Dot | Token::Other => (dots, after_word) = (0, false),
        }
        if dots > DOTS_MAX {
            return Some(at);
        }
        at += length;
    }
}

/// As much as has to be known of TOML to tell its keys from the rest.
enum Token {
    /// A bare key, a quoted key, or something that looks like one.
    Word,
    Dot,
    Space,
    Other,
}

/// The first token of `rest` and its bytes; `None` at the end.
fn token(rest: &[u8]) -> Option<(Token, usize)> {
    let first = *rest.first()?;
    Some(match first {
        b'.' => (Token::Dot, 1),
        b' ' | b'\t' => (Token::Space, 1),
        b'#' => (Token::Other, line_length(rest)),
        b'"' | b'\'' if rest.starts_with(&[first; 3]) => (Token::Other, long_text_length(rest)),
        b'"' | b'\'' => match text_length(rest) {
            Some(length) => (Token::Word, length),
            None => (Token::Other, line_length(rest)),
        },
        _ => match rest.iter().take_while(|&&byte| is_bare(byte)).count() {
            0 => (Token::Other, 1),
            length => (Token::Word, length),
        },
    })
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())
        .max(1)
}

/// The length of a text in single quotes; `None` if it does not close on its line.
fn text_length(rest: &[u8]) -> Option<usize> {
    let quote = *rest.first()?;
    let mut escaped = false;
    for (at, &byte) in rest.iter().enumerate().skip(1) {
        if byte == b'\n' {
            return None;
        }
        if byte == quote && !escaped {
            return Some(at + 1);
        }
        escaped = quote == b'"' && byte == b'\\' && !escaped;
    }
    None
}

/// The length of a text in triple quotes; it may itself end with up to two quotes.
fn long_text_length(rest: &[u8]) -> usize {
    let quote = rest.first().copied().unwrap_or_default();
    let (mut run, mut escaped) = (0, false);
    for (at, &byte) in rest.iter().enumerate().skip(3) {
        if byte == quote && !escaped {
            run += 1;
            if run == 5 {
                return at + 1;
            }
            continue;
        }
        if run >= 3 {
            return at;
        }
        run = 0;
        escaped = quote == b'"' && byte == b'\\' && !escaped;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_dots_of_keys_only() {
        let key = |word: &str, dots: usize| vec![word; dots + 1].join(".");
        let before = [
            "",
            "x = \"\"\"\n\"\"\", ",
            "x = '''\n'''', ",
            "# it's\n",
            "x = 'it', ",
            "x = \"\"\"it's\"\"\", y='', ",
            "x = \"\"\"\\\"\"\"\"\"\", ",
            "x = \"\\\"\", ",
            "x = \"\n",
        ];
        for word in ["a", "\"\"", "'a b'", "\"a\\\"\"", " a\t"] {
            assert_eq!(too_many_dots(&key(word, DOTS_MAX)), None, "{word}");
            let long = key(word, DOTS_MAX + 1);
            for before in before {
                assert!(
                    too_many_dots(&format!("{before}{long} = 1")).is_some(),
                    "{before}{word}"
                );
            }
            let quoted = [format!("x = '''{long}'''"), format!("# {long}\nx = 1")];
            assert_eq!(
                quoted.map(|text| too_many_dots(&text)),
                [None, None],
                "{word}"
            );
        }
        assert_eq!(too_many_dots(&"a b. ".repeat(100)), None);
        assert_eq!(too_many_dots(&".".repeat(100)), None);
    }
}
