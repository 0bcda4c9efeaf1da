//! The binary form of the results of a recorded verdict. The first byte is the version of the form.

use crate::rows::binary::{Decoder, Encode as _};
use crate::rows::gates::body::{VERSION, begin, end, list, optional, put_optional, text, variant};
use crate::sql::corrupt;
use domain::model::gates::{Absent, Override, ReasonOf, RecordedJob, RecordedResult};
use domain::model::ids::{JobId, PipelineId, UserId};
use domain::model::status::Status;
use domain::{Result, Timestamp};

/// The kinds of reasons.
const SUCCEEDED: u64 = 0;
const ACCEPTED: u64 = 1;
const SKIPPED_NOT_APPLICABLE: u64 = 2;
const FAILED: u64 = 3;
const SKIPPED: u64 = 4;
const RUNNING: u64 = 5;
const QUEUED: u64 = 6;
const ANNOUNCED_ABSENT: u64 = 7;
const ANNOUNCED_MISSING: u64 = 8;
const ABSENT: u64 = 9;
const ABSENT_SINCE: u64 = 10;
const OTHER_REPORTERS: u64 = 11;
const ANNOUNCED_ENDED: u64 = 12;

/// The bytes of the results, and of the next end of a period.
pub fn of_results(results: &[RecordedResult], next_due: Option<Timestamp>) -> Vec<u8> {
    let mut to = Vec::new();
    to.put_uint(VERSION);
    put_optional_time(&mut to, next_due);
    to.put_len(results.len());
    for result in results {
        put_optional(&mut to, result.name.as_deref());
        put_reason(&mut to, &result.reason);
        to.put_uint(result.overridden.is_some().into());
        result.overridden.iter().for_each(|decision| put_override(&mut to, decision));
        to.put_len(result.job_count);
        to.put_len(result.jobs.len());
        for job in &result.jobs {
            to.put_int(job.id.get().into());
            to.put_int(job.pipeline_id.get().into());
            to.put_text(&job.source);
            to.put_text(&job.stage);
            to.put_text(&job.name);
            to.put_uint(job.status as u64);
        }
    }
    to
}

fn put_optional_time(to: &mut Vec<u8>, time: Option<Timestamp>) {
    to.put_uint(time.is_some().into());
    time.into_iter().for_each(|time| to.put_time(time));
}

fn put_reason(to: &mut Vec<u8>, reason: &ReasonOf<String>) {
    match reason {
        ReasonOf::Succeeded => to.put_uint(SUCCEEDED),
        ReasonOf::Accepted => to.put_uint(ACCEPTED),
        ReasonOf::SkippedNotApplicable => to.put_uint(SKIPPED_NOT_APPLICABLE),
        ReasonOf::Failed => to.put_uint(FAILED),
        ReasonOf::Skipped => to.put_uint(SKIPPED),
        ReasonOf::Running => to.put_uint(RUNNING),
        ReasonOf::Queued => to.put_uint(QUEUED),
        ReasonOf::AnnouncedAbsent { stage, name, since, due } => {
            to.put_uint(ANNOUNCED_ABSENT);
            put_optional(to, stage.as_deref());
            to.put_text(name);
            to.put_time(*since);
            to.put_time(*due);
        }
        ReasonOf::AnnouncedMissing { stage, name, since } => {
            to.put_uint(ANNOUNCED_MISSING);
            put_optional(to, stage.as_deref());
            to.put_text(name);
            to.put_time(*since);
        }
        ReasonOf::Absent { period } => {
            to.put_uint(ABSENT);
            put_optional_time(to, period.map(|(since, _)| since));
            period.iter().for_each(|(_, due)| to.put_time(*due));
        }
        ReasonOf::AbsentSince { since, meaning, by_lists } => {
            to.put_uint(ABSENT_SINCE);
            to.put_time(*since);
            to.put_uint(*meaning as u64);
            to.put_uint((*by_lists).into());
        }
        ReasonOf::OtherReporters { ended } => {
            to.put_uint(OTHER_REPORTERS);
            to.put_uint((*ended).into());
        }
        ReasonOf::AnnouncedEnded => to.put_uint(ANNOUNCED_ENDED),
    }
}

fn put_override(to: &mut Vec<u8>, decision: &Override) {
    // One that is withdrawn does not count.
    let Override {
        number, target, requirement, by, by_name, reason, at, rules_version, withdrawn_at, ..
    } = decision;
    to.put_int(*number);
    to.put_text(target);
    put_optional(to, requirement.as_deref());
    to.put_int(by.map_or(0, UserId::get).into());
    put_optional(to, by_name.as_deref());
    to.put_text(reason);
    to.put_time(*at);
    to.put_int(*rules_version);
    put_optional_time(to, *withdrawn_at);
}

/// Reads what [`of_results`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn read_results(bytes: &[u8]) -> Result<(Vec<RecordedResult>, Option<Timestamp>)> {
    let read = &mut begin(bytes)?;
    let next_due = optional(read, time)?;
    let results = list(read, result)?;
    end(read)?;
    Ok((results, next_due))
}

fn time(read: &mut Decoder<'_>) -> Result<Timestamp> {
    read.time()
}

