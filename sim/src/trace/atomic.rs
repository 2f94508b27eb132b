//! Files that are there as a whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::TraceError;

/// Writes a file beside its place and then puts it there, replacing what was there before.
///
/// Whoever reads `path` meanwhile sees the old file or the new one, never a part.
///
/// # Errors
///
/// What `write` says, or what the file system says; then `path` is as it was and nothing is left
/// beside it.
pub fn write_atomically<E: From<TraceError>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let beside = beside(path);
    let written = write_and_rename(path, &beside, write);
    if written.is_err() {
        // What went wrong before matters more than what is left lying.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_and_rename<E: From<TraceError>>(
    path: &Path,
    beside: &Path,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |action| move |source| E::from(TraceError::io(path, action, source));
    let mut file = File::create_new(beside).map_err(failed("creating"))?;
    write(&mut file)?;
    file.sync_all().map_err(failed("writing"))?;
    fs::rename(beside, path).map_err(failed("renaming"))
}

/// Makes sure that files can be put into a folder, and leaves nothing there.
///
/// # Errors
///
/// What the file system says.
pub fn can_write(folder: &Path) -> io::Result<()> {
    let probe = beside(&folder.join("probe"));
    File::create_new(&probe)?;
    fs::remove_file(&probe)
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{count}.part", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("weanbench-atomic-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.txt");
        let write = |text: &'static str, good: bool| {
            write_atomically(&path, |file| {
                file.write_all(text.as_bytes()).unwrap();
                if good {
                    Ok(())
                } else {
                    Err(TraceError::unwritable(&path, "enough"))
                }
            })
        };
        write("old", true).unwrap();
        assert!(write("new", false).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        write("new", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
        let error = write("x", true).unwrap_err().to_string();
        assert!(error.contains("a.txt: creating failed"), "{error}");
        assert!(write_atomically::<TraceError>(Path::new("/"), |_| Ok(())).is_err());
    }
}
