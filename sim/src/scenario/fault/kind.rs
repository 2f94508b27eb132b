//! The nine enums as one flat choice: in a file, and in its schema.

use std::borrow::Cow;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::EnumAccessDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, IntoDeserializer, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{
    BuiltInFault, ClockFault, DefectFault, LineFault, PeopleFault, PlatformFault, PumpFault,
    SensorFault, SensorName, WireFault,
};
use crate::scenario::{ProfileName, ReadingName};

/// Where a fault acts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Acts {
    /// In the pump.
    Pump,
    /// On the way of the fluid.
    Line,
    /// In a measurement.
    Sensor,
    /// On the link.
    Wire,
    /// On a clock.
    Clock,
    /// On what the controller runs on.
    Platform,
    /// On the people.
    People,
    /// In the controller's own software.
    Defect,
    /// From the start.
    BuiltIn,
}

impl Acts {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 9] = [
        Self::Pump,
        Self::Line,
        Self::Sensor,
        Self::Wire,
        Self::Clock,
        Self::Platform,
        Self::People,
        Self::Defect,
        Self::BuiltIn,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pump => "pump",
            Self::Line => "line",
            Self::Sensor => "sensor",
            Self::Wire => "wire",
            Self::Clock => "clock",
            Self::Platform => "platform",
            Self::People => "people",
            Self::Defect => "controller",
            Self::BuiltIn => "built in",
        }
    }

    /// The schema of its faults.
    #[must_use]
    pub fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Pump => PumpFault::json_schema(generator),
            Self::Line => LineFault::json_schema(generator),
            Self::Sensor => SensorFault::json_schema(generator),
            Self::Wire => WireFault::json_schema(generator),
            Self::Clock => ClockFault::json_schema(generator),
            Self::Platform => PlatformFault::json_schema(generator),
            Self::People => PeopleFault::json_schema(generator),
            Self::Defect => DefectFault::json_schema(generator),
            Self::BuiltIn => BuiltInFault::json_schema(generator),
        }
    }
}

/// What can go wrong. In a file one flat choice by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// In the pump.
    Pump(PumpFault),
    /// On the way of the fluid.
    Line(LineFault),
    /// In a measurement.
    Sensor(SensorFault),
    /// On the link.
    Wire(WireFault),
    /// On a clock.
    Clock(ClockFault),
    /// On what the controller runs on.
    Platform(PlatformFault),
    /// On the people.
    People(PeopleFault),
    /// In the controller's own software.
    Defect(DefectFault),
    /// From the start.
    BuiltIn(BuiltInFault),
}

impl FaultKind {
    /// Where it acts.
    #[must_use]
    pub const fn acts(&self) -> Acts {
        match self {
            Self::Pump(_) => Acts::Pump,
            Self::Line(_) => Acts::Line,
            Self::Sensor(_) => Acts::Sensor,
            Self::Wire(_) => Acts::Wire,
            Self::Clock(_) => Acts::Clock,
            Self::Platform(_) => Acts::Platform,
            Self::People(_) => Acts::People,
            Self::Defect(_) => Acts::Defect,
            Self::BuiltIn(_) => Acts::BuiltIn,
        }
    }

    /// Whether it is there from the explant to the end, and at no other time.
    #[must_use]
    pub const fn is_built_in(&self) -> bool {
        matches!(self, Self::BuiltIn(_))
    }

    /// Whether it can begin at the explant alone.
    #[must_use]
    pub const fn only_at_start(&self) -> bool {
        self.is_built_in() || matches!(self, Self::Platform(PlatformFault::ReuseController))
    }

    /// Whether it acts on link, clocks, computer or power, so that somebody may not be heard.
    #[must_use]
    pub const fn may_silence(&self) -> bool {
        match self {
            Self::Wire(_) | Self::Clock(_) | Self::Platform(_) => true,
            Self::Pump(what) => matches!(
                what,
                PumpFault::BatteryDrain { .. } | PumpFault::BatteryDead | PumpFault::PumpRestart
            ),
            Self::Line(_)
            | Self::Sensor(_)
            | Self::People(_)
            | Self::Defect(_)
            | Self::BuiltIn(_) => false,
        }
    }

    /// Whether a device of this profile has what it acts on.
    #[must_use]
    pub const fn fits(&self, profile: ProfileName) -> bool {
        let instruments = match self {
            Self::Sensor(what) => match what {
                SensorFault::SensorStuck { sensor, .. }
                | SensorFault::SensorBias { sensor, .. }
                | SensorFault::SensorSilent { sensor } => sensor.is_instrument(),
                SensorFault::GarbleReading { reading, .. } => {
                    matches!(reading, ReadingName::Flow | ReadingName::Pressure)
                }
                SensorFault::SensorNoise { .. } | SensorFault::LooseContact { .. } => true,
                SensorFault::ReportFrozen => false,
            },
            Self::Pump(_)
            | Self::Line(_)
            | Self::Wire(_)
            | Self::Clock(_)
            | Self::Platform(_)
            | Self::People(_)
            | Self::Defect(_)
            | Self::BuiltIn(_) => false,
        };
        !instruments || matches!(profile, ProfileName::P2)
    }
}

