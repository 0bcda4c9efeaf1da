//! PostgreSQL's programs: where they are, and as whom they run.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian's packages put them: each version has a folder.
const DEBIAN: &str = "/usr/lib/postgresql";
const MISSING: &str = "PostgreSQL is missing, and these tests are about it. On Debian: apt-get install -y --no-install-recommends postgresql; \
    elsewhere have `postgres` and `initdb` in PATH";

/// The programs of one version.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    /// The user and the group that they run as: the server refuses to be root's.
    user: Option<(u32, u32)>,
}

impl Programs {
    /// The newest that the machine has.
    ///
    /// # Panics
    /// When it has none: a machine without PostgreSQL fails these tests, it does not skip them.
    pub fn find() -> Self {
        let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|of| Some((of.file_name().to_str()?.parse().ok()?, of.path().join("bin"))))
            .collect();
        versions.sort();
        let debian = versions.into_iter().rev().map(|(_, folder)| folder);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = debian.chain(std::env::split_paths(&path)).find(|folder| {
            ["postgres", "initdb", "pg_ctl", "psql"].iter().all(|program| folder.join(program).exists())
        });
        let user = rustix::process::geteuid().is_root().then(|| {
            let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
            let found = ["postgres", "nobody"].iter().find_map(|name| user(&users, name));
            found.expect("a user postgres or nobody, because PostgreSQL refuses to run as root")
        });
        Self { folder: folder.unwrap_or_else(|| panic!("{MISSING}")), user }
    }

    /// One of them, to be run in `folder`.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.folder.join(program));
        // Where whoever runs the tests has a database of their own is nothing to these.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file or a folder to whom they run as.
    ///
    /// # Panics
    /// When it cannot be given.
    pub fn give(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("a file to give away");
        }
    }
}

/// Runs a command; what it printed, trimmed.
///
/// # Panics
/// When it fails, with what it said.
pub fn run(command: &mut Command) -> String {
    try_run(command).unwrap_or_else(|said| panic!("{said}"))
}

/// Runs a command; what it printed, trimmed, or what it said when it failed.
///
/// # Errors
/// With the command and what it said.
pub fn try_run(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let printed = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    if done.status.success() {
        return Ok(printed);
    }
    Err(format!("{command:?}: {}\n{printed}\n{}", done.status, String::from_utf8_lossy(&done.stderr)))
}

/// The numbers of a user and of their group.
fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
