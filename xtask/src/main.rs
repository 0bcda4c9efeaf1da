//! The project's own chores: `cargo xtask test` is what CI runs, `cargo xtask load` measures.

mod load;
mod python;
mod steps;
mod tests;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "usage:
  cargo xtask test [--fast]      everything a change must pass; --fast stops before the official SDKs
  cargo xtask load [--seconds 5] [--connections 32]
                                 requests and acknowledged reports a second, on SQLite and on PostgreSQL, beside handlers
                                 that do nothing";

/// What a chore ends with: the reason it failed.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test"] => tests::run(false),
        ["test", "--fast"] => tests::run(true),
        ["load", options @ ..] => load::run(options),
        ["measure", options @ ..] => load::measure(options),
        ["bare", options @ ..] => load::bare(options),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
