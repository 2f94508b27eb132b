//! Faults of the pump.

use infusion_device::Condition;

use crate::fault::Event;
use crate::scenario::PumpFault;

pub(super) fn act(what: &PumpFault, since_ms: u64, pump: &mut Condition) -> Option<Event> {
    match *what {
        PumpFault::PumpGain { gain } => pump.gain *= gain,
        PumpFault::Runaway { flow_ul_per_h } => {
            // Whatever it is set to moves nothing; the driver makes its own flow beside it.
            pump.gain = 0.0;
            pump.added_flow_ul_per_h += flow_ul_per_h;
        }
        PumpFault::StuckOn { least_ul_per_h } => {
            pump.motor_least_ul_per_h = pump.motor_least_ul_per_h.max(least_ul_per_h);
        }
        PumpFault::Stall => pump.turns = false,
        PumpFault::Degrade {
            lost_permille_per_h,
        } => {
            let lost = f64::from(lost_permille_per_h) / 1e3 * since_ms as f64 / 3.6e6;
            pump.gain *= (1.0 - lost).max(0.0);
        }
        PumpFault::Packets { packet_ul } => pump.packet_ul = pump.packet_ul.max(packet_ul),
        PumpFault::RoomTemperature { temperature_c } => pump.pump_temperature_c = temperature_c,
        PumpFault::AmbientPressure { pressure_kpa } => pump.ambient_kpa = pressure_kpa,
        PumpFault::BatteryDrain { drain_times } => pump.battery_drain *= drain_times,
        PumpFault::BatteryDead => pump.powered = false,
        PumpFault::PrimeByItself { volume_ul } => {
            return Some(Event::PrimesByItself { volume_ul });
        }
        PumpFault::PumpProgram { flow_ul_per_h } => {
            return Some(Event::RunsOwnProgram { flow_ul_per_h });
        }
        PumpFault::PumpRestart => return Some(Event::PumpRestarts),
    }
    None
}
