//! What a power loss leaves behind the last commit in SQLite's write-ahead log and in the journal files: part of a
//! transaction, or of a commit, that was being written. Commits before it are complete, because they were synced.

use super::writers::Random;
use std::fs;
use std::path::Path;

/// Sizes in the format of the log (SQLite, "WAL-mode File Format").
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Writes the beginning of a transaction behind the last frame of the log. Does nothing with an empty log.
pub fn tear(log: &Path, random: &mut Random) {
    let Ok(mut bytes) = fs::read(log) else { return };
    let Some(header) = bytes.get(..HEADER) else { return };
    let page = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
    // A frame belongs to the log if it has the salts of the header.
    let salts: [u8; 8] = header[16..24].try_into().unwrap();
    let frames = bytes[HEADER..].chunks_exact(FRAME_HEADER + page);
    let valid = frames.take_while(|frame| frame[8..16] == salts).count();
    bytes.truncate(HEADER + valid * (FRAME_HEADER + page));
    match random.within(0, 3) {
        // The file became longer, but its blocks were not written.
        0 => bytes.resize(bytes.len() + page, 0),
        // Part of a frame, or a frame that ends with other bytes than were written.
        part => {
            let mut frame = vec![0; FRAME_HEADER + page];
            frame.iter_mut().for_each(|byte| *byte = random.within(0, 256) as u8);
            frame[..4].copy_from_slice(&2_u32.to_be_bytes());
            // The size of the database after a commit: only the checksum shows that the frame is damaged.
            frame[4..8].copy_from_slice(&3_u32.to_be_bytes());
            frame[8..16].copy_from_slice(&salts);
            let length = if part == 1 { frame.len() } else { random.within(1, frame.len() as u64) as usize };
            bytes.extend(&frame[..length]);
        }
    }
    fs::write(log, bytes).unwrap();
}

/// Writes the beginning of a commit behind the last one of a journal file, over what an earlier generation left there.
pub fn tear_journal(file: &Path, random: &mut Random) {
    let Ok(mut bytes) = fs::read(file) else { return };
    let number = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    // The header has 64 bytes, with the number of the first commit at its end; a commit has the length of its body, a
    // checksum, and its number.
    let (mut at, Some(mut next)) = (64, number(40)) else { return };
    while number(at + 8) == Some(next) {
        let length = number(at).unwrap_or_default() & 0xffff_ffff;
        at = (at + 16 + length as usize).next_multiple_of(8);
        next += 1;
    }
    let mut commit = vec![0; 16 + random.within(0, 900) as usize];
    commit.iter_mut().for_each(|byte| *byte = random.within(0, 256) as u8);
    commit[..4].copy_from_slice(&(random.within(0, 1_000) as u32).to_le_bytes());
    commit[8..16].copy_from_slice(&next.to_le_bytes());
    commit.truncate(random.within(1, commit.len() as u64 + 1) as usize);
    if bytes.len() < at + commit.len() {
        bytes.resize(at + commit.len(), 0);
    }
    bytes[at..at + commit.len()].copy_from_slice(&commit);
    fs::write(file, bytes).unwrap();
}
