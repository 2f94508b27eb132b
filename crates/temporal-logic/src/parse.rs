//! Tokens to a tree of operators, by rank. Names and units are looked up later, in `check`.

use core::ops::Range;

use crate::error::{ParseError, ParseErrorKind};
use crate::lex::{self, Token, TokenKind};
use crate::syntax::{Infix, Interval, Literal, Prefix, Shape, Syntax};
use crate::words;

/// Operators and calls in one formula; keeps every later walk over the tree shallow.
const OPERATORS_MOST: usize = 1_000;
const NESTING_MOST: usize = 100;

/// Loosest rank of a prefix operator's operand: comparisons are inside, `until` is not.
const PREFIX_RANK: u8 = 7;

pub(crate) fn parse(text: &str) -> Result<Syntax, ParseError> {
    let mut parser = Parser {
        text,
        tokens: lex::tokens(text)?,
        next: 0,
        operators: 0,
        nesting: 0,
    };
    let syntax = parser.expression(0)?;
    match parser.peek().kind {
        TokenKind::End => Ok(syntax),
        TokenKind::Number(_) | TokenKind::Unit | TokenKind::Word | TokenKind::Symbol => {
            Err(parser.unexpected("an operator or the end"))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    operators: usize,
    nesting: usize,
}

impl Parser<'_> {
    /// Everything from here on that binds more tightly than `above`.
    fn expression(&mut self, above: u8) -> Result<Syntax, ParseError> {
        self.nesting += 1;
        self.limit(self.nesting, NESTING_MOST, "levels")?;
        let start = self.peek().span.start;
        let mut left = self.operand()?;
        let mut last_rank = 0;
        while let Some((infix, rank, name)) = Infix::of(self.peek_text()) {
            if rank <= above {
                break;
            }
            if rank == last_rank {
                infix
                    .chains(name)
                    .map_err(|kind| self.error(self.peek().span.clone(), kind))?;
            }
            self.operator()?;
            let timed = matches!(infix, Infix::Until | Infix::Since);
            let interval = if timed { self.interval()? } else { None };
            let right = self.expression(rank)?;
            left = Syntax {
                span: start..self.end(),
                shape: Shape::Infix(infix, interval, Box::new([left, right])),
            };
            last_rank = rank;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Syntax, ParseError> {
        let start = self.peek().span.start;
        let text = self.peek_text().to_owned();
        if self.is_prefix(&text) {
            return self.prefix(start, &text);
        }
        let shape = match self.peek().kind {
            TokenKind::Number(_) => return self.literal(),
            TokenKind::Word if text == "true" || text == "false" => {
                self.next += 1;
                Shape::Truth(text == "true")
            }
            TokenKind::Word if !words::is_reserved(&text) => {
                self.next += 1;
                Shape::Name
            }
            TokenKind::Symbol if text == "(" => {
                self.next += 1;
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            TokenKind::Word | TokenKind::Symbol | TokenKind::Unit | TokenKind::End => {
                return Err(self.unexpected("a signal, a number or an operator with its operand"));
            }
        };
        let span = start..self.end();
        Ok(Syntax { span, shape })
    }

    /// Whether `text`, next in line, takes an operand. `G`, `F`, `H` and `O` do when one follows, and
    /// are names otherwise: no name can stand before a bracket or another word.
    fn is_prefix(&self, text: &str) -> bool {
        if matches!(text, "not" | "!" | "-" | "abs" | "rise" | "fall") {
            return true;
        }
        let follower = &self.tokens[(self.next + 1).min(self.tokens.len() - 1)];
        let operand_follows = match follower.kind {
            TokenKind::Number(_) => true,
            TokenKind::Word => Infix::of(&self.text[follower.span.clone()]).is_none(),
            TokenKind::Symbol => matches!(&self.text[follower.span.clone()], "(" | "[" | "!"),
            TokenKind::Unit | TokenKind::End => false,
        };
        Prefix::of(text).is_some() && (operand_follows || text.len() > 1)
    }

    fn prefix(&mut self, start: usize, text: &str) -> Result<Syntax, ParseError> {
        self.operator()?;
        let shape = match text {
            "not" | "!" => Shape::Not(Box::new(self.expression(PREFIX_RANK)?)),
            // Tighter than any infix operator.
            "-" => Shape::Minus(Box::new(self.expression(u8::MAX)?)),
            "abs" => Shape::Abs(self.argument()?),
            "rise" | "fall" => Shape::Edge {
                rises: text == "rise",
                of: self.argument()?,
            },
            temporal => {
                let Some(prefix) = Prefix::of(temporal) else {
                    return Err(self.unexpected("an operator"));
                };
                let interval = self.interval()?;
                Shape::Prefix(prefix, interval, Box::new(self.expression(PREFIX_RANK)?))
            }
        };
        let span = start..self.end();
        Ok(Syntax { span, shape })
    }

    fn argument(&mut self) -> Result<Box<Syntax>, ParseError> {
        self.expect("(")?;
        let inner = self.expression(0)?;
        self.expect(")")?;
        Ok(Box::new(inner))
    }

    fn literal(&mut self) -> Result<Syntax, ParseError> {
        let TokenKind::Number(value) = self.peek().kind else {
            return Err(self.unexpected("a number"));
        };
        let mut span = self.peek().span.clone();
        self.next += 1;
        let unit = (self.peek().kind == TokenKind::Unit).then(|| self.peek().span.clone());
        if let Some(unit) = &unit {
            self.next += 1;
            span.end = unit.end;
        }
        let shape = Shape::Number(Literal { value, unit });
        Ok(Syntax { span, shape })
    }

    fn interval(&mut self) -> Result<Option<Interval>, ParseError> {
        if self.peek_text() != "[" {
            return Ok(None);
        }
        let start = self.peek().span.start;
        self.next += 1;
        let from = self.bound()?;
        if !matches!(self.peek_text(), "," | ":") {
            return Err(self.unexpected("`,` or `:`"));
        }
        self.next += 1;
        let to = self.bound()?;
        self.expect("]")?;
        Ok(Some(Interval {
            span: start..self.end(),
            bounds: Box::new([from, to]),
        }))
    }

    fn bound(&mut self) -> Result<Syntax, ParseError> {
        let span = self.peek().span.clone();
        match self.peek().kind {
            TokenKind::Number(_) => self.literal(),
            TokenKind::Word if !words::is_reserved(self.peek_text()) => {
                self.next += 1;
                Ok(Syntax {
                    span,
                    shape: Shape::Name,
                })
            }
            TokenKind::Word | TokenKind::Symbol | TokenKind::Unit | TokenKind::End => {
                Err(self.unexpected("a length of time"))
            }
        }
    }

    /// Takes the next token as an operator.
    fn operator(&mut self) -> Result<(), ParseError> {
        self.operators += 1;
        self.limit(self.operators, OPERATORS_MOST, "operators")?;
        self.next += 1;
        Ok(())
    }

    fn limit(&self, count: usize, most: usize, what: &'static str) -> Result<(), ParseError> {
        if count <= most {
            return Ok(());
        }
        let kind = ParseErrorKind::TooLarge { most, what };
        Err(self.error(self.peek().span.clone(), kind))
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.peek_text() != symbol {
            return Err(self.unexpected(match symbol {
                "(" => "`(`",
                ")" => "`)`",
                _ => "`]`",
            }));
        }
        self.next += 1;
        Ok(())
    }

    /// The end of the text never moves on, so there is always a next token.
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek_text(&self) -> &str {
        &self.text[self.peek().span.clone()]
    }

    fn end(&self) -> usize {
        self.tokens[self.next - 1].span.end
    }

    fn unexpected(&self, wanted: &'static str) -> ParseError {
        let found = match self.peek().kind {
            TokenKind::End => "the end".to_owned(),
            TokenKind::Number(_) | TokenKind::Unit | TokenKind::Word | TokenKind::Symbol => {
                format!("`{}`", self.peek_text())
            }
        };
        self.error(
            self.peek().span.clone(),
            ParseErrorKind::Expected { wanted, found },
        )
    }

    fn error(&self, span: Range<usize>, kind: ParseErrorKind) -> ParseError {
        lex::error(self.text, span, kind)
    }
}
