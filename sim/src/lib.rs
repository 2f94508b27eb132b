//! A software-in-the-loop bench for the controller of an externalised intrathecal-baclofen pump.
//!
//! A run is a function of code, scenario and seed. Read [`mod@bench`] first: it is the loop; then
//! [`scenario`], which is what goes in, and [`record`], which is what comes out.
//!
//! Engineering simulation only; never for clinical use.

mod bedside;
pub mod bench;
pub mod canary;
pub mod case;
pub mod catalogue;
pub mod checking;
pub mod cli;
pub mod clinician;
pub mod clock;
pub mod config;
pub mod course;
pub mod coverage;
mod declared;
pub mod defect;
pub mod detect;
pub mod draw;
pub mod edge;
pub mod fault;
pub mod formula;
pub mod harm;
pub mod history;
pub mod host;
pub mod in_process;
pub mod input;
pub mod judge;
pub mod kept;
pub mod link;
pub mod matrix;
pub mod nurse;
pub mod pair;
pub mod port;
pub mod record;
pub mod recording;
pub mod requirement;
mod rolling;
pub mod scenario;
pub mod shipped;
pub mod signals;
pub mod study;
pub mod tables;
pub mod trace;
pub mod treatment;
pub mod verdict;
pub mod ward;

/// What every output says.
pub const NOTICE: &str = "never for clinical use: an engineering simulation, not a medical device";
