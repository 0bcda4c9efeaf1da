//! Records sent and acknowledged reports outside the server and compares them with the data of the server.

use super::REPOSITORY;
use super::writers::LoadSettings;
use crate::http::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// The timeout without progress of the load.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The identity of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptKey {
    pub cycle: u64,
    pub pipeline: u64,
    pub stage: String,
    pub name: String,
    pub build: String,
}

impl AttemptKey {
    /// The commit of the pipeline.
    pub fn sha(&self) -> String {
        format!("{:020x}{:020x}", self.cycle + 1, self.pipeline + 1)
    }

    /// The final status of the attempt, the same in every report, so that any other final status is an error.
    pub fn final_status(&self) -> &'static str {
        let sum: usize = self.name.bytes().chain(self.build.bytes()).map(usize::from).sum();
        ["success", "failed", "canceled", "skipped", "timedout"][sum % 5]
    }
}

/// A sent report.
#[derive(Clone)]
pub struct SentReport {
    pub key: AttemptKey,
    pub status: &'static str,
}

/// The rank of a status: pending, running, finished.
fn rank(status: &str) -> u8 {
    match status {
        "pending" => 0,
        "running" => 1,
        _ => 2,
    }
}

/// The record of an attempt.
#[derive(Default)]
struct AttemptRecord {
    /// The highest rank that was sent. The server must not have a higher one.
    sent: u8,
    /// The acknowledged reports.
    acknowledgements: Vec<Acknowledgement>,
}

struct Acknowledgement {
    /// The number of acknowledgements before it, over all attempts.
    index: usize,
    job: i64,
    pipeline: i64,
    rank: u8,
}

#[derive(Default)]
struct LedgerState {
    attempts: BTreeMap<AttemptKey, AttemptRecord>,
    report_ids: HashSet<i64>,
    unknown: usize,
}

/// All sent reports of all cycles.
#[derive(Default)]
pub struct Ledger(Mutex<LedgerState>);

impl Ledger {
    /// Records a report before it is sent.
    pub fn sent(&self, report: &SentReport) {
        let mut state = self.0.lock().unwrap();
        let attempt = state.attempts.entry(report.key.clone()).or_default();
        attempt.sent = attempt.sent.max(rank(report.status));
    }

    /// Records reports without a response.
    pub fn unanswered(&self, reports: usize) {
        self.0.lock().unwrap().unknown += reports;
    }

    /// The number of reports without a response.
    pub fn unknown(&self) -> usize {
        self.0.lock().unwrap().unknown
    }

    /// Records the receipt of a report.
    pub fn acknowledged(&self, report: &SentReport, response: &str) -> Result<(), String> {
        self.record(report, &parse(response)?)
    }

    /// Records the receipts of a batch.
    pub fn batch_acknowledged(&self, batch: &[SentReport], response: &str) -> Result<(), String> {
        let results = parse(response)?;
        let results =
            results.as_array().filter(|list| list.len() == batch.len()).ok_or("not one result per report")?;
        for (report, result) in batch.iter().zip(results) {
            if result["code"] != 201 {
                return Err(format!("a report of a batch was rejected: {result}"));
            }
            self.record(report, &result["receipt"])?;
        }
        Ok(())
    }

    fn record(&self, report: &SentReport, receipt: &Value) -> Result<(), String> {
        let number =
            |field: &str| receipt[field].as_i64().ok_or_else(|| format!("a receipt without {field}"));
        let status = receipt["status"].as_str().ok_or("a receipt without status")?;
        if rank(status) < rank(report.status) {
            return Err(format!("reported {}, acknowledged as {status}", report.status));
        }
        let report_id = number("report_id")?;
        let (job, pipeline) = (number("job_id")?, number("pipeline_id")?);
        let mut state = self.0.lock().unwrap();
        let index = state.report_ids.len();
        let acknowledgement = Acknowledgement { index, job, pipeline, rank: rank(status) };
        if !state.report_ids.insert(report_id) {
            return Err(format!("report_id {report_id} was assigned twice"));
        }
        state.attempts.entry(report.key.clone()).or_default().acknowledgements.push(acknowledgement);
        Ok(())
    }

    /// The number of acknowledged reports.
    pub fn acknowledgements(&self) -> usize {
        self.0.lock().unwrap().report_ids.len()
    }

    /// Compares the data of a cycle with the server. Returns the number of acknowledged reports that were
    /// checked.
    pub fn check(&self, cycle: u64, connection: &mut Connection) -> Result<usize, String> {
        self.check_first(usize::MAX, cycle, connection)
    }

    /// Like [`Ledger::check`], but only the first `limit` acknowledged reports must be present.
    pub fn check_first(
        &self,
        limit: usize,
        cycle: u64,
        connection: &mut Connection,
    ) -> Result<usize, String> {
        let state = self.0.lock().unwrap();
        let of_cycle: Vec<(&AttemptKey, &AttemptRecord)> =
            state.attempts.iter().filter(|(key, _)| key.cycle == cycle).collect();
        let shas: BTreeSet<String> = of_cycle.iter().map(|(key, _)| key.sha()).collect();
        let mut stored = BTreeMap::new();
        for sha in &shas {
            stored.extend(read_pipeline(cycle, sha, connection)?);
        }
        for key in stored.keys() {
            if !state.attempts.contains_key(key) {
                return Err(format!("{key:?} was never sent"));
            }
        }
        let mut found = 0;
        for (key, attempt) in of_cycle {
            let required = attempt.acknowledgements.iter().filter(|ack| ack.index < limit).count();
            let Some(job) = stored.get(key) else {
                if required == 0 {
                    continue;
                }
                return Err(format!("lost: {key:?}, acknowledged {required} times"));
            };
            compare(key, attempt, limit, job)?;
            found += required;
        }
        Ok(found)
    }
}

