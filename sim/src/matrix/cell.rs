//! Cells: one hazard, or two, at one point on one profile; and which of them are wanted.

use serde::Serialize;

use super::file::{Matrix, Point, PointName};
use crate::catalogue::fault_name;
use crate::config::Library;
use crate::scenario::{Fault, ProfileName};
use crate::tables::{self, Hazard};

/// One hazard, or two, at one point on one profile.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The hazard's number, or the pair's name.
    pub name: String,
    /// The hazard whose alarms are asked for.
    pub hazard: &'static Hazard,
    /// How far from the boundary; of a pair, that of the first.
    pub point: PointName,
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// What goes wrong, each by the number of its hazard; the first is the one that is asked for.
    pub(super) what: Vec<(String, Point)>,
}

/// A cell that cannot be flown, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// The hazard's number, or the pair's name.
    pub name: String,
    /// How far from the boundary.
    pub point: PointName,
    /// On which profile.
    pub profile: ProfileName,
    /// Why not.
    pub why: String,
}

/// Which cells are wanted; an empty list is all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Profiles.
    pub profiles: Vec<ProfileName>,
    /// Hazards and pairs, by their names.
    pub names: Vec<String>,
}

/// When a point begins, where the moments of the file do not say so. What is built in is there from the start.
fn fixed(point: Point) -> Option<u32> {
    let built_in = point.what.is_built_in();
    if built_in { Some(0) } else { point.at_min }
}

/// The fault of a point that begins at a moment, unless it has one of its own.
fn fault(id: &str, point: Point, from_min: u32) -> Fault {
    let from_min = fixed(point).unwrap_or(from_min);
    Fault {
        id: id.to_owned(),
        from_min,
        until_min: point.lasts_min.map(|lasts| from_min.saturating_add(lasts)),
        what: point.what,
    }
}

impl Matrix {
    /// The cells that are wanted, and those that no such device can have.
    ///
    /// # Panics
    /// Never: rows and pairs name hazards, which reading has made sure of.
    #[must_use]
    pub fn cells(&self, wanted: &Wanted) -> (Vec<Cell>, Vec<Skipped>) {
        let named =
            |name: &str| wanted.names.is_empty() || wanted.names.iter().any(|it| it == name);
        let mut all = Vec::new();
        for row in self.file.row.iter().filter(|row| named(&row.hazard)) {
            let beside = row.beside.iter().map(|beside| {
                let other = self.row(&beside.hazard).expect("it names a row");
                (beside.hazard.clone(), other.point(beside.point))
            });
            let beside: Vec<(String, Point)> = beside.collect();
            for point in PointName::ALL {
                let mut what = vec![(row.hazard.clone(), row.point(point))];
                what.extend(beside.iter().cloned());
                all.push((&row.hazard, &row.hazard, point, what));
            }
        }
        for pair in self.file.pair.iter().filter(|pair| named(&pair.name)) {
            let both = pair.hazards.iter().zip(pair.points);
            let what = both.map(|(hazard, point)| {
                let row = self.row(hazard).expect("a pair names rows");
                (hazard.clone(), row.point(point))
            });
            let what = what.collect();
            all.push((&pair.name, &pair.hazards[0], pair.points[0], what));
        }
        let mut cells = Vec::new();
        let mut skipped = Vec::new();
        let profiles = self.file.profiles.iter();
        let profiles: Vec<ProfileName> = profiles
            .filter(|it| wanted.profiles.is_empty() || wanted.profiles.contains(it))
            .copied()
            .collect();
        for (name, hazard, point, what) in all {
            let mut known = tables::hazards().iter();
            let hazard = known
                .find(|known| known.id == *hazard)
                .expect("a row names a hazard");
            for profile in &profiles {
                let cannot = what.iter().find(|(_, point)| !point.what.fits(*profile));
                if let Some((_, at)) = cannot {
                    skipped.push(Skipped {
                        name: name.clone(),
                        point,
                        profile: *profile,
                        why: format!("`{}`: no such sensor on {profile:?}", fault_name(&at.what)),
                    });
                    continue;
                }
                cells.push(Cell {
                    name: name.clone(),
                    hazard,
                    point,
                    profile: *profile,
                    what: what.clone(),
                });
            }
        }
        (cells, skipped)
    }

    /// The scenario of a cell at one of its moments.
    ///
    /// # Panics
    /// Never: a cell's profile is one of the file's.
    pub(super) fn library(&self, cell: &Cell, from_min: u32) -> Library {
        let healthy = self.healthy(cell.profile);
        let mut library = healthy.expect("a cell's profile is the file's").clone();
        library.scenario.faults = cell.faults(from_min);
        library
    }
}

impl Cell {
    /// Its faults, when they begin at a moment.
    #[must_use]
    pub fn faults(&self, from_min: u32) -> Vec<Fault> {
        let each = self.what.iter();
        each.map(|(id, point)| fault(id, *point, from_min))
            .collect()
    }

    /// The moments that make a difference: only the first, where all of it has a moment of its own.
    pub(super) fn onsets<'m>(&self, all: &'m [(&'m str, u32)]) -> &'m [(&'m str, u32)] {
        let apart = self.what.iter().all(|(_, point)| fixed(*point).is_some());
        if apart { &all[..1] } else { all }
    }
}

/// So many of them, evenly spread, always the same. All where there are fewer.
#[must_use]
pub fn sample(cells: Vec<Cell>, count: usize) -> Vec<Cell> {
    let total = cells.len();
    if count >= total || count == 0 {
        return cells;
    }
    let picked: Vec<usize> = (0..count)
        .map(|nth| (2 * nth + 1) * total / (2 * count))
        .collect();
    let all = cells.into_iter().enumerate();
    all.filter(|(index, _)| picked.contains(index))
        .map(|(_, cell)| cell)
        .collect()
}
