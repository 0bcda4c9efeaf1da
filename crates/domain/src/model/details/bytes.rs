//! Serializes details to bytes, of which a store keeps the digest and the content. The first byte is the
//! version of the format. Equal details have equal bytes.
//!
//! Numbers and texts are those of [`binary`]. The path of an annotation leaves out the bytes that it shares with the
//! beginning of the path before it.

use super::{Annotation, Details, Level, TestCounts, TitleAndTests};
use crate::model::binary;

const VERSION: u8 = 1;

/// Bits of the byte after the version.
const TITLE: u8 = 1;
const SUMMARY: u8 = 1 << 1;
const TEXT: u8 = 1 << 2;
const TESTS: u8 = 1 << 3;

/// Bits of the byte of an annotation, above the two of its level.
const START_COLUMN: u8 = 1 << 2;
const END_COLUMN: u8 = 1 << 3;
const ANNOTATION_TITLE: u8 = 1 << 4;
const RAW_DETAILS: u8 = 1 << 5;

impl Details {
    /// Serializes the details.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { title, summary, text, annotations, tests } = self;
        let mut out =
            vec![VERSION, bit(TITLE, title) | bit(SUMMARY, summary) | bit(TEXT, text) | bit(TESTS, tests)];
        [title, summary, text].into_iter().flatten().for_each(|text| put_text(&mut out, text));
        if let Some(TestCounts { failed, passed, skipped }) = tests {
            [failed, passed, skipped].into_iter().for_each(|count| put_int(&mut out, *count));
        }
        binary::put_uint(&mut out, annotations.len() as u64);
        let mut previous = "";
        for annotation in annotations {
            put_annotation(&mut out, annotation, previous);
            previous = &annotation.path;
        }
        out
    }

    /// Parses what [`Details::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut read = Reader(bytes);
        let details = read.without_annotations()?;
        let count = usize::try_from(read.number()?).ok()?;
        // An annotation has several bytes, so damage cannot reserve much memory.
        let mut annotations: Vec<Annotation> = Vec::with_capacity(count.min(read.0.len()));
        for _ in 0..count {
            let annotation = read.annotation(annotations.last().map_or("", |last| &last.path))?;
            annotations.push(annotation);
        }
        read.0.is_empty().then_some(Self { annotations, ..details })
    }
}

impl TitleAndTests {
    /// Parses the beginning of what [`Details::to_bytes`] wrote, without the annotations; `None` for another one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Details { title, tests, .. } = Reader(bytes).without_annotations()?;
        Some(Self { title, tests })
    }
}

fn bit<T>(bit: u8, value: &Option<T>) -> u8 {
    if value.is_some() { bit } else { 0 }
}

/// A number that is not negative.
fn put_int(out: &mut Vec<u8>, value: i32) {
    binary::put_uint(out, u64::from(value.max(0).unsigned_abs()));
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    binary::put_bytes(out, text.as_bytes());
}

fn put_annotation(out: &mut Vec<u8>, annotation: &Annotation, previous: &str) {
    let Annotation { start_column, end_column, title, raw_details, .. } = annotation;
    let flags = annotation.level as u8
        | bit(START_COLUMN, start_column)
        | bit(END_COLUMN, end_column)
        | bit(ANNOTATION_TITLE, title)
        | bit(RAW_DETAILS, raw_details);
    out.push(flags);
    binary::put_text_after(out, previous, &annotation.path);
    put_int(out, annotation.start_line);
    put_int(out, annotation.end_line - annotation.start_line);
    [start_column, end_column].into_iter().flatten().for_each(|column| put_int(out, *column));
    title.iter().for_each(|title| put_text(out, title));
    put_text(out, &annotation.message);
    raw_details.iter().for_each(|text| put_text(out, text));
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        binary::take_byte(&mut self.0)
    }

    fn number(&mut self) -> Option<u64> {
        binary::take_uint(&mut self.0)
    }

    fn int(&mut self) -> Option<i32> {
        i32::try_from(self.number()?).ok()
    }

    fn text(&mut self) -> Option<String> {
        binary::take_text(&mut self.0)
    }

    /// The bytes before the annotations.
    fn without_annotations(&mut self) -> Option<Details> {
        if self.byte()? != VERSION {
            return None;
        }
        let flags = self.byte()?;
        if flags >= TESTS << 1 {
            return None;
        }
        let mut text = |bit: u8| if flags & bit == 0 { Some(None) } else { self.text().map(Some) };
        let (title, summary, text) = (text(TITLE)?, text(SUMMARY)?, text(TEXT)?);
        let tests = match flags & TESTS {
            0 => None,
            _ => Some(TestCounts { failed: self.int()?, passed: self.int()?, skipped: self.int()? }),
        };
        Some(Details { title, summary, text, annotations: Vec::new(), tests })
    }

    fn annotation(&mut self, previous: &str) -> Option<Annotation> {
        let flags = self.byte()?;
        if flags >= RAW_DETAILS << 1 {
            return None;
        }
        let has = |bit: u8| flags & bit != 0;
        let level = *Level::ALL.get(usize::from(flags & 0b11))?;
        let path = binary::take_text_after(&mut self.0, previous)?;
        let start_line = self.int()?;
        let end_line = start_line.checked_add(self.int()?)?;
        Some(Annotation {
            path,
            start_line,
            end_line,
            start_column: if has(START_COLUMN) { Some(self.int()?) } else { None },
            end_column: if has(END_COLUMN) { Some(self.int()?) } else { None },
            level,
            title: if has(ANNOTATION_TITLE) { Some(self.text()?) } else { None },
            message: self.text()?,
            raw_details: if has(RAW_DETAILS) { Some(self.text()?) } else { None },
        })
    }
}
