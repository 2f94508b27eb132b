//! How a controller in C, or in anything that speaks C, is called in-process: structures and a table of functions.
//!
//! | module | holds |
//! |---|---|
//! | [`layout`] | the structures as they lie in memory, versioned by [`ABI`] and by their sizes |
//! | [`codes`] | the words of closed lists, as numbers |
//! | `given` | what a controller is given, from the core's types and back |
//! | `decided` | what it decided, from the core's types and back |
//! | `prescribed` | the prescription, from the core's types and back |
//!
//! Nothing here calls anything and nothing is unsafe: whoever loads a library, and whoever is one, does that. What comes
//! back from a stranger is checked word by word; a number that is no word of its list is refused with its name.
//!
//! Engineering simulation only; never for clinical use.

pub mod codes;
mod decided;
mod given;
pub mod layout;
mod prescribed;

pub use given::{Given, Lent};
pub use prescribed::prescription;

use infusion_types::{AlarmSet, Mode, OrderKind};

/// The version of everything here. A library that knows another one says so by giving no table.
pub const ABI: u32 = 1;

/// The name of the function that a library exports.
pub const ENTRY: &str = "weanbench_controller";

/// What a controller has: its orders (what they carry does not matter), its modes and its alarms. Bits beyond the
/// lists mean nothing.
#[must_use]
pub fn abilities(has: &layout::WbAbilities) -> (Vec<OrderKind>, Vec<Mode>, AlarmSet) {
    let order = |kind: u32| {
        let order = layout::WbOrder {
            kind,
            alarm: 1,
            ..layout::WbOrder::default()
        };
        given::order_kind(&order).ok()
    };
    let bit = |set: u64, place: u32| set >> place & 1 == 1;
    let orders = (0..64).filter(|place| bit(has.orders, *place));
    let modes = (0..64).filter(|place| bit(has.modes, *place));
    (
        orders.filter_map(order).collect(),
        modes
            .filter_map(|code| codes::WbMode::read(code).ok())
            .collect(),
        AlarmSet::from_bits(has.alarms),
    )
}

/// What came back that cannot be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Nonsense(String);

impl Nonsense {
    fn code(what: &str, code: u32) -> Self {
        Self(format!("{code} is no `{what}`"))
    }

    fn of(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl core::fmt::Display for Nonsense {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Nonsense {}
