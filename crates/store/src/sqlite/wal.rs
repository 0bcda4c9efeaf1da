//! Checks the write-ahead log, before SQLite merges or overwrites it. SQLite ends its recovery at the first
//! frame that is not valid, and ignores the rest: right for the unfinished end that a power loss leaves, wrong
//! for damage in the middle, which would lose commits without a message. Format:
//! <https://sqlite.org/fileformat2.html#walformat> and <https://sqlite.org/walformat.html> for the index.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const VERSION: u32 = 3_007_000;
/// The length of one of the two equal headers of the index.
const INDEX_HEADER: usize = 48;

/// The headers of the index of a log. SQLite writes new ones when it has read the log.
pub struct IndexHeaders([u8; 2 * INDEX_HEADER]);

impl IndexHeaders {
    /// Reads the headers; `None` if the index is missing or too short.
    pub fn read(index: &Path) -> Option<Self> {
        let mut headers = [0; 2 * INDEX_HEADER];
        File::open(index).ok()?.read_exact(&mut headers).ok()?;
        Some(Self(headers))
    }

    /// As [`Self::read`], while a connection of this process has the index open. The file is never closed: a close
    /// releases all locks of the process on it, and another process would then truncate the index in use.
    pub fn read_in_use(index: &Path) -> Option<Self> {
        let mut headers = [0; 2 * INDEX_HEADER];
        let file = ManuallyDrop::new(File::open(index).ok()?);
        let mut reader: &File = &file;
        reader.read_exact(&mut headers).ok()?;
        Some(Self(headers))
    }

    /// Writes the headers back into an index that no process uses: the next start compares the log with them.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&self, index: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(index)?.write_all(&self.0)
    }

    /// The number of committed frames, if the index belongs to this log.
    fn frames(&self, log: &Log) -> Option<u64> {
        let (header, copy) = self.0.split_at(INDEX_HEADER);
        // Native byte order, except the salts.
        let number = |at: usize| Some(u32::from_ne_bytes(header.get(at..at + 4)?.try_into().ok()?));
        let sum = add((0, 0), header.get(..40)?, cfg!(target_endian = "big"));
        let valid = header == copy
            && number(0)? == VERSION
            && header.get(32..40)? == log.salts
            && sum == (number(40)?, number(44)?);
        valid.then(|| number(16).map(u64::from)).flatten()
    }
}

/// The number of the first frame that is not valid although commits follow it; `None` for a log without such a
/// gap: complete, or with an unfinished end. `before` are the headers of the index as a server left them. With
/// those that SQLite wrote after it read the log, only the rest of the log is read.
///
/// # Errors
/// Those of the file.
pub fn first_gap(
    wal: &Path,
    before: Option<&IndexHeaders>,
    recovered: Option<&IndexHeaders>,
) -> io::Result<Option<u64>> {
    let mut file = File::open(wal)?;
    let length = file.metadata()?.len();
    if length <= HEADER as u64 {
        return Ok(None);
    }
    let mut header = [0; HEADER];
    file.read_exact(&mut header)?;
    // The header is synced before the first frame is written.
    let Some(log) = Log::parse(&header) else { return Ok(Some(1)) };
    let recovered = recovered.and_then(|index| index.frames(&log)).unwrap_or_default();
    let start = log.after_commit(&mut file, recovered)?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (valid, last_commit) = log.read_valid(&mut reader, start)?;
    let frame_length = (FRAME_HEADER + log.page) as u64;
    // The server updates the index after the sync of a commit: what it names was acknowledged.
    if before.and_then(|index| index.frames(&log)).is_some_and(|frames| frames > last_commit) {
        return Ok(Some(valid + 1));
    }
    // A transaction begins after the one before it was synced. Frames after a later commit prove that this
    // commit, and with it the invalid frame, were synced.
    let mut commit_follows = false;
    let mut at = HEADER as u64 + valid * frame_length;
    while at + frame_length <= length {
        let mut frame = [0; FRAME_HEADER];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut frame)?;
        if log.has_salts(&frame) {
            if commit_follows {
                return Ok(Some(valid + 1));
            }
            commit_follows = be(&frame, 4) != 0;
        }
        at += frame_length;
    }
    Ok(None)
}

