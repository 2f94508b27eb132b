//! What breaks the requirements on rotor, line and CSF.

use infusion_types::Alarm;

use super::Canary;
use super::bend::Bend;

pub(super) const ALL: &[Canary] = &[
    Canary::new("air and nobody told", "SR-41", "AL-11 is never raised")
        .flying("air-bubble", &[])
        .bent(|| Bend::hiding(&[Alarm::AirInLine])),
    Canary::new(
        "a flow backwards and nobody told",
        "SR-42",
        "AL-03 is never raised",
    )
    .flying("backflow", &[])
    .bent(|| Bend::hiding(&[Alarm::ReverseFlow])),
    Canary::new(
        "a stopped pump that flows and nobody told",
        "SR-43",
        "AL-02 is never raised",
    )
    .flying("stuck-on", &[])
    .bent(|| Bend::hiding(&[Alarm::FreeFlow])),
    Canary::new(
        "a stalled motor and nobody told",
        "SR-53",
        "AL-13 is never raised",
    )
    .flying("stalled-motor", &[])
    .bent(|| Bend::hiding(&[Alarm::MotorStall])),
    Canary::new(
        "an open drain and nobody told",
        "SR-54",
        "AL-41 is never raised",
    )
    .flying("csf-drain", &[])
    .bent(|| Bend::hiding(&[Alarm::CsfOverdrainage])),
];
