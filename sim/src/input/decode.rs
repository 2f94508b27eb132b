//! Tree to typed value, and the decoder's errors in our words.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeValue, Error, ValueDeserializer};

use super::diagnostic::{Diagnostic, code};
use super::document::Document;
use super::key_path::join;
use super::near::{nearest, suggest};
use super::tree::{Node, Source, key_at, mend_key, walk};

/// Unknown keys are mended one by one until the rest decodes; after this many it is enough,
/// and so it is of syntax errors.
pub(super) const COMPLAINTS_MAX: usize = 20;
/// Longer quotations of a value are cut.
const QUOTE_MAX_CHARS: usize = 80;

/// A complaint in our words, before it has a place.
struct Complaint {
    code: &'static str,
    message: String,
    help: Option<String>,
    /// An unknown key, and the keys that are known where it stands.
    unknown_key: Option<(String, Vec<String>)>,
}

impl Complaint {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
            unknown_key: None,
        }
    }
}

/// Decodes `tree`, which belongs to `document`.
pub(super) fn decode<T: DeserializeOwned>(
    document: &Document,
    mut tree: Node<'_>,
) -> Result<T, Vec<Diagnostic>> {
    let mut found = not_finite(document, &tree);
    loop {
        let error = match T::deserialize(ValueDeserializer::from(tree.clone())) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(found),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let complaint = explain(&error, &tree, &span);
        let meant = complaint
            .unknown_key
            .as_ref()
            .map(|(key, known)| nearest(key, known));
        let goes_on = meant.is_some_and(|meant| mend_key(&mut tree, &span, meant));
        let diagnostic = Diagnostic::at(document.place(span), complaint.code, complaint.message);
        let said = found.iter().any(|old| {
            (old.code, &old.path, old.position)
                == (diagnostic.code, &diagnostic.path, diagnostic.position)
        });
        if !said {
            found.push(diagnostic.with_help_if_any(complaint.help));
        }
        if !goes_on || found.len() >= COMPLAINTS_MAX {
            return Err(found);
        }
    }
}

/// A syntax error of the text in `source`.
pub(super) fn syntax(source: &Source, error: &Error) -> Diagnostic {
    let span = error.span().unwrap_or(source.text.len()..source.text.len());
    let place = source.place(span);
    let excerpt = &place.excerpt;
    if error.message() == "duplicate key" {
        let key = &excerpt.text[excerpt.span.clone()];
        let message = format!("the key `{key}` is given twice");
        return Diagnostic::at(place, code::DUPLICATE_KEY, message);
    }
    Diagnostic::at(place, code::SYNTAX, error.message())
}

/// Infinity and NaN are TOML, and slip through every comparison that a limit is made of.
fn not_finite(document: &Document, tree: &Node<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut |steps, node| {
        let Some(float) = node.get_ref().as_float() else {
            return;
        };
        if !float.as_str().parse().is_ok_and(f64::is_finite) {
            let message = format!(
                "`{}` is {}, which is no finite number",
                join(steps),
                float.as_str()
            );
            let place = document.place(node.span());
            found.push(Diagnostic::at(place, code::OUT_OF_RANGE, cut(&message)));
        }
    });
    found
}

fn explain(error: &Error, tree: &Node<'_>, span: &Range<usize>) -> Complaint {
    let message = error.message();
    None.or_else(|| unknown_key(message, tree, span))
        .or_else(|| unknown_variant(message))
        .or_else(|| missing_key(message, tree, span))
        .or_else(|| wrong_value(message, tree, span))
        .or_else(|| wrong_choice(message, tree, span))
        .unwrap_or_else(|| Complaint::new(code::INVALID_VALUE, cut(message)))
}

