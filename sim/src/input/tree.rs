//! Text to a tree of values in which every value knows the bytes it stood in.
//!
//! All texts of a document count their bytes in one row: the file first, then each override at its
//! own `base`. So one number says both which text is meant and where in it, and an error in an
//! overridden value points at the override.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::decode;
use super::depth::{DEPTH_MAX, DOTS_MAX, too_deep, too_many_dots};
use super::diagnostic::{Diagnostic, Place, code};
use super::key_path::{Step, equals_sign, split, trimmed};

/// A value and the bytes it stood in.
pub(super) type Node<'i> = Spanned<DeValue<'i>>;

/// One text: the file, or one override.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// What to call it in a complaint.
    pub(super) name: String,
    /// What it says.
    pub(super) text: Arc<str>,
    /// How many bytes come before it in the row of all texts.
    pub(super) base: usize,
}

impl Source {
    /// The place of `span`, counted from this text's own start.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.name.clone(), Arc::clone(&self.text), span)
    }

    /// The number of bytes up to where a next text may begin.
    pub(super) fn end(&self) -> usize {
        self.base + self.text.len() + 1
    }

    fn bad(&self, span: Range<usize>, message: impl AsRef<str>) -> Diagnostic {
        Diagnostic::at(self.place(span), code::BAD_OVERRIDE, message)
    }
}

/// Parses the text of a file.
///
/// # Errors
///
/// Every syntax error that the parser could tell apart.
pub(super) fn parse(source: &Source) -> Result<Node<'_>, Vec<Diagnostic>> {
    let text = &*source.text;
    if let Some(at) = too_many_dots(text) {
        let message = format!("more than {DOTS_MAX} dots in one key");
        return Err(vec![Diagnostic::at(
            source.place(at..at),
            code::TOO_DEEP,
            message,
        )]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let root = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
    if !errors.is_empty() {
        return Err(errors
            .iter()
            .take(decode::COMPLAINTS_MAX)
            .map(|error| decode::syntax(source, error))
            .collect());
    }
    match too_deep(&root) {
        Some(span) => {
            let message = format!("nested more than {DEPTH_MAX} deep");
            Err(vec![Diagnostic::at(
                source.place(span),
                code::TOO_DEEP,
                message,
            )])
        }
        None => Ok(root),
    }
}

/// Puts the value of the override `source` where its key says.
///
/// # Errors
///
/// One complaint that points into the override.
pub(super) fn graft<'i>(root: &mut Node<'i>, source: &'i Source) -> Result<(), Diagnostic> {
    let text = &*source.text;
    let Some(equals) = equals_sign(text) else {
        return Err(source
            .bad(0..text.len(), "no `=` in the override")
            .with_help("write `--set key=value`"));
    };
    let keys = split(&text[..equals])
        .map_err(|span| source.bad(span, "an empty or half-quoted key in the override"))?;
    let value = override_value(source, equals + 1)?;
    if keys.len() > DOTS_MAX {
        let message = format!("more than {DOTS_MAX} dots in one key");
        return Err(Diagnostic::at(
            source.place(0..equals),
            code::TOO_DEEP,
            message,
        ));
    }
    let mut here = root;
    for (span, key) in keys {
        here = step(here, source, span, key)?;
    }
    *here = value;
    Ok(())
}

fn step<'t, 'i>(
    here: &'t mut Node<'i>,
    source: &Source,
    span: Range<usize>,
    key: String,
) -> Result<&'t mut Node<'i>, Diagnostic> {
    let kind = here.get_ref().type_str();
    match here.get_mut() {
        DeValue::Table(table) => {
            let span = span.start + source.base..span.end + source.base;
            let empty = Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
            Ok(table
                .entry(Spanned::new(span, Cow::Owned(key)))
                .or_insert(empty))
        }
        DeValue::Array(array) => {
            let count = array.len();
            let index = key.parse::<usize>().ok();
            index.and_then(|index| array.get_mut(index)).ok_or_else(|| {
                let message = format!("`{key}` is no place in an array of {count}");
                let bad = source.bad(span, message);
                let last = count.checked_sub(1);
                bad.with_help_if_any(
                    last.map(|last| format!("places count from 0; the last is {last}")),
                )
            })
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {
            let message = format!("`{key}` is looked for in a value that is no table but {kind}");
            Err(source.bad(span, message))
        }
    }
}

/// The value of an override: a TOML value, or else the text itself.
fn override_value(source: &Source, start: usize) -> Result<Node<'_>, Diagnostic> {
    let span = trimmed(&source.text, start..source.text.len());
    let written = &source.text[span.clone()];
    if let Some(at) = too_many_dots(written) {
        let at = span.start + at;
        let message = format!("more than {DOTS_MAX} dots in one key");
        return Err(Diagnostic::at(
            source.place(at..at),
            code::TOO_DEEP,
            message,
        ));
    }
    let mut value = match DeValue::parse(written) {
        Ok(value) => value,
        Err(error) if written.starts_with(['[', '{', '"', '\'']) => {
            let at = error.span().unwrap_or(0..written.len());
            let at = span.start + at.start..span.start + at.end;
            return Err(Diagnostic::at(
                source.place(at),
                code::SYNTAX,
                error.message(),
            ));
        }
        Err(_) => Spanned::new(0..written.len(), DeValue::String(Cow::Borrowed(written))),
    };
    if let Some(deep) = too_deep(&value) {
        let deep = span.start + deep.start..span.start + deep.end;
        let message = format!("nested more than {DEPTH_MAX} deep");
        return Err(Diagnostic::at(source.place(deep), code::TOO_DEEP, message));
    }
    shift(&mut value, source.base + span.start);
    Ok(value)
}

