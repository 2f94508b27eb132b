//! What a controller is given: the core's types as structures, and back.

use infusion_types::{
    Accepted, Action, Alarm, Assessment, Concentration, DoseRate, Host, Inputs, NoData, Order,
    OrderKind, Reading, Refused, Sample, Session, Telemetry, Timestamp, User, Volume, WallTime,
};

use crate::Nonsense;
use crate::codes::{
    WbActionKind, WbCause, WbLine, WbMemory, WbOrderKind, WbPeerClock, WbPumpState, WbRecord,
    WbStatus,
};
use crate::layout::{WbAction, WbAssessment, WbHost, WbInputs, WbOrder, WbReading, WbTelemetry};

/// Inputs as structures, lent for one call.
#[derive(Debug, Default)]
pub struct Lent {
    assessment: WbAssessment,
    orders: Vec<WbOrder>,
}

impl Lent {
    /// The inputs of a cycle. The pointers in them are good until this is used or moved again.
    pub fn lend(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> WbInputs {
        self.orders.clear();
        self.orders.extend(inputs.orders.iter().map(order));
        let assessment = match inputs.assessment {
            Some(seen) => {
                self.assessment = sheet(seen);
                &raw const self.assessment
            }
            None => core::ptr::null(),
        };
        WbInputs {
            at_ms: now.millis(),
            telemetry: telemetry(inputs.telemetry),
            assessment,
            orders: self.orders.as_ptr(),
            order_count: self.orders.len(),
            host: host(inputs.host),
        }
    }
}

/// What a cycle was given, as the core's types.
#[derive(Clone, Debug)]
pub struct Given {
    /// Now.
    pub at: Timestamp,
    telemetry: Telemetry,
    assessment: Option<Assessment>,
    orders: Vec<Order>,
    host: Host,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            at: Timestamp::ZERO,
            telemetry: Telemetry::silent(NoData::NeverSeen),
            assessment: None,
            orders: Vec::new(),
            host: Host::SOUND,
        }
    }
}

impl Given {
    /// Reads the inputs of a cycle; what their pointers point to is beside them.
    ///
    /// # Errors
    /// A code that is none.
    pub fn read(
        &mut self,
        inputs: &WbInputs,
        assessment: Option<&WbAssessment>,
        orders: &[WbOrder],
    ) -> Result<(), Nonsense> {
        self.at = Timestamp::from_millis(inputs.at_ms);
        self.telemetry = read_telemetry(&inputs.telemetry)?;
        self.assessment = assessment.map(read_sheet).transpose()?;
        self.host = read_host(&inputs.host)?;
        self.orders.clear();
        for order in orders {
            self.orders.push(read_order(order)?);
        }
        Ok(())
    }

    /// The inputs.
    #[must_use]
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            telemetry: &self.telemetry,
            assessment: self.assessment.as_ref(),
            orders: &self.orders,
            host: &self.host,
        }
    }
}

/// The status of a reason, and the bits that were refused.
pub(crate) const fn status(reason: NoData) -> (u32, u64) {
    match reason {
        NoData::NotFitted => (WbStatus::NotFitted as u32, 0),
        NoData::NeverSeen => (WbStatus::NeverSeen as u32, 0),
        NoData::SensorFault => (WbStatus::SensorFault as u32, 0),
        NoData::LinkSilent => (WbStatus::LinkSilent as u32, 0),
        NoData::NotFinite { bits } => (WbStatus::NotFinite as u32, bits),
        NoData::Negative { bits } => (WbStatus::Negative as u32, bits),
        NoData::OutOfRange { bits } => (WbStatus::OutOfRange as u32, bits),
    }
}

/// The reason of a status; none where there is a value.
pub(crate) fn absence(status: u32, bits: u64) -> Result<Option<NoData>, Nonsense> {
    let all = [
        (WbStatus::NotFitted, NoData::NotFitted),
        (WbStatus::NeverSeen, NoData::NeverSeen),
        (WbStatus::SensorFault, NoData::SensorFault),
        (WbStatus::LinkSilent, NoData::LinkSilent),
        (WbStatus::NotFinite, NoData::NotFinite { bits }),
        (WbStatus::Negative, NoData::Negative { bits }),
        (WbStatus::OutOfRange, NoData::OutOfRange { bits }),
    ];
    if status == WbStatus::Value as u32 {
        return Ok(None);
    }
    let found = all.into_iter().find(|(code, _)| *code as u32 == status);
    found
        .map(|(_, reason)| Some(reason))
        .ok_or_else(|| Nonsense::code("WbStatus", status))
}

