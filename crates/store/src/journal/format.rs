//! The format of a journal file: a header, then commits, each with a checksum. All numbers are little-endian.
//!
//! | header | bytes | | commit | bytes |
//! |---|---|---|---|---|
//! | `stpgjrnl` | 8 | | length of the body | 4 |
//! | version | 4 | | checksum | 4 |
//! | checksum of the other fields | 4 | | number of the commit | 8 |
//! | identity of the store | 16 | | body (`rows::journal`) | |
//! | generation | 8 | | zeros to a multiple of 8 bytes | |
//! | number of the first commit | 8 | | | |
//! | zeros | 16 | | | |
//!
//! The checksum of a commit covers the generation too, so what a former generation left in the file is not read.
//! It is CRC-32: it finds torn and damaged commits, and needs a tenth of a nanosecond per byte. It does not protect
//! against a process that can write the file.

use std::ops::Range;

/// The bytes of a header.
pub const HEADER: usize = 64;
/// The bytes of a commit besides its body.
const COMMIT_HEADER: usize = 16;
const ALIGNMENT: usize = 8;
const MAGIC: &[u8; 8] = b"stpgjrnl";
/// The version that this program writes, and the only one that it reads.
pub const VERSION: u32 = 1;
/// A number of a commit that is greater than expected by this or more is none.
const AHEAD_MAX: u64 = 1 << 24;

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The identity of the store.
    pub identity: [u8; 16],
    /// Grows by one with each use of a file.
    pub generation: u64,
    /// The number of the first commit of the generation.
    pub first: u64,
}

/// The kind of the start of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A header.
    Header(Header),
    /// The header of another version.
    Version(u32),
    /// No header.
    Damaged,
}

impl Header {
    /// The bytes of the header.
    pub fn encode(&self) -> [u8; HEADER] {
        let mut to = [0; HEADER];
        to[..8].copy_from_slice(MAGIC);
        to[8..12].copy_from_slice(&VERSION.to_le_bytes());
        to[16..32].copy_from_slice(&self.identity);
        to[32..40].copy_from_slice(&self.generation.to_le_bytes());
        to[40..48].copy_from_slice(&self.first.to_le_bytes());
        let sum = crc32fast::hash(&to);
        to[12..16].copy_from_slice(&sum.to_le_bytes());
        to
    }
}

impl Start {
    /// Reads the start of a file.
    pub fn decode(file: &[u8]) -> Self {
        let Some(header) = file.first_chunk::<HEADER>() else { return Self::Damaged };
        let mut unsummed = *header;
        unsummed[12..16].fill(0);
        if &header[..8] != MAGIC || u32_at(header, 12) != Some(crc32fast::hash(&unsummed)) {
            return Self::Damaged;
        }
        let (Some(version), Some(generation), Some(first)) =
            (u32_at(header, 8), u64_at(header, 32), u64_at(header, 40))
        else {
            return Self::Damaged;
        };
        if version != VERSION {
            return Self::Version(version);
        }
        let mut identity = [0; 16];
        identity.copy_from_slice(&header[16..32]);
        Self::Header(Header { identity, generation, first })
    }
}

/// Appends a commit of a generation to `to`.
pub fn encode_commit(to: &mut Vec<u8>, generation: u64, number: u64, body: &[u8]) {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(&checksum(generation, number, body).to_le_bytes());
    to.extend_from_slice(&number.to_le_bytes());
    to.extend_from_slice(body);
    to.resize(to.len() + padding(body.len()), 0);
}

fn padding(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT) - length
}

fn checksum(generation: u64, number: u64, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    for number in [generation, number, body.len() as u64] {
        sum.update(&number.to_le_bytes());
    }
    sum.update(body);
    sum.finalize()
}

/// The commits of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// The positions of the bodies, in order. The first one has the number that the header names.
    pub bodies: Vec<Range<usize>>,
    /// The end of the last commit.
    pub end: usize,
    /// The greatest number of a commit that is valid although one before it is not: that one was damaged after it
    /// was synced.
    pub later: Option<u64>,
}

