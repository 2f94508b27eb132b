//! Controllers that are wrong in one situation alone, as a tired engineer leaves them behind.
//!
//! They are for whoever searches. Each needs a particular fault, number, time or order of events to show; in a
//! wean with nothing wrong, and in a story that comes near, it does what the shipped controller does.

use infusion_types::{Alarm, Dose, Mode, OrderKind, Reason, StopCause};

use super::bend::{Bend, Cycle, scaled};

/// A controller that is wrong in one situation.
#[derive(Clone, Copy, Debug)]
pub struct Subtle {
    /// What it is called after `canary:`.
    pub name: &'static str,
    /// What it does wrong, and when.
    pub why: &'static str,
    /// The requirement that it then breaks.
    pub breaks: &'static str,
    /// Overrides of `first` in which it shows.
    pub shows: &'static [&'static str],
    /// Overrides of `first` in which it nearly would.
    pub near: &'static [&'static str],
    /// A fresh one.
    pub bend: fn() -> Bend,
}

/// All of them.
pub const SUBTLE: [Subtle; 12] = [
    Subtle {
        name: "deaf-in-the-afternoon",
        why: "a link that falls silent from the fourteenth to the sixteenth hour of a day is never told of",
        breaks: "SR-26a",
        shows: &["faults=[{id=\"it\",from_min=900,until_min=930,what={link_loss={}}}]"],
        near: &["faults=[{id=\"it\",from_min=600,until_min=630,what={link_loss={}}}]"],
        bend: deaf_in_the_afternoon,
    },
    Subtle {
        name: "pause-after-a-sheet",
        why: "a pause that begins within ten minutes of a sheet is never told of",
        breaks: "WB-08",
        shows: &[
            "faults=[]",
            "adjust.people.\"nurse.late_max_min\"=0",
            "orders=[{at_min=364,what=\"pause\"},{at_min=400,what=\"resume\"}]",
        ],
        near: &[
            "faults=[]",
            "adjust.people.\"nurse.late_max_min\"=0",
            "orders=[{at_min=330,what=\"pause\"},{at_min=350,what=\"resume\"}]",
        ],
        bend: pause_after_a_sheet,
    },
    Subtle {
        name: "skip-and-authorise",
        why: "a dose that is authorised after a decrement was left out counts for a sixth more",
        breaks: "SR-74a",
        shows: &[
            "faults=[]",
            "orders=[{at_min=300,what=\"skip_decrement\"},{at_min=360,what={authorise={ug_per_day=420.0}}}]",
        ],
        near: &[
            "faults=[]",
            "orders=[{at_min=360,what=\"skip_decrement\"},{at_min=300,what={authorise={ug_per_day=420.0}}}]",
        ],
        bend: skip_and_authorise,
    },
    Subtle {
        name: "clock-back",
        why: "a clock on the wall that goes back by two hours or more starts the ramp again, a fifth higher",
        breaks: "SR-03",
        shows: &["faults=[{id=\"it\",from_min=300,what={wall_clock_jump={ahead_s=-7200}}}]"],
        near: &["faults=[{id=\"it\",from_min=300,what={wall_clock_jump={ahead_s=-3600}}}]"],
        bend: clock_back,
    },
    Subtle {
        name: "pressed-twice",
        why: "a pause that is ordered twice at once is taken for a pause and a resumption",
        breaks: "WB-16",
        shows: &[
            "faults=[{id=\"it\",from_min=240,until_min=360,what=\"key_bounces\"}]",
            "orders=[{at_min=300,what=\"pause\"},{at_min=330,what=\"resume\"}]",
        ],
        near: &[
            "faults=[{id=\"it\",from_min=310,until_min=320,what=\"key_bounces\"}]",
            "orders=[{at_min=300,what=\"pause\"},{at_min=330,what=\"resume\"}]",
        ],
        bend: pressed_twice,
    },
    Subtle {
        name: "gap-of-half-a-day",
        why: "after a gap of more than twelve hours and less than thirteen whoever resumes gets the old dose",
        breaks: "SR-15",
        shows: &[
            "faults=[]",
            "orders=[{at_min=240,what=\"pause\"},{at_min=990,what=\"resume\"}]",
        ],
        near: &[
            "faults=[]",
            "orders=[{at_min=240,what=\"pause\"},{at_min=1050,what=\"resume\"}]",
        ],
        bend: gap_of_half_a_day,
    },
    Subtle {
        name: "cool-but-not-cold",
        why: "a pump between 13 and 16 degrees is never said to be outside its band",
        breaks: "SR-79a",
        shows: &[
            "faults=[{id=\"it\",from_min=300,until_min=420,what={room_temperature={temperature_c=15.0}}}]",
        ],
        near: &[
            "faults=[{id=\"it\",from_min=300,until_min=420,what={room_temperature={temperature_c=10.0}}}]",
        ],
        bend: cool_but_not_cold,
    },
    Subtle {
        name: "second-restart",
        why: "from the second restart on the whole day counts as given",
        breaks: "WB-15",
        shows: &[
            "faults=[{id=\"one\",from_min=300,until_min=301,what=\"restart\"},\
             {id=\"two\",from_min=420,until_min=421,what=\"restart\"}]",
            "orders=[{at_min=180,what=\"pause\"},{at_min=290,what=\"resume\"}]",
        ],
        near: &[
            "faults=[{id=\"one\",from_min=300,until_min=301,what=\"restart\"}]",
            "orders=[{at_min=180,what=\"pause\"},{at_min=290,what=\"resume\"}]",
        ],
        bend: second_restart,
    },
    Subtle {
        name: "fever-of-forty",
        why: "withdrawal is not told where the sheet has a temperature from 40.8 to 41.4 degrees",
        breaks: "SR-34",
        shows: &["faults=[{id=\"it\",from_min=300,until_min=600,what={fever={above_c=4.4}}}]"],
        near: &["faults=[{id=\"it\",from_min=300,until_min=600,what={fever={above_c=4.9}}}]"],
        bend: fever_of_forty,
    },
    Subtle {
        name: "late-report",
        why: "once a report is 18 to 27 seconds old when it is first seen, nothing counts as given at most",
        breaks: "SR-44b",
        shows: &[
            "faults=[{id=\"it\",from_min=300,until_min=360,what={delay={direction=\"up\",delay_ms=22000}}}]",
        ],
        near: &[
            "faults=[{id=\"it\",from_min=300,until_min=360,what={delay={direction=\"up\",delay_ms=3000}}}]",
        ],
        bend: late_report,
    },
    Subtle {
        name: "stop-under-a-stuck-key",
        why: "while a key is stuck a person's stop is not heard",
        breaks: "WB-04",
        shows: &[
            "faults=[{id=\"it\",from_min=240,until_min=360,what=\"key_stuck\"}]",
            "orders=[{at_min=300,what=\"stop\"}]",
        ],
        near: &[
            "faults=[{id=\"it\",from_min=240,until_min=290,what=\"key_stuck\"}]",
            "orders=[{at_min=300,what=\"stop\"}]",
        ],
        bend: stop_under_a_stuck_key,
    },
    Subtle {
        name: "silence-for-ever",
        why: "a sound that is switched off within two minutes of a new alarm stays off",
        breaks: "SR-70a",
        shows: &[
            "faults=[]",
            "orders=[{at_min=300,what=\"pause\"},{at_min=311,what=\"pause_audio\"},{at_min=330,what=\"resume\"}]",
        ],
        near: &[
            "faults=[]",
            "orders=[{at_min=300,what=\"pause\"},{at_min=318,what=\"pause_audio\"},{at_min=330,what=\"resume\"}]",
        ],
        bend: silence_for_ever,
    },
];