impl SensorName {
    /// Whether it is an instrument in the line, fitted on P2 alone.
    #[must_use]
    pub const fn is_instrument(self) -> bool {
        match self {
            Self::Flow | Self::Pressure | Self::Air | Self::Connector | Self::DrainedCsf => true,
            Self::Temperature
            | Self::Battery
            | Self::Delivered
            | Self::Reservoir
            | Self::Motion => false,
        }
    }

    /// Whether its readings scatter at all.
    #[must_use]
    pub const fn scatters(self) -> bool {
        self.is_instrument() && !matches!(self, Self::Connector)
    }
}

/// Every name, with where it acts.
static NAMES: LazyLock<Vec<(String, Acts)>> = LazyLock::new(|| {
    let mut generator = SchemaGenerator::default();
    let named = |acts: Acts| {
        let schema = acts.schema(&mut generator);
        let variants = schema.get("oneOf").and_then(Value::as_array).cloned();
        let names = variants.unwrap_or_default();
        names
            .into_iter()
            .filter_map(move |it| Some((name_of(&it)?, acts)))
    };
    Acts::ALL.into_iter().flat_map(named).collect()
});

/// The same for whoever says which names are possible.
static CHOICES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| NAMES.iter().map(|(name, _)| name.as_str()).collect());

/// The name that one choice of a schema stands for.
pub(crate) fn name_of(choice: &Value) -> Option<String> {
    let word = choice.get("const").and_then(Value::as_str);
    let key = || choice.get("properties")?.as_object()?.keys().next();
    word.or_else(|| key().map(String::as_str))
        .map(str::to_owned)
}

impl<'de> Deserialize<'de> for FaultKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("FaultKind", &CHOICES, KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = FaultKind;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a fault")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<FaultKind, A::Error> {
        let ((name, acts), content) = data.variant_seed(Named)?;
        let again = EnumAccessDeserializer::new(Again { name, content });
        match acts {
            Acts::Pump => Deserialize::deserialize(again).map(FaultKind::Pump),
            Acts::Line => Deserialize::deserialize(again).map(FaultKind::Line),
            Acts::Sensor => Deserialize::deserialize(again).map(FaultKind::Sensor),
            Acts::Wire => Deserialize::deserialize(again).map(FaultKind::Wire),
            Acts::Clock => Deserialize::deserialize(again).map(FaultKind::Clock),
            Acts::Platform => Deserialize::deserialize(again).map(FaultKind::Platform),
            Acts::People => Deserialize::deserialize(again).map(FaultKind::People),
            Acts::Defect => Deserialize::deserialize(again).map(FaultKind::Defect),
            Acts::BuiltIn => Deserialize::deserialize(again).map(FaultKind::BuiltIn),
        }
    }
}

/// Reads the name alone. An unknown one is refused here, where its place in the file is still known.
struct Named;

impl<'de> DeserializeSeed<'de> for Named {
    type Value = (&'static str, Acts);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known
            .map(|(known, acts)| (known.as_str(), *acts))
            .ok_or_else(|| D::Error::unknown_variant(&name, &CHOICES))
    }
}

/// A choice whose name has been read already.
struct Again<V> {
    name: &'static str,
    content: V,
}

impl<'de, V: VariantAccess<'de>> EnumAccess<'de> for Again<V> {
    type Error = V::Error;
    type Variant = V;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, V), Self::Error> {
        let name = seed.deserialize(self.name.into_deserializer())?;
        Ok((name, self.content))
    }
}

impl Serialize for FaultKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pump(what) => what.serialize(serializer),
            Self::Line(what) => what.serialize(serializer),
            Self::Sensor(what) => what.serialize(serializer),
            Self::Wire(what) => what.serialize(serializer),
            Self::Clock(what) => what.serialize(serializer),
            Self::Platform(what) => what.serialize(serializer),
            Self::People(what) => what.serialize(serializer),
            Self::Defect(what) => what.serialize(serializer),
            Self::BuiltIn(what) => what.serialize(serializer),
        }
    }
}

impl JsonSchema for FaultKind {
    fn schema_name() -> Cow<'static, str> {
        "FaultKind".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choices = Acts::ALL.into_iter().flat_map(|acts| {
            let schema = acts.schema(generator);
            schema
                .get("oneOf")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
        });
        let choices: Vec<Value> = choices.collect();
        let mut schema = Schema::default();
        schema.insert("description".to_owned(), "What can go wrong.".into());
        schema.insert("oneOf".to_owned(), choices.into());
        schema
    }
}
