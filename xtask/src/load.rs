//! `cargo xtask load`: builds the server and the load generator, and starts the measurement beside a
//! PostgreSQL.

use crate::Outcome;
use crate::tools::{NGINX, POSTGRES, PYTHON, Packages};
use crate::workspace::{Workspace, plain_cargo};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The options that are read here; the load generator reads the others.
struct Options<'a> {
    profile: &'a str,
    scratch: Option<PathBuf>,
    needs_postgres: bool,
    others: Vec<&'a str>,
}

impl<'a> Options<'a> {
    fn read(args: &[&'a str]) -> Self {
        let mut options = Self { profile: "dist", scratch: None, needs_postgres: true, others: Vec::new() };
        for pair in args.chunks(2) {
            match *pair {
                ["--profile", profile] => options.profile = profile,
                ["--scratch", scratch] => options.scratch = Some(scratch.into()),
                _ => {
                    options.needs_postgres &= *pair != ["--store", "sqlite"];
                    options.others.extend(pair);
                }
            }
        }
        options
    }

    /// The folder of the profile's programs in the target folder.
    fn folder(&self) -> &'a str {
        if self.profile == "dev" { "debug" } else { self.profile }
    }
}

/// Builds the binaries, and measures with them.
///
/// # Errors
/// When an option is not valid, or the build or the measurement fails.
pub fn run(args: &[&str]) -> Outcome<ExitCode> {
    let options = Options::read(args);
    let workspace = Workspace::find()?;
    let built = workspace.target.join(options.folder());
    let load = built.join("load");
    // The generator is small: it refuses a wrong option before the server is built.
    build(&workspace, options.profile, "load")?;
    let checked = Command::new(&load).arg("check").args(&options.others).status();
    if !checked.map_err(|e| format!("{}: {e}", load.display()))?.success() {
        return Ok(ExitCode::FAILURE);
    }
    build(&workspace, options.profile, "stagepost")?;

    let scratch = options.scratch.unwrap_or_else(|| workspace.target.join("load"));
    let failed = |e: std::io::Error| format!("{}: {e}", scratch.display());
    std::fs::create_dir_all(&scratch).map_err(failed)?;
    let scratch = scratch.canonicalize().map_err(failed)?;
    let _lock = lock(&scratch)?;
    let packages = Packages::new(&[&NGINX, &POSTGRES, &PYTHON]);
    packages.require(&NGINX)?;
    let mut command = if options.needs_postgres {
        packages.require(&POSTGRES)?;
        packages.require(&PYTHON)?;
        let mut command = Command::new("python3");
        command.arg(workspace.root.join("compat/support/postgres.py")).arg(&load);
        // The cluster's files are beside the data of SQLite, and its commits wait for the disk.
        command.env("STAGEPOST_TEST_POSTGRES_FOLDER", scratch.join("postgres"));
        command.env("STAGEPOST_TEST_POSTGRES_FSYNC", "on");
        command
    } else {
        Command::new(&load)
    };
    command.arg("measure").args(&options.others).arg("--scratch").arg(&scratch);
    match command.status() {
        Ok(status) if status.success() => Ok(ExitCode::SUCCESS),
        Ok(status) => Err(format!("the measurement: {status}")),
        Err(e) => Err(format!("{}: {e}", command.get_program().display())),
    }
}

fn build(workspace: &Workspace, profile: &str, package: &str) -> Outcome {
    let built = plain_cargo()
        .args(["build", "--profile", profile, "--package", package])
        .current_dir(&workspace.root)
        .status();
    if built.is_ok_and(|status| status.success()) { Ok(()) } else { Err("the build failed".into()) }
}

/// Held until the measurement ends.
fn lock(scratch: &Path) -> Outcome<File> {
    let path = scratch.join("lock");
    let file = File::create(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!("another measurement uses {}", scratch.display())),
        Err(TryLockError::Error(e)) => Err(format!("{}: {e}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_generator_are_passed_on() {
        let options = Options::read(&["--seconds", "5", "--profile", "dev", "--store", "sqlite", "--json"]);
        assert_eq!(options.others, ["--seconds", "5", "--store", "sqlite", "--json"]);
        assert_eq!((options.folder(), options.needs_postgres), ("debug", false));
    }

    #[test]
    fn without_options_what_is_shipped_is_measured() {
        let options = Options::read(&[]);
        assert_eq!((options.folder(), options.needs_postgres, options.scratch), ("dist", true, None));
    }
}
