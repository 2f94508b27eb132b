//! Any bytes as what the bench says, line by line: first to the reader, which says no or what it has read; then all of
//! them to the shipped controller at its desk, which answers every one of them with a word of the protocol.

use std::io::Read;

use weanbench::bench::{Controllers, Shipped};
use weanbench::edge::lockstep::serve::{Named, decode, serve};

/// The greeting of the specification, so that what follows reaches a controller.
fn greeting() -> &'static [u8] {
    let text = include_str!("../../docs/lockstep.md");
    let line = text.lines().find_map(|line| {
        let said = line.strip_prefix("> ")?;
        said.starts_with("{\"hello\":").then_some(said)
    });
    line.expect("it is there").as_bytes()
}

pub(crate) fn check(lines: &[u8]) {
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(said) = decode(line) {
            assert_eq!(decode(&said).as_ref(), Ok(&said));
        }
    }
    let named = Named {
        name: "shipped",
        version: "0",
    };
    let mut answers = Vec::new();
    let conversation = greeting().chain(&b"\n"[..]).chain(lines);
    let make = |protocol, session| Shipped.open(protocol, session);
    serve(conversation, &mut answers, (named, &make)).expect("nothing here can fail");
    for answer in answers.split_inclusive(|byte| *byte == b'\n') {
        let word = weanbench::edge::lockstep::decode(answer);
        assert_eq!(word.as_deref(), Ok(answer));
    }
}
