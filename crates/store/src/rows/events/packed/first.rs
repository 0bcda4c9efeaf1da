//! Reads bodies of the version 1, whose texts and ids of jobs are whole.

use super::{DELETED, IMPORTED, JOB, KnownPipeline, statuses};
use crate::rows::binary::Decoder;
use crate::sql::corrupt;
use domain::model::events::{Change, Event, JobSnapshot, PipelineChange};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::{Result, Timestamp};

/// The events of a row, of which the first has the number `number`. `read` is behind the version.
pub fn decode(mut read: Decoder<'_>, repository_id: RepositoryId, number: i64) -> Result<Vec<Event>> {
    let (mut events, mut known, mut at, mut number) = (Vec::new(), Vec::new(), 0, number);
    while !read.is_empty() {
        at = read.int()?.checked_add(at).ok_or_else(|| corrupt("a time out of range"))?;
        let position: usize = read.number()?;
        if position == 0 {
            known.push(pipeline(&mut read)?);
        }
        let pipeline: &KnownPipeline = match position {
            0 => known.last(),
            _ => known.get(position - 1),
        }
        .ok_or_else(|| corrupt("an unknown pipeline of an event"))?;
        let pipeline = pipeline.read_snapshot(&mut read)?;
        let change = match read.byte()? {
            JOB => PipelineChange::Job(job(&mut read)?),
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

fn pipeline(read: &mut Decoder<'_>) -> Result<KnownPipeline> {
    let id = PipelineId::new(read.int()?).map_err(corrupt)?;
    let [sha, git_ref, source, key] = [read.text()?, read.text()?, read.text()?, read.text()?];
    let identity = PipelineIdentity { sha, git_ref, source, key }.into();
    Ok(KnownPipeline { id, identity, web_url: option(read)? })
}

fn job(read: &mut Decoder<'_>) -> Result<JobSnapshot> {
    let id = JobId::new(read.int()?).map_err(corrupt)?;
    let (stage, name) = (read.text()?, read.text()?);
    let attempt = read.int()?.try_into().map_err(corrupt)?;
    let (status, previous_status) = statuses(read)?;
    let (third_build_id, target_url) = (option(read)?, option(read)?);
    Ok(JobSnapshot { id, stage, name, attempt, status, previous_status, third_build_id, target_url })
}

fn option(read: &mut Decoder<'_>) -> Result<Option<String>> {
    match read.byte()? {
        0 => Ok(None),
        _ => read.text().map(Some),
    }
}
