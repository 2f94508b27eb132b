//! `--controller SPEC`: who is on the bench.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Args;

use super::console::{Trouble, note};
use crate::bench::{Controllers, Shipped};
use crate::canary::Wrong;
use crate::edge::abi::Loadable;
use crate::edge::lockstep::{External, Place};
use crate::edge::pace::Paced;
use crate::input::nearest;

/// What a specification may be.
pub(super) const HELP: &str = "`builtin`, `exec:COMMAND`, `tcp:ADDRESS`, `unix:PATH`, `lib:FILE`, or `canary:REQUIREMENT` for \
     the controller that is wrong on purpose to breach it";

/// How long a controller from outside may take for an answer, seconds.
const PATIENCE_S: f64 = 10.0;
/// The longest that anybody may wait for one, seconds.
const PATIENCE_MOST_S: f64 = 3_600.0;
/// As fast as nobody will wait for.
const PACE_MOST: f64 = 1e9;

/// Controllers that came with the program, told once before anything is read.
static OWN: OnceLock<Vec<Arc<dyn Controllers>>> = OnceLock::new();

/// Offers these under their names.
pub(super) fn offer(own: Vec<Arc<dyn Controllers>>) {
    // Told again it would be the same program with the same ones.
    let _ = OWN.set(own);
}

/// How long a controller from outside may think.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Patience {
    /// How long a controller from outside may take for each answer; then it has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE_S, value_parser = patience)]
    patience: f64,
}

impl Default for Patience {
    fn default() -> Self {
        let patience = PATIENCE_S;
        Self { patience }
    }
}

/// How a controller from outside is treated.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Terms {
    #[command(flatten)]
    patience: Patience,
    /// Hold simulated time back to N times the time on the wall; moments that come late are told.
    #[arg(long, value_name = "N", value_parser = pace)]
    pace: Option<f64>,
}

fn pace(text: &str) -> Result<f64, String> {
    let times = text.parse().ok();
    let good = |times: &f64| *times > 0.0 && *times <= PACE_MOST;
    times
        .filter(good)
        .ok_or_else(|| format!("more than 0 and at most {PACE_MOST} times real time"))
}

fn patience(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok();
    let good = |seconds: &f64| *seconds > 0.0 && *seconds <= PATIENCE_MOST_S;
    seconds
        .filter(good)
        .ok_or_else(|| format!("more than 0 and at most {PATIENCE_MOST_S} seconds"))
}

/// The controllers that a specification names, held back to a pace if one is asked for.
pub(super) fn controllers_on(spec: &str, terms: &Terms) -> Result<Arc<dyn Controllers>, Trouble> {
    let named = controllers(spec, &terms.patience)?;
    Ok(match terms.pace {
        Some(pace) => Arc::new(Paced::new(named, pace, note)),
        None => named,
    })
}

/// The controllers that a specification names.
pub(super) fn controllers(
    spec: &str,
    patience: &Patience,
) -> Result<Arc<dyn Controllers>, Trouble> {
    let mut own = OWN.get().into_iter().flatten();
    if let Some(own) = own.find(|own| own.name() == spec) {
        return Ok(Arc::clone(own));
    }
    let place =
        Place::parse(spec).map_err(|bad| Trouble::input(format!("--controller {spec}: {bad}")))?;
    if let Some(place) = place {
        let patience = Duration::from_secs_f64(patience.patience);
        return Ok(Arc::new(External::new(spec, place, patience)));
    }
    let (kind, which) = spec.split_once(':').unwrap_or((spec, ""));
    match (kind, which) {
        (Shipped::NAME, "") => Ok(Arc::new(Shipped)),
        ("lib", file) if !file.is_empty() => {
            let loaded = Loadable::load(spec, Path::new(file));
            let loaded =
                loaded.map_err(|why| Trouble::input(format!("--controller {spec}: {why}")))?;
            Ok(Arc::new(loaded))
        }
        ("canary", which) => match Wrong::of(which) {
            Some(wrong) => Ok(Arc::new(wrong)),
            None => {
                let help = nearest(which, Wrong::all()).map_or_else(
                    || "`weanbench list requirements` names them".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Err(Trouble::input(format!(
                    "--controller {spec}: no controller is wrong on purpose for `{which}`: {help}"
                )))
            }
        },
        _ => Err(Trouble::input(format!(
            "--controller {spec}: there is no such controller; it is {}",
            possible()
        ))),
    }
}

/// What a specification may be in this program.
fn possible() -> String {
    let own = OWN.get().into_iter().flatten();
    let own = own.map(|own| format!("`{}`, ", own.name()));
    own.chain([HELP.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use dose_controller::Protocol;
    use infusion_types::Session;

    use super::*;
    use crate::bench::{AnyController, Stalled};

    /// What somebody brought.
    #[derive(Debug)]
    struct Mine;

    impl Controllers for Mine {
        fn name(&self) -> String {
            "mine".to_owned()
        }

        fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
            Shipped.open(protocol, session)
        }
    }

    fn complaint(spec: &str) -> String {
        match controllers(spec, &Patience::default()) {
            Ok(them) => panic!("{} is good", them.name()),
            Err(trouble) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn a_controller_is_called_what_it_was_asked_for() {
        let all = Wrong::all().map(|breaks| format!("canary:{breaks}"));
        for spec in all.chain([Shipped::NAME.to_owned()]) {
            assert_eq!(
                controllers(&spec, &Patience::default())
                    .expect("it is one")
                    .name(),
                spec
            );
        }
    }

    #[test]
    fn what_is_no_controller_is_said_with_a_way_out() {
        assert!(complaint("canary:sr-67").contains("SR-67"));
        assert!(complaint("canary:nonsense-altogether").contains("list requirements"));
        assert!(complaint("exec").contains("`builtin`"));
        assert!(complaint("exec:").contains("names no controller"));
        assert!(complaint("tcp:here").contains("no address with a port"));
        assert!(complaint("builtin:2").contains("`builtin`"));
    }

    #[test]
    fn a_controller_that_came_with_the_program_is_taken_and_offered() {
        offer(vec![Arc::new(Mine)]);
        assert_eq!(
            controllers("mine", &Patience::default())
                .expect("it came along")
                .name(),
            "mine"
        );
        let said = complaint("nonsense");
        assert!(said.contains("it is `mine`, `builtin`, `exec:"), "{said}");
        assert!(complaint("mine:1").contains("`mine`"));
    }
}
