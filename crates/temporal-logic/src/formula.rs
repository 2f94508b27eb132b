//! A formula that has been read and checked: the tree, and what can be known without a trace.

use core::ops::Range;

use crate::atom::Atom;
use crate::check;
use crate::error::ParseError;
use crate::names::{Names, SignalId};
use crate::parse;
use crate::time::Time;

/// A formula over named signals.
#[derive(Clone, Debug)]
pub struct Formula {
    pub(crate) text: String,
    pub(crate) scope: Scope,
    pub(crate) root: Node,
    pub(crate) atoms: Vec<Atom>,
}

/// Which moments a formula speaks of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// The first record; what it says of the others is told record by record.
    First,
    /// Every moment of the trace: outermost was `always` without bounds.
    Every,
    /// Some moment of the trace: outermost was `eventually` without bounds.
    Some,
}

/// An operator and its operands. Times are relative to the moment that is judged; the past is negative.
#[derive(Clone, Debug)]
pub enum Node {
    /// A comparison, a Boolean signal or a constant: its place in [`Formula::atoms`].
    Atom(usize),
    /// Negation.
    Not(Box<Node>),
    /// Two operands at the same moment.
    Join(Connective, Box<[Node; 2]>),
    /// `rise` (holds now, and did not the tick before) or, when `rises` is false, `fall`.
    Edge {
        /// Which way.
        rises: bool,
        /// What changes.
        of: Box<Node>,
    },
    /// A bounded `always` or `historically` ([`Quantity::All`]), `eventually` or `once`.
    Window(Quantity, Window, Box<Node>),
    /// `historically` or `once` since the first record.
    Past(Quantity, Box<Node>),
    /// `left until right`: the right operand at a moment of the window, the left until just before.
    Until(Window, Box<[Node; 2]>),
    /// `left since right`: the right operand at a moment of the window, the left from just after.
    Since(Window, Box<[Node; 2]>),
    /// `left since right`, any time since the first record.
    PastSince(Box<[Node; 2]>),
}

/// How two operands at one moment are joined.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Connective {
    /// The lesser margin.
    And,
    /// The greater margin.
    Or,
    /// `not left or right`.
    Implies,
    /// Implies, both ways.
    Iff,
    /// The negation of [`Connective::Iff`].
    Xor,
}

/// Whether all moments of a window must hold, or some.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Quantity {
    /// All: the least margin.
    All,
    /// Some: the greatest margin.
    Some,
}

/// A closed stretch of time around the moment that is judged, `from` at most `to`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Window {
    /// Where it begins.
    pub from: Time,
    /// Where it ends.
    pub to: Time,
}

impl Formula {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// The first thing in `text` that cannot be understood, with its place.
    pub fn parse(text: &str, names: &Names) -> Result<Self, ParseError> {
        check::formula(text, &parse::parse(text)?, names)
    }

    /// What it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which moments it speaks of.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The tree, without the outermost operator that [`Formula::scope`] tells of.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// Everything in it that reads signals, in the order of the text.
    #[must_use]
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The signals it reads, each once, in the order of declaration.
    #[must_use]
    pub fn signals(&self) -> Vec<SignalId> {
        let mut signals: Vec<_> = self.atoms.iter().flat_map(Atom::signals).collect();
        signals.sort_unstable();
        signals.dedup();
        signals
    }

    /// How long after a moment its verdict is final, at the latest.
    #[must_use]
    pub fn horizon(&self) -> Time {
        Time::from_millis(self.root.latest().max(0))
    }

    /// How far back from a moment its verdict looks; none when it looks back to the first record.
    ///
    /// An edge looks at the tick before, which is not counted.
    #[must_use]
    pub fn history(&self) -> Option<Time> {
        let earliest = self.root.earliest()?;
        Some(Time::from_millis(-earliest.min(0)))
    }

    /// The `t` and `b` of an outermost `a implies eventually[0, t] b`; none of any other formula.
    pub(crate) fn deadline(&self) -> Option<(Time, &Node)> {
        if let Node::Join(Connective::Implies, pair) = &self.root
            && let Node::Window(Quantity::Some, window, of) = &pair[1]
            && window.from == Time::ZERO
        {
            return Some((window.to, of));
        }
        None
    }

    /// `eventually a` of an outermost `a implies b`: how near a trace comes to there being something to judge, by the
    /// scales of this formula. None of any other formula.
    #[must_use]
    pub fn condition(&self) -> Option<Self> {
        let Node::Join(Connective::Implies, pair) = &self.root else {
            return None;
        };
        Some(Self {
            scope: Scope::Some,
            root: pair[0].clone(),
            ..self.clone()
        })
    }

    /// Divides the margin of each atom by its own scale, so that margins in different units compare.
    ///
    /// `scale` is asked once for each atom, and answers in the atom's unit: the margin that counts as
    /// one. An answer that is not finite or not above zero leaves that atom as it is.
    #[must_use]
    pub fn with_scales(mut self, mut scale: impl FnMut(&Atom) -> Option<f64>) -> Self {
        for atom in &mut self.atoms {
            if let Some(scale) = scale(atom).filter(|scale| scale.is_finite() && *scale > 0.0) {
                atom.scale = scale;
            }
        }
        self
    }

    /// The text of one atom.
    #[must_use]
    pub fn atom_text(&self, atom: usize) -> &str {
        let span: Range<usize> = self.atoms[atom].span();
        &self.text[span]
    }
}

impl Node {
    /// The latest moment that its margin depends on, in milliseconds; negative when all lie in the past.
    pub(crate) fn latest(&self) -> i64 {
        match self {
            Self::Atom(_) => 0,
            Self::Not(of) | Self::Edge { of, .. } | Self::Past(_, of) => of.latest(),
            Self::Window(_, window, of) => of.latest() + window.to.millis(),
            Self::Join(_, pair) | Self::PastSince(pair) => latest_of(pair),
            Self::Until(window, pair) => latest_of(pair) + window.to.millis(),
            Self::Since(window, pair) => {
                let [left, right] = pair.as_ref();
                left.latest().max(right.latest() + window.to.millis())
            }
        }
    }

    fn earliest(&self) -> Option<i64> {
        match self {
            Self::Atom(_) => Some(0),
            Self::Not(of) | Self::Edge { of, .. } => of.earliest(),
            Self::Past(..) | Self::PastSince(_) => None,
            Self::Window(_, window, of) => Some(of.earliest()? + window.from.millis()),
            Self::Join(_, pair) | Self::Until(_, pair) => earliest_of(pair),
            Self::Since(window, pair) => Some(earliest_of(pair)? + window.from.millis()),
        }
    }
}

fn latest_of(pair: &[Node; 2]) -> i64 {
    pair[0].latest().max(pair[1].latest())
}

fn earliest_of(pair: &[Node; 2]) -> Option<i64> {
    Some(pair[0].earliest()?.min(pair[1].earliest()?))
}
