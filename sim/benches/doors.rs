//! How many cycles a second pass each door at which a controller can stand.
//!
//! `cargo bench -p weanbench --bench doors` needs nothing beside: the other end is the binary of this package, and the
//! library of `lib:` is built first. The stretch is the first hours of one wean of the paper's arm on P2, a decision a second,
//! judged as every run is; its digest is the same behind every door, or nothing is measured. Times on a shared
//! machine are magnitudes.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use dose_controller::Protocol;
use infusion_types::{Decision, Inputs, Session, Timestamp};
use weanbench::bench::{AnyController, ControllerPort, Controllers, Shipped, Stalled};
use weanbench::case::Case;
use weanbench::config::Library;
use weanbench::edge::abi::Loadable;
use weanbench::edge::lockstep::{External, Place};
use weanbench::study::cohort::run_case;

const BINARY: &str = env!("CARGO_BIN_EXE_weanbench");
const PATIENCE: Duration = Duration::from_secs(10);

/// The shipped controller, and how often it is asked.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicU64>);

struct Counting(AnyController, Counted);

impl Controllers for Counted {
    fn name(&self) -> String {
        Shipped.name()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        let inner = Shipped.open(protocol, session)?;
        Ok(Box::new(Counting(inner, self.clone())))
    }
}

impl ControllerPort for Counting {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        self.1.0.fetch_add(1, Ordering::Relaxed);
        self.0.step(now, inputs)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.0.poll_timeout()
    }
}

/// The binary as whoever listens, until this is dropped.
struct Listening(Child);

impl Listening {
    fn start(arguments: &[&str], errors: Stdio) -> Self {
        let mut command = Command::new(BINARY);
        command.arg("controller").args(arguments).stderr(errors);
        Self(command.spawn().expect("the binary runs"))
    }

    /// At a port that is free, and the address that it tells.
    fn tcp() -> (Self, String) {
        let mut listening = Self::start(&["--listen", "127.0.0.1:0"], Stdio::piped());
        let errors = listening.0.stderr.take().expect("piped");
        let mut said = String::new();
        BufReader::new(errors)
            .read_line(&mut said)
            .expect("it says where");
        let address = said.trim().trim_start_matches("listening at ").to_owned();
        (listening, address)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a listener of this kind does not say when it is there"
    )]
    fn unix(path: &Path) -> Self {
        // Its name says that somebody listens: one that was left behind would say so too early.
        let _ = std::fs::remove_file(path);
        let listening = Self::start(&["--unix", &path.display().to_string()], Stdio::inherit());
        let there = (0..1_000).any(|_| {
            thread::sleep(Duration::from_millis(5));
            path.exists()
        });
        assert!(there, "it listens");
        listening
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The shipped controller as a shared library, built beside the binary.
fn library() -> PathBuf {
    let profile = Path::new(BINARY).parent().expect("a folder");
    let target = profile.parent().expect("the target folder");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "-p", "builtin-controller"]);
    build.arg("--target-dir").arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.expect("cargo runs").success());
    let name = format!(
        "{}builtin_controller{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    profile.join(name)
}

fn external(spec: &str) -> Arc<dyn Controllers> {
    let place = Place::parse(spec).expect("a place").expect("outside");
    Arc::new(External::new(spec, place, PATIENCE))
}

/// The stretch, with nobody to control it yet.
fn stretch() -> Library {
    let set = ["profile=\"P2\"", "cohort.size=1", "run_max_h=3"].map(str::to_owned);
    Library::shipped("hwang-2019", &set)
        .expect("it ships with the bench")
        .expect("it is checked by a test")
}

/// What the stretch comes to with these controllers.
fn digest(library: &Library) -> String {
    let arm = library
        .scenario
        .arms
        .iter()
        .find(|arm| arm.name == "externalised-wean")
        .expect("the paper's arm");
    let case = Case::new(library, arm, 1).expect("checked");
    run_case(&case).expect("no stall").digest.hex()
}

fn doors(criterion: &mut Criterion) {
    let counted = Counted::default();
    let mut library = stretch();
    library.controllers = Arc::new(counted.clone());
    let wanted = digest(&library);
    let cycles = counted.0.load(Ordering::Relaxed);
    println!("the stretch is {cycles} cycles");

    let socket = std::env::temp_dir().join(format!("weanbench-doors-{}", std::process::id()));
    let (_tcp, address) = Listening::tcp();
    let _unix = Listening::unix(&socket);
    let shared = self::library();
    let loaded = Loadable::load("lib", &shared).expect("it was just built");
    let all: [(&str, Arc<dyn Controllers>); 5] = [
        ("builtin", Arc::new(Shipped)),
        ("lib", Arc::new(loaded)),
        ("exec", external(&format!("exec:'{BINARY}' controller"))),
        ("unix", external(&format!("unix:{}", socket.display()))),
        ("tcp", external(&format!("tcp:{address}"))),
    ];
    let mut group = criterion.benchmark_group("doors");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    group.measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(cycles));
    for (door, controllers) in all {
        library.controllers = controllers;
        assert_eq!(digest(&library), wanted, "{door}");
        group.bench_function(door, |bencher| {
            bencher.iter(|| black_box(digest(&library)));
        });
    }
    group.finish();
    let _ = std::fs::remove_file(socket);
}

criterion_group!(benches, doors);
criterion_main!(benches);
