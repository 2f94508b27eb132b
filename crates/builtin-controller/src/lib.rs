//! The controller that ships with the bench, behind the C interface: what `--controller lib:` is measured with, and a
//! model for a library in Rust.
//!
//! This is the one place on this side of the interface where pointers are looked behind. Each function says what it
//! trusts the caller with; that is what the header asks of both.
//!
//! Engineering simulation only; never for clinical use.
#![expect(
    unsafe_code,
    reason = "functions that C calls get pointers, and the entry has a name of its own"
)]

use std::ffi::c_void;
use std::slice;

use controller_abi::layout::{WbAbilities, WbController, WbDecision, WbInputs, WbPrescription};
use controller_abi::{ABI, Given};
use dose_controller::{Controller, Saved};
use infusion_types::{Session, Timestamp};

/// One controller, and room for what it is given.
#[derive(Clone)]
struct Instance {
    controller: Controller,
    given: Given,
}

/// The table never changes.
struct Table(WbController);

// SAFETY: it is constant, and its only pointer is to a constant name.
unsafe impl Sync for Table {}

static TABLE: Table = Table(WbController {
    abi: ABI,
    size: size_of::<WbController>() as u32,
    inputs_size: size_of::<WbInputs>() as u32,
    decision_size: size_of::<WbDecision>() as u32,
    name: c"builtin".as_ptr(),
    has: WbAbilities {
        orders: u64::MAX,
        modes: u64::MAX,
        alarms: u64::MAX,
    },
    open: Some(open),
    step: Some(step),
    save: Some(save),
    restart: Some(restart),
    fork: Some(fork),
    close: Some(close),
});

/// The table of functions, or null for another version.
#[unsafe(no_mangle)]
pub extern "C" fn weanbench_controller(abi: u32) -> *const WbController {
    if abi == ABI {
        &raw const TABLE.0
    } else {
        std::ptr::null()
    }
}

fn boxed(instance: Instance) -> *mut c_void {
    Box::into_raw(Box::new(instance)).cast()
}

/// # Safety
/// `prescription` points to one.
unsafe extern "C" fn open(prescription: *const WbPrescription, session: u32) -> *mut c_void {
    // SAFETY: the caller lends a prescription for this call.
    let protocol = unsafe { &*prescription }.read();
    match protocol {
        Ok(protocol) => boxed(Instance {
            controller: Controller::new(protocol, Session::new(session)),
            given: Given::default(),
        }),
        Err(_) => std::ptr::null_mut(),
    }
}

/// # Safety
/// `controller` comes from `open` or `fork` and is used by nobody else now; `inputs` and `decision` point to such, and
/// what is in `inputs` to as much as it says.
unsafe extern "C" fn step(
    controller: *mut c_void,
    inputs: *const WbInputs,
    decision: *mut WbDecision,
) -> i32 {
    // SAFETY: `open` made it, and the caller uses it from here alone.
    let instance = unsafe { &mut *controller.cast::<Instance>() };
    // SAFETY: the caller lends inputs for this call.
    let inputs = unsafe { &*inputs };
    // SAFETY: it is null, or the caller lends a sheet for this call.
    let assessment = unsafe { inputs.assessment.as_ref() };
    let orders = if inputs.order_count == 0 {
        &[]
    } else {
        // SAFETY: the caller lends so many orders for this call.
        unsafe { slice::from_raw_parts(inputs.orders, inputs.order_count) }
    };
    if instance.given.read(inputs, assessment, orders).is_err() {
        return 1;
    }
    let decided = instance
        .controller
        .step(instance.given.at, &instance.given.inputs());
    let written = WbDecision::of(instance.controller.poll_timeout(), &decided);
    // SAFETY: the caller lends room for one decision.
    unsafe { decision.write(written) };
    0
}

/// # Safety
/// As `step`; `buffer` has so much room.
unsafe extern "C" fn save(controller: *mut c_void, buffer: *mut u8, room: usize) -> usize {
    // SAFETY: `open` made it, and the caller uses it from here alone.
    let instance = unsafe { &*controller.cast::<Instance>() };
    let Ok(bytes) = postcard::to_allocvec(&instance.controller.saved()) else {
        return 0;
    };
    if bytes.len() <= room {
        // SAFETY: there is room for all of them, and nobody else's buffer is ours.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) };
    }
    bytes.len()
}

/// # Safety
/// As `step`; `saved` is null or points to so many bytes.
unsafe extern "C" fn restart(
    controller: *mut c_void,
    session: u32,
    at_ms: u64,
    saved: *const u8,
    length: usize,
) -> i32 {
    // SAFETY: `open` made it, and the caller uses it from here alone.
    let instance = unsafe { &mut *controller.cast::<Instance>() };
    let saved = if saved.is_null() {
        None
    } else {
        // SAFETY: the caller lends so many bytes for this call.
        let bytes = unsafe { slice::from_raw_parts(saved, length) };
        match postcard::from_bytes::<Saved>(bytes) {
            Ok(saved) => Some(saved),
            Err(_) => return 1,
        }
    };
    let (protocol, at) = (
        *instance.controller.protocol(),
        Timestamp::from_millis(at_ms),
    );
    instance.controller = Controller::resume(protocol, Session::new(session), saved, at);
    0
}

/// # Safety
/// As `step`.
unsafe extern "C" fn fork(controller: *const c_void) -> *mut c_void {
    // SAFETY: `open` made it, and the caller uses it from here alone.
    let instance = unsafe { &*controller.cast::<Instance>() };
    boxed(instance.clone())
}

/// # Safety
/// As `step`, and it is not used any more.
unsafe extern "C" fn close(controller: *mut c_void) {
    // SAFETY: `open` or `fork` made it by `Box::into_raw`, and nobody closes it twice.
    drop(unsafe { Box::from_raw(controller.cast::<Instance>()) });
}
