//! `cargo xtask load`: builds the server and the load generator, and starts the measurement beside a
//! PostgreSQL.

use crate::tools::{NGINX, POSTGRES, PYTHON, Packages};
use crate::workspace::{Workspace, plain_cargo};
use crate::{Outcome, pgo};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

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

    /// Whether the program is built as by `dist --pgo`, which is no profile of cargo.
    fn is_pgo(&self) -> bool {
        self.profile == "pgo"
    }
}

/// Where the data of a measurement is kept.
struct Scratch {
    folder: PathBuf,
    needs_postgres: bool,
}

/// Builds the binaries, and measures with them.
///
/// # Errors
/// When an option is not valid, or the build or the measurement fails.
pub fn run(args: &[&str]) -> Outcome<ExitCode> {
    let options = Options::read(args);
    let workspace = Workspace::find()?;
    // The generator is small: it refuses a wrong option before the server is built.
    let load = generator(&workspace, if options.is_pgo() { "dist" } else { options.profile })?;
    let checked = Command::new(&load).arg("check").args(&options.others).status();
    if !checked.map_err(|e| format!("{}: {e}", load.display()))?.success() {
        return Ok(ExitCode::FAILURE);
    }
    let load = if options.is_pgo() {
        beside(&load, &pgo::build(&workspace)?)?
    } else {
        build(&workspace, options.profile, "stagepost")?;
        load
    };
    let scratch = options.scratch.unwrap_or_else(|| workspace.target.join("load"));
    let scratch = Scratch { folder: scratch, needs_postgres: options.needs_postgres };
    measure(&workspace, &load, &scratch, &options.others, Stdio::inherit())?;
    Ok(ExitCode::SUCCESS)
}

/// Sends every kind of request to a program on both stores, for its profile. The results mean nothing.
///
/// # Errors
/// When the build of the load generator or a request fails.
pub fn exercise(workspace: &Workspace, program: &Path, scratch: &Path) -> Outcome {
    const MEASURES: &str = "list,list-random,list-signed,gitlab-jobs,gitlab-statuses,native-jobs,combined-status,mixed,\
        reports,status-changes,gitlab-reports,github-reports,batches";
    std::fs::create_dir_all(scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
    let copy = scratch.join("stagepost");
    std::fs::copy(program, &copy).map_err(|e| format!("{}: {e}", copy.display()))?;
    let load = beside(&generator(workspace, "dist")?, &copy)?;
    let args = ["--seconds", "5", "--rounds", "1", "--jobs", "100,000", "--only", MEASURES];
    let scratch = Scratch { folder: scratch.to_owned(), needs_postgres: true };
    measure(workspace, &load, &scratch, &args, Stdio::null())
}

/// The load generator, which is built.
fn generator(workspace: &Workspace, profile: &str) -> Outcome<PathBuf> {
    build(workspace, profile, "load")?;
    Ok(workspace.target.join(if profile == "dev" { "debug" } else { profile }).join("load"))
}

/// A copy of the load generator beside a program: it measures the program beside itself.
fn beside(load: &Path, program: &Path) -> Outcome<PathBuf> {
    let copy = program.with_file_name("load");
    std::fs::copy(load, &copy).map_err(|e| format!("{}: {e}", copy.display()))?;
    Ok(copy)
}

/// Measures, beside a PostgreSQL if a measure needs one.
fn measure(workspace: &Workspace, load: &Path, scratch: &Scratch, args: &[&str], table: Stdio) -> Outcome {
    let folder = &scratch.folder;
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    let folder = folder.canonicalize().map_err(failed)?;
    let _lock = lock(&folder)?;
    let packages = Packages::new(&[&NGINX, &POSTGRES, &PYTHON]);
    packages.require(&NGINX)?;
    let mut command = if scratch.needs_postgres {
        packages.require(&POSTGRES)?;
        packages.require(&PYTHON)?;
        let mut command = Command::new("python3");
        command.arg(workspace.root.join("compat/support/postgres.py")).arg(load);
        // The cluster's files are beside the data of SQLite, and its commits wait for the disk.
        command.env("STAGEPOST_TEST_POSTGRES_FOLDER", folder.join("postgres"));
        command.env("STAGEPOST_TEST_POSTGRES_FSYNC", "on");
        command
    } else {
        Command::new(load)
    };
    match command.arg("measure").args(args).arg("--scratch").arg(&folder).stdout(table).status() {
        Ok(status) if status.success() => Ok(()),
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
        assert_eq!((options.profile, options.needs_postgres), ("dev", false));
    }

    #[test]
    fn without_options_what_is_shipped_is_measured() {
        let options = Options::read(&[]);
        assert_eq!((options.profile, options.needs_postgres, options.scratch), ("dist", true, None));
    }
}
