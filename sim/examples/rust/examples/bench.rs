//! The whole bench, with this controller on it: `--controller small-wean` in any command.
//!
//! ```sh
//! cargo run --release -p small-wean --example bench -- run hwang-2019 --arm externalised-wean --controller small-wean
//! ```
//!
//! Engineering simulation only; never for clinical use.

use std::process::ExitCode;
use std::sync::Arc;

use small_wean::SmallWean;
use weanbench::bench::Controllers;
use weanbench::in_process::InProcess;

fn main() -> ExitCode {
    let mine: Arc<dyn Controllers> = Arc::new(InProcess::new(SmallWean::NAME, SmallWean::new));
    weanbench::cli::main_with([mine])
}
