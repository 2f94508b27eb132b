//! Flies what is missing of a campaign: workers take runs in their order, and whoever ends the last run of a block
//! writes it.
//!
//! Few blocks are open at a time, so that memory does not grow with the campaign, and little is lost when somebody
//! ends it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::file::Campaign;
use super::folder::{Folder, FolderError};
use super::row::Row;
use crate::bench::Controllers;
use crate::case::Case;
use crate::study::cohort::run_case;

/// Which blocks are to be flown: every one whose number leaves this rest.
#[derive(Clone, Copy, Debug)]
pub struct Shard {
    /// Which of them, from 1.
    pub which: u64,
    /// How many there are.
    pub of: u64,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { which: 1, of: 1 };

    const fn has(self, block: u64) -> bool {
        block % self.of == self.which - 1
    }
}

/// What flies a campaign, and who is told.
pub struct Flight<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Where its blocks go.
    pub folder: &'a Folder,
    /// Where controllers come from, one for each that the campaign names.
    pub controllers: &'a [Arc<dyn Controllers>],
    /// Once it is set no new run begins, and blocks that are not complete are left out.
    pub stop: &'a AtomicBool,
    /// Seconds since some moment, for whoever wants to know which runs are slow; it changes nothing.
    pub clock: &'a (dyn Fn() -> f64 + Sync),
    /// Is told of each run as it ends, in no order: case, controller, seconds.
    pub done: &'a (dyn Fn(u64, usize, f64) + Sync),
}

/// A block that is under way.
struct Open {
    rows: Vec<Option<Row>>,
    missing: usize,
}

impl Flight<'_> {
    /// The blocks of a shard that are not there yet.
    #[must_use]
    pub fn missing(&self, shard: Shard) -> Vec<u64> {
        let blocks = 0..self.folder.manifest.blocks();
        let wanted = blocks.filter(|block| shard.has(*block));
        wanted.filter(|block| !self.folder.has(*block)).collect()
    }

    /// Flies these blocks on all workers of the pool that this is called in.
    ///
    /// # Errors
    /// The first block that could not be written; no new run begins after it.
    pub fn fly(&self, blocks: &[u64]) -> Result<(), FolderError> {
        let next = AtomicU64::new(0);
        let open: Mutex<BTreeMap<u64, Open>> = Mutex::default();
        let failed: Mutex<Option<FolderError>> = Mutex::default();
        let given_up = AtomicBool::new(false);
        rayon::broadcast(|_| {
            while !self.stop.load(Ordering::Relaxed) && !given_up.load(Ordering::Relaxed) {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some((block, run)) = self.nth(blocks, place) else {
                    break;
                };
                let row = self.one(run);
                let Some(rows) = self.gather(&open, (block, run), row) else {
                    continue;
                };
                if let Err(why) = self.folder.put(self.campaign, block, &rows) {
                    given_up.store(true, Ordering::Relaxed);
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    failed.get_or_insert(why);
                }
            }
        });
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.map_or(Ok(()), Err)
    }

    /// The n-th run of these blocks, of which only the campaign's last one may be shorter than the others.
    fn nth(&self, blocks: &[u64], place: u64) -> Option<(u64, u64)> {
        let manifest = &self.folder.manifest;
        let block = *blocks.get((place / manifest.block) as usize)?;
        let run = block * manifest.block + place % manifest.block;
        (run < manifest.runs).then_some((block, run))
    }

    /// Keeps a row; gives the whole block once it was the last of it.
    fn gather(
        &self,
        open: &Mutex<BTreeMap<u64, Open>>,
        (block, run): (u64, u64),
        row: Row,
    ) -> Option<Vec<Row>> {
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_block = self.folder.manifest.runs_of(block);
        let size = (of_block.end - of_block.start) as usize;
        let under_way = open.entry(block).or_insert_with(|| Open {
            rows: vec![None; size],
            missing: size,
        });
        under_way.rows[(run - of_block.start) as usize] = Some(row);
        under_way.missing -= 1;
        if under_way.missing > 0 {
            return None;
        }
        open.remove(&block)?.rows.into_iter().collect()
    }

    /// Flies one run: a case under a controller. Cases of one patient follow each other ([`Campaign::case`]), so
    /// that whoever can branch a run may fly their common beginning once; here each is flown from its start.
    ///
    /// # Panics
    /// Never: the campaign has been checked, and so has every fault that was drawn.
    fn one(&self, run: u64) -> Row {
        let began = (self.clock)();
        let many = self.controllers.len() as u64;
        let (number, controller) = (run / many, (run % many) as usize);
        let case = self.campaign.case(number);
        let mut library = case.library();
        library.controllers = Arc::clone(&self.controllers[controller]);
        let arm = &library.scenario.arms[0];
        let of_run = Case::new(&library, arm, case.patient).expect("the campaign has been checked");
        let judged = run_case(&of_run);
        let row = Row::of(&case, (self.campaign, controller), judged);
        (self.done)(number, controller, (self.clock)() - began);
        row
    }
}
