//! What a fault does once: at its beginning, at its end, or at a beat between.

use infusion_device::Device;
use infusion_types::Order;

use crate::scenario::Doing;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The pump begins to prime by itself, whatever it is connected to.
    PrimesByItself {
        /// Volume, µL.
        volume_ul: f64,
    },
    /// The pump goes over to a program that nobody gave it.
    RunsOwnProgram {
        /// Flow, µL/h.
        flow_ul_per_h: f64,
    },
    /// The pump restarts.
    PumpRestarts,
    /// Of what is in the reservoir, only a part is there. The pump knows nothing of it.
    ReservoirKeeps {
        /// What is left, thousandths.
        permille: u32,
    },
    /// The controller's platform restarts.
    Reset,
    /// Before its first cycle the controller has served another patient, and is used again.
    Reused,
    /// All that was stored is gone.
    MemoryLost,
    /// A bit of what is stored turns over.
    BitFlips {
        /// Which copy: 0 is the newest, 1 the one before it.
        copy: u8,
        /// Which bit, counted from the first and round the end.
        bit: u32,
    },
    /// An entry of the log is changed after it was written.
    LogAltered,
    /// Somebody orders something.
    Orders(Order),
    /// Somebody of the ward does something that no rule of theirs asks for.
    Does(Doing),
    /// Somebody takes the line off the patient.
    LineOpened,
    /// Somebody puts it on again.
    LineClosed,
}

impl Event {
    /// Does it to the device, where it is one of the device's.
    pub(super) fn strike(self, device: &mut Device) -> Option<Self> {
        match self {
            Self::PrimesByItself { volume_ul } => device.prime_by_itself(volume_ul),
            Self::RunsOwnProgram { flow_ul_per_h } => device.run_own_program(flow_ul_per_h),
            Self::PumpRestarts => device.restart(),
            Self::ReservoirKeeps { permille } => {
                let held_ul = device.truth().reservoir_ul;
                device.set_reservoir_ul(held_ul * f64::from(permille) / 1e3);
            }
            Self::Reset
            | Self::Reused
            | Self::MemoryLost
            | Self::BitFlips { .. }
            | Self::LogAltered
            | Self::Orders(_)
            | Self::Does(_)
            | Self::LineOpened
            | Self::LineClosed => return Some(self),
        }
        None
    }
}
