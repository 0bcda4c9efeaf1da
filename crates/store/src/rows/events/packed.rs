//! The events of a row in binary form. What identifies a pipeline is written once, and a text without what it
//! shares with the beginning of the same text of an earlier event.

use crate::rows::binary::{Decoder, Encode};
use crate::rows::expected_url::expected_url;
use crate::sql::corrupt;
use domain::model::events::{Change, Event, JobSnapshot, PipelineSnapshot};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::borrow::Cow;
use std::sync::Arc;

/// The version of the bodies that this program writes. Bodies of the oldest version are JSON and begin with `{`.
const VERSION: u8 = 2;
/// The version whose texts and ids of jobs are whole.
const WHOLE: u8 = 1;
/// The code of no status.
const NONE: u8 = 15;
/// The kinds of changes.
const JOB: u8 = 0;
const IMPORTED: u8 = 1;
const DELETED: u8 = 2;

/// The body of the row of consecutive events, and their number: as many as fit into `bytes`, one at least.
pub fn encode(events: &[&Event], bytes: usize) -> (Vec<u8>, usize) {
    let mut to = Vec::with_capacity(bytes + 256);
    to.push(VERSION);
    // Each with its last job.
    let mut known: Vec<(&PipelineSnapshot, Option<&JobSnapshot>)> = Vec::new();
    let mut last_job = None;
    let mut last = 0;
    for (count, event) in events.iter().enumerate() {
        let length = to.len();
        let at = event.at.as_millisecond();
        to.put_int(at - last);
        last = at;
        let pipeline = &event.pipeline;
        let is_same = |(other, _): &(&PipelineSnapshot, _)| {
            (other.id, &other.identity, &other.web_url)
                == (pipeline.id, &pipeline.identity, &pipeline.web_url)
        };
        let position = match known.iter().position(is_same) {
            Some(position) => {
                to.put_len(position + 1);
                position
            }
            None => {
                to.put_len(0);
                put_pipeline(&mut to, pipeline, known.last().map(|(pipeline, _)| *pipeline));
                known.push((pipeline, None));
                known.len() - 1
            }
        };
        to.put_int(pipeline.version);
        put_statuses(&mut to, pipeline.status, pipeline.previous_status);
        to.put_uint(pipeline.job_count.into());
        match &event.change {
            Change::Job(job) => {
                to.push(JOB);
                let job_of_pipeline = &mut known[position].1;
                put_job(&mut to, job, job_of_pipeline.or(last_job));
                *job_of_pipeline = Some(job);
                last_job = Some(job);
            }
            Change::Imported => to.push(IMPORTED),
            Change::Deleted => to.push(DELETED),
        }
        if to.len() > bytes && count > 0 {
            to.truncate(length);
            return (to, count);
        }
    }
    (to, events.len())
}

fn put_pipeline(to: &mut Vec<u8>, pipeline: &PipelineSnapshot, last: Option<&PipelineSnapshot>) {
    to.put_int(pipeline.id.get().into());
    let texts = identity_texts(&pipeline.identity);
    let last_texts = last.map(|last| identity_texts(&last.identity)).unwrap_or_default();
    for (text, last) in texts.into_iter().zip(last_texts) {
        to.put_text_after(last, text);
    }
    put_option(to, pipeline.web_url.as_deref(), last.and_then(|last| last.web_url.as_deref()));
}

fn identity_texts(PipelineIdentity { sha, git_ref, source, key }: &PipelineIdentity) -> [&str; 4] {
    [sha, git_ref, source, key]
}

fn put_job(to: &mut Vec<u8>, job: &JobSnapshot, last: Option<&JobSnapshot>) {
    let last = LastJob::new(last);
    to.put_int(i64::from(job.id.get()) - last.id);
    to.put_text_after(last.stage, &job.stage);
    to.put_text_after(last.name, &job.name);
    to.put_int(job.attempt.into());
    put_statuses(to, job.status, job.previous_status);
    put_option(to, job.third_build_id.as_deref(), last.third_build_id);
    put_option(to, job.target_url.as_deref(), last.expected_url(job.third_build_id.as_deref()).as_deref());
}

/// What the next job may share with an earlier one.
#[derive(Default)]
struct LastJob<'a> {
    id: i64,
    stage: &'a str,
    name: &'a str,
    third_build_id: Option<&'a str>,
    target_url: Option<&'a str>,
}

impl<'a> LastJob<'a> {
    fn new(job: Option<&'a JobSnapshot>) -> Self {
        job.map_or_else(Self::default, |job| Self {
            id: job.id.get().into(),
            stage: &job.stage,
            name: &job.name,
            third_build_id: job.third_build_id.as_deref(),
            target_url: job.target_url.as_deref(),
        })
    }

    fn expected_url(&self, build_id: Option<&str>) -> Option<Cow<'a, str>> {
        Some(expected_url(self.target_url?, self.third_build_id, build_id))
    }
}

fn put_statuses(to: &mut Vec<u8>, now: Status, before: Option<Status>) {
    to.push((now as u8) | (before.map_or(NONE, |before| before as u8) << 4));
}

fn put_option(to: &mut Vec<u8>, text: Option<&str>, last: Option<&str>) {
    to.push(text.is_some().into());
    text.into_iter().for_each(|text| to.put_text_after(last.unwrap_or_default(), text));
}

