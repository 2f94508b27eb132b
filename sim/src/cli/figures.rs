//! Numbers as people read them: a few digits, a unit, and `-` for what does not exist.

use crate::study::statistics::Moments;

/// What stands for nothing.
pub(crate) const NONE: &str = "-";

/// About three digits.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        _ if !value.is_finite() || value == 0.0 || size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.01 => 3,
        _ if size >= 0.001 => 4,
        _ => return format!("{value:.1e}"),
    };
    format!("{value:.digits$}")
}

/// With so many digits, or `-`.
pub(crate) fn digits(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.digits$}"))
}

/// Mean and spread.
pub(crate) fn moments(moments: Moments) -> String {
    match (moments.mean, moments.sd) {
        (None, _) => NONE.to_owned(),
        (Some(mean), None) => format!("{mean:.0$}", places(mean)),
        (Some(mean), Some(sd)) => format!("{mean:.0$} ± {sd:.0$}", places(mean)),
    }
}

/// Digits behind the point of a mean.
fn places(mean: f64) -> usize {
    usize::from(mean.abs() < 100.0)
}

/// A share in percent.
pub(crate) fn share(share: Option<f64>) -> String {
    share.map_or_else(
        || NONE.to_owned(),
        |share| format!("{:.1} %", share * 100.0),
    )
}

/// A unit of a margin, with its Greek letter.
pub(crate) fn unit(unit: &str) -> String {
    match unit.strip_prefix('u') {
        Some(rest) => format!("µ{rest}"),
        None => unit.to_owned(),
    }
}

/// A count with its noun.
pub(crate) fn count(many: usize, noun: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(many as u64))
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let first = digits.len() % 3;
    let mut shown = digits[..first].to_owned();
    for group in digits.as_bytes()[first..].chunks(3) {
        if !shown.is_empty() {
            shown.push(',');
        }
        shown.extend(group.iter().map(|digit| char::from(*digit)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_three_digits() {
        for (value, shown) in [
            (0.0, "0"),
            (1234.5, "1234"),
            (-12.345, "-12.3"),
            (1.0, "1.00"),
            (0.123_45, "0.123"),
            (0.005, "0.0050"),
            (0.000_5, "5.0e-4"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(number(value), shown);
        }
    }

    #[test]
    fn what_does_not_exist_is_a_dash() {
        assert_eq!(
            moments(Moments {
                mean: None,
                sd: None
            }),
            "-"
        );
        assert_eq!(
            moments(Moments {
                mean: Some(6.25),
                sd: None
            }),
            "6.2"
        );
        assert_eq!(
            moments(Moments {
                mean: Some(400.5),
                sd: Some(285.3)
            }),
            "400 ± 285"
        );
        assert_eq!(share(None), "-");
        assert_eq!(digits(None, 2), "-");
    }

    #[test]
    fn thousands_stand_apart() {
        for (value, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(value), shown);
        }
    }

    #[test]
    fn units_have_their_letter() {
        assert_eq!(unit("ug/h"), "µg/h");
        assert_eq!(unit("min"), "min");
    }
}
