//! The reports that the journal files have and the tables lack: those that a killed process left, or that a running
//! server has in them.

use super::files::{at, paths};
use super::format::{Commits, Header, Start, VERSION};
use crate::loss::Loss;
use domain::Result;
use domain::ports::unavailable;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The commits that the tables lack.
#[derive(Debug, Default)]
pub struct LaterCommits {
    /// The bodies in order, without gaps.
    pub bodies: Vec<Vec<u8>>,
    /// The number of the last one, or of the last applied commit.
    pub last: u64,
    /// Commits after these are missing: the first of them should be in this file.
    pub gap: Option<PathBuf>,
}

/// The content of a journal file.
enum Content {
    Missing,
    Damaged,
    Readable { header: Header, commits: Commits, bytes: Vec<u8> },
}

/// The journal files of a database as of about one moment. To be read before the database, if a server uses it: what
/// is applied in between is then in both.
pub struct Files([(PathBuf, Content); 2]);

impl Files {
    /// Reads the files of a database file.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`], also for a file that a newer program has written.
    pub fn read(database: &Path) -> Result<Self> {
        let [first, second] = paths(database);
        Ok(Self([read_file(first)?, read_file(second)?]))
    }

    /// The greatest generation; `None` unless both files are usable for the store of this identity.
    pub fn generation(&self, identity: [u8; 16]) -> Option<u64> {
        let generation = |content: &Content| match content {
            Content::Readable { header, .. } if header.identity == identity => Some(header.generation),
            _ => None,
        };
        let [(_, first), (_, second)] = &self.0;
        Some(generation(first)?.max(generation(second)?))
    }

    /// The data that the files themselves lack. `required`: the last server of the store used journal files.
    pub fn find_loss(&self, identity: [u8; 16], required: bool) -> Option<Loss> {
        self.0.iter().find_map(|(path, content)| {
            let path = path.clone();
            match content {
                Content::Missing if required => Some(Loss::JournalMissing { path }),
                Content::Missing => None,
                Content::Damaged => Some(Loss::JournalDamaged { path }),
                Content::Readable { header, .. } if header.identity != identity => {
                    Some(Loss::OtherJournal { path })
                }
                Content::Readable { .. } => None,
            }
        })
    }

    /// The commits after the commit `applied`, of the store of this identity; `None`: of any.
    pub fn after(self, applied: u64, identity: Option<[u8; 16]>) -> LaterCommits {
        let mut found = LaterCommits { last: applied, ..LaterCommits::default() };
        let mut files: Vec<_> = self
            .0
            .into_iter()
            .filter_map(|(path, content)| match content {
                Content::Readable { header, commits, bytes } => Some((path, header, commits, bytes)),
                Content::Missing | Content::Damaged => None,
            })
            .filter(|(_, header, ..)| identity.is_none_or(|identity| header.identity == identity))
            .collect();
        files.sort_by_key(|(_, header, ..)| header.generation);
        let older = files.first().map(|(path, ..)| path.clone());
        for (path, header, commits, bytes) in files {
            if header.first > found.last + 1 {
                found.gap = older;
                return found;
            }
            for (number, body) in (header.first..).zip(&commits.bodies) {
                if number == found.last + 1 {
                    found.last = number;
                    found.bodies.push(bytes[body.clone()].to_vec());
                }
            }
            if commits.later.is_some_and(|later| later > found.last) {
                found.gap = Some(path);
                return found;
            }
        }
        found
    }

    /// The path of the file with the greatest generation, or of the first file.
    pub fn newest(&self) -> PathBuf {
        let generation = |content: &Content| match content {
            Content::Readable { header, .. } => header.generation,
            Content::Missing | Content::Damaged => 0,
        };
        let [(first, of_first), (second, of_second)] = &self.0;
        if generation(of_second) > generation(of_first) { second.clone() } else { first.clone() }
    }
}

fn read_file(path: PathBuf) -> Result<(PathBuf, Content)> {
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((path, Content::Missing)),
        Err(error) => return Err(at(&path, &error)),
    };
    let content = match Start::decode(&bytes) {
        Start::Header(header) => {
            let commits = Commits::find(&bytes, &header);
            Content::Readable { header, commits, bytes }
        }
        Start::Damaged if bytes.is_empty() => Content::Missing,
        Start::Damaged => Content::Damaged,
        Start::Version(version) => {
            return Err(unavailable(format!(
                "{} has version {version}, this program knows {VERSION}: start the program that wrote it once, and \
                 stop it normally",
                path.display()
            )));
        }
    };
    Ok((path, content))
}
