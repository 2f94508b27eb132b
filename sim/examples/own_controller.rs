//! A controller of your own on the bench: two methods, and the same stories judge it.
//!
//! This one is wrong on purpose. It wraps the shipped controller and, once an hour of therapy has
//! passed, answers every decrement with zero flow, as if stopping were safe. See what the bench says:
//!
//! ```sh
//! cargo run --release --example own_controller
//! ```
//!
//! Engineering simulation only; never for clinical use.

use dose_controller::Controller;
use infusion_types::{Action, Decision, Inputs, Reason, Send, Session, StopCause, Timestamp};
use weanbench::bench::{ControllerPort, Stalled};
use weanbench::case::Case;
use weanbench::config::Library;
use weanbench::study::cohort::run_case_with;

/// Stops the pump where it should only go down a rung.
struct Abrupt {
    inner: Controller,
}

impl ControllerPort for Abrupt {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let mut decision = self.inner.step(now, inputs);
        if let (Reason::Decremented { .. }, Send::Command(command)) =
            (decision.reason, &mut decision.send)
        {
            command.action = Action::Stop {
                cause: StopCause::Ordered,
                clamp: false,
            };
        }
        Ok(decision)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }
}

fn main() {
    let library = Library::shipped("first", &[])
        .expect("it ships with the bench")
        .expect("it is checked by a test");
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("checked with the library");
    let make = |protocol, _: Session| Abrupt {
        inner: Controller::new(protocol, Session::new(1)),
    };
    match run_case_with(&case, make) {
        Err(stalled) => println!("{stalled}"),
        Ok(judged) => {
            println!("verdict: {}", judged.verdict);
            for (requirement, finding) in library.requirements.judged().zip(&judged.findings) {
                if finding.violated() {
                    let margin = finding.margin.unwrap_or_default();
                    println!(
                        "{} violated by {:.3} {}: {}",
                        requirement.id,
                        -margin,
                        requirement.unit_of(finding),
                        requirement.text
                    );
                }
            }
        }
    }
}
