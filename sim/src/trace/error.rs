//! What can go wrong with a trace on disk.

use std::io;
use std::path::{Path, PathBuf};

/// A trace could not be made, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// Two columns of the same name.
    #[error("two columns are called `{name}`")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// The file system refused.
    #[error("{}: {action} failed: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The bytes are no Parquet file, or a damaged one.
    #[error("{}: not a readable Parquet file: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the decoder found.
        reason: String,
    },
    /// A good Parquet file that is no trace.
    #[error("{}: not a trace: {reason}", path.display())]
    NotATrace {
        /// The file.
        path: PathBuf,
        /// What a trace would have.
        reason: String,
    },
    /// The Parquet encoder refused.
    #[error("{}: cannot be written as Parquet: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        reason: String,
    },
}

impl TraceError {
    pub(super) fn io(path: &Path, action: &'static str, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }

    pub(super) fn unreadable(path: &Path, reason: impl ToString) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn not_a_trace(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotATrace {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(super) fn unwritable(path: &Path, reason: impl ToString) -> Self {
        Self::Unwritable {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
