//! What the outside world can do next.

use infusion_types::{Alarm, Assessment, Line, NoData, OrderKind, Telemetry, Timestamp, User};
use proptest::prelude::*;

use super::support::reads;
use super::trouble::{Trouble, trouble};

/// The prescription that a case is played with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) of_initial: bool,
    pub(crate) decrement_permille: u32,
    pub(crate) every_hours: u64,
    pub(crate) cycle_seconds: u64,
    pub(crate) final_ug: u64,
    pub(crate) drug: u32,
    pub(crate) start_ug: u32,
}

/// One turn of the outside world.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// Time passes, and the controller is woken whenever it asks.
    Wait(u64),
    /// Hours with a nurse who finds a patient who is well.
    Calm(u64),
    /// Time passes, and nobody wakes the controller.
    Late(u64),
    /// A sheet, seen this many seconds from now.
    Sheet(Sheet, i64),
    /// One user orders.
    One(u8, OrderKind),
    /// Two users order the same.
    Both(OrderKind),
    /// Two orders alike, by these users, so far apart.
    Pair([u8; 2], u64, OrderKind),
    /// A number that no door lets in.
    Wild(Wild),
    /// From now on a sensor of the pump reads this.
    Reads(Sensor, f64),
    /// The line is blocked for so long, and free for a minute and a half after that.
    Blocks(u64),
    /// The reservoir runs dry, or is filled.
    Dry(bool),
    /// Reports of the pump are lost, or no longer.
    Mute(bool),
    /// Commands to the pump are lost, or no longer.
    Deaf(bool),
    /// A reset, so long, with memory or without.
    Reset(u64, bool),
    /// Something goes wrong with link or platform.
    Trouble(Trouble),
    /// People put right what can be put right.
    Recover,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Sensor {
    Flow,
    Pressure,
    Air,
    Connector,
    Temperature,
    Battery,
    Reservoir,
    Delivered,
    Drained,
}

impl Sensor {
    pub(crate) fn put(self, said: &mut Telemetry, raw: f64) {
        match self {
            Self::Flow => said.flow_ul_per_h = reads(raw),
            Self::Pressure => said.pressure_kpa = reads(raw),
            Self::Air => said.air_ul = reads(raw),
            Self::Connector => said.connector = reads(raw > 0.5),
            Self::Temperature => said.temperature_c = reads(raw),
            Self::Battery => said.battery_min = reads(raw),
            Self::Reservoir => said.reservoir_ul = reads(raw),
            Self::Delivered => said.delivered_ug = reads(raw),
            Self::Drained => said.drained_csf_ul = reads(raw),
        }
    }
}

/// The entries of a sheet, in the order of [`Assessment`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet(pub(crate) [f64; 9]);

impl Sheet {
    pub(crate) const CALM: Self = Self([1.0, 1.0, 0.0, 16.0, 97.0, 76.0, 124.0, 36.8, 0.0]);

    pub(crate) fn at(self, at: Timestamp) -> Assessment {
        let [a, b, c, d, e, f, g, h, i] = self.0.map(Ok);
        Assessment {
            at,
            spasticity: a,
            spasms: b,
            sedation: c,
            breaths_per_min: d,
            saturation_percent: e,
            heart_rate_per_min: f,
            systolic_mmhg: g,
            temperature_c: h,
            itch: i,
        }
    }
}

/// A number that no door lets in, and where it turns up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wild {
    Said(Sensor, f64),
    Seen(usize, f64),
    Ordered(u8, OrderKind),
    /// An order by nobody who is known.
    Strange(OrderKind),
}

impl Wild {
    /// The sheet with the wild entry, and the one where that entry is missing.
    pub(crate) fn sheets(index: usize, raw: f64, at: Timestamp) -> (Assessment, Assessment) {
        let (mut wild, mut missing) = (Sheet::CALM.at(at), Sheet::CALM.at(at));
        for (sheet, entry) in [(&mut wild, Ok(raw)), (&mut missing, Err(NoData::NotFitted))] {
            let entries = [
                &mut sheet.spasticity,
                &mut sheet.spasms,
                &mut sheet.sedation,
                &mut sheet.breaths_per_min,
                &mut sheet.saturation_percent,
                &mut sheet.heart_rate_per_min,
                &mut sheet.systolic_mmhg,
                &mut sheet.temperature_c,
                &mut sheet.itch,
            ];
            for (number, slot) in entries.into_iter().enumerate() {
                if number == index {
                    *slot = entry;
                }
            }
        }
        (wild, missing)
    }
}

pub(crate) fn any_setting() -> impl Strategy<Value = Setting> {
    let cycle = prop_oneof![3 => Just(300), 1 => Just(60), 1 => 31_u64..400];
    let drugs = prop_oneof![3 => Just(500), 1 => Just(2_000), 1 => Just(250)];
    (
        any::<bool>(),
        200_u32..=500,
        20_u64..=26,
        cycle,
        10_u64..=25,
        drugs,
        100_u32..=1_000,
    )
        .prop_map(
            |(
                of_initial,
                decrement_permille,
                every_hours,
                cycle_seconds,
                final_ug,
                drug,
                start_ug,
            )| Setting {
                of_initial,
                decrement_permille,
                every_hours,
                cycle_seconds,
                final_ug,
                drug,
                start_ug,
            },
        )
}

