//! Texts that are refused: the column, the bytes, and the words.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use temporal_logic::{Formula, Names, Units};

fn names() -> Names {
    let mut units = Units::new();
    units.base("ug").unwrap();
    units.scaled("%", 0.01, "1").unwrap();
    let mut names = Names::new(units);
    names.number("deficit", "%").unwrap();
    names.number("rate", "ug/h").unwrap();
    names.number("total", "ug").unwrap();
    names.truth("alarm.low").unwrap();
    names.word("mode", &["IDLE", "ACTIVE"]).unwrap();
    names.parameter("delay", 60.0, "s").unwrap();
    names.parameter("limit", 5.0, "ug").unwrap();
    names
}

/// The marked text is refused: `«` and `»` enclose what is meant.
#[track_caller]
fn refused(marked: &str, message: &str) {
    let start = marked.find('«').unwrap();
    let text = marked.replace(['«', '»'], "");
    let end = marked.find('»').unwrap() - '«'.len_utf8();
    let error = Formula::parse(&text, &names()).expect_err(&text);
    let column = text[..start].chars().count() + 1;
    assert_eq!(
        error.to_string(),
        format!("column {column}: {message}"),
        "{text}"
    );
    assert_eq!((error.column, error.span), (column, start..end), "{text}");
}

#[test]
fn units_that_differ_are_named() {
    refused(
        "always (deficit >= «25 ug»)",
        "`%` and `ug` are different kinds of unit",
    );
    refused(
        "rate < «total»",
        "`ug/h` and `ug` are different kinds of unit",
    );
    refused(
        "rate >= «5»",
        "`ug/h` and a plain number are different kinds of unit",
    );
    refused(
        "rate * 2 h + «1 ug/h» > total",
        "`ug/h*h` and `ug/h` are different kinds of unit",
    );
    refused(
        "total > 3 «mg»",
        "no unit is called `mg`; did you mean `ms`?",
    );
    refused("total > 3 «furlong»", "no unit is called `furlong`");
}

#[test]
fn unknown_names_find_their_neighbours() {
    refused(
        "always («defecit» > 1 %)",
        "no signal is called `defecit`; did you mean `deficit`?",
    );
    refused(
        "once[0, «dealy»] alarm.low",
        "no signal is called `dealy`; did you mean `delay`?",
    );
    refused("«wholly_else»", "no signal is called `wholly_else`");
    refused(
        "mode == «ACTVE»",
        "`mode` is never `ACTVE`; did you mean `ACTIVE`?",
    );
    refused(
        "true or «µrate» > 1 ug/h",
        "no signal is called `µrate`; did you mean `rate`?",
    );
}

#[test]
fn kinds_are_not_mixed() {
    refused(
        "always[0, 1] «rate»",
        "`rate` is not true or false; compare it with something",
    );
    refused(
        "not «mode»",
        "`mode` is not true or false; compare it with something",
    );
    refused(
        "«rate + rate» and true",
        "`rate + rate` is not true or false; compare it with something",
    );
    refused(
        "«alarm.low» > 1",
        "`alarm.low` is true or false; a number is needed here",
    );
    refused(
        "total > 1 ug + («alarm.low and true»)",
        "`alarm.low and true` is true or false; a number is needed here",
    );
    let words = "words can only be compared with `==` and `!=`, one signal with one word";
    refused("true and «mode < IDLE»", words);
    refused("«mode == 1»", words);
    refused("«mode» + 1 > 2", words);
}

#[test]
fn bounds_are_lengths_of_time() {
    refused(
        "once«[5 s, 2 s]» true",
        "the interval ends before it begins",
    );
    refused(
        "once[0, «1.5 ms»] true",
        "a bound is a whole number of milliseconds from 0 to 10^12",
    );
    refused(
        "once[0, «1e9 d»] true",
        "a bound is a whole number of milliseconds from 0 to 10^12",
    );
    refused(
        "once[0, «limit»] true",
        "a bound is a length of time, not `ug`",
    );
    refused(
        "once[0 s, «7 ug»] true",
        "a bound is a length of time, not `ug`",
    );
    refused(
        "once[0, «rate»] true",
        "a bound is a length of time, not `rate`",
    );
    refused("once[«-»1, 2] true", "expected a length of time, found `-`");
    refused("once[1«;»2] true", "`;` means nothing here");
    refused("once[1 «2»] true", "expected `,` or `:`, found `2`");
    refused("once[1, 2«)» true", "expected `]`, found `)`");
}

#[test]
fn a_future_without_end_stands_outermost_or_nowhere() {
    let message = |name| {
        format!(
            "`{name}` without bounds never becomes final here; only an outermost `always` or \
             `eventually` may go without"
        )
    };
    refused("always («eventually alarm.low»)", &message("eventually"));
    refused("«always alarm.low» and true", &message("always"));
    refused("«alarm.low until true»", &message("until"));
    assert!(Formula::parse("always alarm.low", &names()).is_ok());
    assert!(Formula::parse("(eventually (once alarm.low))", &names()).is_ok());
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    refused(
        "true implies false «->» true",
        "`implies` in a row can be read in two ways; add parentheses",
    );
    refused(
        "true until[0,1] true «since» true",
        "`since` in a row can be read in two ways; add parentheses",
    );
    refused(
        "1 ug < total «<» 2 ug",
        "comparisons do not chain; join two of them with `and`",
    );
    assert!(Formula::parse("true and true or true and true or false", &names()).is_ok());
}

#[test]
fn what_does_not_parse_says_what_would() {
    let operand = "expected a signal, a number or an operator with its operand, found";
    refused("«»", &format!("{operand} the end"));
    refused("true and«»", &format!("{operand} the end"));
    refused("true and «or» false", &format!("{operand} `or`"));
    refused("(true«»", "expected `)`, found the end");
    refused(
        "true «false»",
        "expected an operator or the end, found `false`",
    );
    refused("rise «alarm»", "expected `(`, found `alarm`");
    refused("rate > «1.2.3» ug/h", "`1.2.3` is not a number");
    refused("rate > «1e999» ug/h", "`1e999` is not a number");
    refused("total > 1 ug «#»", "`#` means nothing here");
}

#[test]
fn a_formula_that_nobody_meant_is_refused_before_the_stack_is() {
    let deep = format!("{}true{}", "(".repeat(200), ")".repeat(200));
    assert!(Formula::parse(&deep, &names()).is_err());
    let deep = "not ".repeat(200_000);
    assert!(Formula::parse(&deep, &names()).is_err());
    let long = format!("true{}", " and true".repeat(5_000));
    assert!(Formula::parse(&long, &names()).is_err());
}
