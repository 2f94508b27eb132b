//! From a tree of operators to a formula: names, kinds and units.

use core::ops::Range;

use crate::atom::{Atom, Test};
use crate::bound;
use crate::error::{ParseError, ParseErrorKind};
use crate::formula::{Connective, Formula, Node, Quantity, Scope};
use crate::lex;
use crate::names::{Kind, Meaning, Names, SignalId, Value};
use crate::syntax::{Comparison, Infix, Interval, Prefix, Shape, Syntax};
use crate::term;
use crate::unit::Unit;

pub(crate) fn formula(text: &str, syntax: &Syntax, names: &Names) -> Result<Formula, ParseError> {
    let mut checker = Checker {
        text,
        names,
        atoms: Vec::new(),
    };
    let (scope, body) = match &syntax.shape {
        Shape::Prefix(Prefix::Always, None, body) => (Scope::Every, body.as_ref()),
        Shape::Prefix(Prefix::Eventually, None, body) => (Scope::Some, body.as_ref()),
        Shape::Prefix(..)
        | Shape::Number(_)
        | Shape::Name
        | Shape::Truth(_)
        | Shape::Minus(_)
        | Shape::Abs(_)
        | Shape::Not(_)
        | Shape::Edge { .. }
        | Shape::Infix(..) => (Scope::First, syntax),
    };
    let root = checker.node(body)?;
    Ok(Formula {
        text: text.to_owned(),
        scope,
        root,
        atoms: checker.atoms,
    })
}

pub(crate) struct Checker<'a> {
    pub(crate) text: &'a str,
    pub(crate) names: &'a Names,
    atoms: Vec<Atom>,
}