fn missing(reason: NoData) -> WbReading {
    let (status, bits) = status(reason);
    WbReading {
        value: f64::from_bits(bits),
        status,
        ..WbReading::default()
    }
}

fn raw(reading: Reading<f64>) -> WbReading {
    match reading {
        Ok(Sample { at, value }) => WbReading {
            at_ms: at.millis(),
            value,
            ..WbReading::default()
        },
        Err(reason) => missing(reason),
    }
}

fn word<T>(reading: Reading<T>, code: impl FnOnce(T) -> u32) -> WbReading {
    match reading {
        Ok(Sample { at, value }) => WbReading {
            at_ms: at.millis(),
            word: code(value),
            ..WbReading::default()
        },
        Err(reason) => missing(reason),
    }
}

fn entry(entry: Result<f64, NoData>) -> WbReading {
    match entry {
        Ok(value) => WbReading {
            value,
            ..WbReading::default()
        },
        Err(reason) => missing(reason),
    }
}

fn read<T>(
    reading: &WbReading,
    value: impl FnOnce(&WbReading) -> Result<T, Nonsense>,
) -> Result<Reading<T>, Nonsense> {
    match absence(reading.status, reading.value.to_bits())? {
        Some(reason) => Ok(Err(reason)),
        None => {
            let at = Timestamp::from_millis(reading.at_ms);
            value(reading).map(|value| Ok(Sample { at, value }))
        }
    }
}

fn read_raw(reading: &WbReading) -> Result<Reading<f64>, Nonsense> {
    read(reading, |it| Ok(it.value))
}

fn read_entry(reading: &WbReading) -> Result<Result<f64, NoData>, Nonsense> {
    Ok(read_raw(reading)?.map(|sample| sample.value))
}

/// Yes and no.
pub(crate) fn flag(code: u32) -> Result<bool, Nonsense> {
    match code {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Nonsense::code("0 or 1", other)),
    }
}

pub(crate) fn action(action: Action) -> WbAction {
    match action {
        Action::Infuse { rate, at } => WbAction {
            kind: WbActionKind::Infuse as u32,
            rate_ng_per_h: rate.get().nanograms_per_hour(),
            drug_ug_per_ml: at.micrograms_per_millilitre(),
            ..WbAction::default()
        },
        Action::Prime { volume_left } => WbAction {
            kind: WbActionKind::Prime as u32,
            volume_left_nl: volume_left.nanolitres(),
            ..WbAction::default()
        },
        Action::Stop { cause, clamp } => WbAction {
            kind: WbActionKind::Stop as u32,
            cause: WbCause::from(cause) as u32,
            clamp: u32::from(clamp),
            ..WbAction::default()
        },
    }
}

pub(crate) fn read_action(action: &WbAction) -> Result<Action, Nonsense> {
    if action.kind == WbActionKind::Infuse as u32 {
        let rate = DoseRate::from_nanograms_per_hour(action.rate_ng_per_h).positive();
        let rate = rate.ok_or_else(|| {
            Nonsense::of("a rate of 0 ng/h: zero is not a rate, and a stop needs its cause")
        })?;
        let at = Concentration::from_micrograms_per_millilitre(action.drug_ug_per_ml);
        if !(Concentration::LEAST..=Concentration::MOST).contains(&at) {
            let drug = action.drug_ug_per_ml;
            return Err(Nonsense::of(format!("a drug of {drug} ug/mL")));
        }
        return Ok(Action::Infuse { rate, at });
    }
    if action.kind == WbActionKind::Prime as u32 {
        let volume_left = Volume::from_nanolitres(action.volume_left_nl);
        return Ok(Action::Prime { volume_left });
    }
    if action.kind == WbActionKind::Stop as u32 {
        return Ok(Action::Stop {
            cause: WbCause::read(action.cause)?,
            clamp: flag(action.clamp)?,
        });
    }
    Err(Nonsense::code("WbActionKind", action.kind))
}

fn telemetry(it: &Telemetry) -> WbTelemetry {
    let accepted = it.accepted.ok().map(|sample| sample.value);
    let refused = it.refused.ok().map(|sample| sample.value);
    WbTelemetry {
        accepted: word(it.accepted, |_| 0),
        accepted_session: accepted.map_or(0, |it| it.session.number()),
        accepted_sequence: accepted.map_or(0, |it| it.sequence),
        accepted_action: accepted.map_or_else(WbAction::default, |it| action(it.action)),
        state: word(it.state, |state| WbPumpState::from(state) as u32),
        motion: word(it.motion, u32::from),
        refused: word(it.refused, |_| 0),
        refused_frames: refused.map_or(0, |it| it.frames),
        refused_commands: refused.map_or(0, |it| it.commands),
        delivered_ug: raw(it.delivered_ug),
        reservoir_ul: raw(it.reservoir_ul),
        flow_ul_per_h: raw(it.flow_ul_per_h),
        pressure_kpa: raw(it.pressure_kpa),
        air_ul: raw(it.air_ul),
        connector: word(it.connector, u32::from),
        drained_csf_ul: raw(it.drained_csf_ul),
        temperature_c: raw(it.temperature_c),
        battery_min: raw(it.battery_min),
    }
}

