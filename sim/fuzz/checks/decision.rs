//! Any bytes as the structures of the C interface: each reader says no, or what it has read goes back into a structure
//! that it reads as the same. Inputs that can be read are handed to the shipped controller, cycle after cycle.
//!
//! The first byte chooses: 0 a decision, 1 a prescription, 2 inputs (modulo 3). Before the inputs of each cycle stands
//! a byte that says whether a sheet (1) and how many orders (the rest, modulo 4) come behind them. What is missing
//! at the end is zeros.

use std::sync::LazyLock;

use controller_abi::layout::{
    WbAssessment, WbDecision, WbInputs, WbOrder, WbPrescription, WbReading, WbTelemetry,
};
use controller_abi::{Given, Lent, prescription};
use dose_controller::Controller;
use infusion_types::{Session, Timestamp};
use weanbench::case::Case;
use weanbench::config::Library;

/// A structure of C for which all bytes are a value.
///
/// # Safety
/// It has whole numbers, floating point numbers and raw pointers, and nothing else.
#[expect(unsafe_code, reason = "it is what a stranger in C leaves behind")]
unsafe trait Plain: Copy {
    fn take(from: &mut &[u8]) -> Self {
        let (taken, rest) = from.split_at(from.len().min(size_of::<Self>()));
        *from = rest;
        let mut bytes = vec![0; size_of::<Self>()];
        bytes[..taken.len()].copy_from_slice(taken);
        // SAFETY: there are so many bytes, and any are a value of it.
        unsafe { bytes.as_ptr().cast::<Self>().read_unaligned() }
    }
}

macro_rules! plain {
    ($($name:ident)*) => {$(
        #[expect(unsafe_code, reason = "see `Plain`")]
        // SAFETY: see its layout.
        unsafe impl Plain for $name {}
    )*};
}

plain! { WbDecision WbPrescription WbInputs WbAssessment WbOrder }

/// The controller of a patient who weans, just switched on.
static CONTROLLER: LazyLock<Controller> = LazyLock::new(|| {
    let library = Library::shipped("first", &["profile='P2'".to_owned()]);
    let library = library.expect("it ships").expect("it is sound");
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("it is sound");
    let protocol = case.protocol().expect("it weans");
    Controller::new(protocol, Session::new(1))
});

fn decision(mut bytes: &[u8]) {
    let line = WbDecision::take(&mut bytes);
    if let Ok(decision) = line.read() {
        let again = WbDecision::of(Timestamp::from_millis(line.next_ms), &decision);
        assert_eq!(again.read(), Ok(decision));
        assert_eq!(again.next_ms, line.next_ms);
    }
}

fn prescribed(mut bytes: &[u8]) {
    if let Ok(protocol) = WbPrescription::take(&mut bytes).read() {
        assert_eq!(prescription(&protocol).read(), Ok(protocol));
    }
}

/// The bits of every number, because a NaN is not equal to itself.
fn numbers(it: &WbTelemetry) -> [(u32, u64); 8] {
    let all = [
        it.delivered_ug,
        it.reservoir_ul,
        it.flow_ul_per_h,
        it.pressure_kpa,
        it.air_ul,
        it.drained_csf_ul,
        it.temperature_c,
        it.battery_min,
    ];
    // Of the reasons for no value only the last three have bits.
    let bits = |it: WbReading| matches!(it.status, 0 | 5..).then(|| it.value.to_bits());
    all.map(|it| (it.status, bits(it).unwrap_or_default()))
}

fn inputs(mut bytes: &[u8]) {
    let mut controller = CONTROLLER.clone();
    let (mut given, mut twice, mut lent) = (Given::default(), Given::default(), Lent::default());
    while let Some((what, rest)) = bytes.split_first() {
        bytes = rest;
        let line = WbInputs::take(&mut bytes);
        let sheet = (what & 1 == 1).then(|| WbAssessment::take(&mut bytes));
        let orders: Vec<_> = (0..what >> 1 & 3)
            .map(|_| WbOrder::take(&mut bytes))
            .collect();
        if given.read(&line, sheet.as_ref(), &orders).is_err() {
            continue;
        }
        let again = lent.lend(given.at, &given.inputs());
        assert_eq!(numbers(&again.telemetry), numbers(&line.telemetry));
        assert_eq!(twice.read(&again, sheet.as_ref(), &orders), Ok(()));
        let (said, heard) = (given.inputs(), twice.inputs());
        assert_eq!(said.host, heard.host);
        assert_eq!(said.telemetry.accepted, heard.telemetry.accepted);
        assert_eq!(said.telemetry.state, heard.telemetry.state);
        assert_eq!(said.telemetry.refused, heard.telemetry.refused);
        let decided = controller.step(given.at, &given.inputs());
        let written = WbDecision::of(controller.poll_timeout(), &decided);
        assert_eq!(written.read(), Ok(decided));
    }
}

pub(crate) fn check(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    match first % 3 {
        0 => decision(bytes),
        1 => prescribed(bytes),
        _ => inputs(bytes),
    }
}
