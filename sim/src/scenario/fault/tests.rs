//! The flat list in a file: whatever is read is written the same, and a slip is refused where it stands.

use super::*;
use crate::config::Library;
use crate::input::Document;

#[derive(Debug, Deserialize, Serialize)]
struct File {
    what: FaultKind,
}

fn read(text: &str) -> Result<FaultKind, String> {
    let file = Document::from_text("s.toml", text).decode::<File>();
    file.map(|file| file.what)
        .map_err(|complaints| complaints[0].to_string())
}

#[test]
fn a_name_alone_or_with_its_numbers() {
    assert_eq!(
        read("what = \"stall\""),
        Ok(FaultKind::Pump(PumpFault::Stall))
    );
    let kink = FaultKind::Line(LineFault::Occlude {
        resistance_times: 1e7,
        onset_s: 0,
    });
    for text in [
        "what = { occlude = { resistance_times = 1e7 } }",
        "what.occlude = { resistance_times = 1e7, onset_s = 0 }",
        "[what.occlude]\nresistance_times = 10_000_000",
    ] {
        assert_eq!(read(text), Ok(kink), "{text}");
    }
    let loss = FaultKind::Wire(WireFault::LinkLoss {
        direction: WayName::Both,
        lost_permille: 1_000,
    });
    assert_eq!(read("what = { link_loss = {} }"), Ok(loss));
}

#[test]
fn every_kind_is_written_as_it_is_read() {
    for kind in crate::catalogue::faults() {
        let text = toml::to_string(&File { what: kind.example }).expect("it is TOML");
        assert_eq!(read(&text), Ok(kind.example), "{text}");
        let json = serde_json::to_string(&kind.example).expect("it is JSON");
        let back: FaultKind = serde_json::from_str(&json).expect("it was JSON");
        assert_eq!(back, kind.example, "{json}");
    }
}

#[test]
fn slips_are_refused_where_they_stand() {
    for (text, complaint) in [
        (
            "what = { oclude = { resistance_times = 3.0 } }",
            "s.toml:1:10: unknown word `oclude`",
        ),
        ("what = \"oclude\"", "s.toml:1:8: unknown word `oclude`"),
        (
            "what = { occlude = { resistance_time = 3.0 } }",
            "s.toml:1:22: unknown key `resistance_time`",
        ),
        (
            "what = { occlude = {} }",
            "s.toml:1:20: missing key `resistance_times` in `what.occlude`",
        ),
        (
            "what = { leak = { lost_permille = 1.5 } }",
            "s.toml:1:35: `what.leak.lost_permille` should be a whole number from 0 to 4294967295, found floating point `1.5`",
        ),
        (
            "what = { alarm_dropped = { alarm = \"AL-9x\" } }",
            "s.toml:1:36: `what.alarm_dropped.alarm` should be an alarm from AL-01 to AL-44, found string \"AL-9x\"",
        ),
        (
            "what = { stall = {}, leak = { lost_permille = 5 } }",
            "s.toml:1:8: exactly one choice is wanted here, found `leak` and `stall`",
        ),
    ] {
        let told = read(text).expect_err(text);
        assert!(told.starts_with(complaint), "{text}: {told}");
    }
}

#[test]
fn a_controller_is_used_again_at_the_start_alone() {
    let told = |times: &str| {
        let list = format!("faults=[{{ id = \"it\", {times}, what = \"reuse_controller\" }}]");
        let library = Library::shipped("first", &[list]).expect("it ships");
        library.err().map(|complaints| complaints[0].to_string())
    };
    assert_eq!(told("from_min = 0"), None);
    assert_eq!(told("from_min = 0, until_min = 5"), None);
    let late = told("from_min = 1").expect("it is too late");
    let why = "`reuse_controller` happens before the first cycle, at the start alone";
    assert!(late.contains(why), "{late}");
}
