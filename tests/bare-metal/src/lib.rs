//! The controller as a microcontroller would link it: no `std`, no heap, one function.
//!
//! This has to build, and nothing more. A second panic handler would be `std`; without a global
//! allocator a `Vec` anywhere below has nothing to link to. Nobody calls it.
#![no_std]

use core::panic::PanicInfo;

use dose_controller::{Controller, Inputs, Send};
use infusion_types::{Assessment, Host, Order, Telemetry, Timestamp};

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

/// When the controller wants to be called again.
#[unsafe(no_mangle)]
pub extern "C" fn controller_poll_timeout(controller: &Controller) -> u64 {
    controller.poll_timeout().millis()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