/// The header of a log.
struct Log {
    page: usize,
    salts: [u8; 8],
    big_endian: bool,
    checksum: (u32, u32),
}

impl Log {
    fn parse(header: &[u8; HEADER]) -> Option<Self> {
        let magic = be(header, 0);
        let big_endian = magic & 1 == 1;
        let page = be(header, 8);
        let is_page = (512..=65_536).contains(&page) && page.is_power_of_two();
        if magic & !1 != 0x377f_0682 || be(header, 4) != VERSION || !is_page {
            return None;
        }
        let checksum = add((0, 0), header.get(..24)?, big_endian);
        let salts = header.get(16..24)?.try_into().ok()?;
        let log = Self { page: page as usize, salts, big_endian, checksum };
        (checksum == (be(header, 24), be(header, 28))).then_some(log)
    }

    fn has_salts(&self, frame: &[u8; FRAME_HEADER]) -> bool {
        be(frame, 0) != 0 && frame[8..16] == self.salts
    }

    /// The number of frames up to a commit, and the checksum after it; moves `file` behind it. Goes to the first
    /// frame if this one is no commit of the log.
    fn after_commit(&self, file: &mut File, frame: u64) -> io::Result<(u64, (u32, u32))> {
        let frame_length = (FRAME_HEADER + self.page) as u64;
        if frame > 0 {
            let mut header = [0; FRAME_HEADER];
            let at = HEADER as u64 + (frame - 1) * frame_length;
            file.seek(SeekFrom::Start(at))?;
            let is_read = file.read_exact(&mut header).is_ok();
            if is_read && self.has_salts(&header) && be(&header, 4) != 0 {
                file.seek(SeekFrom::Start(at + frame_length))?;
                return Ok((frame, (be(&header, 16), be(&header, 20))));
            }
        }
        file.seek(SeekFrom::Start(HEADER as u64))?;
        Ok((0, self.checksum))
    }

    /// The number of valid frames, and of those up to the last commit. `reader` is behind the last one of `start`.
    fn read_valid(
        &self,
        reader: &mut impl Read,
        (start, mut checksum): (u64, (u32, u32)),
    ) -> io::Result<(u64, u64)> {
        let (mut valid, mut last_commit) = (start, start);
        let (mut frame, mut page) = ([0; FRAME_HEADER], vec![0; self.page]);
        loop {
            let read = reader.read_exact(&mut frame).and_then(|()| reader.read_exact(&mut page));
            match read {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok((valid, last_commit));
                }
                read => read?,
            }
            checksum = add(add(checksum, &frame[..8], self.big_endian), &page, self.big_endian);
            if !self.has_salts(&frame) || checksum != (be(&frame, 16), be(&frame, 20)) {
                return Ok((valid, last_commit));
            }
            valid += 1;
            if be(&frame, 4) != 0 {
                last_commit = valid;
            }
        }
    }
}