/// Moves every span of `node` by `by` bytes.
fn shift(node: &mut Node<'_>, by: usize) {
    let span = node.span();
    let mut value = std::mem::replace(node.get_mut(), DeValue::Boolean(false));
    if let DeValue::Array(array) = &mut value {
        for element in array.iter_mut() {
            shift(element, by);
        }
    }
    if let DeValue::Table(table) = &mut value {
        *table = std::mem::take(table)
            .into_iter()
            .map(|(key, mut inner)| {
                shift(&mut inner, by);
                let span = key.span();
                (
                    Spanned::new(span.start + by..span.end + by, key.into_inner()),
                    inner,
                )
            })
            .collect();
    }
    *node = Spanned::new(span.start + by..span.end + by, value);
}

/// Follows a key path; gives the value found there, or the nearest above it.
pub(super) fn follow<'t, 'i>(root: &'t Node<'i>, key_path: &str) -> &'t Node<'i> {
    let mut here = root;
    for (_, key) in split(key_path).unwrap_or_default() {
        let next = match here.get_ref() {
            DeValue::Table(table) => table.get(key.as_str()),
            DeValue::Array(array) => key.parse::<usize>().ok().and_then(|index| array.get(index)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => None,
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here
}

/// Calls `visit` with every value below and including `node`, and the path to it.
pub(super) fn walk<'t, 'i>(
    node: &'t Node<'i>,
    steps: &mut Vec<Step>,
    visit: &mut impl FnMut(&[Step], &'t Node<'i>),
) {
    visit(steps, node);
    if let DeValue::Array(array) = node.get_ref() {
        for (index, element) in array.iter().enumerate() {
            steps.push(Step::Index(index));
            walk(element, steps, visit);
            steps.pop();
        }
    }
    if let DeValue::Table(table) = node.get_ref() {
        for (key, value) in table {
            steps.push(Step::Key(key.get_ref().to_string()));
            walk(value, steps, visit);
            steps.pop();
        }
    }
}

/// The key that stands at `span`.
pub(super) fn key_at(root: &Node<'_>, span: &Range<usize>) -> Option<String> {
    let mut name = None;
    walk(root, &mut Vec::new(), &mut |_, node| {
        if let DeValue::Table(table) = node.get_ref() {
            let key = table.keys().find(|key| key.span() == *span);
            name = name.take().or(key.map(|key| key.get_ref().to_string()));
        }
    });
    name
}

/// Gives the key at `span` the name that was meant, or takes it away; tells if there was such a key.
pub(super) fn mend_key(node: &mut Node<'_>, span: &Range<usize>, meant: Option<&str>) -> bool {
    if let DeValue::Array(array) = node.get_mut() {
        return array
            .iter_mut()
            .any(|element| mend_key(element, span, meant));
    }
    let DeValue::Table(table) = node.get_mut() else {
        return false;
    };
    let name = table
        .keys()
        .find(|key| key.span() == *span)
        .map(|key| key.get_ref().to_string());
    let Some(name) = name else {
        return table
            .iter_mut()
            .any(|(_, value)| mend_key(value, span, meant));
    };
    let value = table.remove(name.as_str());
    if let (Some(meant), Some(value)) = (meant, value)
        && !table.contains_key(meant)
    {
        table.insert(
            Spanned::new(span.clone(), Cow::Owned(meant.to_owned())),
            value,
        );
    }
    true
}
