//! The command that runs a case again, safe to paste into a shell.

use crate::bench::Shipped;
use crate::case::Case;
use crate::scenario::Scripted;

/// The command that runs a case of a scenario again, with everything that was put over it.
///
/// `scenario` is its name or its path.
#[must_use]
pub fn command(scenario: &str, case: &Case<'_>) -> String {
    let faults = toml::Value::try_from(&case.scenario().faults);
    let faults = faults.map_or_else(|why| why.to_string(), |it| it.to_string());
    let mut words = vec![format!("weanbench run {}", quoted(scenario))];
    let overrides = case.library().overrides.iter();
    for assignment in overrides.filter(|it| !it.starts_with("faults=")) {
        words.push(format!("--set {}", quoted(assignment)));
    }
    words.push(format!("--set 'faults={}'", faults.replace('\n', " ")));
    words.push(format!("--patient {}", case.patient()));
    words.join(" ")
}

/// The part of a command line that has people do this.
#[must_use]
pub fn ordered(orders: &[Scripted]) -> String {
    let orders = toml::Value::try_from(orders);
    let orders = orders.map_or_else(|why| why.to_string(), |it| it.to_string());
    format!(
        "--set {}",
        quoted(&format!("orders={}", orders.replace('\n', " ")))
    )
}

/// The end of a command line that brings these controllers back; nothing for the ones that ship.
#[must_use]
pub fn by(controllers: &str) -> String {
    if controllers == Shipped::NAME {
        String::new()
    } else {
        format!(" --controller {}", quoted(controllers))
    }
}

/// The part of a command line that names `text`.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(
            quoted("configs/scenarios/a-b_1.toml"),
            "configs/scenarios/a-b_1.toml"
        );
        assert_eq!(quoted("cohort.size=3"), "cohort.size=3");
        assert_eq!(quoted("title=it's \"x\""), r#"'title=it'\''s "x"'"#);
        assert_eq!(quoted(""), "''");
    }
}
