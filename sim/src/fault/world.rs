//! Everything that a fault can change, as numbers that are in force at a moment.
//!
//! Each part belongs to whoever uses it, and is used whether or not anything is wrong: healthy is one value
//! among others. So no branch anywhere asks for a fault.

use infusion_device::Condition;

use crate::clock::Clocks;
use crate::defect::Defect;
use crate::host::Platform;
use crate::link::Wire;
use crate::ward::Ward;

/// What is in force at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct World {
    /// The physics of the device, and its sensors.
    pub device: Condition,
    /// The way from the pump to the controller.
    pub up: Wire,
    /// The way from the controller to the pump.
    pub down: Wire,
    /// What the controller runs on.
    pub platform: Platform,
    /// The parties' clocks.
    pub clocks: Clocks,
    /// What is wrong with the controller's own word.
    pub defect: Defect,
    /// The people.
    pub ward: Ward,
}

impl World {
    /// Nothing is wrong with anything but what `device` says.
    #[must_use]
    pub const fn healthy(device: Condition) -> Self {
        Self {
            device,
            up: Wire::CLEAR,
            down: Wire::CLEAR,
            platform: Platform::SOUND,
            clocks: Clocks::TRUE,
            defect: Defect::NONE,
            ward: Ward::ATTENTIVE,
        }
    }
}
