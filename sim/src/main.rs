//! The command line of the bench. Engineering simulation only; never for clinical use.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
