//! Files with fixed modes, which the umask does not change.

use crate::Outcome;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A folder that is filled for an archive. Paths are relative to it; folders have the mode 0755.
pub struct Tree(PathBuf);

impl Tree {
    /// Makes the folder, without what it had.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn empty(root: &Path) -> Outcome<Self> {
        let result = match fs::remove_dir_all(root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(root),
        };
        result.map_err(failed(root))?;
        set_mode(root, 0o755)?;
        Ok(Self(root.to_owned()))
    }

    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Makes a folder and those above it.
    pub fn folder(&self, path: &str, mode: u32) -> Outcome {
        let mut folder = self.0.clone();
        for part in Path::new(path) {
            folder.push(part);
            if !folder.exists() {
                fs::create_dir(&folder).map_err(failed(&folder))?;
                set_mode(&folder, 0o755)?;
            }
        }
        set_mode(&folder, mode)
    }

    pub fn write(&self, path: &str, content: &[u8], mode: u32) -> Outcome {
        write(&self.place(path)?, content, mode)
    }

    pub fn copy(&self, from: &Path, path: &str, mode: u32) -> Outcome {
        copy(from, &self.place(path)?, mode)
    }

    /// Copies the files of a folder, which has no folders.
    pub fn copy_files(&self, from: &Path, path: &str, mode: u32) -> Outcome {
        self.folder(path, 0o755)?;
        names(from)?.iter().try_for_each(|name| self.copy(&from.join(name), &format!("{path}/{name}"), mode))
    }

    pub fn set_mode(&self, path: &str, mode: u32) -> Outcome {
        set_mode(&self.0.join(path), mode)
    }

    /// The names in a folder, in their order.
    pub fn names(&self, path: &str) -> Outcome<Vec<String>> {
        names(&self.0.join(path))
    }

    /// The paths of all files, in their order.
    pub fn files(&self) -> Outcome<Vec<String>> {
        let (mut folders, mut files) = (vec![String::new()], Vec::new());
        while let Some(folder) = folders.pop() {
            for name in self.names(&folder)? {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let kind = fs::symlink_metadata(self.0.join(&path)).map_err(failed(&self.0))?;
                if kind.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        Ok(files)
    }

    fn place(&self, path: &str) -> Outcome<PathBuf> {
        if let Some((folder, _)) = path.rsplit_once('/')
            && !self.0.join(folder).exists()
        {
            self.folder(folder, 0o755)?;
        }
        Ok(self.0.join(path))
    }
}

pub fn write(path: &Path, content: &[u8], mode: u32) -> Outcome {
    fs::write(path, content).map_err(failed(path))?;
    set_mode(path, mode)
}

pub fn copy(from: &Path, to: &Path, mode: u32) -> Outcome {
    fs::copy(from, to).map_err(|e| format!("{} to {}: {e}", from.display(), to.display()))?;
    set_mode(to, mode)
}

fn set_mode(path: &Path, mode: u32) -> Outcome {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed(path))
}

fn names(folder: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let name = entry.map_err(failed(folder))?.file_name().into_string();
        names.push(name.map_err(|name| format!("{}: not UTF-8", name.display()))?);
    }
    names.sort();
    Ok(names)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
