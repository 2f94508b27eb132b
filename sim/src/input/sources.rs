//! Where each number of a file comes from, said in the file itself.
//!
//! A file has a table `[sources]`. Its keys are key paths, or the tables above them, with array
//! places left out at will; its values are slugs of the list of sources, or `assumption`, or
//! `assumption: why`. The longest fitting key counts.

use std::collections::BTreeSet;
use std::ops::Range;

use super::diagnostic::{Diagnostic, Place, code};
use super::document::{Document, number_as_written};
use super::key_path::{Step, join, split};
use super::tree::{self, Node, walk};

/// The table in which a file names its sources.
const SOURCES: &str = "sources";
/// The word for a number that nobody measured.
const ASSUMPTION: &str = "assumption";

/// Of each kind of complaint no more are made.
const COMPLAINTS_MAX: usize = 100;

/// A number in a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NumberLeaf {
    /// Its key path, with places in arrays from zero.
    pub path: String,
    /// The number as written, without `_` between digits.
    pub written: String,
    /// Where it stands.
    pub place: Place,
}

/// One line of `[sources]`.
struct Entry<'t, 'i> {
    keys: Vec<String>,
    path: String,
    node: &'t Node<'i>,
    fits: bool,
}

impl Document {
    /// Complains about every number without a source, and about every source without a number.
    ///
    /// `known` are the slugs of the list of sources. Numbers under one of the `exempt` key paths
    /// need no source, and neither do numbers given by overrides, which are nobody's claim. No more than 100 complaints of each kind are made.
    #[must_use]
    pub fn check_sources(&self, known: &BTreeSet<String>, exempt: &[&str]) -> Vec<Diagnostic> {
        let Ok(root) = tree::parse(&self.file) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut entries = self.entries(&root, &mut found);
        let bad_slugs = entries
            .iter()
            .filter_map(|entry| self.check_slug(entry, known));
        found.extend(bad_slugs.take(COMPLAINTS_MAX));
        found.extend(self.uncovered(&root, &mut entries, exempt));
        for entry in entries
            .iter()
            .filter(|entry| !entry.fits)
            .take(COMPLAINTS_MAX)
        {
            let message = format!("the source of `{}` stands for no number", entry.path);
            let place = self.place(entry.node.span());
            found.push(Diagnostic::at(place, code::UNUSED_SOURCE, message));
        }
        found.sort_by_key(|diagnostic| diagnostic.position);
        found
    }

    fn entries<'t, 'i>(
        &self,
        root: &'t Node<'i>,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Entry<'t, 'i>> {
        let mut entries = Vec::new();
        let Some(table) = root.get_ref().get(SOURCES) else {
            return entries;
        };
        walk(table, &mut Vec::new(), &mut |steps, node| {
            let inside_array = steps.iter().any(|step| matches!(step, Step::Index(_)));
            let is_table = node.get_ref().is_table();
            if (is_table && !inside_array) || (inside_array && !steps.is_empty()) {
                return;
            }
            match keys_of(steps) {
                Some(keys) if node.get_ref().is_str() => {
                    entries.push(Entry {
                        path: keys.join("."),
                        keys,
                        node,
                        fits: false,
                    });
                }
                _ => {
                    let message = format!("`{}` is no source", join(steps));
                    let diagnostic =
                        Diagnostic::at(self.place(node.span()), code::WRONG_TYPE, message);
                    let help = "write `\"key.path\" = \"slug\"` with a slug of the list of sources";
                    found.push(diagnostic.with_help(help));
                }
            }
        });
        entries
    }

    fn check_slug(&self, entry: &Entry<'_, '_>, known: &BTreeSet<String>) -> Option<Diagnostic> {
        let slug = entry.node.get_ref().as_str().unwrap_or_default();
        let assumed = slug.strip_prefix(ASSUMPTION).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix(':')
                    .is_some_and(|why| !why.trim().is_empty())
        });
        if assumed || known.contains(slug) {
            return None;
        }
        let near = super::nearest(slug, known.iter().map(String::as_str).chain([ASSUMPTION]));
        let help = near.map_or_else(
            || "use a slug of the list of sources, or `assumption: why`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let place = self.place(entry.node.span());
        let message = format!("unknown source `{slug}`");
        Some(Diagnostic::at(place, code::UNKNOWN_SOURCE, message).with_help(help))
    }

