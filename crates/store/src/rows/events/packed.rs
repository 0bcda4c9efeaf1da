//! The events of a row in binary form. The identifying fields of a pipeline are written once, and a text without what
//! it shares with the beginning of the same text of an earlier event.

mod first;
mod verdict;

use crate::rows::binary::{Decoder, Encode};
use crate::rows::expected_url::expected_url;
use crate::sql::corrupt;
use domain::model::events::{Change, Event, JobSnapshot, PipelineChange, PipelineSnapshot};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::borrow::Cow;
use std::sync::Arc;

/// The version of the bodies that this program writes. Bodies of the oldest version are JSON and begin with `{`.
const VERSION: u8 = 2;
/// The code of no status.
const NONE: u8 = 15;

/// The kinds of changes: the two low bits of the byte after the time of an event. Its other bits follow.
const JOB: u8 = 0;
const IMPORTED: u8 = 1;
const DELETED: u8 = 2;
/// The verdict of a gate, which has no pipeline and none of the other bits.
const VERDICT: u8 = 3;
const KINDS: u8 = 3;
/// The pipeline is that of the event before.
const SAME_PIPELINE: u8 = 1 << 2;
/// The stage and the number of the attempt are those of the last job.
const SAME_STAGE: u8 = 1 << 3;
/// The job has a build id.
const BUILD_ID: u8 = 1 << 4;
/// The job has a link.
const URL: u8 = 1 << 5;
/// The link is the expected one.
const EXPECTED_URL: u8 = 1 << 6;

/// The body of the row of consecutive events, and their number: as many as fit into `bytes`, one at least.
pub fn encode(events: &[&Event], bytes: usize) -> (Vec<u8>, usize) {
    let mut to = Vec::with_capacity(bytes + 256);
    to.push(VERSION);
    // Each with its last job.
    let mut known: Vec<(&PipelineSnapshot, Option<&JobSnapshot>)> = Vec::new();
    let (mut last_at, mut last_position, mut last_job) = (0, None, None);
    for (count, event) in events.iter().enumerate() {
        let length = to.len();
        let at = event.at.as_millisecond();
        to.put_int(at - last_at);
        last_at = at;
        let (pipeline, change) = match &event.change {
            Change::Pipeline(pipeline, change) => (pipeline, change),
            Change::Verdict(record) => {
                to.push(VERDICT);
                verdict::put(&mut to, record);
                if to.len() > bytes && count > 0 {
                    to.truncate(length);
                    return (to, count);
                }
                continue;
            }
        };
        let is_same = |(other, _): &(&PipelineSnapshot, _)| {
            (other.id, &other.identity, &other.web_url)
                == (pipeline.id, &pipeline.identity, &pipeline.web_url)
        };
        let position = known.iter().position(is_same);
        let last = LastJob::new(position.and_then(|position| known[position].1).or(last_job));
        let same_pipeline = position.is_some() && position == last_position;
        let head = to.len();
        to.push(0);
        if !same_pipeline {
            // 0: a new one.
            to.put_len(position.map_or(0, |position| position + 1));
        }
        let position = position.unwrap_or_else(|| {
            put_pipeline(&mut to, pipeline, known.last().map(|(pipeline, _)| *pipeline));
            known.push((pipeline, None));
            known.len() - 1
        });
        last_position = Some(position);
        to.put_int(pipeline.version);
        put_statuses(&mut to, pipeline.status, pipeline.previous_status);
        to.put_uint(pipeline.job_count.into());
        let kind = match change {
            PipelineChange::Job(job) => {
                known[position].1 = Some(job);
                last_job = Some(job);
                JOB | last.put(&mut to, job)
            }
            PipelineChange::Imported => IMPORTED,
            PipelineChange::Deleted => DELETED,
        };
        to[head] = kind | if same_pipeline { SAME_PIPELINE } else { 0 };
        if to.len() > bytes && count > 0 {
            to.truncate(length);
            return (to, count);
        }
    }
    (to, events.len())
}

