//! Flies what is missing of a campaign: workers take runs in their order, a few at a time, and whoever ends the last run of a block
//! writes it.
//!
//! Few blocks are open at a time, so that memory does not grow with the campaign, and little is lost when somebody
//! ends it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cases::CampaignCase;
use super::file::Campaign;
use super::folder::{Folder, FolderError};
use super::row::Row;
use super::together;
use crate::bench::Controllers;

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
        let open: Mutex<BTreeMap<u64, Open>> = Mutex::default();
        let failed: Mutex<Option<FolderError>> = Mutex::default();
        let given_up = AtomicBool::new(false);
        let next = AtomicU64::new(0);
        let size = self.unit(blocks);
        let keep = |block: u64, run: u64, row: Row| {
            let Some(rows) = self.gather(&open, (block, run), row) else {
                return;
            };
            if let Err(why) = self.folder.put(self.campaign, block, &rows) {
                given_up.store(true, Ordering::Relaxed);
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(why);
            }
        };
        rayon::broadcast(|_| {
            while !self.stop.load(Ordering::Relaxed) && !given_up.load(Ordering::Relaxed) {
                let unit = next.fetch_add(1, Ordering::Relaxed);
                let Some((block, runs)) = self.nth(blocks, (unit, size)) else {
                    break;
                };
                self.some(runs, &|run, row| keep(block, run, row));
            }
        });
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.map_or(Ok(()), Err)
    }

    /// Runs that a worker takes at a time: cases that have their beginning in common, unless there are so few that
    /// workers would have nothing to do.
    fn unit(&self, blocks: &[u64]) -> u64 {
        let unit = self.folder.manifest.unit;
        let runs = blocks.len() as u64 * self.folder.manifest.block;
        let workers = rayon::current_num_threads() as u64;
        if runs >= 2 * unit * workers { unit } else { 1 }
    }

    /// The n-th unit of so many runs of these blocks, each of which is a whole number of units but for the
    /// campaign's last one.
    fn nth(&self, blocks: &[u64], (unit, size): (u64, u64)) -> Option<(u64, Range<u64>)> {
        let manifest = &self.folder.manifest;
        let place = unit * size;
        let block = *blocks.get((place / manifest.block) as usize)?;
        let runs = manifest.runs_of(block);
        let first = runs.start + place % manifest.block;
        Some((block, first..(first + size).min(runs.end)))
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

    /// Flies some runs that follow each other. Those of one patient under one controller are flown together.
    fn some(&self, runs: Range<u64>, keep: &dyn Fn(u64, Row)) {
        let many = self.controllers.len() as u64;
        let cases: Vec<(u64, usize, CampaignCase<'_>)> = runs
            .map(|run| (run, (run % many) as usize, self.campaign.case(run / many)))
            .collect();
        let mut groups: BTreeMap<(usize, usize, u64), Vec<usize>> = BTreeMap::new();
        for (place, (_, controller, case)) in cases.iter().enumerate() {
            let bases = &self.campaign.bases;
            let base = bases.iter().position(|it| std::ptr::eq(it, case.base));
            let key = (*controller, base.unwrap_or_default(), case.patient);
            groups.entry(key).or_default().push(place);
        }
        for ((controller, ..), places) in groups {
            let mut began = (self.clock)();
            let group: Vec<&CampaignCase<'_>> =
                places.iter().map(|place| &cases[*place].2).collect();
            let from = &self.controllers[controller];
            together::fly(&group, from, self.stop, &mut |place, judged| {
                let (run, _, case) = &cases[places[place]];
                let row = Row::of(case, (self.campaign, controller), judged);
                let now = (self.clock)();
                (self.done)(case.number, controller, now - began);
                began = now;
                keep(*run, row);
            });
        }
    }
}