    /// Complains about numbers that no entry fits, and marks the entries that fit.
    fn uncovered(
        &self,
        root: &Node<'_>,
        entries: &mut [Entry<'_, '_>],
        exempt: &[&str],
    ) -> Vec<Diagnostic> {
        let exempt: Vec<Vec<String>> = exempt.iter().map(|path| names(path)).collect();
        let mut bare = Vec::new();
        walk(root, &mut Vec::new(), &mut |steps, node| {
            let is_number = number_as_written(node.get_ref()).is_some();
            if !is_number || steps.first() == Some(&Step::Key(SOURCES.to_owned())) {
                return;
            }
            let has_source = mark_longest(entries, steps);
            if !has_source && !exempt.iter().any(|keys| covers(keys, steps)) {
                bare.push((node.span(), steps.to_vec()));
            }
        });
        bare.sort_by_key(|(span, _)| span.start);
        if let ([], [(first, _), _, ..]) = (&*entries, &*bare) {
            let message = format!("{} numbers have no source; this is the first", bare.len());
            let help = format!("add a table `[{SOURCES}]` that says where each comes from");
            let place = self.place(first.clone());
            return vec![Diagnostic::at(place, code::MISSING_SOURCE, message).with_help(help)];
        }
        let complain = |(span, steps): &(_, Vec<Step>)| {
            let message = format!("the number `{}` has no source", join(steps));
            let help = format!("add `{} = \"…\"` to [{SOURCES}]", quoted(steps));
            let place = self.place(Range::clone(span));
            Diagnostic::at(place, code::MISSING_SOURCE, message).with_help(help)
        };
        bare.iter().take(COMPLAINTS_MAX).map(complain).collect()
    }
}

/// Marks the longest entries that cover the value at `steps`; tells whether there is one.
fn mark_longest(entries: &mut [Entry<'_, '_>], steps: &[Step]) -> bool {
    let covering = entries.iter().filter(|entry| covers(&entry.keys, steps));
    let Some(longest) = covering.map(|entry| entry.keys.len()).max() else {
        return false;
    };
    for entry in entries {
        entry.fits |= entry.keys.len() == longest && covers(&entry.keys, steps);
    }
    true
}

/// Whether `keys` lead to the value at `steps` or to a table above it; array places may be left out.
fn covers(keys: &[String], steps: &[Step]) -> bool {
    let mut steps = steps.iter();
    keys.iter().all(|key| {
        for step in steps.by_ref() {
            match step {
                Step::Key(name) => return name == key,
                Step::Index(index) if index.to_string() == *key => return true,
                Step::Index(_) => {}
            }
        }
        false
    })
}

/// The keys of an entry: each of its TOML keys may itself be a path in quotes.
fn keys_of(steps: &[Step]) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    for step in steps {
        let Step::Key(key) = step else { return None };
        keys.extend(split(key).ok()?.into_iter().map(|(_, name)| name));
    }
    (!keys.is_empty()).then_some(keys)
}

fn names(path: &str) -> Vec<String> {
    let keys = split(path).unwrap_or_default();
    keys.into_iter().map(|(_, name)| name).collect()
}

/// The path as a quoted key, without array places.
fn quoted(steps: &[Step]) -> String {
    let keys: Vec<Step> = steps
        .iter()
        .filter(|step| matches!(step, Step::Key(_)))
        .cloned()
        .collect();
    match join(&keys) {
        path if path.contains('"') => format!("'{path}'"),
        path => format!("\"{path}\""),
    }
}
