//! One complaint about one place in a file.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// The stable names of the kinds of complaint that reading a file can give.
///
/// Semantic checks may add their own words of the same form.
pub mod code {
    /// No file of that name.
    pub const NOT_FOUND: &str = "not-found";
    /// The path names a directory.
    pub const IS_DIRECTORY: &str = "is-directory";
    /// The file exists and cannot be read.
    pub const UNREADABLE: &str = "unreadable";
    /// More bytes than any file of ours needs.
    pub const TOO_LARGE: &str = "too-large";
    /// The bytes are not UTF-8.
    pub const NOT_UTF8: &str = "not-utf8";
    /// A NUL byte: not a text file.
    pub const NOT_TEXT: &str = "not-text";
    /// Not TOML.
    pub const SYNTAX: &str = "syntax";
    /// Tables or arrays nested too deep.
    pub const TOO_DEEP: &str = "too-deep";
    /// The same key twice.
    pub const DUPLICATE_KEY: &str = "duplicate-key";
    /// A key that means nothing here.
    pub const UNKNOWN_KEY: &str = "unknown-key";
    /// A word that is none of the choices.
    pub const UNKNOWN_VARIANT: &str = "unknown-variant";
    /// A key that has to be given.
    pub const MISSING_KEY: &str = "missing-key";
    /// A value of another type than is wanted.
    pub const WRONG_TYPE: &str = "wrong-type";
    /// An array of another length than is wanted.
    pub const WRONG_LENGTH: &str = "wrong-length";
    /// A number outside its limits.
    pub const OUT_OF_RANGE: &str = "out-of-range";
    /// None or several of the choices, where one is wanted.
    pub const NOT_EXACTLY_ONE: &str = "not-exactly-one";
    /// A value that a type refused for its own reasons.
    pub const INVALID_VALUE: &str = "invalid-value";
    /// An override that cannot be applied.
    pub const BAD_OVERRIDE: &str = "bad-override";
    /// A number of which nobody says where it comes from.
    pub const MISSING_SOURCE: &str = "missing-source";
    /// A source that is not in the list of sources.
    pub const UNKNOWN_SOURCE: &str = "unknown-source";
    /// An entry in `[sources]` that stands for no number.
    pub const UNUSED_SOURCE: &str = "unused-source";
}

/// A line and a column; both count from one, columns in characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    /// The line; the first is 1.
    pub line: usize,
    /// The character in the line; the first is 1, and a tab is one character.
    pub column: usize,
}

impl Position {
    /// Counts lines and characters of `text` up to byte `offset`, or up to the end if that is less.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..floor(text, offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The text that a complaint points into, and the bytes it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Excerpt {
    /// The whole text.
    pub text: Arc<str>,
    /// The bytes meant; they may be none.
    pub span: Range<usize>,
}

/// A place in a file or in an override.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The file as the user named it, or `--set key=value`.
    pub path: String,
    /// Line and column of the first byte meant.
    pub position: Position,
    /// The text and the bytes meant.
    pub excerpt: Excerpt,
}

impl Place {
    /// The place of `span` in `text`, which is called `path`.
    #[must_use]
    pub fn new(path: impl Into<String>, text: Arc<str>, span: Range<usize>) -> Self {
        let start = floor(&text, span.start);
        let end = floor(&text, span.end).max(start);
        Self {
            path: path.into(),
            position: Position::of(&text, start),
            excerpt: Excerpt {
                text,
                span: start..end,
            },
        }
    }
}

/// What a person who wrote a file needs: where, what, and what would be right.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Diagnostic {
    /// The kind of complaint, in stable words with hyphens; see [`code`].
    pub code: &'static str,
    /// The file as the user named it, or `--set key=value`.
    pub path: String,
    /// Where in it; `None` when the complaint is about the whole file.
    pub position: Option<Position>,
    /// A lower-case fragment that names the value and the limit.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// What to draw.
    #[serde(skip)]
    pub excerpt: Option<Box<Excerpt>>,
}

