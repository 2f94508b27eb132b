//! Bounds: from numbers and parameters to whole milliseconds.

use core::ops::Range;

use crate::check::Checker;
use crate::error::{ParseError, ParseErrorKind};
use crate::formula::Window;
use crate::lex;
use crate::names::Meaning;
use crate::syntax::{Interval, Shape, Syntax};
use crate::time::Time;
use crate::unit::Unit;

pub(crate) fn window(checker: &Checker<'_>, interval: &Interval) -> Result<Window, ParseError> {
    let [from, to] = interval.bounds.as_ref();
    let units = [bound_unit(from), bound_unit(to)];
    let window = Window {
        from: bound(checker, from, units[1].clone())?,
        to: bound(checker, to, units[0].clone())?,
    };
    if window.from > window.to {
        let kind = ParseErrorKind::BoundsReversed;
        return Err(lex::error(checker.text, interval.span.clone(), kind));
    }
    Ok(window)
}

/// A bound; without a unit it takes `other`'s, and seconds if neither has one.
fn bound(
    checker: &Checker<'_>,
    syntax: &Syntax,
    other: Option<Range<usize>>,
) -> Result<Time, ParseError> {
    let (value, unit) = match &syntax.shape {
        Shape::Number(literal) => match literal.unit.clone().or(other) {
            Some(span) => (literal.value, checker.unit(span)?),
            None => (literal.value, unit_called(checker, "s")),
        },
        Shape::Name => match checker.meaning(syntax)? {
            Meaning::Parameter(value, unit) => (*value, unit.clone()),
            Meaning::Signal(_) => {
                let kind = ParseErrorKind::BoundNotTime(checker.quote(syntax));
                return Err(checker.error(syntax, kind));
            }
        },
        Shape::Truth(_)
        | Shape::Minus(_)
        | Shape::Abs(_)
        | Shape::Not(_)
        | Shape::Edge { .. }
        | Shape::Prefix(..)
        | Shape::Infix(..) => {
            return Err(checker.error(syntax, ParseErrorKind::BoundNotTime(checker.quote(syntax))));
        }
    };
    if !unit.is_time() {
        let kind = ParseErrorKind::BoundNotTime(unit.described());
        return Err(checker.error(syntax, kind));
    }
    whole_millis(value * unit.seconds() * 1_000.0)
        .ok_or_else(|| checker.error(syntax, ParseErrorKind::BoundNotWhole))
}

fn unit_called(checker: &Checker<'_>, symbol: &str) -> Unit {
    checker.names.units().get(symbol).unwrap_or_else(Unit::none)
}

/// The same window, looking back.
pub(crate) fn past(window: Window) -> Window {
    Window {
        from: Time::from_millis(-window.to.millis()),
        to: Time::from_millis(-window.from.millis()),
    }
}

fn bound_unit(bound: &Syntax) -> Option<Range<usize>> {
    match &bound.shape {
        Shape::Number(literal) => literal.unit.clone(),
        Shape::Name
        | Shape::Truth(_)
        | Shape::Minus(_)
        | Shape::Abs(_)
        | Shape::Not(_)
        | Shape::Edge { .. }
        | Shape::Prefix(..)
        | Shape::Infix(..) => None,
    }
}

/// Decimal fractions of a unit may miss a whole number by a rounding error, and by no more.
fn whole_millis(millis: f64) -> Option<Time> {
    const MOST: f64 = 1e12;
    let whole = millis.round();
    let is_whole = (millis - whole).abs() <= 1e-9 * whole.max(1.0);
    (is_whole && (0.0..=MOST).contains(&whole)).then_some(Time::from_millis(whole as i64))
}