/// A prescription under which only the guard keeps the plan from falling too fast.
pub(crate) fn steep_setting() -> impl Strategy<Value = Setting> {
    (any_setting(), 450_u32..=500, 20_u64..=23).prop_map(
        |(setting, decrement_permille, every_hours)| Setting {
            decrement_permille,
            every_hours,
            cycle_seconds: 300,
            ..setting
        },
    )
}

pub(crate) fn millis() -> impl Strategy<Value = u64> {
    prop_oneof![
        1_u64..1_000,
        1_000_u64..60_000,
        60_000_u64..3_600_000,
        3_600_000_u64..50_400_000
    ]
}

/// Numbers that lie outside every door.
fn wild_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-1e9),
        Just(1e300)
    ]
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let normal = Sheet::CALM.0;
    let signs = [4.0, 4.0, 3.0, 8.0, 85.0, 140.0, 180.0, 39.0, 8.0];
    let entry = move |index: usize| {
        prop_oneof![
            8 => Just(normal[index]),
            2 => Just(signs[index]),
            1 => Just(normal[index] + 1.0),
            1 => prop_oneof![wild_number(), Just(-1.0), Just(-4.0), Just(0.0)],
        ]
    };
    let entries = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(entry);
    prop_oneof![1 => Just(Sheet::CALM), 2 => entries.prop_map(Sheet)]
}

pub(crate) fn order() -> impl Strategy<Value = OrderKind> {
    let alarm = (0..Alarm::ALL.len()).prop_map(|index| OrderKind::Acknowledge(Alarm::ALL[index]));
    prop_oneof![
        3 => (20.0..2_100.0).prop_map(OrderKind::Authorise),
        1 => Just(OrderKind::Start),
        2 => Just(OrderKind::Pause),
        3 => Just(OrderKind::Resume),
        1 => Just(OrderKind::Stop),
        1 => Just(OrderKind::HoldToRun),
        2 => drug(),
        1 => Just(OrderKind::SkipDecrement),
        2 => Just(OrderKind::ConfirmComplete),
        1 => Just(OrderKind::FlagWithdrawal),
        1 => Just(OrderKind::FlagOverdose),
        2 => alarm,
        1 => Just(OrderKind::PauseAudio),
        1 => any::<bool>().prop_map(|open| OrderKind::DeclareLine(if open { Line::Open } else { Line::Connected })),
        1 => (5_000.0..40_000.0).prop_map(OrderKind::Refilled),
        1 => Just(OrderKind::CatheterOut),
    ]
}

fn drug() -> impl Strategy<Value = OrderKind> {
    let drugs = [50.0, 100.0, 250.0, 500.0, 1_000.0, 2_000.0, 5_000.0];
    (0..drugs.len()).prop_map(move |index| OrderKind::SetConcentration(drugs[index]))
}

fn sensor() -> impl Strategy<Value = Turn> {
    use Sensor::{Air, Battery, Connector, Flow, Pressure, Temperature};
    let rows = [
        (Flow, 5.0),
        (Flow, -5.0),
        (Flow, 90_000.0),
        (Flow, 0.0),
        (Pressure, 60.0),
        (Pressure, 2.0),
        (Air, 300.0),
        (Connector, 0.0),
        (Connector, 1.0),
        (Temperature, 55.0),
        (Battery, 3.0),
    ];
    (0..rows.len()).prop_map(move |index| Turn::Reads(rows[index].0, rows[index].1))
}

pub(crate) fn wild() -> impl Strategy<Value = Wild> {
    use Sensor::{Air, Battery, Delivered, Drained, Flow, Pressure, Reservoir, Temperature};
    let sensors = [
        Flow,
        Pressure,
        Air,
        Temperature,
        Battery,
        Reservoir,
        Delivered,
        Drained,
    ];
    let orders: [fn(f64) -> OrderKind; 5] = [
        OrderKind::Authorise,
        OrderKind::SetConcentration,
        OrderKind::EnterUnprimed,
        OrderKind::VolumeCheck,
        OrderKind::Refilled,
    ];
    prop_oneof![
        (0..sensors.len(), wild_number())
            .prop_map(move |(index, raw)| Wild::Said(sensors[index], raw)),
        (0_usize..9, wild_number()).prop_map(|(index, raw)| Wild::Seen(index, raw)),
        (1_u8..=3, 0..orders.len(), wild_number())
            .prop_map(move |(user, index, raw)| Wild::Ordered(user, orders[index](raw))),
        order().prop_map(Wild::Strange),
    ]
}

