//! Violated requirements in full: what was demanded, what decided, and what stood at that moment.

use super::console::{faint, heading};
use super::figures::{NONE, count, number, unit};
use crate::clock::SimTime;
use crate::course::words;
use crate::study::violations::Violation;

/// Every violation of a scenario's runs.
pub(super) fn listed(violations: &[Violation], many_patients: bool) -> Option<String> {
    let each = violations.iter().map(|violation| {
        let margin = by(violation.margin, &violation.unit);
        let at = violation.at_h.map_or_else(String::new, |hours| {
            let at = SimTime::from_millis(libm::round(hours.max(0.0) * 3.6e6) as u64);
            format!(" at {}", words::stamp(at))
        });
        let place = if many_patients {
            let (arm, patient) = (&violation.arm, violation.patient);
            let runs = count(usize::try_from(violation.runs).unwrap_or(usize::MAX), "run");
            format!(" in {arm}, patient {patient}, the worst of {runs}")
        } else {
            format!(" in {}", violation.arm)
        };
        let signals = violation.signals.iter();
        let signals: Vec<(String, String)> = signals
            .map(|shown| (shown.name.clone(), shown.value.clone()))
            .collect();
        told(
            (&violation.id, &violation.text),
            &format!("{margin}{at}{place}"),
            violation.comparison.as_deref(),
            &signals,
        )
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| each.join("\n\n"))
}

/// One violation: name and text, how far and when, the comparison that decided it, and its signals.
pub(super) fn told(
    (id, text): (&str, &str),
    how: &str,
    comparison: Option<&str>,
    signals: &[(String, String)],
) -> String {
    let mut lines = vec![format!("{} is violated{how}", heading(id))];
    lines.extend((!text.is_empty()).then(|| format!("  {text}")));
    lines.extend(comparison.map(|it| format!("  {} {it}", faint("decided by"))));
    let width = signals.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    let signals = signals.iter();
    lines.extend(signals.map(|(name, value)| format!("    {name:<width$}  {value}")));
    lines.join("\n")
}

/// By how much a requirement is violated; nothing where that is yes or no.
pub(super) fn by(of: Option<f64>, unit: &str) -> String {
    if unit.is_empty() {
        return String::new();
    }
    format!(" by {}", margin(of.map(f64::abs), unit))
}

/// A margin with its unit; yes and no where it has none.
pub(super) fn margin(margin: Option<f64>, of: &str) -> String {
    match (margin, of) {
        (None, _) => NONE.to_owned(),
        (Some(margin), "") => if margin < 0.0 { "no" } else { "yes" }.to_owned(),
        (Some(margin), of) => format!("{} {}", number(margin), unit(of)),
    }
}
