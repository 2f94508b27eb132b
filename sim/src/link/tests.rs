use std::time::Duration;

use infusion_types::{Action, Concentration, DoseRate};

use super::*;

const SESSION: Session = Session::new(1);

fn command(sequence: u32) -> Message {
    let rate = DoseRate::from_nanograms_per_hour(10_000).positive();
    Message::Command(Command {
        session: SESSION,
        sequence,
        action: Action::Infuse {
            rate: rate.expect("above zero"),
            at: Concentration::from_micrograms_per_millilitre(500),
        },
        lease: Duration::from_secs(90),
    })
}

/// The commands that come again while a minute of cycles is followed by another, told by their numbers. In the
/// cycles of `commands` one of these numbers leaves, in all others a ping.
fn replayed(age_s: u64, commands: &[(u64, u32)]) -> Vec<Message> {
    let draws = Draws::new(1, 1);
    let wire = Wire {
        replayed_ms: Some(age_s * 1_000),
        ..Wire::CLEAR
    };
    let mut link = Link::new(true, SESSION);
    let mut found = Vec::new();
    for cycle in 0..20 {
        let now = SimTime::from_millis(cycle * 30_000);
        let local = Timestamp::from_millis(now.millis());
        let weather = Weather {
            now,
            wire: &wire,
            draws: &draws,
        };
        let here = commands.iter().find(|(at, _)| *at == cycle);
        let message = here.map_or(Message::Ping, |(_, sequence)| command(*sequence));
        link.send_down(&weather, (local, 0), message);
        while link.at_pump(now, local).is_some() {}
        link.attack_down(&weather, local, None);
        while let Some(packet) = link.down.arrived(now) {
            let Carried::Frame(bytes) = packet.what else {
                panic!("it is sealed");
            };
            // The pump that was there would refuse it as spent.
            let opened = Ends::new(SESSION).pump_opens(local, bytes.as_slice());
            found.push(opened.expect("it was sound once"));
        }
    }
    found
}

#[test]
fn every_command_is_replayed_and_no_ping() {
    // Two of them within half a minute, which is one cycle apart.
    let found = replayed(20, &[(3, 7), (4, 8)]);
    assert_eq!(found.len(), 8, "once a minute, as soon as there is one");
    assert!(found.iter().all(|it| [command(7), command(8)].contains(it)));
    assert!(found.contains(&command(8)));
}

#[test]
fn what_is_replayed_is_as_old_as_was_asked_for_or_the_oldest() {
    let commands: Vec<(u64, u32)> = (0..20).map(|cycle| (cycle, cycle as u32)).collect();
    let found = replayed(120, &commands);
    // The first attack comes after a minute, when nothing is old enough yet; four cycles are two minutes.
    let expected = [0, 0, 2, 4, 6, 8, 10, 12, 14].map(command);
    assert_eq!(found, expected);
}

#[test]
fn nothing_is_replayed_before_there_is_a_command() {
    assert_eq!(replayed(20, &[]), []);
}
