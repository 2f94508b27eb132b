//! The folder of a campaign: what it is of, its part files, and the whole that they make.
//!
//! ```text
//!   manifest.toml      which campaign, by which code, in blocks of how many runs
//!   parts/000007.parquet   one block, complete; or it is not there
//!   runs.parquet       all blocks in their order, once they are all there
//!   lock               held by whoever flies into it
//! ```

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::cases::TOGETHER;
use super::file::Campaign;
use super::row::{Row, columns};
use super::tally::Tally;
use crate::NOTICE;
use crate::study::rows;
use crate::trace::{TraceError, write_atomically};

/// Blocks that a campaign is cut into, about; fewer runs than that are one block each.
const BLOCKS_WANTED: u64 = 256;
/// Runs in a block, at most, about.
const BLOCK_MOST: u64 = 512;

/// Why a campaign cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused, or the encoder.
    #[error("{}: {why}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// What lies there is of another campaign.
    #[error("{} is {what}; begin anew without `--resume`, or choose another `--out`", path.display())]
    Another {
        /// The folder.
        path: PathBuf,
        /// What it is of.
        what: &'static str,
    },
    /// Another process flies into it.
    #[error("another process is flying into {}; wait for it, or choose another `--out`", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// Blocks are missing.
    #[error("{missing} of {blocks} blocks are missing; fly them, or name the folder that has them")]
    Incomplete {
        /// How many.
        missing: u64,
        /// How many there should be.
        blocks: u64,
    },
}

impl From<TraceError> for FolderError {
    fn from(error: TraceError) -> Self {
        Self::Io {
            path: PathBuf::new(),
            why: error.to_string(),
        }
    }
}

/// What a folder is of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// The title of the campaign.
    pub title: String,
    /// One number for all that was asked for: [`Campaign::identity`].
    pub identity: String,
    /// The code that flies it.
    pub code: String,
    /// How many runs there are in all.
    pub runs: u64,
    /// How many in a block.
    pub block: u64,
    /// How many follow each other that are flown together; a block is a whole number of them.
    pub unit: u64,
}

impl Manifest {
    /// What a folder of this campaign says.
    #[must_use]
    pub fn of(campaign: &Campaign, code: &str) -> Self {
        let runs = campaign.runs();
        let unit = TOGETHER * campaign.file.controllers.len() as u64;
        let block = runs.div_ceil(BLOCKS_WANTED).min(BLOCK_MOST);
        let block = block.next_multiple_of(unit);
        Self {
            schema: 1,
            title: campaign.file.title.clone(),
            identity: campaign.identity(),
            code: code.to_owned(),
            runs,
            block,
            unit,
        }
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.runs.div_ceil(self.block)
    }

    /// The runs of a block.
    #[must_use]
    pub fn runs_of(&self, block: u64) -> std::ops::Range<u64> {
        let first = block * self.block;
        first..(first + self.block).min(self.runs)
    }
}

/// The folder of a campaign.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    /// What it is of.
    pub manifest: Manifest,
    /// Held as long as somebody flies into it.
    _lock: Option<Arc<File>>,
}

/// Two processes that clear one folder, and number their parts alike, would spoil each other's. The system lets go of the lock
/// when its holder ends, however it ends.
fn lock(path: &Path) -> Result<File, FolderError> {
    let name = path.join("lock");
    let file = File::create(&name).map_err(|why| failed(&name, why))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(why)) => Err(failed(&name, why)),
    }
}

impl Folder {
    /// The file with all runs.
    pub const RUNS: &'static str = "runs.parquet";
    const PARTS: &'static str = "parts";
    const MANIFEST: &'static str = "manifest.toml";

