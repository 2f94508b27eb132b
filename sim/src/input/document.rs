//! A TOML file as it was written, with what `--set` puts over it.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::de::DeValue;

use super::decode;
use super::diagnostic::{Diagnostic, Place, code};
use super::key_path::join;
use super::near;
use super::sources::NumberLeaf;
use super::tree::{self, Node, Source};

/// The largest file that is read, in bytes.
pub const SIZE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A file that a person wrote, and the overrides given with it.
#[derive(Clone)]
pub struct Document {
    pub(super) file: Source,
    overrides: Vec<Source>,
}

impl Document {
    /// Reads a file; its syntax is looked at later, by [`Document::decode`].
    ///
    /// # Errors
    ///
    /// If the file is missing, a directory, unreadable, too large, or not UTF-8 text.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Vec<Diagnostic>> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = read_limited(path).map_err(|error| vec![unreadable(path, &error)])?;
        if bytes.len() as u64 > SIZE_MAX_BYTES {
            let message = format!("the file is larger than {SIZE_MAX_BYTES} bytes");
            return Err(vec![Diagnostic::whole(name, code::TOO_LARGE, message)]);
        }
        let text = String::from_utf8(bytes).map_err(|error| vec![not_utf8(&name, &error)])?;
        let document = Self::from_text(name, text);
        match document.file.text.find('\0') {
            Some(at) => {
                let place = document.file.place(at..at + 1);
                Err(vec![Diagnostic::at(
                    place,
                    code::NOT_TEXT,
                    "a NUL byte in a text file",
                )])
            }
            None => Ok(document),
        }
    }

    /// Takes a text that did not come from a file; `name` stands for the path in complaints.
    #[must_use]
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text: String = text.into();
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(&text).into();
        Self {
            file: Source {
                name: name.into(),
                text,
                base: 0,
            },
            overrides: Vec::new(),
        }
    }

    /// The path as the user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The text of the file, without a byte order mark and without overrides.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.file.text
    }

    /// Puts `key.path=VALUE` over what the file says; a later override wins over an earlier one.
    ///
    /// VALUE is a TOML value; a word that is none is taken as a string. Keys that do not exist are
    /// created, places in arrays are numbers from zero and must exist.
    ///
    /// # Errors
    ///
    /// One complaint that points into the override. A syntax error in the file is not reported
    /// here but by [`Document::decode`].
    pub fn set(&mut self, assignment: &str) -> Result<(), Diagnostic> {
        let source = Source {
            name: format!("--set {assignment}"),
            text: assignment.into(),
            base: self.overrides.last().unwrap_or(&self.file).end(),
        };
        if let Ok(mut root) = self.tree() {
            tree::graft(&mut root, &source)?;
        }
        self.overrides.push(source);
        Ok(())
    }

    /// Decodes the document as a `T`.
    ///
    /// # Errors
    ///
    /// All syntax errors that can be told apart, or all unknown keys and the first other complaint.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Vec<Diagnostic>> {
        decode::decode(self, self.tree()?)
    }

    /// The place of the value at `key_path`, such as `faults.0.from_min`.
    ///
    /// If there is no such value, the place of the nearest table above it. For a table that has a
    /// header line of its own the header is meant.
    #[must_use]
    pub fn at(&self, key_path: &str) -> Place {
        match self.tree() {
            Ok(root) => self.place(tree::follow(&root, key_path).span()),
            Err(_) => self.file.place(0..0),
        }
    }

    /// Complains about the value at `key_path`.
    #[must_use]
    pub fn refuse(
        &self,
        key_path: &str,
        code: &'static str,
        message: impl AsRef<str>,
        help: Option<String>,
    ) -> Diagnostic {
        Diagnostic::at(self.at(key_path), code, message).with_help_if_any(help)
    }

    /// All numbers of the document, overrides included, in the order of their keys.
    ///
    /// Empty if the document has syntax errors.
    #[must_use]
    pub fn numbers(&self) -> Vec<NumberLeaf> {
        let Ok(root) = self.tree() else {
            return Vec::new();
        };
        let mut numbers = Vec::new();
        tree::walk(&root, &mut Vec::new(), &mut |steps, node| {
            if let Some(written) = number_as_written(node.get_ref()) {
                let (path, place) = (join(steps), self.place(node.span()));
                numbers.push(NumberLeaf {
                    path,
                    written,
                    place,
                });
            }
        });
        numbers
    }

    /// The tree of the file with all overrides grafted on.
    fn tree(&self) -> Result<Node<'_>, Vec<Diagnostic>> {
        let mut root = tree::parse(&self.file)?;
        for source in &self.overrides {
            tree::graft(&mut root, source).map_err(|diagnostic| vec![diagnostic])?;
        }
        Ok(root)
    }

    /// The place of a span that may lie in the file or in an override.
    pub(super) fn place(&self, span: std::ops::Range<usize>) -> Place {
        let source = self
            .overrides
            .iter()
            .rfind(|source| source.base <= span.start)
            .unwrap_or(&self.file);
        let end = span.end.max(span.start);
        source.place(span.start - source.base..end - source.base)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let overrides: Vec<&str> = self.overrides.iter().map(|source| &*source.text).collect();
        f.debug_struct("Document")
            .field("name", &self.file.name)
            .field("bytes", &self.file.text.len())
            .field("overrides", &overrides)
            .finish()
    }
}

/// A number as the parser read it, and `None` for any other value.
pub(super) fn number_as_written(value: &DeValue<'_>) -> Option<String> {
    if let Some(integer) = value.as_integer() {
        return Some(integer.to_string());
    }
    value.as_float().map(|float| float.as_str().to_owned())
}

/// Reads at most one byte more than is allowed, so that a device file cannot fill the memory.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(SIZE_MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let name = path.display().to_string();
    if error.kind() == ErrorKind::NotFound {
        let near = near_file(path).map(|near| format!("did you mean `{near}`?"));
        return Diagnostic::whole(name, code::NOT_FOUND, "no such file").with_help_if_any(near);
    }
    if error.kind() == ErrorKind::IsADirectory {
        return Diagnostic::whole(name, code::IS_DIRECTORY, "a directory, not a file");
    }
    Diagnostic::whole(
        name,
        code::UNREADABLE,
        format!("the file cannot be read: {error}"),
    )
}

/// The name of a neighbour of the file `name`, when it is nearly the same.
fn near_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let near = near::nearest(wanted, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near).display().to_string())
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let bytes = error.as_bytes();
    let start = error.utf8_error().valid_up_to();
    let found = bytes.get(start).copied().unwrap_or_default();
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let place = Place::new(
        name,
        text,
        start..start + char::REPLACEMENT_CHARACTER.len_utf8(),
    );
    let message = format!("the byte 0x{found:02x} is not UTF-8");
    Diagnostic::at(place, code::NOT_UTF8, message).with_help("save the file as UTF-8")
}
