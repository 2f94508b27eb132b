//! The words that faults take.

use std::borrow::Cow;

use infusion_types::Alarm;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number that the pump reports.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingName {
    /// Drug delivered, µg.
    Delivered,
    /// Reservoir, µL.
    Reservoir,
    /// Flow, µL/h.
    Flow,
    /// Line pressure, kPa.
    Pressure,
    /// Pump temperature, °C.
    Temperature,
    /// Battery, minutes.
    Battery,
}

/// Something that measures, or reckons.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorName {
    /// Flow, µL/h (P2).
    Flow,
    /// Line pressure, kPa (P2).
    Pressure,
    /// Air, µL (P2).
    Air,
    /// Connector, as the share that passes (P2).
    Connector,
    /// Drain bag, µL (P2).
    DrainedCsf,
    /// Pump temperature, °C.
    Temperature,
    /// Battery, minutes.
    Battery,
    /// Drug delivered as the pump reckons it, µg.
    Delivered,
    /// Reservoir as the pump reckons it, µL.
    Reservoir,
    /// Whether the rotor turns, 0 or 1.
    Motion,
}

impl SensorName {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Flow,
        Self::Pressure,
        Self::Air,
        Self::Connector,
        Self::DrainedCsf,
        Self::Temperature,
        Self::Battery,
        Self::Delivered,
        Self::Reservoir,
        Self::Motion,
    ];
}

/// A number on the nurse's sheet.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryName {
    /// Modified Ashworth score.
    Spasticity,
    /// RASS.
    Sedation,
    /// Breaths per minute.
    Breaths,
    /// Itch.
    Itch,
    /// Heart rate.
    HeartRate,
    /// Temperature, °C.
    Temperature,
}

/// A way of the link.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WayName {
    /// Both.
    #[default]
    Both,
    /// From the pump to the controller.
    Up,
    /// From the controller to the pump.
    Down,
}

/// How well a forged frame is sealed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ForgeryName {
    /// With another key than the session's.
    BadSeal,
    /// With the right key, of a session that has ended.
    OldSession,
    /// With the right key and session: the key has leaked.
    StolenKey,
}

/// A moment in the course of a command to infuse.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// While the state is stored.
    MidWrite,
    /// It is stored, and the command has not left.
    BeforeSend,
    /// The command has left, and its read-back has not come.
    BeforeReadBack,
    /// The read-back has come, and has not been stored.
    AfterReadBack,
}

/// What is wrong with the log.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogName {
    /// There is no room.
    Full,
    /// Each entry loses its end.
    Torn,
    /// Entries change places.
    Reordered,
}

/// What somebody without the right orders.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StrangersOrder {
    /// Another dose, 100 µg/day.
    Authorise,
    /// Begin.
    Start,
    /// Pause.
    Pause,
    /// Go on.
    Resume,
    /// Stop.
    Stop,
    /// Leave a decrement out.
    SkipDecrement,
    /// Another drug, 2000 µg/mL.
    SetConcentration,
    /// End the session.
    ConfirmComplete,
}

/// An alarm by its number, such as `AL-07`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlarmName(pub Alarm);

impl<'de> Deserialize<'de> for AlarmName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Cow::<str>::deserialize(deserializer)?;
        let known = Alarm::ALL.into_iter().find(|alarm| alarm.id() == id);
        known.map(Self).ok_or_else(|| {
            let expected = "an alarm from AL-01 to AL-44";
            de::Error::invalid_value(de::Unexpected::Str(&id), &expected)
        })
    }
}

impl Serialize for AlarmName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id())
    }
}

impl JsonSchema for AlarmName {
    fn schema_name() -> Cow<'static, str> {
        "AlarmName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids = Alarm::ALL.map(Alarm::id);
        json_schema!({ "type": "string", "enum": ids.to_vec() })
    }
}
