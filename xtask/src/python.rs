//! Clients against the real binary: the suites in `compat/` that Python runs, those written in it in virtual environments.

use crate::Outcome;
use crate::steps::{Count, counted};
use crate::tools::{self, NODE, PYTHON, Tool};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs the suite in `compat/{suite}` against a binary, with the packages that it requires.
pub fn run(suite: &str, binary: &Path) -> (Count, Outcome) {
    match prepare(suite) {
        Ok((python, runner)) => counted(Command::new(python).arg("-u").arg(runner).arg(binary)),
        Err(why) => (Count::default(), Err(why)),
    }
}

/// Runs the suite in `compat/{suite}` against a binary. It needs no packages, and the language that its programs are in.
pub fn run_bare(suite: &str, language: &Tool, binary: &Path) -> (Count, Outcome) {
    // Samples are printed by the page's own script.
    let ensured = PYTHON
        .ensure()
        .and_then(|()| NODE.ensure())
        .and_then(|()| language.ensure())
        .and_then(|()| tools::root());
    match ensured {
        Ok(root) => {
            let runner = root.join("compat").join(suite).join("run.py");
            counted(Command::new("python3").arg("-u").arg(runner).arg(binary))
        }
        Err(why) => (Count::default(), Err(why)),
    }
}

fn prepare(suite: &str) -> Outcome<(PathBuf, PathBuf)> {
    PYTHON.ensure()?;
    NODE.ensure()?;
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