fn read_telemetry(it: &WbTelemetry) -> Result<Telemetry, Nonsense> {
    Ok(Telemetry {
        accepted: read(&it.accepted, |_| {
            Ok(Accepted {
                session: Session::new(it.accepted_session),
                sequence: it.accepted_sequence,
                action: read_action(&it.accepted_action)?,
            })
        })?,
        state: read(&it.state, |it| WbPumpState::read(it.word))?,
        motion: read(&it.motion, |it| flag(it.word))?,
        refused: read(&it.refused, |_| {
            Ok(Refused {
                frames: it.refused_frames,
                commands: it.refused_commands,
            })
        })?,
        delivered_ug: read_raw(&it.delivered_ug)?,
        reservoir_ul: read_raw(&it.reservoir_ul)?,
        flow_ul_per_h: read_raw(&it.flow_ul_per_h)?,
        pressure_kpa: read_raw(&it.pressure_kpa)?,
        air_ul: read_raw(&it.air_ul)?,
        connector: read(&it.connector, |it| flag(it.word))?,
        drained_csf_ul: read_raw(&it.drained_csf_ul)?,
        temperature_c: read_raw(&it.temperature_c)?,
        battery_min: read_raw(&it.battery_min)?,
    })
}

fn sheet(seen: &Assessment) -> WbAssessment {
    WbAssessment {
        at_ms: seen.at.millis(),
        spasticity_ashworth: entry(seen.spasticity),
        spasms_penn: entry(seen.spasms),
        sedation_rass: entry(seen.sedation),
        breaths_per_min: entry(seen.breaths_per_min),
        saturation_percent: entry(seen.saturation_percent),
        heart_rate_per_min: entry(seen.heart_rate_per_min),
        systolic_mmhg: entry(seen.systolic_mmhg),
        temperature_c: entry(seen.temperature_c),
        itch: entry(seen.itch),
    }
}

fn read_sheet(seen: &WbAssessment) -> Result<Assessment, Nonsense> {
    Ok(Assessment {
        at: Timestamp::from_millis(seen.at_ms),
        spasticity: read_entry(&seen.spasticity_ashworth)?,
        spasms: read_entry(&seen.spasms_penn)?,
        sedation: read_entry(&seen.sedation_rass)?,
        breaths_per_min: read_entry(&seen.breaths_per_min)?,
        saturation_percent: read_entry(&seen.saturation_percent)?,
        heart_rate_per_min: read_entry(&seen.heart_rate_per_min)?,
        systolic_mmhg: read_entry(&seen.systolic_mmhg)?,
        temperature_c: read_entry(&seen.temperature_c)?,
        itch: read_entry(&seen.itch)?,
    })
}

/// The code of an order and what goes with it: number, alarm, line.
fn order(order: &Order) -> WbOrder {
    let plain = |kind| (kind, 0.0, 0, 0);
    let with = |kind, number| (kind, number, 0, 0);
    let (kind, number, alarm, line) = match order.what {
        OrderKind::Authorise(dose) => with(WbOrderKind::Authorise, dose),
        OrderKind::Start => plain(WbOrderKind::Start),
        OrderKind::Pause => plain(WbOrderKind::Pause),
        OrderKind::Resume => plain(WbOrderKind::Resume),
        OrderKind::Stop => plain(WbOrderKind::Stop),
        OrderKind::HoldToRun => plain(WbOrderKind::HoldToRun),
        OrderKind::SetConcentration(drug) => with(WbOrderKind::SetConcentration, drug),
        OrderKind::SkipDecrement => plain(WbOrderKind::SkipDecrement),
        OrderKind::ConfirmComplete => plain(WbOrderKind::ConfirmComplete),
        OrderKind::FlagWithdrawal => plain(WbOrderKind::FlagWithdrawal),
        OrderKind::FlagOverdose => plain(WbOrderKind::FlagOverdose),
        OrderKind::Acknowledge(alarm) => {
            (WbOrderKind::Acknowledge, 0.0, u32::from(alarm.number()), 0)
        }
        OrderKind::PauseAudio => plain(WbOrderKind::PauseAudio),
        OrderKind::DeclareLine(line) => {
            (WbOrderKind::DeclareLine, 0.0, 0, WbLine::from(line) as u32)
        }
        OrderKind::EnterUnprimed(volume) => with(WbOrderKind::EnterUnprimed, volume),
        OrderKind::VolumeCheck(volume) => with(WbOrderKind::VolumeCheck, volume),
        OrderKind::Refilled(volume) => with(WbOrderKind::Refilled, volume),
        OrderKind::CatheterOut => plain(WbOrderKind::CatheterOut),
    };
    WbOrder {
        number,
        kind: kind as u32,
        by: u32::from(order.by.0),
        alarm,
        line,
    }
}

