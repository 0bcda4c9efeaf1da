//! The details of a job: texts, annotations of files, and counts of tests.
//!
//! A report may have [`Details`]. A store keeps the details of reports once for each pipeline, by its SHA-256 digest
//! ([`DetailsKey`]); a report keeps only the key. An attempt keeps the digests of its latest different
//! details; its details are computed from these when they are read ([`DetailsReducer`]).

mod bytes;
mod input;

pub use input::{AnnotationInput, DetailsInput, TestCountsInput};

use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Greatest length of a title, in characters.
pub const TITLE_MAX: usize = 255;
/// Greatest length of a summary and of a text, in characters: the limit of GitHub's check runs.
pub const TEXT_MAX: usize = 65_535;
/// Greatest length of the path of an annotation, in characters.
pub const PATH_MAX: usize = 1_024;
/// Greatest length of the message and of the raw details of an annotation, in bytes.
pub const MESSAGE_MAX: usize = 64 << 10;
/// Most annotations of a report. Further ones are dropped.
pub const ANNOTATIONS_MAX: usize = 1_000;
/// Most bytes of the details of a report, in the form of [`Details::to_bytes`].
pub const BYTES_MAX: u32 = 4 << 20;
/// Most different details of which those of an attempt consist: those of its latest reports. Clients of GitHub
/// send 50 annotations at a time, so as many as an attempt may have.
pub const ATTEMPT_DETAILS_MAX: usize = 200;
/// Most annotations of an attempt.
pub const ATTEMPT_ANNOTATIONS_MAX: usize = 10_000;
/// Most bytes of the texts of all annotations of an attempt.
pub const ATTEMPT_ANNOTATION_BYTES_MAX: usize = 4 << 20;

/// How serious an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For information.
    Notice,
    /// A problem that fails nothing.
    Warning,
    /// A failure.
    Failure,
}

impl Level {
    /// All variants, in order.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Failure];
    /// Their names in the APIs, in the same order: those of GitHub's check runs.
    pub const NAMES: &'static [&'static str] = &["notice", "warning", "failure"];

    /// The name in the APIs.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

/// A remark about some lines of a file. The order is the one in which annotations are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Annotation {
    /// The file, relative to the root of the repository, at most [`PATH_MAX`] characters. It has no `..`.
    pub path: String,
    /// The first line, 1..=2147483647.
    pub start_line: i32,
    /// The last line, not before the first one.
    pub end_line: i32,
    /// The first column, from 1; only if first and last line are the same.
    pub start_column: Option<i32>,
    /// The last column, not before the first one; only if first and last line are the same.
    pub end_column: Option<i32>,
    /// How serious it is.
    pub level: Level,
    /// One line, at most [`TITLE_MAX`] characters.
    pub title: Option<String>,
    /// The remark, at most [`MESSAGE_MAX`] bytes.
    pub message: String,
    /// More about it, at most [`MESSAGE_MAX`] bytes.
    pub raw_details: Option<String>,
}

impl Annotation {
    /// Bytes of its texts.
    fn text_bytes(&self) -> usize {
        let optional = [&self.title, &self.raw_details].into_iter().flatten().map(String::len);
        self.path.len() + self.message.len() + optional.sum::<usize>()
    }
}

/// How many tests ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TestCounts {
    /// Tests that failed, 0..=2147483647.
    pub failed: i32,
    /// Tests that passed, 0..=2147483647.
    pub passed: i32,
    /// Tests that did not run, 0..=2147483647.
    pub skipped: i32,
}

/// The details of a report, or of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// One line, at most [`TITLE_MAX`] characters.
    pub title: Option<String>,
    /// Markdown, at most [`TEXT_MAX`] characters.
    pub summary: Option<String>,
    /// Markdown, at most [`TEXT_MAX`] characters.
    pub text: Option<String>,
    /// The annotations, in order and each once.
    pub annotations: Vec<Annotation>,
    /// The counts of tests.
    pub tests: Option<TestCounts>,
}