/// Whether an alarm is to be hidden: from when it first stands at a moment that fits, until it goes.
fn hides(hidden: &mut Option<bool>, stands: bool, fits: bool) -> bool {
    if stands {
        *hidden.get_or_insert(fits)
    } else {
        *hidden = None;
        false
    }
}

fn deaf_in_the_afternoon() -> Bend {
    let mut hidden = None;
    Bend::says(move |cycle| {
        let hour = libm::fmod(cycle.hours, 24.0);
        let stands = cycle.decision.alarms.active.contains(Alarm::LinkLost);
        if hides(&mut hidden, stands, (14.0..16.0).contains(&hour)) {
            cycle.hide(Alarm::LinkLost);
        }
    })
}

fn pause_after_a_sheet() -> Bend {
    let (mut sheet, mut paused, mut near) = (None, false, false);
    Bend::says(move |cycle| {
        if cycle.inputs.assessment.is_some() {
            sheet = Some(cycle.hours);
        }
        let is_paused = cycle.decision.mode == Mode::Paused;
        if is_paused && !paused {
            near = sheet.is_some_and(|at| cycle.hours - at <= 10.0 / 60.0);
        }
        paused = is_paused;
        if near {
            cycle.hide(Alarm::PausedLong);
        }
    })
}

fn skip_and_authorise() -> Bend {
    let (mut skipped, mut more) = (false, false);
    Bend::says(move |cycle| {
        if matches!(cycle.decision.reason, Reason::Authorised { .. }) {
            more = skipped;
        }
        skipped |= cycle.told(|what| matches!(what, OrderKind::SkipDecrement));
        if more {
            cycle.decision.plan = scaled(cycle.decision.plan, 7.0 / 6.0);
            cycle.scale_rate(7.0 / 6.0);
        }
    })
}

