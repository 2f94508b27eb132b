//! A bar on stderr, for whoever waits in front of a terminal.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

const TEMPLATE: &str = "{msg} {bar:30} {pos}/{len} runs, {rate}, {eta} left";

/// A bar of so many runs; hidden when it is not wanted or stderr is no terminal.
pub(crate) fn bar(runs: usize, name: &str, wanted: bool) -> ProgressBar {
    if !wanted {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(runs as u64);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            // A bar that cannot be drawn is no reason to stop.
            let _ = write!(out, "{:.1}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate));
    }
    bar.set_message(name.to_owned());
    bar
}