impl Commits {
    /// Finds the commits of a file with this header. The end may be a commit that was not written in full, or what
    /// a former generation left.
    pub fn find(file: &[u8], header: &Header) -> Self {
        let mut found = Self { end: HEADER, ..Self::default() };
        let mut next = header.first;
        while let Some((number, body)) = commit_at(file, header.generation, found.end)
            && number == next
        {
            found.end = body.end + padding(body.len());
            found.bodies.push(body);
            next += 1;
        }
        let rest = (found.end..file.len()).step_by(ALIGNMENT).filter_map(|at| {
            let number = u64_at(file, at + 8).filter(|number| (next..next + AHEAD_MAX).contains(number))?;
            commit_at(file, header.generation, at).map(|_| number)
        });
        found.later = rest.max();
        found
    }
}

/// The number and the body of the commit at this position, if it is valid.
fn commit_at(file: &[u8], generation: u64, at: usize) -> Option<(u64, Range<usize>)> {
    let (length, sum, number) = (u32_at(file, at)?, u32_at(file, at + 4)?, u64_at(file, at + 8)?);
    let start = at + COMMIT_HEADER;
    let range = start..start.checked_add(usize::try_from(length).ok()?)?;
    let body = file.get(range.clone())?;
    (checksum(generation, number, body) == sum).then_some((number, range))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER_7: Header = Header { identity: [3; 16], generation: 7, first: 100 };

    fn file(bodies: &[&[u8]]) -> Vec<u8> {
        let mut file = HEADER_7.encode().to_vec();
        for (number, body) in (100..).zip(bodies) {
            encode_commit(&mut file, 7, number, body);
        }
        file
    }

    fn found(file: &[u8]) -> (Vec<&[u8]>, bool) {
        let commits = Commits::find(file, &HEADER_7);
        (commits.bodies.into_iter().map(|body| &file[body]).collect(), commits.later.is_some())
    }

    #[test]
    fn the_commits_of_a_file_are_found_before_an_unfinished_end() {
        let bodies: [&[u8]; 4] = [b"first", b"", b"third!!!", b"the last one"];
        let complete = file(&bodies);
        assert_eq!(Start::decode(&complete), Start::Header(HEADER_7));
        assert_eq!(found(&complete), (bodies.to_vec(), false));
        let before_last = file(&bodies[..3]).len();
        for length in before_last..complete.len() - 4 {
            assert_eq!(found(&complete[..length]), (bodies[..3].to_vec(), false), "{length}");
            // What a former generation left behind the unfinished end.
            let mut reused = complete[..length].to_vec();
            reused.resize(length.next_multiple_of(8), 0);
            encode_commit(&mut reused, 5, 104, b"a commit of generation 5");
            assert_eq!(found(&reused), (bodies[..3].to_vec(), false), "{length}");
        }
    }

    #[test]
    fn every_flipped_bit_before_the_last_commit_is_damage() {
        let bodies: [&[u8]; 3] = [b"first", b"second", b"third"];
        let (complete, before_last) = (file(&bodies), file(&bodies[..2]).len());
        for at in HEADER..before_last {
            let mut flipped = complete.clone();
            flipped[at] ^= 1;
            let is_padding = found(&flipped) == (bodies.to_vec(), false);
            assert!(found(&flipped).1 || is_padding && complete[at] == 0, "{at}");
        }
        for at in 0..HEADER {
            let mut flipped = complete.clone();
            flipped[at] ^= 1;
            assert_eq!(Start::decode(&flipped), Start::Damaged, "{at}");
        }
        for length in 0..HEADER {
            assert_eq!(Start::decode(&complete[..length]), Start::Damaged);
        }
    }

    #[test]
    fn another_version_is_named() {
        let mut header = HEADER_7.encode();
        header[8..12].copy_from_slice(&9_u32.to_le_bytes());
        header[12..16].fill(0);
        let sum = crc32fast::hash(&header);
        header[12..16].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(Start::decode(&header), Start::Version(9));
    }
}
