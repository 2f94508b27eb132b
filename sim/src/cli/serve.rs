//! `weanbench controller`: the other end of the lockstep protocol, with a controller of the bench behind it.

use std::path::PathBuf;

use clap::Args;

use super::console::{Trouble, note};
use super::controller::{HELP, Patience, controllers};
use crate::bench::Shipped;
use crate::edge::lockstep::serve::{Make, Named, on_stdio, on_tcp, on_unix};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Listen at this address for whoever connects, such as 127.0.0.1:7007, instead of stdin; port 0 is any
    /// that is free.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "unix")]
    listen: Option<String>,
    /// Listen at this socket instead of stdin.
    #[arg(long, value_name = "PATH")]
    unix: Option<PathBuf>,
    #[arg(long, value_name = "SPEC", default_value = Shipped::NAME, help = HELP)]
    controller: String,
}

/// Serves until nobody speaks any more; a listener until it is ended.
pub(crate) fn serve(arguments: &Arguments) -> Result<Exit, Trouble> {
    let controllers = controllers(&arguments.controller, &Patience::default())?;
    let name = controllers.name();
    let named = Named {
        name: &name,
        version: env!("CARGO_PKG_VERSION"),
    };
    let make: &Make<'_> = &|protocol, session| controllers.open(protocol, session);
    let desk = (named, make);
    let served = match (&arguments.listen, &arguments.unix) {
        (Some(address), _) => on_tcp(address, desk, |at| note(&format!("listening at {at}"))),
        (None, Some(path)) => on_unix(path, desk),
        (None, None) => on_stdio(named, make),
    };
    served.map_err(Trouble::bench)?;
    Ok(Exit::Good)
}
