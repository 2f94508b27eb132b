//! The fault matrix: every hazard below, above and far above its boundary, on every profile, flown and counted.
//!
//! ```text
//!   configs/campaigns/hazards.toml --> Matrix --> Cell --> runs --> Line --> hazards.result.toml --> coverage
//!                                      checked            judge, or     one for each hazard,
//!                                                         three arms    point and profile
//! ```
//!
//! Never here: physics, judgement, tables on a screen.

mod arms;
mod cell;
mod check;
mod file;
mod fly;
mod line;
mod result;
mod risk;
mod severity;
mod summary;

#[cfg(test)]
mod tests;

pub use arms::{ArmName, Player, Tape, Taped};
pub use cell::{Cell, Skipped, Wanted, sample};
pub use file::{Matrix, MatrixFile, Pair, Point, PointName, Row};
pub use fly::{Asked, baseline, fly, runs};
pub use line::{Graded, Line};
pub use result::{Baseline, Flown, Results, compare};
pub use risk::{Risk, risks};
pub use severity::{Direction, Grades, Measure, Scale, Step};
pub use summary::{Covered, Summary};