fn put_pipeline(to: &mut Vec<u8>, pipeline: &PipelineSnapshot, last: Option<&PipelineSnapshot>) {
    to.put_int(pipeline.id.get().into());
    let last_texts = last.map(|last| identity_texts(&last.identity)).unwrap_or_default();
    for (text, last) in identity_texts(&pipeline.identity).into_iter().zip(last_texts) {
        to.put_text_after(last, text);
    }
    to.push(pipeline.web_url.is_some().into());
    if let Some(url) = &pipeline.web_url {
        to.put_text_after(last.and_then(|last| last.web_url.as_deref()).unwrap_or_default(), url);
    }
}

fn identity_texts(PipelineIdentity { sha, git_ref, source, key }: &PipelineIdentity) -> [&str; 4] {
    [sha, git_ref, source, key]
}

fn put_statuses(to: &mut Vec<u8>, now: Status, before: Option<Status>) {
    to.push((now as u8) | (before.map_or(NONE, |before| before as u8) << 4));
}

/// The texts that a job may share with an earlier one: the last one of its pipeline, else the last one.
#[derive(Default)]
struct LastJob<'a> {
    id: i64,
    stage: &'a str,
    name: &'a str,
    attempt: i32,
    third_build_id: Option<&'a str>,
    target_url: &'a str,
}

impl<'a> LastJob<'a> {
    fn new(job: Option<&'a JobSnapshot>) -> Self {
        job.map_or_else(Self::default, |job| Self {
            id: job.id.get().into(),
            stage: &job.stage,
            name: &job.name,
            attempt: job.attempt,
            third_build_id: job.third_build_id.as_deref(),
            target_url: job.target_url.as_deref().unwrap_or_default(),
        })
    }

    fn expected_url(&self, third_build_id: Option<&str>) -> Cow<'a, str> {
        expected_url(self.target_url, self.third_build_id, third_build_id)
    }

    /// Writes a job; returns the bits of its event.
    fn put(&self, to: &mut Vec<u8>, job: &JobSnapshot) -> u8 {
        let mut bits = 0;
        to.put_int(i64::from(job.id.get()) - self.id);
        if (self.stage, self.attempt) == (job.stage.as_str(), job.attempt) {
            bits |= SAME_STAGE;
        } else {
            to.put_text_after(self.stage, &job.stage);
            to.put_int(job.attempt.into());
        }
        to.put_text_after(self.name, &job.name);
        put_statuses(to, job.status, job.previous_status);
        if let Some(id) = &job.third_build_id {
            bits |= BUILD_ID;
            to.put_text_after(self.third_build_id.unwrap_or_default(), id);
        }
        if let Some(url) = &job.target_url {
            bits |= URL;
            let expected = self.expected_url(job.third_build_id.as_deref());
            if expected == url.as_str() {
                bits |= EXPECTED_URL;
            } else {
                to.put_text_after(&expected, url);
            }
        }
        bits
    }

    fn read(&self, read: &mut Decoder<'_>, bits: u8) -> Result<JobSnapshot> {
        let has = |bit: u8| bits & bit != 0;
        let id =
            read.int()?.checked_add(self.id).ok_or_else(|| corrupt("the id of a job is out of range"))?;
        let id = JobId::new(id).map_err(corrupt)?;
        let (stage, attempt) = if has(SAME_STAGE) {
            (self.stage.to_owned(), self.attempt)
        } else {
            (read.text_after(self.stage)?, read.int()?.try_into().map_err(corrupt)?)
        };
        let name = read.text_after(self.name)?;
        let (status, previous_status) = statuses(read)?;
        let third_build_id = if has(BUILD_ID) {
            Some(read.text_after(self.third_build_id.unwrap_or_default())?)
        } else {
            None
        };
        let target_url = if has(URL) {
            let expected = self.expected_url(third_build_id.as_deref());
            Some(if has(EXPECTED_URL) { expected.into_owned() } else { read.text_after(&expected)? })
        } else {
            None
        };
        Ok(JobSnapshot { id, stage, name, attempt, status, previous_status, third_build_id, target_url })
    }
}

