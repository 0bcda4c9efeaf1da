//! The folder of temporary files in CI: in memory, where the machine has enough of it.
//!
//! Each test on PostgreSQL copies and drops a database of hundreds of small files, and each one on SQLite waits for
//! the disk: a third of the processor time of the tests on PostgreSQL is spent in the file system of a disk.

use crate::workspace::in_ci;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Makes the folder and prints its name, if 6 GiB of memory are free and programs may run there. Like `/tmp`, every
/// user may write to it: PostgreSQL does not run as root. Removes those that a cancelled run has left a day ago.
const MAKE: &str = r#"
find /dev/shm -maxdepth 1 -name 'stagepost-????????' -mmin +1440 -exec rm -r {} +
set -e
test "$(df --output=avail --block-size=1G /dev/shm | tail -n 1)" -ge 6
test "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)" -ge 6291456
folder=$(mktemp --directory /dev/shm/stagepost-XXXXXXXX)
chmod 1777 "$folder"
cp /bin/true "$folder/probe" && "$folder/probe" && rm "$folder/probe" || { rm -r "$folder"; exit 1; }
echo "$folder"
"#;

/// A folder in memory, which is removed when this is dropped.
pub struct TemporaryFiles(Option<PathBuf>);

impl TemporaryFiles {
    /// None outside CI: there an interrupted run would leave its files in memory. None where `TMPDIR` is set.
    pub fn new() -> Self {
        if !in_ci() || std::env::var_os("TMPDIR").is_some() {
            return Self(None);
        }
        Self(make())
    }

    /// Sets the variable that names the folder. Without a folder in memory the command uses the system's.
    pub fn pass_to(&self, command: &mut Command) {
        if let Self(Some(folder)) = self {
            command.env("TMPDIR", folder);
        }
    }
}

fn make() -> Option<PathBuf> {
    let made = Command::new("sh").args(["-c", MAKE]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let made = made.ok().filter(|made| made.status.success())?;
    Some(String::from_utf8(made.stdout).ok()?.trim().into())
}

impl Drop for TemporaryFiles {
    fn drop(&mut self) {
        if let Self(Some(folder)) = self
            && let Err(error) = std::fs::remove_dir_all(&*folder)
        {
            eprintln!("{} cannot be removed: {error}", folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_write_to_the_folder_and_nothing_is_left_of_it() {
        // A machine with little memory has none.
        let Some(folder) = make() else { return };
        let files = TemporaryFiles(Some(folder.clone()));
        let mut command = Command::new("mktemp");
        files.pass_to(&mut command);
        let printed = command.output().expect("mktemp").stdout;
        let file = PathBuf::from(String::from_utf8(printed).expect("a path").trim());
        assert!(file.starts_with(&folder) && file.exists(), "{}", file.display());
        drop(files);
        assert!(!folder.exists(), "{}", folder.display());
    }
}