fn result(read: &mut Decoder<'_>) -> Result<RecordedResult> {
    Ok(RecordedResult {
        name: optional(read, text)?,
        reason: reason(read)?,
        overridden: optional(read, decision)?,
        job_count: read.number()?,
        jobs: list(read, job)?,
    })
}

fn reason(read: &mut Decoder<'_>) -> Result<ReasonOf<String>> {
    Ok(match read.uint()? {
        SUCCEEDED => ReasonOf::Succeeded,
        ACCEPTED => ReasonOf::Accepted,
        SKIPPED_NOT_APPLICABLE => ReasonOf::SkippedNotApplicable,
        FAILED => ReasonOf::Failed,
        SKIPPED => ReasonOf::Skipped,
        RUNNING => ReasonOf::Running,
        QUEUED => ReasonOf::Queued,
        ANNOUNCED_ABSENT => ReasonOf::AnnouncedAbsent {
            stage: optional(read, text)?,
            name: read.text()?,
            since: read.time()?,
            due: read.time()?,
        },
        ANNOUNCED_MISSING => ReasonOf::AnnouncedMissing {
            stage: optional(read, text)?,
            name: read.text()?,
            since: read.time()?,
        },
        ABSENT => {
            let period = match optional(read, time)? {
                Some(since) => Some((since, read.time()?)),
                None => None,
            };
            ReasonOf::Absent { period }
        }
        ABSENT_SINCE => ReasonOf::AbsentSince {
            since: read.time()?,
            meaning: variant(read, &Absent::ALL)?,
            by_lists: read.uint()? != 0,
        },
        OTHER_REPORTERS => ReasonOf::OtherReporters { ended: read.uint()? != 0 },
        ANNOUNCED_ENDED => ReasonOf::AnnouncedEnded,
        other => return Err(corrupt(format!("kind {other} of a reason of a gate"))),
    })
}

fn decision(read: &mut Decoder<'_>) -> Result<Override> {
    Ok(Override {
        number: read.int()?,
        target: read.text()?,
        requirement: optional(read, text)?,
        by: match read.int()? {
            0 => None,
            id => Some(UserId::new(id).map_err(corrupt)?),
        },
        by_name: optional(read, text)?,
        reason: read.text()?,
        at: read.time()?,
        rules_version: read.int()?,
        withdrawn_at: optional(read, time)?,
        withdrawn_by: None,
        withdrawn_by_name: None,
    })
}

fn job(read: &mut Decoder<'_>) -> Result<RecordedJob> {
    Ok(RecordedJob {
        id: JobId::new(read.int()?).map_err(corrupt)?,
        pipeline_id: PipelineId::new(read.int()?).map_err(corrupt)?,
        source: read.text()?,
        stage: read.text()?,
        name: read.text()?,
        status: variant(read, Status::ALL.as_slice())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_written() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let (stage, name) = (Some("test".to_owned()), "unit".to_owned());
        let reasons = [
            ReasonOf::Succeeded,
            ReasonOf::Accepted,
            ReasonOf::SkippedNotApplicable,
            ReasonOf::Failed,
            ReasonOf::Skipped,
            ReasonOf::Running,
            ReasonOf::Queued,
            ReasonOf::AnnouncedAbsent { stage: stage.clone(), name: name.clone(), since: at(1), due: at(2) },
            ReasonOf::AnnouncedMissing { stage: None, name: name.clone(), since: at(3) },
            ReasonOf::Absent { period: None },
            ReasonOf::Absent { period: Some((at(4), at(5))) },
            ReasonOf::AbsentSince { since: at(6), meaning: Absent::NotApplicable, by_lists: true },
            ReasonOf::OtherReporters { ended: true },
            ReasonOf::AnnouncedEnded,
        ];
        let decision = Override {
            number: 3,
            target: "main".into(),
            requirement: stage.clone(),
            by: Some(UserId::new(7).unwrap()),
            by_name: Some("root".into()),
            reason: "已知问题".into(),
            at: at(7),
            rules_version: 2,
            withdrawn_at: None,
            withdrawn_by: None,
            withdrawn_by_name: None,
        };
        let job = RecordedJob {
            id: JobId::new(31_930).unwrap(),
            pipeline_id: PipelineId::new(6).unwrap(),
            source: "ci".into(),
            stage: "test".into(),
            name,
            status: Status::TimedOut,
        };
        let result = |reason| RecordedResult {
            name: stage.clone(),
            reason,
            overridden: Some(decision.clone()),
            jobs: vec![job.clone()],
            job_count: 9,
        };
        let mut results: Vec<RecordedResult> = reasons.into_iter().map(result).collect();
        results.push(RecordedResult {
            name: None,
            reason: ReasonOf::Queued,
            overridden: None,
            jobs: Vec::new(),
            job_count: 0,
        });
        for next_due in [None, Some(at(8))] {
            let bytes = of_results(&results, next_due);
            assert_eq!(read_results(&bytes).unwrap(), (results.clone(), next_due));
            for end in 0..bytes.len() {
                assert!(read_results(&bytes[..end]).is_err(), "{end}");
            }
        }
    }
}
