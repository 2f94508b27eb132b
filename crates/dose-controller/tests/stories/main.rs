//! What happens at a bedside, told from switching on to the end, through the public interface.

#[path = "../support/mod.rs"]
mod support;

mod course;
mod doubt;
mod edges;
mod forgotten;
mod limited;
mod link;
mod panel;
mod people;
mod platform;
mod pump;
mod refused;
mod restart;
mod rules;
mod seen;
mod sensors;
mod stored;
mod weighing;

use infusion_types::{
    Action, Alarm, Assessment, Decision, DoseRate, Reason, Refusal, Send, StopCause, Timestamp,
};

use support::{Rig, calm, protocol, rate};

/// 400 µg/day as the pump gives it at 500 µg/mL.
const START: DoseRate = rate(16_665);

fn started() -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(400.0);
    rig
}

/// What was refused; AL-20 has to stand in the same answer.
fn refused(decision: &Decision) -> Refusal {
    let Reason::Refused(refusal) = decision.reason else {
        panic!("not refused: {:?}", decision.reason);
    };
    assert!(decision.alarms.condition.contains(Alarm::LimitClamped));
    refusal
}

fn decrements(rig: &Rig) -> Vec<(Timestamp, DoseRate)> {
    let mut down = Vec::new();
    for seen in &rig.log {
        if let Reason::Decremented { to, .. } = seen.decision.reason {
            down.push((seen.at, to));
        }
    }
    down
}

fn stop_of(decision: &Decision) -> Option<(StopCause, bool)> {
    match decision.send {
        Send::Command(command) => match command.action {
            Action::Stop { cause, clamp } => Some((cause, clamp)),
            Action::Infuse { .. } | Action::Prime { .. } => None,
        },
        Send::Ping | Send::Quiet(_) => None,
    }
}

fn withdrawing() -> Assessment {
    Assessment {
        itch: Ok(6.0),
        heart_rate_per_min: Ok(124.0),
        ..calm(Timestamp::ZERO)
    }
}

fn sedated() -> Assessment {
    Assessment {
        sedation: Ok(-4.0),
        breaths_per_min: Ok(7.0),
        ..calm(Timestamp::ZERO)
    }
}
