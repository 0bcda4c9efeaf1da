//! `cargo xtask load`: builds the server and the load generator, and starts the measurement beside a
//! PostgreSQL.

use crate::Outcome;
use crate::tools::{POSTGRES, PYTHON, Packages};
use crate::workspace::{Workspace, plain_cargo};
use std::process::{Command, ExitCode};

struct Options {
    seconds: u16,
    connections: u16,
}

impl Options {
    fn read(args: &[&str]) -> Outcome<Self> {
        let mut options = Self { seconds: 5, connections: 32 };
        for pair in args.chunks(2) {
            let invalid = || format!("{}: not an option with a number from 1 to 3600", pair.join(" "));
            let [name, value] = pair else { return Err(invalid()) };
            let number = value.parse().ok().filter(|n| (1..=3_600).contains(n)).ok_or_else(invalid)?;
            match *name {
                "--seconds" => options.seconds = number,
                "--connections" => options.connections = number,
                _ => return Err(invalid()),
            }
        }
        Ok(options)
    }
}

/// Builds the binaries with the profile `dist`, and measures with them.
pub fn run(args: &[&str]) -> Outcome<ExitCode> {
    let options = Options::read(args)?;
    let workspace = Workspace::find()?;
    let built = plain_cargo()
        .args(["build", "--profile", "dist", "--package", "stagepost", "--package", "load"])
        .current_dir(&workspace.root)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("the build failed".into());
    }
    let packages = Packages::new(&[&POSTGRES, &PYTHON]);
    packages.require(&POSTGRES)?;
    packages.require(&PYTHON)?;
    let built = workspace.target.join("dist");
    // The cluster's files are beside the build, as those of SQLite are, and its commits wait for the disk.
    let status = Command::new("python3")
        .arg(workspace.root.join("compat/support/postgres.py"))
        .arg(built.join("load"))
        .args(["measure", &options.seconds.to_string(), &options.connections.to_string()])
        .env("TMPDIR", &built)
        .env("STAGEPOST_TEST_POSTGRES_FSYNC", "on")
        .status();
    match status {
        Ok(status) if status.success() => Ok(ExitCode::SUCCESS),
        Ok(status) => Err(format!("the measurement: {status}")),
        Err(e) => Err(format!("python3: {e}")),
    }
}
