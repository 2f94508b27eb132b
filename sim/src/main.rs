//! The command line of the bench. Engineering simulation only; never for clinical use.

fn main() -> std::process::ExitCode {
    weanbench::cli::main()
}