/// Everything, in proportions that keep a wean alive for a while.
pub(crate) fn any_turn() -> BoxedStrategy<Turn> {
    prop_oneof![
        4 => millis().prop_map(Turn::Wait),
        6 => (3_u64..40).prop_map(Turn::Calm),
        1 => millis().prop_map(Turn::Late),
        4 => (sheet(), prop_oneof![5 => Just(0), 1 => -20_000_i64..0, 1 => 0_i64..1_000_000]).prop_map(|(sheet, skew)| Turn::Sheet(sheet, skew)),
        4 => (1_u8..=3, order()).prop_map(|(user, order)| Turn::One(user, order)),
        4 => order().prop_map(Turn::Both),
        2 => pair(order()),
        2 => wild().prop_map(Turn::Wild),
        2 => sensor(),
        1 => any::<bool>().prop_map(Turn::Mute),
        1 => any::<bool>().prop_map(Turn::Dry),
        2 => (millis(), prop::bool::weighted(0.8)).prop_map(|(away, memory)| Turn::Reset(away, memory)),
        3 => trouble().prop_map(Turn::Trouble),
        5 => Just(Turn::Recover),
    ]
    .boxed()
}

/// One user twice, or two users, in time or too late.
pub(crate) fn pair(what: impl Strategy<Value = OrderKind>) -> impl Strategy<Value = Turn> {
    let apart = prop_oneof![Just(0), 1_u64..700_000];
    (prop::array::uniform2(1_u8..=2), apart, what)
        .prop_map(|(users, apart, what)| Turn::Pair(users, apart, what))
}

/// Drugs and doses around what the pump can give.
pub(crate) fn bridging_turn() -> BoxedStrategy<Turn> {
    let dose = (24.0..150.0).prop_map(OrderKind::Authorise);
    prop_oneof![
        3 => drug().prop_map(Turn::Both),
        3 => dose.prop_map(Turn::Both),
        4 => (3_u64..40).prop_map(Turn::Calm),
        1 => any_turn(),
    ]
    .boxed()
}

/// Pauses, occlusions and long waits, and people who come back from them.
pub(crate) fn gap_turn() -> BoxedStrategy<Turn> {
    let pause = prop_oneof![
        Just(OrderKind::Pause),
        Just(OrderKind::Resume),
        Just(OrderKind::ConfirmComplete)
    ];
    let pressure = prop_oneof![Just(60.0), Just(2.0)];
    prop_oneof![
        3 => any_turn(),
        2 => quiet_turn(),
        2 => pause.prop_map(Turn::Both),
        2 => pressure.prop_map(|raw| Turn::Reads(Sensor::Pressure, raw)),
        2 => any::<bool>().prop_map(Turn::Dry),
        2 => (30_000_000_u64..250_000_000).prop_map(Turn::Wait),
        1 => (20.0..1_000.0).prop_map(|dose| Turn::Both(OrderKind::Authorise(dose))),
    ]
    .boxed()
}

/// Alarms of every priority, people who answer some of them, and a line that is blocked now and then.
pub(crate) fn panel_turn() -> BoxedStrategy<Turn> {
    let common = [
        Alarm::BatteryLow,
        Alarm::SensorFault,
        Alarm::OcclusionDownstream,
        Alarm::ObservationInconsistent,
        Alarm::LimitClamped,
    ];
    let seen = (0..common.len()).prop_map(move |index| OrderKind::Acknowledge(common[index]));
    let answers = prop_oneof![
        3 => Just(OrderKind::PauseAudio),
        2 => seen,
        1 => Just(OrderKind::Resume),
        1 => Just(OrderKind::Authorise(3_000.0)),
    ];
    let battery = prop_oneof![Just(20.0), Just(3.0), Just(500.0)];
    prop_oneof![
        2 => (10_000_u64..130_000).prop_map(Turn::Wait),
        2 => (400_000_u64..1_000_000).prop_map(Turn::Wait),
        2 => answers.prop_map(|what| Turn::One(1, what)),
        1 => battery.prop_map(|raw| Turn::Reads(Sensor::Battery, raw)),
        1 => (sheet(), Just(0)).prop_map(|(sheet, skew)| Turn::Sheet(sheet, skew)),
        2 => Just(Turn::Blocks(12_000)),
        1 => any_turn(),
    ]
    .boxed()
}

/// A link that loses commands and reports while people change their minds.
pub(crate) fn link_turn() -> BoxedStrategy<Turn> {
    let what = prop_oneof![Just(OrderKind::Pause), Just(OrderKind::Resume)];
    prop_oneof![
        2 => any::<bool>().prop_map(Turn::Deaf),
        2 => any::<bool>().prop_map(Turn::Mute),
        3 => trouble().prop_map(Turn::Trouble),
        3 => what.prop_map(|what| Turn::One(1, what)),
        2 => (1_000_u64..600_000).prop_map(Turn::Wait),
        1 => any_turn(),
    ]
    .boxed()
}

/// People leave a wean mostly alone.
pub(crate) fn quiet_turn() -> BoxedStrategy<Turn> {
    prop_oneof![
        6 => (6_u64..40).prop_map(Turn::Calm),
        1 => any_turn(),
        1 => Just(Turn::Recover),
    ]
    .boxed()
}

pub(crate) const fn user(number: u8) -> User {
    User(number)
}
