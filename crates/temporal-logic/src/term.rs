//! Arithmetic: from operators to terms, with their units.

use crate::atom::Term;
use crate::check::Checker;
use crate::error::{ParseError, ParseErrorKind};
use crate::names::{Kind, Meaning, Value};
use crate::syntax::{Infix, Literal, Shape, Syntax};
use crate::unit::Unit;

/// Both operands of a comparison or a sum, in one unit.
///
/// That unit is the left operand's, unless only the right one reads a signal.
pub(crate) fn aligned(
    checker: &Checker<'_>,
    pair: &[Syntax; 2],
) -> Result<(Term, Term, Unit), ParseError> {
    let (left, left_unit) = term(checker, &pair[0])?;
    let (right, right_unit) = term(checker, &pair[1])?;
    if !left_unit.is_like(&right_unit) {
        let kind = ParseErrorKind::UnitClash {
            left: left_unit.described(),
            right: right_unit.described(),
        };
        return Err(checker.error(&pair[1], kind));
    }
    if is_constant(&left) && !is_constant(&right) {
        let factor = left_unit.in_terms_of(&right_unit);
        return Ok((scaled(left, factor), right, right_unit));
    }
    let factor = right_unit.in_terms_of(&left_unit);
    Ok((left, scaled(right, factor), left_unit))
}

fn term(checker: &Checker<'_>, syntax: &Syntax) -> Result<(Term, Unit), ParseError> {
    match &syntax.shape {
        Shape::Number(Literal { value, unit }) => {
            let unit = unit.clone().map(|span| checker.unit(span)).transpose()?;
            Ok((Term::Constant(*value), unit.unwrap_or_else(Unit::none)))
        }
        Shape::Name => named(checker, syntax),
        Shape::Minus(of) => {
            let (of, unit) = term(checker, of)?;
            Ok((folded(Term::Minus(Box::new(of))), unit))
        }
        Shape::Abs(of) => {
            let (of, unit) = term(checker, of)?;
            Ok((folded(Term::Abs(Box::new(of))), unit))
        }
        Shape::Infix(Infix::Plus, _, pair) => {
            let (left, right, unit) = aligned(checker, pair)?;
            Ok((folded(Term::Sum(Box::new([left, right]))), unit))
        }
        Shape::Infix(Infix::Minus, _, pair) => {
            let (left, right, unit) = aligned(checker, pair)?;
            Ok((folded(Term::Difference(Box::new([left, right]))), unit))
        }
        Shape::Infix(Infix::Times, _, pair) => {
            let ((left, one), (right, other)) =
                (term(checker, &pair[0])?, term(checker, &pair[1])?);
            let product = Term::Product(Box::new([left, right]));
            Ok((folded(product), one.times(&other)))
        }
        Shape::Infix(Infix::Over, _, pair) => {
            let ((left, one), (right, other)) =
                (term(checker, &pair[0])?, term(checker, &pair[1])?);
            let quotient = Term::Quotient(Box::new([left, right]));
            Ok((folded(quotient), one.over(&other)))
        }
        Shape::Truth(_)
        | Shape::Not(_)
        | Shape::Edge { .. }
        | Shape::Prefix(..)
        | Shape::Infix(
            Infix::Compare(_)
            | Infix::Until
            | Infix::Since
            | Infix::And
            | Infix::Or
            | Infix::Implies
            | Infix::Iff
            | Infix::Xor,
            ..,
        ) => Err(checker.error(syntax, ParseErrorKind::NeedsNumber(checker.quote(syntax)))),
    }
}

fn named(checker: &Checker<'_>, syntax: &Syntax) -> Result<(Term, Unit), ParseError> {
    let signal = match checker.meaning(syntax)? {
        Meaning::Parameter(value, unit) => return Ok((Term::Constant(*value), unit.clone())),
        Meaning::Signal(signal) => *signal,
    };
    match checker.names.kind(signal) {
        Kind::Number(unit) => Ok((Term::Signal(signal), unit.clone())),
        Kind::Truth => {
            Err(checker.error(syntax, ParseErrorKind::NeedsNumber(checker.quote(syntax))))
        }
        Kind::Word(_) => Err(checker.error(syntax, ParseErrorKind::WordOrder)),
    }
}

fn is_constant(term: &Term) -> bool {
    matches!(term, Term::Constant(_))
}

fn scaled(term: Term, factor: f64) -> Term {
    if factor.to_bits() == 1.0_f64.to_bits() {
        return term;
    }
    folded(Term::Scaled(factor, Box::new(term)))
}

/// A constant, when every operand is one.
fn folded(term: Term) -> Term {
    if term.is_all_constant() {
        Term::Constant(term.value::<[Value]>(&[]))
    } else {
        term
    }
}
