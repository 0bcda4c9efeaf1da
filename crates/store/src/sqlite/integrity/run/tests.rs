//! Damages a database in many ways, and compares what the check finds with SQLite's `PRAGMA integrity_check`.

use super::*;
use std::fmt::Write as _;

const PAGE: usize = 4_096;
const ROUNDS: u64 = 400;

/// What the check does not find in a table of any size: it needs all B-trees at once.
const OF_ALL_TREES: &[&str] = &["never used", "2nd reference to page"];
/// What it does not find in a table that is read in steps, because no row needs it: how a page counts its free bytes,
/// where it says that its rows begin, and what follows the last page of a long row.
const OF_WHOLE_PAGES: &[&str] = &[
    "Fragmentation of",
    "free space corruption",
    "Multiple uses for byte",
    "out of range",
    "invalid page number",
];

/// Reproducible random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.below(256) as u8;
        }
    }
}

/// A database with the forms of tables and indexes that the schema of the store has, and with free pages.
fn sound() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let sql = Connection::open(&path).unwrap();
    sql.execute_batch(
        "PRAGMA page_size = 4096;
         CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB, number INTEGER) STRICT;
         CREATE INDEX rows_by_name ON rows (name);
         CREATE INDEX rows_by_number ON rows (number, name);
         CREATE INDEX rows_of_body ON rows (id) WHERE body IS NOT NULL;
         CREATE TABLE keyed (first INTEGER NOT NULL, second TEXT NOT NULL, third INTEGER, value TEXT,
             PRIMARY KEY (first, second)) STRICT, WITHOUT ROWID;
         CREATE UNIQUE INDEX keyed_by_third ON keyed (third, first, second);
         CREATE INDEX keyed_by_value ON keyed (first, value) WHERE value IS NOT NULL;
         CREATE TABLE free (a BLOB);
         WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 900)
             INSERT INTO rows SELECT i, 'name ' || (i * 7 % 901),
                 CASE WHEN i % 5 = 0 THEN zeroblob(i * 11) END, CASE WHEN i % 3 > 0 THEN i % 40 END FROM n;
         WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 900)
             INSERT INTO keyed SELECT i % 20, 'key ' || i, CASE WHEN i % 4 > 0 THEN i END,
                 CASE WHEN i % 2 = 0 THEN 'value ' || i || ' ' || hex(zeroblob(i % 90)) END FROM n;
         WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60)
             INSERT INTO free SELECT zeroblob(9000) FROM n;
         DELETE FROM free WHERE rowid > 3; DELETE FROM rows WHERE id % 9 = 0; DELETE FROM keyed WHERE first = 7;",
    )
    .unwrap();
    drop(sql);
    std::fs::read(path).unwrap()
}

/// Changes some bytes of a database. Returns what it did.
fn damage(file: &mut [u8], random: &mut Random) -> String {
    let pages = file.len() / PAGE;
    // The header of the file is that of an open database.
    let (page, other) = (1 + random.below(pages - 1), 1 + random.below(pages - 1));
    let (at, from) = (page * PAGE, other * PAGE);
    let kind = random.below(9);
    match kind {
        0 => file[at + random.below(PAGE)] ^= 1 << random.below(8),
        1 => file[at..at + PAGE].fill(0),
        2 => {
            let at = at + random.below(PAGE - 16);
            random.bytes(&mut file[at..at + 16]);
        }
        3 => file.copy_within(from..from + PAGE, at),
        4 => {
            let copy = file[at..at + PAGE].to_vec();
            file.copy_within(from..from + PAGE, at);
            file[from..from + PAGE].copy_from_slice(&copy);
        }
        // The number of cells, free blocks, the begin of the content, and the first cells or the first child.
        5 => file[at + random.below(16)] = random.below(256) as u8,
        // Fewer cells: rows are missing, and nothing else shows it.
        6 => file[at + 4] = file[at + 4].saturating_sub(1),
        // The list of free pages: its first page, its length, and what the first page says.
        7 => file[32 + random.below(8)] ^= 1 << random.below(3),
        _ => {
            let first = u32::from_be_bytes(file[32..36].try_into().unwrap()) as usize;
            file[(first - 1) * PAGE + random.below(24)] ^= 1 << random.below(3);
        }
    }
    format!("kind {kind}, page {}, other {}", page + 1, other + 1)
}

/// The messages of SQLite's own check of the whole file.
fn by_sqlite(path: &Path) -> Vec<String> {
    let sql = Connection::open(path).unwrap();
    let found = sql.prepare("PRAGMA integrity_check").and_then(|mut statement| {
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
    });
    match found {
        Ok(found) => found.into_iter().filter(|message| message != "ok").collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn by_steps(path: &Path, whole_max: Duration, limit: usize) -> Vec<String> {
    let mut run = Run::start(path).unwrap();
    (run.whole_max, run.limit) = (whole_max, limit);
    while !run.step(&Stop::default()).unwrap() {
        run.limit = limit;
    }
    run.findings
}

/// Whether each message is of one of the kinds.
fn only(messages: &[String], kinds: &[&str]) -> bool {
    const HEADING: &str = "*** in database main ***";
    // SQLite counts no rows in a tree in which it finds something, and then says that the indexes have too many.
    let has_counted = !messages.iter().any(|message| message.starts_with(HEADING));
    let lines = messages.iter().flat_map(|message| message.lines()).filter(|line| *line != HEADING);
    let mut lines = lines.filter(|line| has_counted || !line.starts_with("wrong # of entries"));
    lines.all(|line| kinds.iter().any(|kind| line.contains(kind)))
}

#[test]
fn the_check_finds_what_sqlite_finds() {
    let (sound, dir) = (sound(), tempfile::tempdir().unwrap());
    let path = dir.path().join("x.db");
    std::fs::write(&path, &sound).unwrap();
    assert_eq!(by_sqlite(&path), [""; 0]);
    let long = Duration::from_secs(60);
    for limit in [1, 7, 4_096] {
        assert_eq!(by_steps(&path, Duration::ZERO, limit), [""; 0], "{limit}");
    }
    assert_eq!(by_steps(&path, long, 64), [""; 0]);
    let (mut missed, mut found, mut more) = (String::new(), 0, 0);
    for seed in 0..ROUNDS {
        let (mut file, mut random) = (sound.clone(), Random(seed));
        let what = damage(&mut file, &mut random);
        std::fs::write(&path, &file).unwrap();
        let expected = by_sqlite(&path);
        let (whole, steps) = (by_steps(&path, long, 64), by_steps(&path, Duration::ZERO, 64));
        found += usize::from(!expected.is_empty());
        more += usize::from(expected.is_empty() && !steps.is_empty());
        if whole.is_empty() && !only(&expected, OF_ALL_TREES) {
            writeln!(missed, "{seed}, {what}, at once: {expected:?}").unwrap();
        }
        if steps.is_empty() && !only(&expected, &[OF_ALL_TREES, OF_WHOLE_PAGES].concat()) {
            writeln!(missed, "{seed}, {what}, in steps: {expected:?}").unwrap();
        }
    }
    assert!(missed.is_empty(), "{missed}");
    assert!(found > 200, "{found}");
    println!("SQLite finds {found} of {ROUNDS}; the check finds {more} that SQLite does not");
}
