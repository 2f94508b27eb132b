//! A bar on stderr, for whoever waits in front of a terminal.

use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{msg} {bar:30} {pos}/{len} runs, {per_sec}, {eta} left";

/// A bar of so many runs; hidden when it is not wanted or stderr is no terminal.
pub(crate) fn bar(runs: usize, name: &str, wanted: bool) -> ProgressBar {
    if !wanted {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(runs as u64);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    bar
}
