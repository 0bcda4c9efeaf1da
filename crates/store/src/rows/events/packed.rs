//! The events of a row in binary form. What identifies a pipeline is written once.

use crate::rows::binary::{Decoder, Encode};
use crate::sql::corrupt;
use domain::model::events::{Change, Event, JobSnapshot, PipelineSnapshot};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::sync::Arc;

/// The version of the bodies that this program writes. Bodies of earlier versions are JSON and begin with `{`.
const VERSION: u8 = 1;
/// The code of no status.
const NONE: u8 = 15;
/// The kinds of changes.
const JOB: u8 = 0;
const IMPORTED: u8 = 1;
const DELETED: u8 = 2;

/// The body of the row of consecutive events.
pub fn encode(events: &[&Event]) -> Vec<u8> {
    let mut to = Vec::with_capacity(1 + 160 * events.len());
    to.push(VERSION);
    let mut known: Vec<&PipelineSnapshot> = Vec::new();
    let mut last = 0;
    for event in events {
        let at = event.at.as_millisecond();
        to.put_int(at - last);
        last = at;
        let pipeline = &event.pipeline;
        let is_same = |other: &&PipelineSnapshot| {
            (other.id, &other.identity, &other.web_url)
                == (pipeline.id, &pipeline.identity, &pipeline.web_url)
        };
        match known.iter().position(is_same) {
            Some(position) => to.put_len(position + 1),
            None => {
                to.put_len(0);
                put_pipeline(&mut to, pipeline);
                known.push(pipeline);
            }
        }
        to.put_int(pipeline.version);
        put_statuses(&mut to, pipeline.status, pipeline.previous_status);
        to.put_uint(pipeline.job_count.into());
        match &event.change {
            Change::Job(job) => {
                to.push(JOB);
                put_job(&mut to, job);
            }
            Change::Imported => to.push(IMPORTED),
            Change::Deleted => to.push(DELETED),
        }
    }
    to
}

fn put_pipeline(to: &mut Vec<u8>, pipeline: &PipelineSnapshot) {
    let PipelineIdentity { sha, git_ref, source, key } = &*pipeline.identity;
    to.put_int(pipeline.id.get().into());
    for text in [sha, git_ref, source, key] {
        to.put_text(text);
    }
    put_option(to, pipeline.web_url.as_deref());
}

fn put_job(to: &mut Vec<u8>, job: &JobSnapshot) {
    to.put_int(job.id.get().into());
    to.put_text(&job.stage);
    to.put_text(&job.name);
    to.put_int(job.attempt.into());
    put_statuses(to, job.status, job.previous_status);
    put_option(to, job.third_build_id.as_deref());
    put_option(to, job.target_url.as_deref());
}

fn put_statuses(to: &mut Vec<u8>, now: Status, before: Option<Status>) {
    to.push((now as u8) | (before.map_or(NONE, |before| before as u8) << 4));
}

fn put_option(to: &mut Vec<u8>, text: Option<&str>) {
    to.push(text.is_some().into());
    text.into_iter().for_each(|text| to.put_text(text));
}

/// The events of a row, of which the first has the number `number`.
///
/// # Errors
/// [`domain::Error::Internal`] for bytes that [`encode`] does not write.
pub fn decode(body: &[u8], repository_id: RepositoryId, number: i64) -> Result<Vec<Event>> {
    let mut read = Decoder::new(body);
    match read.byte()? {
        VERSION => {}
        other => return Err(corrupt(format!("events of version {other}"))),
    }
    let (mut events, mut known, mut at, mut number) = (Vec::new(), Vec::new(), 0, number);
    while !read.is_empty() {
        at += read.int()?;
        let position: usize = read.number()?;
        if position == 0 {
            known.push(pipeline(&mut read)?);
        }
        let (id, identity, web_url) = match position {
            0 => known.last(),
            _ => known.get(position - 1),
        }
        .cloned()
        .ok_or_else(|| corrupt("an unknown pipeline of an event"))?;
        let version = read.int()?;
        let (status, previous_status) = statuses(&mut read)?;
        let job_count = read.number()?;
        let pipeline =
            PipelineSnapshot { id, version, identity, web_url, status, previous_status, job_count };
        let change = match read.byte()? {
            JOB => Change::Job(job(&mut read)?),
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

fn pipeline(read: &mut Decoder<'_>) -> Result<(PipelineId, Arc<PipelineIdentity>, Option<String>)> {
    let id = PipelineId::new(read.int()?).map_err(corrupt)?;
    let [sha, git_ref, source, key] = [read.text()?, read.text()?, read.text()?, read.text()?];
    Ok((id, PipelineIdentity { sha, git_ref, source, key }.into(), option(read)?))
}

fn job(read: &mut Decoder<'_>) -> Result<JobSnapshot> {
    let id = JobId::new(read.int()?).map_err(corrupt)?;
    let (stage, name) = (read.text()?, read.text()?);
    let attempt = read.int()?.try_into().map_err(corrupt)?;
    let (status, previous_status) = statuses(read)?;
    let (third_build_id, target_url) = (option(read)?, option(read)?);
    Ok(JobSnapshot { id, stage, name, attempt, status, previous_status, third_build_id, target_url })
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

fn option(read: &mut Decoder<'_>) -> Result<Option<String>> {
    match read.byte()? {
        0 => Ok(None),
        _ => read.text().map(Some),
    }
}
