//! Text to tokens, each with its place.

use core::ops::Range;

use crate::error::{ParseError, ParseErrorKind};
use crate::words;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A number without its unit.
    Number(f64),
    /// The unit of the number before it, written without spaces inside.
    Unit,
    /// A name or a word of the language.
    Word,
    /// An operator or a bracket.
    Symbol,
    /// The end of the text.
    End,
}

/// A stretch of text.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Range<usize>,
}

/// Longest first, so that `<->` is not `<`.
const SYMBOLS: [&str; 24] = [
    "<->", "!==", "->", "<=", ">=", "==", "!=", "&&", "||", "<", ">", "!", "&", "|", "(", ")", "[",
    "]", ",", ":", "+", "-", "*", "/",
];

pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        }
        let after_number = tokens
            .last()
            .is_some_and(|token| matches!(token.kind, TokenKind::Number(_)));
        let (kind, length) = one(&text[at..], letter, after_number)
            .map_err(|(length, kind)| error(text, at..at + length, kind))?;
        tokens.push(Token {
            kind,
            span: at..at + length,
        });
        at += length;
    }
    tokens.push(Token {
        kind: TokenKind::End,
        span: text.len()..text.len(),
    });
    Ok(tokens)
}

/// The token at the start of `rest`, and its length in bytes.
fn one(
    rest: &str,
    letter: char,
    after_number: bool,
) -> Result<(TokenKind, usize), (usize, ParseErrorKind)> {
    if letter.is_ascii_digit() || letter == '.' {
        let length = number(rest);
        return match rest[..length].parse::<f64>() {
            Ok(value) if value.is_finite() => Ok((TokenKind::Number(value), length)),
            Ok(_) | Err(_) => Err((length, ParseErrorKind::BadNumber(rest[..length].to_owned()))),
        };
    }
    let word = run(rest, words::continues_name);
    if after_number && words::starts_unit(letter) && !words::is_reserved(&rest[..word]) {
        return Ok((TokenKind::Unit, unit(rest)));
    }
    if words::starts_name(letter) {
        return Ok((TokenKind::Word, word));
    }
    match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        Some(symbol) => Ok((TokenKind::Symbol, symbol.len())),
        None => Err((letter.len_utf8(), ParseErrorKind::Character(letter))),
    }
}

fn run(rest: &str, belongs: fn(char) -> bool) -> usize {
    rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())
}

/// Length of digits, fraction and exponent; a letter after them is left for the unit.
fn number(rest: &str) -> usize {
    let digit = |letter: char| letter.is_ascii_digit();
    let mut length = run(rest, |letter| letter.is_ascii_digit() || letter == '.');
    if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        if exponent[sign..].starts_with(digit) {
            let digits = run(&exponent[sign..], |letter| letter.is_ascii_digit());
            length += 1 + sign + digits;
        }
    }
    length
}

/// Length of `a/b/c` without spaces; a slash that no unit follows is a division.
fn unit(rest: &str) -> usize {
    let mut length = run(rest, words::continues_unit);
    while let Some(next) = rest[length..].strip_prefix('/') {
        if !next.starts_with(words::starts_unit) {
            break;
        }
        length += 1 + run(next, words::continues_unit);
    }
    length
}

pub(crate) fn error(text: &str, span: Range<usize>, kind: ParseErrorKind) -> ParseError {
    ParseError {
        column: column(text, span.start),
        span,
        kind,
    }
}

/// Characters before the byte `at`, plus one.
pub(crate) fn column(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, &'static str)> {
        let name = |kind| match kind {
            TokenKind::Number(_) => "number",
            TokenKind::Unit => "unit",
            TokenKind::Word => "word",
            TokenKind::Symbol => "symbol",
            TokenKind::End => "end",
        };
        let tokens = tokens(text).unwrap();
        tokens
            .into_iter()
            .map(|token| (&text[token.span], name(token.kind)))
            .collect()
    }

    #[test]
    fn a_unit_follows_a_number_and_nothing_else() {
        let expected = [
            ("2", "number"),
            ("ug/h", "unit"),
            ("*", "symbol"),
            ("h", "word"),
            ("", "end"),
        ];
        assert_eq!(parts("2 ug/h * h"), expected);
        assert_eq!(parts("2/h")[1..3], [("/", "symbol"), ("h", "word")]);
        assert_eq!(parts("5 and x")[1], ("and", "word"));
        assert_eq!(parts("1e3 s")[..2], [("1e3", "number"), ("s", "unit")]);
        assert_eq!(parts("1em")[..2], [("1", "number"), ("em", "unit")]);
    }

    #[test]
    fn columns_count_characters() {
        let error = tokens("µg_ok > 1 #").unwrap_err();
        assert_eq!((error.column, error.span), (11, 11..12));
        assert_eq!(error.kind, ParseErrorKind::Character('#'));
    }
}
