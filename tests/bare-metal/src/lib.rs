//! The controller and its frames as a microcontroller would link them: no `std`, no heap, a few functions.
//!
//! This has to build, and nothing more. A second panic handler would be `std`; without a global
//! allocator a `Vec` anywhere below has nothing to link to. Nobody calls it.
#![no_std]

use core::panic::PanicInfo;

use control_link::{Body, FRAME_MOST, Frame, Receiver, Sender};
use dose_controller::{Controller, Saved};
use infusion_types::{Assessment, Command, DoseControl, Host, Inputs, Order, Send, Session, Telemetry, Timestamp};
use small_wean::SmallWean;

/// One cycle: 0 when nothing leaves, 1 for a ping, 2 for a command.
#[unsafe(no_mangle)]
pub extern "C" fn controller_step(
    controller: &mut Controller,
    now_millis: u64,
    telemetry: &Telemetry,
    assessment: Option<&Assessment>,
    order: &Order,
    host: &Host,
) -> u32 {
    let inputs = Inputs {
        telemetry,
        assessment,
        orders: core::slice::from_ref(order),
        host,
    };
    let decision = controller.step(Timestamp::from_millis(now_millis), &inputs);
    match decision.send {
        Send::Quiet(_) => 0,
        Send::Ping => 1,
        Send::Command(_) => 2,
    }
}

/// The controller comes back with what was stored, if that is fit to go on with: 1, or 0 if it is not.
#[unsafe(no_mangle)]
pub extern "C" fn controller_resume(
    controller: &mut Controller,
    saved: &Saved,
    session: u32,
    now_millis: u64,
) -> u32 {
    let protocol = *controller.protocol();
    if saved.check(&protocol).is_err() {
        return 0;
    }
    let now = Timestamp::from_millis(now_millis);
    *controller = Controller::resume(protocol, Session::new(session), Some(saved.clone()), now);
    1
}

/// One cycle of the template that others begin from: so many bytes are to be stored.
#[unsafe(no_mangle)]
pub extern "C" fn template_step(
    controller: &mut SmallWean,
    now_millis: u64,
    telemetry: &Telemetry,
    assessment: Option<&Assessment>,
    order: &Order,
    host: &Host,
) -> usize {
    let inputs = Inputs {
        telemetry,
        assessment,
        orders: core::slice::from_ref(order),
        host,
    };
    let now = Timestamp::from_millis(now_millis);
    let decision = DoseControl::step(controller, now, &inputs);
    let kept = controller.saved().filter(|_| decision.store);
    kept.map_or(0, <[u8]>::len)
}

/// When the controller wants to be called again.
#[unsafe(no_mangle)]
pub extern "C" fn controller_poll_timeout(controller: &Controller) -> u64 {
    controller.poll_timeout().millis()
}

/// Seals a command into a frame; its length, or 0 when nothing may leave.
#[unsafe(no_mangle)]
pub extern "C" fn link_seal(
    sender: &mut Sender,
    now_millis: u64,
    command: &Command,
    frame: &mut Frame,
) -> usize {
    match sender.seal_command(Timestamp::from_millis(now_millis), command) {
        Ok(sealed) => {
            *frame = sealed;
            frame.bytes().len()
        }
        Err(_) => 0,
    }
}

/// Opens a report; false when it has no effect.
#[unsafe(no_mangle)]
pub extern "C" fn link_open(
    receiver: &mut Receiver,
    now_millis: u64,
    bytes: &[u8; FRAME_MOST],
    length: usize,
    telemetry: &mut Telemetry,
) -> bool {
    let bytes = bytes.get(..length).unwrap_or_default();
    let message = receiver.open(Timestamp::from_millis(now_millis), bytes);
    let Ok(Body::Report(report)) = message.map(|message| message.body) else {
        return false;
    };
    *telemetry = report;
    true
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