/// The events of a row, of which the first has the number `number`.
///
/// # Errors
/// [`domain::Error::Internal`] for bytes that [`encode`] does not write.
pub fn decode(body: &[u8], repository_id: RepositoryId, number: i64) -> Result<Vec<Event>> {
    let mut read = Decoder::new(body);
    let whole = match read.byte()? {
        VERSION => false,
        WHOLE => true,
        other => return Err(corrupt(format!("events of version {other}"))),
    };
    let mut read = Reader { read, whole };
    let mut events: Vec<Event> = Vec::new();
    // Each with the position of the event of its last job.
    let mut known: Vec<(KnownPipeline, Option<usize>)> = Vec::new();
    let mut last_job = None;
    let (mut at, mut number) = (0, number);
    while !read.read.is_empty() {
        at = read.read.int()?.checked_add(at).ok_or_else(|| corrupt("a time out of range"))?;
        let position: usize = read.read.number()?;
        if position == 0 {
            let pipeline = read.pipeline(known.last().map(|(pipeline, _)| pipeline))?;
            known.push((pipeline, None));
        }
        let known = match position {
            0 => known.last_mut(),
            _ => known.get_mut(position - 1),
        };
        let (pipeline, job_of_pipeline) = known.ok_or_else(|| corrupt("an unknown pipeline of an event"))?;
        let KnownPipeline { id, identity, web_url } = pipeline.clone();
        let version = read.read.int()?;
        let (status, previous_status) = statuses(&mut read.read)?;
        let job_count = read.read.number()?;
        let pipeline =
            PipelineSnapshot { id, version, identity, web_url, status, previous_status, job_count };
        let change = match read.read.byte()? {
            JOB => {
                let last = job_of_pipeline.or(last_job).and_then(|position| events.get(position));
                let job = read.job(last.and_then(job_of))?;
                *job_of_pipeline = Some(events.len());
                last_job = Some(events.len());
                Change::Job(job)
            }
            IMPORTED => Change::Imported,
            DELETED => Change::Deleted,
            other => return Err(corrupt(format!("a change of kind {other}"))),
        };
        let at = Timestamp::from_millisecond(at).map_err(corrupt)?;
        events.push(Event { repository_id, number, at, pipeline, change });
        number += 1;
    }
    Ok(events)
}

fn job_of(event: &Event) -> Option<&JobSnapshot> {
    match &event.change {
        Change::Job(job) => Some(job),
        Change::Imported | Change::Deleted => None,
    }
}

/// What identifies the pipeline of an event.
#[derive(Clone)]
struct KnownPipeline {
    id: PipelineId,
    identity: Arc<PipelineIdentity>,
    web_url: Option<String>,
}

struct Reader<'a> {
    read: Decoder<'a>,
    /// Texts and ids of jobs do not refer to an earlier event.
    whole: bool,
}

impl Reader<'_> {
    fn pipeline(&mut self, last: Option<&KnownPipeline>) -> Result<KnownPipeline> {
        let id = PipelineId::new(self.read.int()?).map_err(corrupt)?;
        let [sha, git_ref, source, key] = last.map(|last| identity_texts(&last.identity)).unwrap_or_default();
        let identity = PipelineIdentity {
            sha: self.text(sha)?,
            git_ref: self.text(git_ref)?,
            source: self.text(source)?,
            key: self.text(key)?,
        };
        let web_url = self.option(last.and_then(|last| last.web_url.as_deref()))?;
        Ok(KnownPipeline { id, identity: identity.into(), web_url })
    }

    fn job(&mut self, last: Option<&JobSnapshot>) -> Result<JobSnapshot> {
        let last = LastJob::new(last);
        let mut id = self.read.int()?;
        if !self.whole {
            id = id.checked_add(last.id).ok_or_else(|| corrupt("the id of a job is out of range"))?;
        }
        let id = JobId::new(id).map_err(corrupt)?;
        let (stage, name) = (self.text(last.stage)?, self.text(last.name)?);
        let attempt = self.read.int()?.try_into().map_err(corrupt)?;
        let (status, previous_status) = statuses(&mut self.read)?;
        let third_build_id = self.option(last.third_build_id)?;
        let target_url = self.option(last.expected_url(third_build_id.as_deref()).as_deref())?;
        Ok(JobSnapshot { id, stage, name, attempt, status, previous_status, third_build_id, target_url })
    }

    fn option(&mut self, last: Option<&str>) -> Result<Option<String>> {
        match self.read.byte()? {
            0 => Ok(None),
            _ => self.text(last.unwrap_or_default()).map(Some),
        }
    }

    fn text(&mut self, last: &str) -> Result<String> {
        if self.whole { self.read.text() } else { self.read.text_after(last) }
    }
}

fn statuses(read: &mut Decoder<'_>) -> Result<(Status, Option<Status>)> {
    let codes = read.byte()?;
    let status = |code: u8| Status::ALL.get(usize::from(code)).copied().ok_or_else(|| corrupt("a status"));
    let before = match codes >> 4 {
        NONE => None,
        code => Some(status(code)?),
    };
    Ok((status(codes & 15)?, before))
}
