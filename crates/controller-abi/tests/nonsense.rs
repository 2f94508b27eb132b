//! A decision is read word by word, and a word that is none is named.

use controller_abi::layout::WbDecision;

fn complaint(spoil: impl FnOnce(&mut WbDecision)) -> String {
    let mut decision = WbDecision::default();
    spoil(&mut decision);
    let refused = decision.read().expect_err("it makes no sense");
    refused.to_string()
}

#[test]
fn a_decision_of_zeros_is_one_and_each_word_that_is_none_is_refused() {
    WbDecision::default().read().expect("zeros are a decision");
    let spoilt = [
        complaint(|it| it.alarms.audio_paused = 2),
        complaint(|it| it.alarms.audio_paused = 1 << 32),
        complaint(|it| it.reason.reserved = 7),
        complaint(|it| it.store = 3),
        complaint(|it| it.mode = 10),
        complaint(|it| it.send = 3),
        complaint(|it| it.asks = 128),
        complaint(|it| it.alarms.active = 1 << 44),
        complaint(|it| it.given_low_24h_ng = 1),
    ];
    for (said, word) in spoilt.iter().zip([
        "0 or 1", "0 or 1", "reserved", "0 or 1", "WbMode", "WbSend", "WbAsk", "alarm", "at least",
    ]) {
        assert!(said.contains(word), "{said}: {word}");
    }
}
