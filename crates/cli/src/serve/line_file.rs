//! A file that lines are appended to, and that another program may rename.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often the name is compared with the open file, at most.
const COMPARE_INTERVAL: Duration = Duration::from_secs(1);

/// The file. Nothing that it contains is ever changed.
pub struct LineFile {
    path: PathBuf,
    /// Of a file that is created, whatever the umask.
    mode: u32,
    file: Option<File>,
    compared: Option<Instant>,
    /// The last line is incomplete, because the disk was full.
    is_cut: bool,
}

impl LineFile {
    /// A file that is not open yet.
    pub fn new(path: PathBuf, mode: u32) -> Self {
        Self { path, mode, file: None, compared: None, is_cut: false }
    }

    /// The path, as given.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Opens the file at its path, or creates it.
    ///
    /// # Errors
    /// It cannot be opened; the former one stays open.
    pub fn open(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).mode(self.mode);
        let file = match options.clone().create_new(true).open(&self.path) {
            Ok(file) => {
                // Bits that the umask has removed. Some file systems have no modes.
                let _ = file.set_permissions(Permissions::from_mode(self.mode));
                file
            }
            // The name may be a link to a file that does not exist yet.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                options.create(true).open(&self.path)?
            }
            Err(error) => return Err(error),
        };
        self.is_cut &= file.metadata()?.len() > 0;
        self.file = Some(file);
        Ok(())
    }

    /// Closes the file; the next line opens it.
    pub fn close(&mut self) {
        self.file = None;
    }

    /// Whether the file is open.
    pub fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Whether the path belongs to another file than the open one, or to none. It is compared once a second at most.
    pub fn is_renamed(&mut self) -> bool {
        let is_due = self.compared.is_none_or(|compared| compared.elapsed() >= COMPARE_INTERVAL);
        is_due && {
            self.compared = Some(Instant::now());
            self.is_other_file()
        }
    }

    fn is_other_file(&self) -> bool {
        let Some(Ok(open)) = self.file.as_ref().map(File::metadata) else { return false };
        std::fs::metadata(&self.path)
            .map_or(true, |named| (named.dev(), named.ino()) != (open.dev(), open.ino()))
    }

    /// Appends a line that ends with a line feed, after opening the file if it is not open.
    ///
    /// # Errors
    /// The file cannot be opened or written. If a part of the line is written, the next line begins with a line feed.
    pub fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            self.open()?;
        }
        match &mut self.file {
            Some(file) => write_line(file, &mut self.is_cut, line),
            None => Ok(()),
        }
    }
}

/// Writes a line that ends with a line feed. `is_cut`: the line before it is incomplete.
///
/// # Errors
/// The line cannot be written; `is_cut` says whether a part of it is.
pub fn write_line(to: &mut impl Write, is_cut: &mut bool, line: &[u8]) -> io::Result<()> {
    let end: &[u8] = if *is_cut { b"\n" } else { b"" };
    let whole = [end, line].concat();
    let mut rest = whole.as_slice();
    while !rest.is_empty() {
        match to.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                // A line that begins is incomplete until its end is written.
                *is_cut = true;
                rest = rest.get(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if !line.is_empty() {
        *is_cut = false;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a number of bytes, as a disk that becomes full.
    struct Disk(Vec<u8>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.1 - self.0.len());
            self.0.extend(bytes.iter().take(count));
            if count == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(count) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_incomplete_line_ends_before_the_next_one() {
        let (mut disk, mut is_cut) = (Disk(Vec::new(), 6), false);
        write_line(&mut disk, &mut is_cut, b"one\n").unwrap();
        let error = write_line(&mut disk, &mut is_cut, b"two\n").unwrap_err();
        assert_eq!((error.kind(), is_cut), (ErrorKind::StorageFull, true));
        disk.1 = 100;
        write_line(&mut disk, &mut is_cut, b"three\n").unwrap();
        write_line(&mut disk, &mut is_cut, b"four\n").unwrap();
        assert_eq!(String::from_utf8(disk.0).unwrap(), "one\ntw\nthree\nfour\n");
    }

    #[test]
    fn the_file_is_created_with_its_mode_and_appended_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut file = LineFile::new(path.clone(), 0o640);
        file.append(b"one\n").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let mut again = LineFile::new(path.clone(), 0o640);
        again.append(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600, "as the operator chose");
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        LineFile::new(link, 0o600).append(b"one\n").unwrap();
        assert_eq!(mode(&target), 0o600, "behind a link too");
    }

    #[test]
    fn a_renamed_file_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut file = LineFile::new(path.clone(), 0o640);
        file.append(b"one\n").unwrap();
        assert!(!file.is_renamed());
        std::fs::rename(&path, directory.path().join("log.1")).unwrap();
        assert!(!file.is_renamed(), "compared a moment ago");
        assert!(file.is_other_file(), "no file has the name");
        std::fs::write(&path, "").unwrap();
        assert!(file.is_other_file(), "another file has the name");
        file.open().unwrap();
        assert!(!file.is_other_file());
    }
}