impl Details {
    /// True when they are empty.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The title and the counts of tests of details: those of a report, or of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitleAndTests {
    /// As [`Details::title`].
    pub title: Option<String>,
    /// As [`Details::tests`].
    pub tests: Option<TestCounts>,
}

/// Which of [`TitleAndTests`] a read needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeededDetails {
    /// The counts of tests.
    Tests,
    /// The title and the counts of tests.
    TitleAndTests,
}

impl TitleAndTests {
    /// Adds those of an earlier report of the attempt.
    pub fn add_earlier(&mut self, earlier: Self) {
        self.title = self.title.take().or(earlier.title);
        self.tests = self.tests.or(earlier.tests);
    }

    /// Whether no earlier report can add what is needed.
    pub const fn has(&self, needed: NeededDetails) -> bool {
        match needed {
            NeededDetails::Tests => self.tests.is_some(),
            NeededDetails::TitleAndTests => self.title.is_some() && self.tests.is_some(),
        }
    }

    /// Whether it has neither.
    pub const fn is_empty(&self) -> bool {
        self.title.is_none() && self.tests.is_none()
    }
}

/// The details in a stored report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DetailsKey {
    /// The SHA-256 digest of the bytes.
    pub digest: [u8; 32],
    /// The number of bytes.
    pub bytes: u32,
    /// The number of annotations.
    pub annotations: u32,
}

impl DetailsKey {
    /// The key of details with these bytes.
    pub fn new(details: &Details, bytes: &[u8]) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (annotations, length) = (number(details.annotations.len()), number(bytes.len()));
        Self { digest: Sha256::digest(bytes).into(), bytes: length, annotations }
    }
}

/// Computes the details of an attempt from those of its latest reports, which may be added in any order.
///
/// A text and the counts of tests are those of the latest report that has them. Annotations are a set, each
/// once; of too many, those are kept that come first in their order.
#[derive(Debug, Default)]
pub struct DetailsReducer {
    title: Option<(usize, String)>,
    summary: Option<(usize, String)>,
    text: Option<(usize, String)>,
    tests: Option<(usize, TestCounts)>,
    annotations: BTreeSet<Annotation>,
    annotation_bytes: usize,
    /// The first annotation that was left out. No later one is kept, so the order of adding does not matter.
    first_left_out: Option<Annotation>,
}

impl DetailsReducer {
    /// Adds the details with this position in
    /// [`Attempt::latest_details`](super::attempts::Attempt::latest_details): 0 for the latest ones.
    pub fn add(&mut self, position: usize, details: Details) {
        keep_latest(&mut self.title, position, details.title);
        keep_latest(&mut self.summary, position, details.summary);
        keep_latest(&mut self.text, position, details.text);
        keep_latest(&mut self.tests, position, details.tests);
        for annotation in details.annotations {
            // They are in order.
            if self.first_left_out.as_ref().is_some_and(|first| annotation >= *first) {
                break;
            }
            let bytes = annotation.text_bytes();
            if !self.annotations.insert(annotation) {
                continue;
            }
            self.annotation_bytes += bytes;
            while self.annotations.len() > ATTEMPT_ANNOTATIONS_MAX
                || self.annotation_bytes > ATTEMPT_ANNOTATION_BYTES_MAX
            {
                let Some(last) = self.annotations.pop_last() else { break };
                self.annotation_bytes -= last.text_bytes();
                self.first_left_out = Some(last);
            }
        }
    }

    /// The details of the attempt.
    pub fn finish(self) -> Details {
        Details {
            title: self.title.map(|(_, title)| title),
            summary: self.summary.map(|(_, summary)| summary),
            text: self.text.map(|(_, text)| text),
            annotations: self.annotations.into_iter().collect(),
            tests: self.tests.map(|(_, tests)| tests),
        }
    }
}

fn keep_latest<T>(held: &mut Option<(usize, T)>, position: usize, reported: Option<T>) {
    if let Some(value) = reported
        && held.as_ref().is_none_or(|(held, _)| position < *held)
    {
        *held = Some((position, value));
    }
}

#[cfg(test)]
mod tests;