fn be(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The checksum of SQLite's log over some bytes, continued.
fn add((mut first, mut second): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
        second = second.wrapping_add(word(&pair[4..])).wrapping_add(first);
    }
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::path::PathBuf;

    /// A database with ten commits in its log, as a server leaves it that was killed.
    struct Killed {
        dir: tempfile::TempDir,
        wal: Vec<u8>,
    }

    impl Killed {
        fn new() -> Self {
            let (live, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let sql = Connection::open(live.path().join("x.db")).unwrap();
            sql.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a)")
                .unwrap();
            for _ in 0..9 {
                // Three pages each.
                sql.execute_batch("INSERT INTO t VALUES (randomblob(9000))").unwrap();
            }
            for file in ["x.db", "x.db-wal", "x.db-shm"] {
                std::fs::copy(live.path().join(file), dir.path().join(file)).unwrap();
            }
            let wal = std::fs::read(dir.path().join("x.db-wal")).unwrap();
            Self { dir, wal }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        /// The gap in a changed log, with and without the index.
        fn gaps(&self, change: impl FnOnce(&mut Vec<u8>)) -> [Option<u64>; 2] {
            let mut wal = self.wal.clone();
            change(&mut wal);
            std::fs::write(self.path("x.db-wal"), wal).unwrap();
            ["x.db-shm", "none"].map(|index| {
                let before = IndexHeaders::read(&self.path(index));
                let gap = first_gap(&self.path("x.db-wal"), before.as_ref(), None).unwrap();
                assert_eq!(self.gap_after_recovery(before.as_ref()), gap);
                gap
            })
        }

        /// The gap that is found in the rest of the log after SQLite has read it.
        fn gap_after_recovery(&self, before: Option<&IndexHeaders>) -> Option<u64> {
            let copy = tempfile::tempdir().unwrap();
            let path = |name: &str| copy.path().join(name);
            for file in ["x.db", "x.db-wal", "x.db-shm"] {
                std::fs::copy(self.path(file), path(file)).unwrap();
            }
            let sql = Connection::open(path("x.db")).unwrap();
            sql.execute_batch("SELECT count(*) FROM sqlite_schema").unwrap();
            let recovered = IndexHeaders::read(&path("x.db-shm"));
            first_gap(&path("x.db-wal"), before, recovered.as_ref()).unwrap()
        }

        fn frames(&self) -> u64 {
            ((self.wal.len() - HEADER) / (FRAME_HEADER + 4_096)) as u64
        }
    }

    const FRAME: usize = FRAME_HEADER + 4_096;

    #[test]
    fn a_complete_log_has_no_gap() {
        let killed = Killed::new();
        assert!(killed.frames() >= 20, "{}", killed.frames());
        assert_eq!(killed.gaps(Vec::clear), [None, None], "SQLite has emptied it");
        assert_eq!(killed.gaps(|_| {}), [None, None]);
        // A log that was started again has frames of the former one at its end.
        let sql = Connection::open(killed.path("x.db")).unwrap();
        sql.execute_batch("PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (1)").unwrap();
        let index = IndexHeaders::read(&killed.path("x.db-shm"));
        assert_eq!(first_gap(&killed.path("x.db-wal"), index.as_ref(), None).unwrap(), None);
        assert_eq!(first_gap(&killed.path("x.db-wal"), index.as_ref(), index.as_ref()).unwrap(), None);
    }

    #[test]
    fn every_flipped_bit_before_the_end_is_a_gap() {
        let killed = Killed::new();
        let last = killed.wal.len() - 2 * 4 * FRAME;
        for at in (HEADER..last).step_by(1_009) {
            let frame = ((at - HEADER) / FRAME + 1) as u64;
            let gaps = killed.gaps(|wal| wal[at] ^= 1);
            assert_eq!(gaps, [Some(frame); 2], "{at}");
        }
        for at in (0..HEADER).step_by(3) {
            assert_eq!(killed.gaps(|wal| wal[at] ^= 1), [Some(1); 2], "{at}");
        }
        // A flipped bit in the last commit is known by the index only.
        let at = killed.wal.len() - 9;
        assert_eq!(killed.gaps(|wal| wal[at] ^= 1), [Some(killed.frames()), None]);
    }

    #[test]
    fn an_unfinished_end_is_no_gap() {
        let killed = Killed::new();
        // A transaction that was written, but not synced, in part: the frames of an eleventh commit. The index
        // does not know it.
        let frames = killed.frames();
        let frame = |wal: &[u8], number: u64| {
            let start = HEADER + (number as usize - 1) * FRAME;
            wal[start..start + FRAME].to_vec()
        };
        for torn in 0..4 {
            let gaps = killed.gaps(|wal| {
                let mut copies: Vec<Vec<u8>> = (frames - 2..=frames).map(|n| frame(wal, n)).collect();
                if let Some(copy) = copies.get_mut(torn) {
                    copy.fill(0);
                }
                wal.extend(copies.concat());
                wal.extend([0; 77]);
            });
            assert_eq!(gaps, [None, None], "{torn}");
        }
    }

    #[test]
    fn a_log_that_ends_early_is_a_gap_by_the_index() {
        let killed = Killed::new();
        for length in [HEADER + 1, HEADER + 5 * FRAME, killed.wal.len() - 1, killed.wal.len() / 2] {
            let gaps = killed.gaps(|wal| wal.truncate(length));
            assert!(gaps[0].is_some() && gaps[1].is_none(), "{length}: {gaps:?}");
        }
    }
}
