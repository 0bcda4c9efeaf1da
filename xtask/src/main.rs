//! The project's commands: `cargo xtask test` is what CI runs, `cargo xtask load` measures throughput, `cargo xtask
//! dist` makes packages.

mod count;
mod dist;
mod failures;
mod load;
mod pgo;
mod preparation;
mod run;
mod suites;
mod temporary;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;
use test::Extent;

const USAGE: &str = "usage:
  cargo xtask test [--fast | --long]
      runs everything that a change must pass
      --fast  runs only the checks of the code and the Rust tests; the crash tests make fewer rounds, and fewer
              requests are generated
      --long  runs everything, and then the crash, failover, move, signature and generated-request tests with larger
              numbers: 1,000 kills on SQLite and 500 on PostgreSQL with one and with three nodes, and 100,000
              generated requests; each of the variables below that is set already keeps its value
                STAGEPOST_CRASH_CYCLES, STAGEPOST_FORWARD_KILLS, STAGEPOST_FORWARD_STATES, STAGEPOST_RACES,
                STAGEPOST_FAILOVERS, STAGEPOST_INTERRUPTED_SECONDS, STAGEPOST_BACKUPS, STAGEPOST_GENERATED_REQUESTS,
                PROPTEST_CASES, SIGNED, SCHEMATHESIS_EXAMPLES
  cargo xtask load [--seconds 10] [--jobs 400,000] [--only NAME,NAME] [--store sqlite] [--json FILE]
                   [--compare FILE] [--against BINARY] [--profile release] ...
      builds with the profile dist, and measures lists and acknowledged reports on SQLite and on PostgreSQL,
      beside nginx and a handler that returns the same bytes without any work;
      docs/performance.md describes the options and the columns; `--profile pgo` measures what `dist --pgo` builds
  cargo xtask dist [--to DIR] [--pgo | --binary PATH] [--version VERSION] [--glibc 2.34] [--quick]
      builds with the profile dist, and makes the files for installing in DIR (TARGET/packages): the program, an archive, a
      Debian package, an image for containers, the list of components and the checksums
      --pgo      builds twice: for the second build, the compiler has a profile of the first one under load
      --binary   packages this program, and builds none
      --version  of the packages, instead of that of the program
      --glibc    fails if the program needs a newer glibc
      --quick    compresses less
      docs/install.md describes the files";

/// The result of a command; the error is the reason of the failure.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test::run(Extent::Ordinary),
        ["test", "--fast"] => test::run(Extent::Fast),
        ["test", "--long"] => test::run(Extent::Long),
        ["load", options @ ..] => load::run(options),
        ["dist", options @ ..] => dist::run(options),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
