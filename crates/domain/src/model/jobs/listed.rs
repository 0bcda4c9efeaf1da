//! Attempts as lists show them. All texts of a list are in one buffer, so that reading a list allocates little.

use crate::model::ids::{JobId, StageId};
use crate::model::status::Status;
use jiff::Timestamp;
use std::ops::Range;
use std::sync::Arc;

/// An attempt as a list shows it: [`Job`](super::Job) without the evidence of its reducer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListedJob<'a> {
    /// As [`Job::id`](super::Job::id).
    pub id: JobId,
    /// As [`Job::stage_id`](super::Job::stage_id).
    pub stage_id: StageId,
    /// As [`Job::name`](super::Job::name).
    pub name: &'a str,
    /// As [`Job::attempt_number`](super::Job::attempt_number).
    pub attempt_number: i32,
    /// As [`Job::newest`](super::Job::newest).
    pub newest: bool,
    /// As [`Attempt::status`](crate::model::attempts::Attempt::status), and so on.
    pub status: Status,
    /// The id of the attempt in the build system.
    pub third_build_id: Option<&'a str>,
    /// The page of the attempt in the build system.
    pub target_url: Option<&'a str>,
    /// One line of text for people.
    pub description: Option<&'a str>,
    /// Test coverage in percent, 0..=100.
    pub coverage: Option<f64>,
    /// A failure does not make the pipeline fail.
    pub allow_failure: bool,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change, by the clock of the server.
    pub updated_at: Timestamp,
    /// The start, if it is known.
    pub started_at: Option<Timestamp>,
    /// The end; only a finished attempt has it.
    pub finished_at: Option<Timestamp>,
}

/// Attempts in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListedJobs {
    texts: String,
    rows: Vec<Row>,
}

/// The part of the buffer with a text.
type Text = Range<usize>;

#[derive(Debug, Clone, PartialEq)]
struct Row {
    id: JobId,
    stage_id: StageId,
    name: Text,
    attempt_number: i32,
    newest: bool,
    status: Status,
    third_build_id: Option<Text>,
    target_url: Option<Text>,
    description: Option<Text>,
    coverage: Option<f64>,
    allow_failure: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

/// Expected bytes of the texts of an attempt.
const TEXT_BYTES: usize = 192;

impl ListedJobs {
    /// An empty list with memory for this number of attempts.
    pub fn with_capacity(jobs: usize) -> Self {
        Self { texts: String::with_capacity(jobs * TEXT_BYTES), rows: Vec::with_capacity(jobs) }
    }

    /// Adds an attempt at the end.
    pub fn push(&mut self, job: ListedJob<'_>) {
        let texts = &mut self.texts;
        let mut add = |text: &str| {
            let start = texts.len();
            texts.push_str(text);
            start..texts.len()
        };
        self.rows.push(Row {
            id: job.id,
            stage_id: job.stage_id,
            name: add(job.name),
            attempt_number: job.attempt_number,
            newest: job.newest,
            status: job.status,
            third_build_id: job.third_build_id.map(&mut add),
            target_url: job.target_url.map(&mut add),
            description: job.description.map(&mut add),
            coverage: job.coverage,
            allow_failure: job.allow_failure,
            created_at: job.created_at,
            updated_at: job.updated_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        });
    }

    /// The number of attempts.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.texts.len()
    }

    /// Keeps the first `count` attempts.
    pub fn truncate(&mut self, count: usize) {
        self.rows.truncate(count);
    }

    /// The attempts in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ListedJob<'_>> + ExactSizeIterator {
        self.rows.iter().map(|row| self.view(row))
    }

    fn view<'a>(&'a self, row: &'a Row) -> ListedJob<'a> {
        let text = |part: &Text| self.texts.get(part.clone()).unwrap_or_default();
        ListedJob {
            id: row.id,
            stage_id: row.stage_id,
            name: text(&row.name),
            attempt_number: row.attempt_number,
            newest: row.newest,
            status: row.status,
            third_build_id: row.third_build_id.as_ref().map(text),
            target_url: row.target_url.as_ref().map(text),
            description: row.description.as_ref().map(text),
            coverage: row.coverage,
            allow_failure: row.allow_failure,
            created_at: row.created_at,
            updated_at: row.updated_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

impl<'a> From<&'a Arc<super::Job>> for ListedJob<'a> {
    fn from(job: &'a Arc<super::Job>) -> Self {
        Self::from(&**job)
    }
}

impl<'a> From<&'a super::Job> for ListedJob<'a> {
    fn from(job: &'a super::Job) -> Self {
        let attempt = &job.attempt;
        Self {
            id: job.id,
            stage_id: job.stage_id,
            name: &job.name,
            attempt_number: job.attempt_number,
            newest: job.newest,
            status: attempt.status,
            third_build_id: attempt.third_build_id.as_deref(),
            target_url: attempt.target_url.as_deref(),
            description: attempt.description.as_deref(),
            coverage: attempt.coverage,
            allow_failure: attempt.allow_failure,
            created_at: attempt.created_at,
            updated_at: job.updated_at,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
        }
    }
}
