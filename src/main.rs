//! The binary: see [`headroom::cli`].

fn main() -> std::process::ExitCode {
    headroom::cli::main()
}
