//! `--controller SPEC`: who is on the bench.

use std::sync::Arc;

use weanbench::bench::{Controllers, Shipped};
use weanbench::canary::Wrong;
use weanbench::input::nearest;

use super::console::Trouble;

/// What a specification may be.
pub(super) const HELP: &str = "`builtin`, or `canary:REQUIREMENT` for the controller that is wrong on purpose \
     to breach it";

/// The controllers that a specification names.
pub(super) fn controllers(spec: &str) -> Result<Arc<dyn Controllers>, Trouble> {
    let (kind, which) = spec.split_once(':').unwrap_or((spec, ""));
    match (kind, which) {
        (Shipped::NAME, "") => Ok(Arc::new(Shipped)),
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
            "--controller {spec}: there is no such kind of controller; it is {HELP}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(spec: &str) -> String {
        match controllers(spec) {
            Ok(them) => panic!("{} is good", them.name()),
            Err(trouble) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn a_controller_is_called_what_it_was_asked_for() {
        let all = Wrong::all().map(|breaks| format!("canary:{breaks}"));
        for spec in all.chain([Shipped::NAME.to_owned()]) {
            assert_eq!(controllers(&spec).expect("it is one").name(), spec);
        }
    }

    #[test]
    fn what_is_no_controller_is_said_with_a_way_out() {
        assert!(complaint("canary:sr-67").contains("SR-67"));
        assert!(complaint("canary:nonsense-altogether").contains("list requirements"));
        assert!(complaint("exec").contains("`builtin`"));
        assert!(complaint("builtin:2").contains("`builtin`"));
    }
}