impl Diagnostic {
    /// A complaint about one place.
    #[must_use]
    pub fn at(place: Place, code: &'static str, message: impl AsRef<str>) -> Self {
        Self {
            code,
            path: place.path,
            position: Some(place.position),
            message: printable(message.as_ref()),
            help: None,
            excerpt: Some(Box::new(place.excerpt)),
        }
    }

    /// A complaint about a file as a whole.
    #[must_use]
    pub fn whole(path: impl Into<String>, code: &'static str, message: impl AsRef<str>) -> Self {
        Self {
            code,
            path: path.into(),
            position: None,
            message: printable(message.as_ref()),
            help: None,
            excerpt: None,
        }
    }

    /// The same, with what would be right.
    #[must_use]
    pub fn with_help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(printable(help.as_ref()));
        self
    }

    /// The same, with what would be right if that is known.
    #[must_use]
    pub fn with_help_if_any(self, help: Option<impl AsRef<str>>) -> Self {
        match help {
            Some(help) => self.with_help(help),
            None => self,
        }
    }

    /// Draws the complaint over several lines, with the line of the file; no line break at the end.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let path = printable(&self.path);
        let title = Level::ERROR
            .primary_title(self.message.as_str())
            .id(self.code);
        let group = match self.excerpt.as_deref() {
            Some(Excerpt { text, span }) => title.element(
                Snippet::source(&**text)
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(span.clone())),
            ),
            None => title.element(Level::NOTE.message(format!("in {path}"))),
        };
        let group = match &self.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", printable(&self.path))?;
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl Error for Diagnostic {}

/// `text` on one line and without control characters, which a terminal might obey.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            printable.extend(letter.escape_default());
        } else {
            printable.push(letter);
        }
    }
    printable
}

/// The last character boundary of `text` that is not behind `offset`.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(text: &str, span: Range<usize>) -> Diagnostic {
        let place = Place::new("a.toml", text.into(), span);
        Diagnostic::at(place, code::UNKNOWN_KEY, "unknown key `sise`")
            .with_help("did you mean `size`?")
    }

    #[test]
    fn counts_from_one_and_in_characters() {
        let text = "ä = 1\r\n\t\"ß\" = 2\n";
        let at = |offset| {
            let Position { line, column } = Position::of(text, offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(1), (1, 1), "inside a character is its start");
        assert_eq!(at(2), (1, 2));
        assert_eq!(
            at(text.find("\"ß").unwrap()),
            (2, 2),
            "a tab is one character"
        );
        assert_eq!(at(text.rfind('2').unwrap()), (2, 8));
        assert_eq!(at(999), (3, 1), "behind the end is the end");
    }

    #[test]
    fn display_is_one_line() {
        let shown = unknown("x = 1\nsise = 2\n", 6..10).to_string();
        assert_eq!(
            shown,
            "a.toml:2:1: unknown key `sise` (did you mean `size`?)"
        );
        let whole = Diagnostic::whole("b\u{1b}[2J.toml", code::NOT_FOUND, "no such\nfile");
        assert_eq!(whole.to_string(), "b\\u{1b}[2J.toml: no such\\nfile");
    }

    #[test]
    fn draws_the_line_and_the_help() {
        let drawn = unknown("x = 1\nsise = 2\n", 6..10).render(false);
        let wanted = "\
error[unknown-key]: unknown key `sise`
 --> a.toml:2:1
  |
2 | sise = 2
  | ^^^^
  |
  = help: did you mean `size`?";
        assert_eq!(drawn, wanted);
        assert!(unknown("sise = 2", 0..4).render(true).contains('\u{1b}'));
    }

    #[test]
    fn draws_any_span_of_any_text() {
        for text in [
            "",
            "\n",
            "\u{feff}x",
            "ä\r\n\tß\u{0}\u{1b}",
            "x = \"\"\"\na\nb\n\"\"\"\n",
        ] {
            for start in 0..=text.len() + 2 {
                for end in 0..=text.len() + 2 {
                    let drawn = unknown(text, start..end).render(false);
                    assert!(drawn.contains("unknown key"), "{text:?} {start}..{end}");
                    assert!(
                        !drawn.contains('\u{1b}'),
                        "no control character gets through"
                    );
                }
            }
        }
    }
}
