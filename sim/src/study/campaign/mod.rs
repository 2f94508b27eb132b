//! Campaigns: many runs from one file, on all cores, in blocks that survive whatever ends them.
//!
//! ```text
//!   FILE ── check ──> Campaign ── case n ──> CampaignCase ── fly ──> Row ── block ──> part file ── merge ──> runs.parquet
//!                        |                       a scenario            |                                        |
//!                   draws, addressed by (seed, n)                one run of it                           tally ──> finds
//! ```
//!
//! A case is a function of the campaign's text and its number: it does not matter who flies it, beside what, in which
//! order. A block of runs is complete in its file or absent, and the whole is made of the blocks in their order.
//!
//! Never here: clocks, tables on a screen.

mod cases;
mod check;
mod draws;
mod file;
mod finds;
mod fly;
mod folder;
mod hands;
mod known;
mod row;
mod tally;
mod together;

pub use cases::CampaignCase;
pub(super) use draws::rounded;
pub use file::{Base, Campaign, CampaignFile, Draws, Set};
pub use finds::{Find, Finds, State};
pub use fly::{Flight, Shard};
pub use folder::{Folder, FolderError, Manifest};
pub use known::Known;
pub use tally::{Held, Tally};

#[cfg(test)]
mod tests;
