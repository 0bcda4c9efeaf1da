//! PostgreSQL's programs: their folder, and the user that they run as.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's packages install each version in a folder here.
const DEBIAN: &str = "/usr/lib/postgresql";
const MISSING: &str = "PostgreSQL is missing, which these tests need. On Debian: apt-get install -y --no-install-recommends postgresql; \
    elsewhere have `postgres` and `initdb` in PATH";

/// The programs of one version.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    /// The user and the group that they run as where the tests run as root, which PostgreSQL refuses.
    user: Option<(u32, u32)>,
}

impl Programs {
    /// The newest version on the machine.
    ///
    /// # Panics
    /// When there is none: these tests are not skipped.
    pub fn find() -> Self {
        let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        versions.sort();
        let debian = versions.into_iter().rev().map(|(_, folder)| folder);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = debian.chain(std::env::split_paths(&path)).find(|folder| {
            ["postgres", "initdb", "pg_ctl", "pg_basebackup"]
                .iter()
                .all(|program| folder.join(program).exists())
        });
        let user = rustix::process::geteuid().is_root().then(|| {
            let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
            let found = ["postgres", "nobody"].iter().find_map(|name| user(&users, name));
            found.expect("a user postgres or nobody, because PostgreSQL refuses to run as root")
        });
        Self { folder: folder.unwrap_or_else(|| panic!("{MISSING}")), user }
    }

    /// A command that runs one of them in `folder`.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.folder.join(program));
        // Without the settings of the user's own databases.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Makes the user that they run as the owner of a file or a folder.
    ///
    /// # Panics
    /// When the owner cannot be changed.
    pub fn own(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group))
                .expect("a file whose owner can be changed");
        }
    }
}

/// Runs a command, and returns its trimmed output.
///
/// # Panics
/// When it fails, with its output.
pub fn run(command: &mut Command) -> String {
    try_run(command).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a command, and returns its trimmed output.
///
/// # Errors
/// With the command and its output.
pub fn try_run(command: &mut Command) -> Result<String, String> {
    let finished = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let printed = String::from_utf8_lossy(&finished.stdout).trim().to_owned();
    if finished.status.success() {
        return Ok(printed);
    }
    Err(format!("{command:?}: {}\n{printed}\n{}", finished.status, String::from_utf8_lossy(&finished.stderr)))
}

/// The ids of a user and of their group.
fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