fn clock_back() -> Bend {
    const BACK_MS: i64 = 7_199_000;
    let (mut ahead, mut again) = (None, false);
    Bend::says(move |cycle| {
        if let Ok(wall) = cycle.inputs.host.wall {
            let now = wall.value.millis() - libm::round(cycle.hours * 3.6e6) as i64;
            again |= ahead.is_some_and(|ahead: i64| ahead - now >= BACK_MS);
            ahead = Some(now);
        }
        if again && cycle.decision.mode.is_therapy() {
            cycle.decision.plan = scaled(cycle.decision.plan, 1.2);
            cycle.scale_rate(1.2);
        }
    })
}

fn pressed_twice() -> Bend {
    let mut ignores = false;
    Bend::says(move |cycle| {
        let orders = cycle.inputs.orders.iter();
        let pauses = orders.filter(|order| matches!(order.what, OrderKind::Pause));
        ignores |= pauses.count() > 1;
        ignores &= cycle.decision.mode == Mode::Paused || !cycle.decision.mode.is_therapy();
        if ignores && cycle.decision.mode == Mode::Paused {
            cycle.decision.mode = Mode::Active;
            if cycle.stops() {
                cycle.infuse(cycle.decision.plan);
            }
        }
    })
}

fn gap_of_half_a_day() -> Bend {
    let (mut since, mut resumed) = (None, false);
    Bend::says(move |cycle| {
        let stands = matches!(cycle.decision.mode, Mode::Paused | Mode::Stopped);
        if !stands && !resumed {
            since = None;
            return;
        }
        let gap = cycle.hours - *since.get_or_insert(cycle.hours);
        let resumes = cycle.told(|what| matches!(what, OrderKind::Resume));
        if resumes && (12.02..13.0).contains(&gap) && !resumed {
            resumed = true;
            cycle.infuse(cycle.decision.plan);
        } else if resumed {
            cycle.say_nothing();
        }
        if resumed {
            cycle.decision.mode = Mode::Active;
        }
    })
}

fn cool_but_not_cold() -> Bend {
    let mut hidden = None;
    Bend::says(move |cycle| {
        let stands = cycle
            .decision
            .alarms
            .active
            .contains(Alarm::TemperatureOutOfRange);
        let temperature = cycle.inputs.telemetry.temperature_c;
        let cool = temperature.is_ok_and(|it| (13.0..16.0).contains(&it.value));
        if hides(&mut hidden, stands, cool) {
            cycle.hide(Alarm::TemperatureOutOfRange);
        }
    })
}

fn second_restart() -> Bend {
    Bend::says(|cycle| {
        if cycle.restarts >= 2 {
            let planned = cycle.decision.planned_24h;
            cycle.decision.estimate_24h.low = planned;
            cycle.decision.estimate_24h.high = cycle.decision.estimate_24h.high.max(planned);
        }
    })
}

fn fever_of_forty() -> Bend {
    let mut hidden = false;
    Bend::says(move |cycle| {
        if let Some(sheet) = cycle.inputs.assessment {
            hidden = sheet
                .temperature_c
                .is_ok_and(|it| (40.8..41.45).contains(&it));
        }
        if hidden {
            cycle.hide(Alarm::WithdrawalSigns);
        }
    })
}

fn late_report() -> Bend {
    let (mut last, mut late) = (None, false);
    Bend::says(move |cycle| {
        let spoken = cycle.inputs.telemetry.state.map(|state| state.at).ok();
        if spoken != last {
            last = spoken;
            let now_ms = libm::round(cycle.hours * 3.6e6) as u64;
            late = spoken.is_some_and(|at| {
                let age_ms = now_ms.saturating_sub(at.millis());
                (18_000..27_000).contains(&age_ms)
            });
        }
        if late && cycle.decision.mode.is_therapy() {
            cycle.decision.estimate_24h.high = Dose::ZERO;
        }
    })
}

fn stop_under_a_stuck_key() -> Bend {
    let mut deaf = false;
    Bend::says(move |cycle| {
        let ordered = cycle.told(|what| matches!(what, OrderKind::Stop));
        deaf |= ordered && cycle.inputs.host.key_stuck;
        if deaf && goes_on(cycle) {
            cycle.decision.mode = Mode::Active;
        }
    })
}

/// Takes a stop back that a person ordered; whether there was one.
fn goes_on(cycle: &mut Cycle<'_, '_>) -> bool {
    let ordered = matches!(cycle.decision.reason, Reason::Stopped(StopCause::Ordered));
    if cycle.stops() {
        cycle.say_nothing();
    }
    ordered || cycle.decision.mode == Mode::Stopped
}

fn silence_for_ever() -> Bend {
    let (mut known, mut new, mut off) = (infusion_types::AlarmSet::EMPTY, None, false);
    Bend::says(move |cycle| {
        let active = cycle.decision.alarms.active;
        if !active.without(known).is_empty() {
            new = Some(cycle.hours);
        }
        known = active;
        let fresh = new.is_some_and(|at| cycle.hours - at <= 2.0 / 60.0);
        off |= fresh && cycle.told(|what| matches!(what, OrderKind::PauseAudio));
        if off {
            cycle.decision.alarms.audio_paused = true;
        }
    })
}