/// The alarm of a number.
pub(crate) fn alarm(number: u32) -> Result<Alarm, Nonsense> {
    let found = Alarm::ALL
        .into_iter()
        .find(|it| u32::from(it.number()) == number);
    found.ok_or_else(|| Nonsense::code("alarm", number))
}

/// The kind of an order by its code; what it carries beside.
pub(crate) fn order_kind(it: &WbOrder) -> Result<OrderKind, Nonsense> {
    let number = it.number;
    let all = [
        (WbOrderKind::Authorise, OrderKind::Authorise(number)),
        (WbOrderKind::Start, OrderKind::Start),
        (WbOrderKind::Pause, OrderKind::Pause),
        (WbOrderKind::Resume, OrderKind::Resume),
        (WbOrderKind::Stop, OrderKind::Stop),
        (WbOrderKind::HoldToRun, OrderKind::HoldToRun),
        (
            WbOrderKind::SetConcentration,
            OrderKind::SetConcentration(number),
        ),
        (WbOrderKind::SkipDecrement, OrderKind::SkipDecrement),
        (WbOrderKind::ConfirmComplete, OrderKind::ConfirmComplete),
        (WbOrderKind::FlagWithdrawal, OrderKind::FlagWithdrawal),
        (WbOrderKind::FlagOverdose, OrderKind::FlagOverdose),
        (WbOrderKind::PauseAudio, OrderKind::PauseAudio),
        (WbOrderKind::EnterUnprimed, OrderKind::EnterUnprimed(number)),
        (WbOrderKind::VolumeCheck, OrderKind::VolumeCheck(number)),
        (WbOrderKind::Refilled, OrderKind::Refilled(number)),
        (WbOrderKind::CatheterOut, OrderKind::CatheterOut),
    ];
    if it.kind == WbOrderKind::Acknowledge as u32 {
        return alarm(it.alarm).map(OrderKind::Acknowledge);
    }
    if it.kind == WbOrderKind::DeclareLine as u32 {
        return WbLine::read(it.line).map(OrderKind::DeclareLine);
    }
    let found = all.into_iter().find(|(code, _)| *code as u32 == it.kind);
    found
        .map(|(_, what)| what)
        .ok_or_else(|| Nonsense::code("WbOrderKind", it.kind))
}

fn read_order(it: &WbOrder) -> Result<Order, Nonsense> {
    let by = u8::try_from(it.by).map_err(|_| Nonsense::code("user", it.by))?;
    Ok(Order {
        by: User(by),
        what: order_kind(it)?,
    })
}

fn host(host: &Host) -> WbHost {
    WbHost {
        wall: word(host.wall, |_| 0),
        wall_utc_ms: host.wall.map_or(0, |sample| sample.value.millis()),
        memory: WbMemory::from(host.memory) as u32,
        record: WbRecord::from(host.record) as u32,
        refused_frames: host.refused_frames,
        peer_clock: WbPeerClock::from(host.peer_clock) as u32,
        missed_deadlines: host.missed_deadlines,
        log_works: u32::from(host.log_works),
        self_test_passed: u32::from(host.self_test_passed),
        on_mains: u32::from(host.on_mains),
        sounder_works: u32::from(host.sounder_works),
        key_stuck: u32::from(host.key_stuck),
    }
}

fn read_host(it: &WbHost) -> Result<Host, Nonsense> {
    Ok(Host {
        wall: read(&it.wall, |_| Ok(WallTime::from_millis(it.wall_utc_ms)))?,
        memory: WbMemory::read(it.memory)?,
        record: WbRecord::read(it.record)?,
        refused_frames: it.refused_frames,
        peer_clock: WbPeerClock::read(it.peer_clock)?,
        missed_deadlines: it.missed_deadlines,
        log_works: flag(it.log_works)?,
        self_test_passed: flag(it.self_test_passed)?,
        on_mains: flag(it.on_mains)?,
        sounder_works: flag(it.sounder_works)?,
        key_stuck: flag(it.key_stuck)?,
    })
}
