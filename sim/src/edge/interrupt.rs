//! Ctrl-C: the first one asks for an orderly end, the second one ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::verdict::Exit;

/// Watches for Ctrl-C on a thread of its own: the first sets the flag that is returned and calls
/// `said`, the second ends the process with [`Exit::Bad`].
///
/// # Errors
/// If the system gives no thread or no signals; then Ctrl-C does what it always does.
pub fn watch(said: impl Fn() + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("interrupt".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                if tokio::signal::ctrl_c().await.is_err() {
                    return;
                }
                flag.store(true, Ordering::Relaxed);
                said();
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(Exit::Bad as i32);
                }
            });
        })?;
    Ok(stop)
}
