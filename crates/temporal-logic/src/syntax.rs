//! The operators as they are written, and their ranks.
//!
//! From tight to loose: prefix `-`; `*` `/`; `+` `-`; comparisons; prefix `not` and the temporal
//! prefixes; `until` `since`; `and`; `or`; `implies`; `iff`; `xor`. So `always a implies b` is
//! `(always a) implies b`, and `not x > 2` is `not (x > 2)`.

use core::ops::Range;

use crate::error::ParseErrorKind;

/// A stretch of text and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Syntax {
    pub(crate) span: Range<usize>,
    pub(crate) shape: Shape,
}

#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Number(Literal),
    Name,
    Truth(bool),
    /// `-x` or `abs(x)`.
    Minus(Box<Syntax>),
    Abs(Box<Syntax>),
    Not(Box<Syntax>),
    Edge {
        rises: bool,
        of: Box<Syntax>,
    },
    Prefix(Prefix, Option<Interval>, Box<Syntax>),
    Infix(Infix, Option<Interval>, Box<[Syntax; 2]>),
}

/// A number with the span of its unit.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) value: f64,
    pub(crate) unit: Option<Range<usize>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Prefix {
    Always,
    Eventually,
    Historically,
    Once,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Infix {
    Times,
    Over,
    Plus,
    Minus,
    Compare(Comparison),
    Until,
    Since,
    And,
    Or,
    Implies,
    Iff,
    Xor,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// `[from, to]`, each a number or the name of a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub(crate) span: Range<usize>,
    pub(crate) bounds: Box<[Syntax; 2]>,
}

impl Infix {
    /// The operator, its rank (tight is high) and its name.
    pub(crate) fn of(text: &str) -> Option<(Self, u8, &'static str)> {
        Some(match text {
            "*" => (Self::Times, 10, "*"),
            "/" => (Self::Over, 10, "/"),
            "+" => (Self::Plus, 9, "+"),
            "-" => (Self::Minus, 9, "-"),
            "<" => (Self::Compare(Comparison::Less), 8, "<"),
            "<=" => (Self::Compare(Comparison::LessOrEqual), 8, "<="),
            ">" => (Self::Compare(Comparison::Greater), 8, ">"),
            ">=" => (Self::Compare(Comparison::GreaterOrEqual), 8, ">="),
            "==" => (Self::Compare(Comparison::Equal), 8, "=="),
            "!=" | "!==" => (Self::Compare(Comparison::NotEqual), 8, "!="),
            "until" | "U" => (Self::Until, 6, "until"),
            "since" | "S" => (Self::Since, 6, "since"),
            "and" | "&" | "&&" => (Self::And, 5, "and"),
            "or" | "|" | "||" => (Self::Or, 4, "or"),
            "implies" | "->" => (Self::Implies, 3, "implies"),
            "iff" | "<->" => (Self::Iff, 2, "iff"),
            "xor" => (Self::Xor, 1, "xor"),
            _ => return None,
        })
    }

    /// Whether two of that rank may stand in a row without parentheses.
    pub(crate) fn chains(self, name: &'static str) -> Result<(), ParseErrorKind> {
        match self {
            Self::Times | Self::Over | Self::Plus | Self::Minus => Ok(()),
            Self::And | Self::Or | Self::Iff | Self::Xor => Ok(()),
            Self::Compare(_) => Err(ParseErrorKind::Chained),
            Self::Until | Self::Since | Self::Implies => Err(ParseErrorKind::Ambiguous(name)),
        }
    }
}

impl Prefix {
    pub(crate) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "always" | "G" => Self::Always,
            "eventually" | "F" => Self::Eventually,
            "historically" | "H" => Self::Historically,
            "once" | "O" => Self::Once,
            _ => return None,
        })
    }
}
