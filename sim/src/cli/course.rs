//! The course of a wean, drawn: a line for each day, then what happened when.

use clap::builder::styling::AnsiColor;
use comfy_table::Cell;

use super::console::{heading, paint};
use super::figures::{NONE, digits};
use super::table::{self, table};
use crate::course::{Course, Day, Whose, words};

/// The course in one arm.
pub(super) fn drawn(arm: &str, course: &Course, width: u16) -> String {
    let mut parts = vec![format!(
        "{}\n{}",
        heading(format!("{arm}, day by day")),
        days(course, width)
    )];
    let events = events(course);
    if !events.is_empty() {
        parts.push(format!(
            "{}\n{events}",
            heading(format!("{arm}, what happened"))
        ));
    }
    parts.join("\n\n")
}

fn days(course: &Course, width: u16) -> String {
    let head = [
        "day",
        "plan\nµg/day",
        "reached\nµg",
        "tone\nrated",
        "tone\ntrue",
        "worst with-\ndrawal",
        "alarms\nraised",
        "decided, and why",
    ];
    let mut table = table(width, &head, &[0, 1, 2, 3, 4, 5]);
    for day in course.days() {
        table.add_row(row(day));
    }
    table::drawn(&table)
}

fn row(day: &Day) -> Vec<Cell> {
    let alarms: Vec<&str> = day.alarms.iter().map(|alarm| alarm.id()).collect();
    let or_none = |text: String| {
        if text.is_empty() {
            NONE.to_owned()
        } else {
            text
        }
    };
    vec![
        Cell::new(format!("d{}", day.number)),
        Cell::new(digits(day.plan_ug_per_day, 1)),
        Cell::new(digits(day.reached_ug, 1)),
        Cell::new(digits(day.tone_rated, 1)),
        Cell::new(format!("{:.1}", day.tone)),
        Cell::new(format!("{:.1}", day.withdrawal)),
        Cell::new(or_none(in_lines(&alarms))),
        Cell::new(or_none(day.decided.join("\n"))),
    ]
}

/// Two alarms in a line.
fn in_lines(alarms: &[&str]) -> String {
    alarms
        .chunks(2)
        .map(|pair| pair.join(" "))
        .collect::<Vec<String>>()
        .join("\n")
}

fn events(course: &Course) -> String {
    let line = |event: &crate::course::Event| {
        let whose = format!("{:<10}", event.whose.name());
        let whose = match event.whose {
            Whose::Controller => paint(whose, AnsiColor::Cyan.on_default()),
            Whose::Alarm => paint(whose, AnsiColor::Yellow.on_default()),
            Whose::Fault => paint(whose, AnsiColor::Red.on_default()),
            Whose::Patient => paint(whose, AnsiColor::Magenta.on_default()),
            Whose::People => whose,
        };
        format!("{:<10} {whose} {}", words::stamp(event.at), event.text)
    };
    course
        .events()
        .iter()
        .map(line)
        .collect::<Vec<String>>()
        .join("\n")
}
