//! Clients written in Python against the real binary: the suites in `compat/`, each in a virtual environment of its own.

use crate::Outcome;
use crate::steps::{Count, counted};
use crate::tools::{self, PYTHON};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs the suite in `compat/{suite}` against a binary.
pub fn run(suite: &str, binary: &Path) -> (Count, Outcome) {
    match prepare(suite) {
        Ok((python, runner)) => counted(Command::new(python).arg("-u").arg(runner).arg(binary)),
        Err(why) => (Count::default(), Err(why)),
    }
}

fn prepare(suite: &str) -> Outcome<(PathBuf, PathBuf)> {
    PYTHON.ensure()?;
    let folder = tools::root()?.join("compat").join(suite);
    let requirements = folder.join("requirements.txt");
    let wanted = std::fs::read(&requirements).map_err(|e| format!("{}: {e}", requirements.display()))?;
    let version = Command::new("python3").arg("--version").output().map_err(|e| format!("python3: {e}"))?;
    let mut hasher = DefaultHasher::new();
    (wanted, version.stdout).hash(&mut hasher);
    let venv = tools::target()?.join(format!("compat/{suite}-venv-{:016x}", hasher.finish()));
    let python = venv.join("bin/python");
    // Written last: an environment that broke off half-made is made again.
    let made = venv.join("made");
    if !made.exists() {
        if venv.exists() {
            std::fs::remove_dir_all(&venv).map_err(|e| format!("{}: {e}", venv.display()))?;
        }
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement"];
        succeed(Command::new(&python).args(pip).arg(&requirements))?;
        std::fs::write(&made, "").map_err(|e| format!("{}: {e}", made.display()))?;
    }
    Ok((python, folder.join("run.py")))
}

fn succeed(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}