/// An attempt in the server's data.
struct StoredAttempt {
    id: i64,
    pipeline: i64,
    status: String,
}

fn compare(
    key: &AttemptKey,
    attempt: &AttemptRecord,
    limit: usize,
    job: &StoredAttempt,
) -> Result<(), String> {
    let StoredAttempt { id, pipeline, status } = job;
    let stored = rank(status);
    if stored > attempt.sent || (stored == 2 && status != key.final_status()) {
        return Err(format!("{key:?} is {status}, which was never reported"));
    }
    for ack in &attempt.acknowledgements {
        if (ack.job, ack.pipeline) != (*id, *pipeline) {
            let (old_job, old_pipeline) = (ack.job, ack.pipeline);
            return Err(format!(
                "{key:?} was job {old_job} of pipeline {old_pipeline}, and is job {id} of pipeline {pipeline}"
            ));
        }
        if stored < ack.rank && ack.index < limit {
            return Err(format!("{key:?} is {status}, less than was acknowledged"));
        }
    }
    Ok(())
}

/// The attempts of the only pipeline of a commit. Without acknowledged reports the pipeline may be missing.
fn read_pipeline(
    cycle: u64,
    sha: &str,
    connection: &mut Connection,
) -> Result<BTreeMap<AttemptKey, StoredAttempt>, String> {
    let list = get(connection, &format!("/native/v1/repositories/{REPOSITORY}/pipelines?sha={sha}"))?;
    let pipelines = list["pipelines"].as_array().ok_or("no pipelines")?;
    let mut attempts = BTreeMap::new();
    let [pipeline] = pipelines.as_slice() else {
        return if pipelines.is_empty() {
            Ok(attempts)
        } else {
            Err(format!("{} pipelines for {sha}", pipelines.len()))
        };
    };
    let id = pipeline["id"].as_i64().ok_or("a pipeline without id")?;
    let mut last = 0;
    loop {
        let offset = attempts.len();
        let path =
            format!("/native/v1/repositories/{REPOSITORY}/pipelines/{id}/jobs?limit=100&offset={offset}");
        let page = get(connection, &path)?;
        let jobs = page["jobs"].as_array().ok_or("no jobs")?;
        for job in jobs {
            let (key, stored) = attempt(cycle, id, job)?;
            if stored.id <= last {
                return Err(format!("job {} comes after job {last}", stored.id));
            }
            last = stored.id;
            if attempts.insert(key.clone(), stored).is_some() {
                return Err(format!("{key:?} is there twice"));
            }
        }
        if jobs.is_empty() || page["total"] == attempts.len() {
            break if page["total"] == attempts.len() {
                Ok(attempts)
            } else {
                Err(format!("pipeline {id} says {} jobs and lists {}", page["total"], attempts.len()))
            };
        }
    }
}

fn attempt(cycle: u64, pipeline: i64, job: &Value) -> Result<(AttemptKey, StoredAttempt), String> {
    let text = |field: &str| {
        job[field].as_str().map(str::to_owned).ok_or_else(|| format!("a job without {field}: {job}"))
    };
    let low = text("sha")?.get(20..).and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let key = AttemptKey {
        cycle,
        pipeline: low
            .and_then(|n| n.checked_sub(1))
            .ok_or_else(|| format!("a commit that was never sent: {job}"))?,
        stage: text("stage")?,
        name: text("name")?,
        build: text("third_build_id")?,
    };
    let id = job["id"].as_i64().ok_or_else(|| format!("a job without id: {job}"))?;
    Ok((key, StoredAttempt { id, pipeline, status: text("status")? }))
}

fn get(connection: &mut Connection, path: &str) -> Result<Value, String> {
    let response = connection.request("GET", path, "").map_err(|e| format!("{path}: {e}"))?;
    if response.status != 200 {
        return Err(format!("{path}: {} {}", response.status, response.body));
    }
    parse(&response.body)
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("{e}: {text}"))
}

#[derive(Default)]
struct Counts {
    sent: u64,
    acknowledged: u64,
    error: Option<String>,
}

/// The progress of a cycle. The kill waits for it.
#[derive(Default)]
pub struct Progress {
    counts: Mutex<Counts>,
    changed: Condvar,
}

impl Progress {
    /// Reports are about to be sent.
    pub fn sent(&self, reports: usize) {
        self.counts.lock().unwrap().sent += reports as u64;
        self.changed.notify_all();
    }

    /// Reports were acknowledged.
    pub fn acknowledged(&self, reports: usize) {
        self.counts.lock().unwrap().acknowledged += reports as u64;
        self.changed.notify_all();
    }

    /// Records an error. Only the first one is stored.
    pub fn fail(&self, error: String) {
        self.counts.lock().unwrap().error.get_or_insert(error);
        self.changed.notify_all();
    }

    /// The first error.
    pub fn failure(&self) -> Option<String> {
        self.counts.lock().unwrap().error.clone()
    }

    /// Waits until the number of reports for the kill is reached, and at least ten acknowledgements.
    pub fn wait(&self, settings: LoadSettings) -> Result<(), String> {
        let mut counts = self.counts.lock().unwrap();
        loop {
            if let Some(error) = &counts.error {
                return Err(error.clone());
            }
            let reached = if settings.by_sent { counts.sent } else { counts.acknowledged };
            if reached >= settings.stop_after && counts.acknowledged >= 10 {
                return Ok(());
            }
            let (next, timeout) = self.changed.wait_timeout(counts, TIMEOUT).unwrap();
            counts = next;
            if timeout.timed_out() {
                return Err(format!(
                    "no progress: {} sent, {} acknowledged",
                    counts.sent, counts.acknowledged
                ));
            }
        }
    }
}