impl Checker<'_> {
    fn node(&mut self, syntax: &Syntax) -> Result<Node, ParseError> {
        match &syntax.shape {
            Shape::Number(_) | Shape::Minus(_) | Shape::Abs(_) => {
                Err(self.error(syntax, ParseErrorKind::NeedsTruth(self.quote(syntax))))
            }
            Shape::Truth(holds) => Ok(self.atom(syntax, Test::Constant(*holds), None)),
            Shape::Name => self.truth(syntax),
            Shape::Not(of) => Ok(Node::Not(Box::new(self.node(of)?))),
            Shape::Edge { rises, of } => Ok(Node::Edge {
                rises: *rises,
                of: Box::new(self.node(of)?),
            }),
            Shape::Prefix(prefix, interval, of) => {
                self.temporal(syntax, *prefix, interval.as_ref(), of)
            }
            Shape::Infix(infix, interval, pair) => {
                self.infix(syntax, *infix, interval.as_ref(), pair)
            }
        }
    }

    fn truth(&mut self, syntax: &Syntax) -> Result<Node, ParseError> {
        let signal = match self.meaning(syntax)? {
            Meaning::Signal(signal) => *signal,
            Meaning::Parameter(..) => {
                return Err(self.error(syntax, ParseErrorKind::NeedsTruth(self.quote(syntax))));
            }
        };
        match self.names.kind(signal) {
            Kind::Truth => Ok(self.atom(syntax, Test::Truth(signal), None)),
            Kind::Number(_) | Kind::Word(_) => {
                Err(self.error(syntax, ParseErrorKind::NeedsTruth(self.quote(syntax))))
            }
        }
    }

    fn temporal(
        &mut self,
        syntax: &Syntax,
        prefix: Prefix,
        interval: Option<&Interval>,
        of: &Syntax,
    ) -> Result<Node, ParseError> {
        let window = interval
            .map(|interval| bound::window(self, interval))
            .transpose()?;
        let unbounded = |name| self.error(syntax, ParseErrorKind::Unbounded(name));
        let (quantity, window) = match (prefix, window) {
            (Prefix::Always, None) => return Err(unbounded("always")),
            (Prefix::Eventually, None) => return Err(unbounded("eventually")),
            (Prefix::Always, Some(window)) => (Quantity::All, Some(window)),
            (Prefix::Eventually, Some(window)) => (Quantity::Some, Some(window)),
            (Prefix::Historically, window) => (Quantity::All, window.map(bound::past)),
            (Prefix::Once, window) => (Quantity::Some, window.map(bound::past)),
        };
        let of = Box::new(self.node(of)?);
        Ok(match window {
            Some(window) => Node::Window(quantity, window, of),
            None => Node::Past(quantity, of),
        })
    }

    fn infix(
        &mut self,
        syntax: &Syntax,
        infix: Infix,
        interval: Option<&Interval>,
        pair: &[Syntax; 2],
    ) -> Result<Node, ParseError> {
        let connective = match infix {
            Infix::Times | Infix::Over | Infix::Plus | Infix::Minus => {
                return Err(self.error(syntax, ParseErrorKind::NeedsTruth(self.quote(syntax))));
            }
            Infix::Compare(comparison) => return self.compare(syntax, comparison, pair),
            Infix::Until | Infix::Since => None,
            Infix::And => Some(Connective::And),
            Infix::Or => Some(Connective::Or),
            Infix::Implies => Some(Connective::Implies),
            Infix::Iff => Some(Connective::Iff),
            Infix::Xor => Some(Connective::Xor),
        };
        let window = interval
            .map(|interval| bound::window(self, interval))
            .transpose()?;
        let nodes = Box::new([self.node(&pair[0])?, self.node(&pair[1])?]);
        match (connective, infix == Infix::Until, window) {
            (Some(connective), ..) => Ok(Node::Join(connective, nodes)),
            (None, true, None) => Err(self.error(syntax, ParseErrorKind::Unbounded("until"))),
            (None, true, Some(window)) => Ok(Node::Until(window, nodes)),
            (None, false, None) => Ok(Node::PastSince(nodes)),
            (None, false, Some(window)) => Ok(Node::Since(bound::past(window), nodes)),
        }
    }

    fn compare(
        &mut self,
        syntax: &Syntax,
        comparison: Comparison,
        pair: &[Syntax; 2],
    ) -> Result<Node, ParseError> {
        let [left, right] = pair;
        if let Some((signal, words)) = self.words_of(left) {
            return self.compare_word(syntax, comparison, (signal, words), right);
        }
        if let Some((signal, words)) = self.words_of(right) {
            return self.compare_word(syntax, comparison, (signal, words), left);
        }
        let (left, right, unit) = term::aligned(self, pair)?;
        let test = Test::Number {
            comparison,
            left,
            right,
        };
        Ok(self.atom(syntax, test, Some(unit)))
    }

    fn words_of(&self, syntax: &Syntax) -> Option<(SignalId, Vec<String>)> {
        let name = matches!(syntax.shape, Shape::Name).then(|| &self.text[syntax.span.clone()])?;
        let signal = self.names.find(name)?;
        match self.names.kind(signal) {
            Kind::Word(words) => Some((signal, words.clone())),
            Kind::Number(_) | Kind::Truth => None,
        }
    }

    fn compare_word(
        &mut self,
        syntax: &Syntax,
        comparison: Comparison,
        (signal, words): (SignalId, Vec<String>),
        other: &Syntax,
    ) -> Result<Node, ParseError> {
        let equal = comparison == Comparison::Equal;
        let is_name = matches!(other.shape, Shape::Name);
        if !(equal || comparison == Comparison::NotEqual) || !is_name {
            return Err(self.error(syntax, ParseErrorKind::WordOrder));
        }
        let word = &self.text[other.span.clone()];
        match self.names.word_value(signal, word) {
            Some(Value::Word(word)) => {
                let test = Test::Word {
                    signal,
                    word,
                    equal,
                };
                Ok(self.atom(syntax, test, None))
            }
            Some(Value::Number(_) | Value::Truth(_) | Value::Unknown) | None => {
                let name = self.names.signals().nth(signal.index());
                let kind = ParseErrorKind::UnknownWord {
                    signal: name.map_or_else(String::new, |(_, name, _)| name.to_owned()),
                    word: word.to_owned(),
                    nearest: crate::words::nearest(word, words.iter().map(String::as_str)),
                };
                Err(self.error(other, kind))
            }
        }
    }

    fn atom(&mut self, syntax: &Syntax, test: Test, unit: Option<Unit>) -> Node {
        self.atoms.push(Atom {
            span: syntax.span.clone(),
            column: lex::column(self.text, syntax.span.start),
            unit,
            scale: 1.0,
            test,
        });
        Node::Atom(self.atoms.len() - 1)
    }

    pub(crate) fn unit(&self, span: Range<usize>) -> Result<Unit, ParseError> {
        let name = &self.text[span.clone()];
        self.names.units().get(name).ok_or_else(|| {
            let kind = ParseErrorKind::UnknownUnit {
                name: name.to_owned(),
                nearest: self.names.units().nearest(name),
            };
            lex::error(self.text, span, kind)
        })
    }

    pub(crate) fn meaning(&self, syntax: &Syntax) -> Result<&Meaning, ParseError> {
        let name = &self.text[syntax.span.clone()];
        self.names.meaning(name).ok_or_else(|| {
            let kind = ParseErrorKind::UnknownName {
                name: name.to_owned(),
                nearest: self.names.nearest(name),
            };
            self.error(syntax, kind)
        })
    }

    pub(crate) fn quote(&self, syntax: &Syntax) -> String {
        format!("`{}`", &self.text[syntax.span.clone()])
    }

    pub(crate) fn error(&self, syntax: &Syntax, kind: ParseErrorKind) -> ParseError {
        lex::error(self.text, syntax.span.clone(), kind)
    }
}
