//! Controllers from outside: the shipped one behind every door, and many that misbehave.

mod abuses;
mod doors;
mod kit;
mod library;
mod restarts;
mod support;
