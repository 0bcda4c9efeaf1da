//! The paths of the workspace and its build folder, and the commands that are started in them.

use crate::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders of this workspace.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds both from where cargo built and started this program: `TARGET/debug/xtask`.
    ///
    /// # Errors
    /// When this program is elsewhere.
    pub fn find() -> Outcome<Self> {
        let program = std::env::current_exe().map_err(|e| format!("the path of this program: {e}"))?;
        let target = program.ancestors().nth(2).ok_or("this program is not in a target folder")?;
        let manifest =
            std::env::var_os("CARGO_MANIFEST_DIR").ok_or("start this program with `cargo xtask`")?;
        let root = Path::new(&manifest).parent().ok_or("the folder of xtask has no parent")?;
        Ok(Self { root: root.to_owned(), target: target.to_owned() })
    }

    /// The binary that the steps before the suites build.
    pub fn binary(&self) -> PathBuf {
        self.target.join("debug/stagepost")
    }

    /// This program, as the steps before the suites build it again. The file that was started is deleted then.
    pub fn xtask(&self) -> PathBuf {
        self.target.join("debug/xtask")
    }

    /// The folder of a suite's sources.
    pub fn suite(&self, name: &str) -> PathBuf {
        self.root.join("compat").join(name)
    }

    /// The folder in which the suites build their programs and install their packages.
    pub fn builds(&self) -> PathBuf {
        self.target.join("compat")
    }

    /// `cargo` that lints what it compiles, so that dependencies are compiled once for clippy and the tests.
    /// Warnings are errors, as with `cargo clippy -- -D warnings`.
    pub fn cargo(&self) -> Command {
        let mut command = plain_cargo();
        // Beside cargo itself there is the driver of its toolchain; the one in PATH starts through rustup.
        let beside = Path::new(command.get_program()).with_file_name("clippy-driver");
        let driver = if beside.exists() { beside } else { "clippy-driver".into() };
        command.env("RUSTC_WORKSPACE_WRAPPER", driver);
        // cargo-clippy ends each argument with this separator.
        command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
        command.current_dir(&self.root);
        command
    }
}

/// The cargo that started this program.
pub fn plain_cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if in_ci() {
        // Each run compiles everything once: what makes the next build quicker, or serves a debugger, costs time only.
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    command
}

/// Whether this is CI, where no test may be left out.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
