//! Signal temporal logic over recorded signals: how far is a trace from breaking a formula?
//!
//! Never here: what the signals mean, where records come from, clocks, files.
//!
//! ```
//! use temporal_logic::{Formula, Monitor, Names, Sampling, Time, Units, Value};
//!
//! let mut units = Units::new();
//! units.base("kPa")?;
//! let mut names = Names::new(units);
//! names.number("pressure", "kPa")?;
//! names.truth("bell")?;
//!
//! let text = "always (pressure > 80 kPa implies eventually[0, 60 s] bell)";
//! let mut monitor = Monitor::new(Formula::parse(text, &names)?, Sampling::Dense)?;
//! for (second, pressure, bell) in [(0, 30.0, false), (10, 95.0, false), (80, 95.0, true)] {
//!     let record = [Value::Number(pressure), Value::Truth(bell)];
//!     monitor.observe(Time::from_millis(second * 1_000), &record, |_verdict| {})?;
//! }
//! let worst = monitor.conclusion().expect("the first 20 s are final");
//! assert_eq!((worst.at, worst.robustness), (Time::from_millis(10_000), -1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The language
//!
//! From loose to tight; `a`, `b` are formulas, `x`, `y` numbers.
//!
//! | written | holds when | robustness |
//! |---|---|---|
//! | `a xor b`, `a iff b` (`<->`) | one of them does; both or neither | from `and`, `or`, `not` |
//! | `a implies b` (`->`) | `not a or b` | max(-a, b) |
//! | `a or b` (`\|`, `\|\|`), `a and b` (`&`, `&&`) | | max(a, b), min(a, b) |
//! | `a until[t, u] b` (`U`) | `b` at a moment of the window, `a` from now until just before | max over the window of min(b, min of a) |
//! | `a since[t, u] b` (`S`) | `b` at a moment of the past window, `a` from just after until now | likewise |
//! | `always[t, u] a` (`G`), `eventually[t, u] a` (`F`) | at all, some moments from `t` to `u` from now | min, max |
//! | `historically[t, u] a` (`H`), `once[t, u] a` (`O`) | at all, some moments from `u` to `t` ago | min, max |
//! | `not a` (`!`) | | -a |
//! | `rise(a)`, `fall(a)` | `a` begins, ends to hold at this tick | min(a, -a before), of `not a` |
//! | `x < y` `<=` `>` `>=` | | difference, positive inside |
//! | `x == y`, `x != y` | | -\|x - y\|, \|x - y\| |
//! | `mode == WORD`, `mode != WORD` | a signal is, is not, this word of its list | 1 or -1 |
//! | `flag`, `true`, `false` | | 1 or -1 |
//!
//! Numbers are made with `+ - * / abs(..)`, signals, parameters and literals with an optional unit,
//! `25 kPa`, `10 ug/h`: a unit directly follows its number and has no spaces inside. Units of a sum or
//! a comparison must count the same kind of thing; the margin is in the unit of the left side (of the
//! right side, when the left one is constant).
//!
//! Bounds are `[0, 60 s]` or `[0:60 s]`, numbers or parameters, inclusive, whole milliseconds. A number
//! without a unit takes the other number's, and seconds if there is none. `historically`, `once` and `since`
//! may go without bounds: back to the first record. An outermost `always` or `eventually` may too: then
//! the formula within is judged at every moment, and the worst or best of these is the whole formula's
//! ([`Monitor::conclusion`]). No other future may be unbounded, because it would never become final.
//!
//! `a implies b implies c`, and `until` or `since` in a row, need parentheses; `always a implies b` is
//! `(always a) implies b`.
//!
//! # A finite trace
//!
//! Values hold from one record to the next ([`Sampling`]). Where a record says [`Value::Unknown`], the
//! value before still holds. A formula begins with the first record by which each of its signals has had
//! a value: before that it waits, says nothing and counts nothing. Samples lie on the grid of the trace's
//! own first record.
//!
//! Before the first record of a formula there is nothing: a window into the past covers what of it there
//! is, `once` of nothing is minus infinity and `historically` of nothing plus infinity; the first tick
//! counts as an edge of whatever holds (`rise`) or does not (`fall`) there. After the last record nothing
//! is guessed: a moment is judged as soon as [`Formula::horizon`] after it is known, and stays *open*
//! until then. An open moment has no verdict and enters no worst case ([`Summary::open_from`]);
//! [`Monitor::hold_until`] says that nothing changed for a while.
//!
//! # One formula or many, now or afterwards
//!
//! All say the same. [`Monitor`] takes one formula along a trace and tells each verdict as soon as it is
//! final. [`Monitors`] takes many, evaluates each only when a signal of its own changes, and tells what
//! came of it when asked. [`Columns`] keeps a trace for formulas that come later, and is the fastest.
//! [`offline`] is the slow and plain definition of what they say.
//!
//! # Sign and unit
//!
//! Robustness above zero means that the formula holds, below zero that it does not; at zero it is
//! [`Verdict::holds`] that tells `x >= 5` from `x > 5`. A formula over several units compares margins
//! as plain numbers; [`Formula::with_scales`] makes them comparable.
//!
//! | module | holds |
//! |---|---|
//! | `time` | [`Time`], [`Sampling`], and the one place where dense and sampled time differ |
//! | `unit`, `names` | [`Units`], [`Names`]: what the caller declares |
//! | `lex`, `syntax`, `parse`, `check`, `term`, `bound` | from text to a checked [`Formula`], each error with its column |
//! | `formula`, `atom`, `margin` | the tree, its leaves, and what flows up it |
//! | [`offline`] | the plain definition |
//! | `columns` | [`Columns`]: a whole trace at once |
//! | `online` | [`Monitor`]: the same, record by record; [`Monitors`]: many formulas along one trace |

mod atom;
mod bound;
mod check;
mod columns;
mod error;
mod formula;
mod lex;
mod margin;
mod names;
pub mod offline;
mod online;
mod parse;
mod syntax;
mod term;
mod time;
mod unit;
mod verdict;
mod words;

pub use atom::Atom;
pub use columns::Columns;
pub use error::{GridError, NameError, ParseError, ParseErrorKind, RecordError};
pub use formula::{Connective, Formula, Node, Quantity, Scope, Window};
pub use names::{Kind, Names, Record, SignalId, Value};
pub use online::{Monitor, Monitors};
pub use syntax::Comparison;
pub use time::{Sampling, Time};
pub use unit::{Unit, Units};
pub use verdict::{Summary, Verdict};
