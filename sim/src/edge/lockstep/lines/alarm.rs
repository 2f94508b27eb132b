//! Alarms by their numbers in the table, such as `AL-05`, and the panel that shows them.

use std::fmt;

use infusion_types::{Alarm, AlarmPanel, AlarmSet};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One alarm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AlarmId(pub(crate) Alarm);

impl Serialize for AlarmId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.id())
    }
}

impl<'de> Deserialize<'de> for AlarmId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Id;
        impl Visitor<'_> for Id {
            type Value = AlarmId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an alarm of the table, `AL-01` to `AL-44`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AlarmId, E> {
                let found = Alarm::ALL.into_iter().find(|alarm| alarm.id() == text);
                found
                    .map(AlarmId)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        from.deserialize_str(Id)
    }
}

/// A set of alarms, as a list in the order of their numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Alarms(pub(crate) AlarmSet);

impl Serialize for Alarms {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(AlarmId))
    }
}

impl<'de> Deserialize<'de> for Alarms {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Alarms;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of alarms such as `AL-05`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Alarms, A::Error> {
                let mut set = AlarmSet::EMPTY;
                while let Some(AlarmId(alarm)) = list.next_element()? {
                    set = set.with(alarm, true);
                }
                Ok(Alarms(set))
            }
        }
        from.deserialize_seq(List)
    }
}

/// What stands. `active` must be there. Left out, `condition` is what is active, `sounding` what is active and
/// not acknowledged, and everything else is empty.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PanelLine {
    active: Alarms,
    condition: Option<Alarms>,
    #[serde(default)]
    latched: Alarms,
    #[serde(default)]
    acknowledged: Alarms,
    #[serde(default)]
    escalated: Alarms,
    #[serde(default)]
    raised_to_high: Alarms,
    sounding: Option<Alarms>,
    #[serde(default)]
    audio_paused: bool,
}

impl From<&AlarmPanel> for PanelLine {
    fn from(panel: &AlarmPanel) -> Self {
        Self {
            active: Alarms(panel.active),
            condition: Some(Alarms(panel.condition)),
            latched: Alarms(panel.latched),
            acknowledged: Alarms(panel.acknowledged),
            escalated: Alarms(panel.escalated),
            raised_to_high: Alarms(panel.raised_to_high),
            sounding: Some(Alarms(panel.sounding)),
            audio_paused: panel.audio_paused,
        }
    }
}

impl From<PanelLine> for AlarmPanel {
    fn from(line: PanelLine) -> Self {
        let (Alarms(active), Alarms(acknowledged)) = (line.active, line.acknowledged);
        let unseen = active.without(acknowledged);
        Self {
            condition: line.condition.map_or(active, |Alarms(set)| set),
            active,
            latched: line.latched.0,
            acknowledged,
            escalated: line.escalated.0,
            raised_to_high: line.raised_to_high.0,
            sounding: line.sounding.map_or(unseen, |Alarms(set)| set),
            audio_paused: line.audio_paused,
        }
    }
}