/// The events of a row, of which the first has the number `number`.
///
/// # Errors
/// [`domain::Error::Internal`] for bytes that [`encode`] does not write.
pub fn decode(body: &[u8], repository_id: RepositoryId, number: i64) -> Result<Vec<Event>> {
    let mut read = Decoder::new(body);
    match read.byte()? {
        VERSION => {}
        1 => return first::decode(read, repository_id, number),
        other => return Err(corrupt(format!("events of version {other}"))),
    }
    let mut events: Vec<Event> = Vec::new();
    // Each with the position of the event of its last job.
    let mut known: Vec<(KnownPipeline, Option<usize>)> = Vec::new();
    let (mut last_position, mut last_job) = (None, None);
    let (mut at, mut number) = (0_i64, number);
    while !read.is_empty() {
        at = at.checked_add(read.int()?).ok_or_else(|| corrupt("a time out of range"))?;
        let head = read.byte()?;
        if head & KINDS == VERDICT {
            let change = Change::Verdict(verdict::read(&mut read)?);
            let at = Timestamp::from_millisecond(at).map_err(corrupt)?;
            events.push(Event { repository_id, number, at, change });
            number += 1;
            continue;
        }
        let position = match last_position.filter(|_| head & SAME_PIPELINE != 0) {
            Some(position) => position,
            None => match read.number::<usize>()? {
                0 => {
                    known.push((KnownPipeline::read(&mut read, known.last())?, None));
                    known.len() - 1
                }
                position => position - 1,
            },
        };
        last_position = Some(position);
        let (pipeline, job_of_pipeline) =
            known.get_mut(position).ok_or_else(|| corrupt("an unknown pipeline of an event"))?;
        let pipeline = pipeline.read_snapshot(&mut read)?;
        let change = match head & KINDS {
            JOB => {
                let last = job_of_pipeline.or(last_job).and_then(|position| events.get(position)?.job());
                let job = LastJob::new(last).read(&mut read, head)?;
                *job_of_pipeline = Some(events.len());
                last_job = *job_of_pipeline;
                PipelineChange::Job(job)
            }
            IMPORTED => PipelineChange::Imported,
            DELETED => PipelineChange::Deleted,
            other => return Err(corrupt(format!("a change of kind {other}"))),
        };
        let at = Timestamp::from_millisecond(at).map_err(corrupt)?;
        let change = Change::Pipeline(pipeline, change);
        events.push(Event { repository_id, number, at, change });
        number += 1;
    }
    Ok(events)
}

/// The identifying fields of the pipeline of an event.
#[derive(Clone)]
struct KnownPipeline {
    id: PipelineId,
    identity: Arc<PipelineIdentity>,
    web_url: Option<String>,
}

impl KnownPipeline {
    /// Reads a pipeline after the last one.
    fn read(read: &mut Decoder<'_>, last: Option<&(Self, Option<usize>)>) -> Result<Self> {
        let last = last.map(|(last, _)| last);
        let id = PipelineId::new(read.int()?).map_err(corrupt)?;
        let [sha, git_ref, source, key] = last.map(|last| identity_texts(&last.identity)).unwrap_or_default();
        let identity = PipelineIdentity {
            sha: read.text_after(sha)?,
            git_ref: read.text_after(git_ref)?,
            source: read.text_after(source)?,
            key: read.text_after(key)?,
        };
        let last_url = last.and_then(|last| last.web_url.as_deref()).unwrap_or_default();
        let web_url = if read.byte()? == 0 { None } else { Some(read.text_after(last_url)?) };
        Ok(Self { id, identity: identity.into(), web_url })
    }

    /// Reads the state of the pipeline at an event.
    fn read_snapshot(&self, read: &mut Decoder<'_>) -> Result<PipelineSnapshot> {
        let Self { id, identity, web_url } = self.clone();
        let version = read.int()?;
        let (status, previous_status) = statuses(read)?;
        let job_count = read.number()?;
        Ok(PipelineSnapshot { id, version, identity, web_url, status, previous_status, job_count })
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