fn unknown_key(message: &str, tree: &Node<'_>, span: &Range<usize>) -> Option<Complaint> {
    let known = if let Some(rest) = message.strip_prefix("unknown field `") {
        backticked(behind(rest, "`, expected ").unwrap_or_default())
    } else {
        let rest = message.strip_prefix("unexpected keys in table: ")?;
        let known = behind(rest, ", available keys: ").unwrap_or_default();
        known
            .split(", ")
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let key = key_at(tree, span)?;
    let complaint = Complaint::new(code::UNKNOWN_KEY, cut(&format!("unknown key `{key}`")));
    let help = suggest(&key, &known).or_else(|| Some("no key is known here".to_owned()));
    Some(Complaint {
        help,
        unknown_key: Some((key, known)),
        ..complaint
    })
}

fn unknown_variant(message: &str) -> Option<Complaint> {
    let rest = message.strip_prefix("unknown variant `")?;
    let end = rest
        .find("`, expected ")
        .or_else(|| rest.find("`, there are no "))?;
    let (word, rest) = rest.split_at(end);
    let known = backticked(rest.strip_prefix("`, expected ").unwrap_or_default());
    let help = suggest(word, &known);
    let complaint = Complaint::new(
        code::UNKNOWN_VARIANT,
        cut(&format!("unknown word `{word}`")),
    );
    Some(Complaint { help, ..complaint })
}

fn missing_key(message: &str, tree: &Node<'_>, span: &Range<usize>) -> Option<Complaint> {
    let twice = message
        .strip_prefix("duplicate field `")
        .map(|rest| rest.trim_end_matches('`'));
    if let Some(key) = twice {
        let message = format!("the key `{key}` is given twice");
        return Some(Complaint::new(code::DUPLICATE_KEY, message));
    }
    let key = message
        .strip_prefix("missing field `")?
        .trim_end_matches('`');
    let table = path_of(tree, span, false);
    let place = if table.is_empty() {
        String::new()
    } else {
        format!(" in `{table}`")
    };
    let message = format!("missing key `{key}`{place}");
    Some(Complaint::new(code::MISSING_KEY, message))
}

/// A value that is there, and of the wrong type, length or size.
fn wrong_value(message: &str, tree: &Node<'_>, span: &Range<usize>) -> Option<Complaint> {
    let path = |outer| match path_of(tree, span, outer) {
        path if path.is_empty() => "the file".to_owned(),
        path => format!("`{path}`"),
    };
    if let Some(number) = message.strip_suffix(" number overflowed") {
        let message = format!("{} is no {number}, or one too large to hold", path(false));
        return Some(Complaint::new(code::OUT_OF_RANGE, message));
    }
    let (kind, rest) = [
        ("type", message.strip_prefix("invalid type: ")),
        ("value", message.strip_prefix("invalid value: ")),
        ("length", message.strip_prefix("invalid length ")),
    ]
    .into_iter()
    .find_map(|(kind, rest)| Some((kind, rest?)))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let is_number = found.starts_with("integer ") || found.starts_with("floating point ");
    let is_huge = found.ends_with(" as i128") || found.ends_with(" as u128");
    let found = found
        .trim_end_matches(" as i128")
        .trim_end_matches(" as u128");
    let code = match kind {
        "length" => code::WRONG_LENGTH,
        "type" if !is_huge => code::WRONG_TYPE,
        _ if is_number => code::OUT_OF_RANGE,
        _ => code::INVALID_VALUE,
    };
    let path = path(found == "sequence");
    let found = match found {
        "map" if is_date(tree, span) => "a date or time".to_owned(),
        "map" => "a table".to_owned(),
        "sequence" => "an array".to_owned(),
        length if kind == "length" => format!("an array of {length}"),
        other => cut(other),
    };
    let message = format!("{path} should be {}, found {found}", wanted(expected));
    Some(Complaint::new(code, message))
}

/// A choice written as a table has exactly one key.
fn wrong_choice(message: &str, tree: &Node<'_>, span: &Range<usize>) -> Option<Complaint> {
    if message.starts_with("wanted exactly 1 element") || message.contains("found empty table") {
        let keys = keys_at(tree, span);
        let found = if keys.is_empty() {
            "none".to_owned()
        } else {
            keys.join(" and ")
        };
        let message = format!("exactly one choice is wanted here, found {found}");
        return Some(Complaint::new(code::NOT_EXACTLY_ONE, cut(&message)));
    }
    if message == "wanted string or table" || message.starts_with("expected ") {
        let message = message.replace("wanted string or table", "expected a word or a table");
        return Some(Complaint::new(code::WRONG_TYPE, cut(&message)));
    }
    None
}

/// What a Rust type is called by somebody who writes TOML.
fn wanted(expected: &str) -> String {
    let whole = |from: &str, to: &str| format!("a whole number from {from} to {to}");
    match expected {
        "u8" => whole("0", &u8::MAX.to_string()),
        "u16" => whole("0", &u16::MAX.to_string()),
        "u32" => whole("0", &u32::MAX.to_string()),
        "u64" | "usize" | "u128" => "a whole number, not negative".to_owned(),
        "i8" => whole(&i8::MIN.to_string(), &i8::MAX.to_string()),
        "i16" => whole(&i16::MIN.to_string(), &i16::MAX.to_string()),
        "i32" => whole(&i32::MIN.to_string(), &i32::MAX.to_string()),
        "i64" | "isize" | "i128" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" | "bool" => "true or false".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "a table".to_owned(),
        _ if expected.starts_with("struct ") => "a table".to_owned(),
        _ if expected.starts_with("tuple ") || expected.starts_with("a tuple ") => {
            "an array of another length or kind".to_owned()
        }
        other => cut(other),
    }
}

/// The path of the value that stands at `span`; the innermost such value unless `outer`.
fn path_of(tree: &Node<'_>, span: &Range<usize>, outer: bool) -> String {
    let mut path = None;
    walk(tree, &mut Vec::new(), &mut |steps, node| {
        if node.span() == *span && !(outer && path.is_some()) {
            path = Some(join(steps));
        }
    });
    path.unwrap_or_default()
}

fn is_date(tree: &Node<'_>, span: &Range<usize>) -> bool {
    let mut is_date = false;
    walk(tree, &mut Vec::new(), &mut |_, node| {
        is_date |= node.span() == *span && node.get_ref().is_datetime();
    });
    is_date
}

fn keys_at(tree: &Node<'_>, span: &Range<usize>) -> Vec<String> {
    let mut keys = Vec::new();
    walk(tree, &mut Vec::new(), &mut |_, node| {
        if let DeValue::Table(table) = node.get_ref()
            && node.span() == *span
        {
            keys = table
                .keys()
                .map(|key| format!("`{}`", key.get_ref()))
                .collect();
        }
    });
    keys
}

fn behind<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// The words between backticks.
fn backticked(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(QUOTE_MAX_CHARS * 2) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(QUOTE_MAX_CHARS).collect();
            format!("{kept}…")
        }
    }
}