    /// Makes the folder. With `resume` what lies there is kept, and has to be of the same campaign by the same code;
    /// without, and where nobody has said what it is of, it is removed.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path, manifest: Manifest, resume: bool) -> Result<Self, FolderError> {
        let parts = path.join(Self::PARTS);
        fs::create_dir_all(&parts).map_err(|why| failed(&parts, why))?;
        let folder = Self {
            path: path.to_owned(),
            manifest,
            _lock: Some(Arc::new(lock(path)?)),
        };
        let resume = resume && path.join(Self::MANIFEST).exists();
        if resume {
            folder.is_ours()?;
        } else {
            // The manifest goes first: a folder that is half cleared is of nobody.
            for file in [Self::MANIFEST, Self::RUNS] {
                remove(&path.join(file))?;
            }
        }
        for entry in fs::read_dir(&parts).map_err(|why| failed(&parts, why))? {
            let file = entry.map_err(|why| failed(&parts, why))?.path();
            // What was being written when somebody ended it.
            let litter = file.extension().is_some_and(|it| it == "part");
            if litter || !resume {
                remove(&file)?;
            }
        }
        let text = toml::to_string(&folder.manifest).map_err(|why| failed(path, why))?;
        folder.write(Self::MANIFEST, text.as_bytes())?;
        Ok(folder)
    }

    /// A folder that somebody else has flown blocks of the same campaign into.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn of_shard(path: &Path, manifest: Manifest) -> Result<Self, FolderError> {
        let folder = Self {
            path: path.to_owned(),
            manifest,
            _lock: None,
        };
        folder.is_ours()?;
        Ok(folder)
    }

    fn is_ours(&self) -> Result<(), FolderError> {
        let another = |what| FolderError::Another {
            path: self.path.clone(),
            what,
        };
        let text = fs::read_to_string(self.path.join(Self::MANIFEST));
        let text = text.map_err(|_| another("no folder of a campaign"))?;
        let known: Manifest = toml::from_str(&text).map_err(|_| another("damaged"))?;
        if known.identity != self.manifest.identity {
            return Err(another("of another campaign, or of another text of it"));
        }
        if known.code != self.manifest.code {
            return Err(another("flown by other code"));
        }
        if known != self.manifest {
            return Err(another("cut into other blocks"));
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn part(&self, block: u64) -> PathBuf {
        self.path
            .join(Self::PARTS)
            .join(format!("{block:06}.parquet"))
    }

    /// Whether a block is there, complete and of this campaign.
    #[must_use]
    pub fn has(&self, block: u64) -> bool {
        self.rows_of(block).is_some()
    }

    /// The rows of a block; none where there is no such file, or a damaged one, or one of something else.
    fn rows_of(&self, block: u64) -> Option<Vec<RecordBatch>> {
        let part = self.part(block);
        if !part.exists() {
            return None;
        }
        let (said, rows) = rows::read(&part).ok()?;
        let ours = said.get("campaign") == Some(&self.manifest.identity)
            && said.get("block") == Some(&block.to_string());
        let runs = self.manifest.runs_of(block);
        let count: usize = rows.iter().map(RecordBatch::num_rows).sum();
        (ours && count as u64 == runs.end - runs.start).then_some(rows)
    }

    /// Writes a block: complete, or not at all.
    pub(super) fn put(
        &self,
        campaign: &Campaign,
        block: u64,
        rows: &[Row],
    ) -> Result<(), FolderError> {
        let path = self.part(block);
        let columns = columns(campaign, rows);
        let (identity, number) = (&self.manifest.identity, block.to_string());
        let said = [
            ("campaign", identity.as_str()),
            ("block", &number),
            ("notice", NOTICE),
        ];
        write_atomically(&path, |file| {
            rows::write(file, &columns, &said).map_err(|why| failed(&path, why))
        })
    }

    /// Puts a file into the folder: as a whole, or not at all.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.path.join(name);
        write_atomically(&path, |file| {
            file.write_all(bytes).map_err(|why| failed(&path, why))
        })
    }

    /// What the blocks come to that are in any of these folders.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn tally(campaign: &Campaign, folders: &[&Self]) -> Result<Tally, FolderError> {
        let mut tally = Tally::new(campaign);
        for block in 0..folders[0].manifest.blocks() {
            let rows = folders.iter().find_map(|folder| folder.rows_of(block));
            for batch in rows.into_iter().flatten() {
                tally.add(&batch);
            }
        }
        Ok(tally)
    }

    /// Puts the blocks of these folders together, in their order, as this folder's file of all runs; and says what
    /// they come to. One block is in memory at a time.
    ///
    /// # Errors
    /// [`FolderError`]; then nothing has been written.
    pub fn merge(&self, campaign: &Campaign, folders: &[&Self]) -> Result<Tally, FolderError> {
        let blocks = self.manifest.blocks();
        let there = |block: &u64| folders.iter().any(|folder| folder.part(*block).exists());
        let missing = (0..blocks).filter(|block| !there(block)).count() as u64;
        if missing > 0 {
            return Err(FolderError::Incomplete { missing, blocks });
        }
        let mut tally = Tally::new(campaign);
        let path = self.path.join(Self::RUNS);
        let schema = rows::batch(&columns(campaign, &[])).map_err(|why| failed(&path, why))?;
        let said = [
            ("campaign", self.manifest.identity.as_str()),
            ("title", &self.manifest.title),
            ("notice", NOTICE),
        ];
        write_atomically(&path, |file| {
            let failed = |why: &dyn std::fmt::Display| failed(&path, why);
            let writer = rows::Writer::new(file, schema.schema(), &said);
            let mut writer = writer.map_err(|why| failed(&why))?;
            for block in 0..blocks {
                let rows = folders.iter().find_map(|folder| folder.rows_of(block));
                let Some(rows) = rows else {
                    return Err(FolderError::Incomplete { missing: 1, blocks });
                };
                for batch in rows {
                    tally.add(&batch);
                    writer.add(&batch).map_err(|why| failed(&why))?;
                }
            }
            writer.finish().map_err(|why| failed(&why))
        })?;
        Ok(tally)
    }
}

fn failed(path: &Path, why: impl std::fmt::Display) -> FolderError {
    FolderError::Io {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(failed(path, why)),
        Ok(()) | Err(_) => Ok(()),
    }
}
