//! One wean, or many, for whoever counts instructions or looks at a clock.
//!
//! `cost PROFILE HOW [HOURS [RUNS [WORKERS]]]`, where HOW says how much of the bench there is:
//!
//! ```text
//!   nothing    files are read and the case is made
//!   yardstick  a loop by hand: the pump and the patient pass the time, once a cycle, and the pump reports
//!   plant      plant, people and controller
//!   judged     with every requirement and the digest
//!   sealed     the same, every message as a sealed frame
//!   each       all of these, one after the other
//! ```
//!
//! `tests/speed/instructions.sh` counts these under valgrind, and `tests/speed/weans.sh` times them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dose_controller::Controller;
use infusion_device::{Condition, Device, Noise};
use infusion_types::{Action, Command, DailyDose, Session, Timestamp};
use rayon::prelude::*;
use virtual_patient::{Adjunct, Input, Patient, Signs};
use weanbench::bench::{Bench, GRID, Observer};
use weanbench::case::{Case, report_period};
use weanbench::clock::SimTime;
use weanbench::config::Library;
use weanbench::judge::Judge;
use weanbench::record::Record;

/// Counts records and looks at nothing.
struct Count(u64);

impl Observer for Count {
    fn observe(&mut self, _: &Record<'_>) {
        self.0 += 1;
    }
}

/// So many records, or cycles, and the simulated hours.
type Ran = (u64, f64);

// None is inlined, so that a profiler tells them apart.
#[inline(never)]
fn plant(case: &Case<'_>) -> Ran {
    let mut count = Count(0);
    let ended = Bench::new(case, Controller::new).run(&mut count);
    (count.0, ended.expect("no stall").at.hours())
}

/// A judge, and how many records it has seen.
struct Counted(Judge, Count);

impl Observer for Counted {
    fn observe(&mut self, record: &Record<'_>) {
        self.0.observe(record);
        self.1.observe(record);
    }

    fn patient(&mut self, at: SimTime, signs: &Signs) {
        self.0.patient(at, signs);
    }
}

fn observed(case: &Case<'_>, bench: Bench<'_, Controller>) -> Ran {
    let mut judge = Counted(Judge::new(case), Count(0));
    let ended = bench.run(&mut judge).expect("no stall");
    let Counted(judge, count) = judge;
    black_box(judge.finish(case, &ended));
    (count.0, ended.at.hours())
}

#[inline(never)]
fn judged(case: &Case<'_>) -> Ran {
    observed(case, Bench::new(case, Controller::new))
}

#[inline(never)]
fn sealed(case: &Case<'_>) -> Ran {
    observed(case, Bench::sealed(case, Controller::new))
}

/// The same physics without a bench: one rate, one look a cycle, nobody who decides.
#[inline(never)]
fn yardstick(case: &Case<'_>, hours: u32) -> Ran {
    let explant = &case.scenario().explant;
    let condition = Condition::healthy(explant.room_temperature_c, explant.csf_pressure_mmhg);
    let spec = case.device_spec();
    let (cycle, drug) = (
        report_period(spec.profile).min(Duration::from_secs(30)),
        spec.pump.reservoir_drug,
    );
    let mut device = Device::new(spec, condition);
    let mut patient = Patient::new(case.parameters(), GRID);
    let session = Session::new(1);
    let dose = DailyDose::from_nanograms_per_day((case.start_dose_ug_per_day() * 1e3) as u64);
    let rate = dose.rate().positive().expect("a dose");
    device.pair(session);
    device.authorise(dose);
    device.connect_patient();
    let action = Action::Infuse { rate, at: drug };
    let command = Command {
        session,
        sequence: 1,
        action,
        lease: Duration::from_secs(90),
    };
    device.accept(Timestamp::ZERO, command);
    let (mut reached_ug, mut sum) = (0.0, 0.0);
    let cycles = u64::from(hours) * 3_600_000 / cycle.as_millis() as u64;
    for n in 1..=cycles {
        device.advance(cycle);
        let reached = device.reached_ug();
        let intrathecal_ug = reached - reached_ug;
        reached_ug = reached;
        let input = Input {
            intrathecal_ug,
            leak_ml_per_h: 0.0,
            adjunct: Adjunct::default(),
        };
        patient.advance(cycle, input);
        let now = Timestamp::from_millis(n * cycle.as_millis() as u64);
        let report = device.telemetry(now, &Noise::default());
        sum += report.delivered_ug.map_or(0.0, |it| it.value);
        let _ = device.ping(session);
    }
    black_box((sum, patient.signs()));
    (cycles, f64::from(hours))
}

fn add(all: Ran, one: &Ran) -> Ran {
    (all.0 + one.0, all.1 + one.1)
}

fn part(case: &Case<'_>, how: &str, hours: u32) -> Ran {
    match how {
        "nothing" => (0, 0.0),
        "yardstick" => yardstick(case, hours),
        "plant" => plant(case),
        "judged" => judged(case),
        "sealed" => sealed(case),
        "each" => {
            let parts = [
                yardstick(case, hours),
                plant(case),
                judged(case),
                sealed(case),
            ];
            parts.iter().fold((0, 0.0), add)
        }
        other => panic!("`{other}` is no part of the bench"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what it looks at is how long the machine takes"
)]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize| words.get(place).map(String::as_str);
    let number = |place: usize, or: u32| word(place).map_or(or, |it| it.parse().expect("a number"));
    let profile = word(0).expect("a profile: P0, P1 or P2");
    let how = word(1).expect("how much: nothing, yardstick, plant, judged or sealed");
    let (hours, runs) = (number(2, 240), number(3, 1));
    let overrides = [
        format!("profile={profile}"),
        format!("run_max_h={hours}"),
        format!("cohort.size={runs}"),
        "follow_up_h=24".to_owned(),
    ];
    let library = Library::shipped("hwang-2019", &overrides).expect("it ships");
    let library = library.unwrap_or_else(|complaints| panic!("{}", complaints[0]));
    let cases: Vec<Case<'_>> = (1..=u64::from(runs))
        .map(|patient| Case::new(&library, &library.scenario.arms[0], patient).expect("checked"))
        .collect();
    // What is made once for all runs is no cost of a run.
    black_box(Judge::new(&cases[0]));
    let from = Instant::now();
    let workers = rayon::ThreadPoolBuilder::new().num_threads(number(4, 1) as usize);
    let workers = workers.build().expect("threads");
    let each: Vec<Ran> = workers.install(|| {
        cases
            .par_iter()
            .map(|case| part(case, how, hours))
            .collect()
    });
    let all = each.iter().fold((0, 0.0), add);
    let (records, days) = (all.0, all.1 / 24.0);
    let took = from.elapsed().as_secs_f64();
    println!(
        "{profile} {how}: {runs} weans, {days:.1} days, {records} records; {:.1} days, {:.1} weans, {:.0} records a second",
        days / took,
        f64::from(runs) / took,
        records as f64 / took
    );
}
