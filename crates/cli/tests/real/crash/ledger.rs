//! What was sent and what was acknowledged, kept outside the server; and the comparison with what the server still knows.

use super::REPOSITORY;
use super::writers::Run;
use crate::http::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A load that makes no progress for this long hangs.
const HANGS: Duration = Duration::from_secs(120);

/// What names one attempt of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub cycle: u64,
    pub pipeline: u64,
    pub stage: String,
    pub name: String,
    pub build: String,
}

impl Key {
    /// The commit that stands for the pipeline.
    pub fn sha(&self) -> String {
        format!("{:020x}{:020x}", self.cycle + 1, self.pipeline + 1)
    }

    /// How this attempt ends: the same in every report of it, so that any end read back is exactly right or wrong.
    pub fn end(&self) -> &'static str {
        let sum: usize = self.name.bytes().chain(self.build.bytes()).map(usize::from).sum();
        ["success", "failed", "canceled", "skipped", "timedout"][sum % 5]
    }
}

/// One report.
#[derive(Clone)]
pub struct Said {
    pub key: Key,
    pub status: &'static str,
}

/// How far a status is: pending, running, finished.
fn rank(status: &str) -> u8 {
    match status {
        "pending" => 0,
        "running" => 1,
        _ => 2,
    }
}

/// One attempt as the test knows it.
#[derive(Default)]
struct Known {
    /// The furthest that was sent: what is read back is never further.
    sent: u8,
    /// The acknowledged reports of it.
    acks: Vec<Ack>,
}

struct Ack {
    /// How many were acknowledged before it, over all.
    before: usize,
    job: i64,
    pipeline: i64,
    rank: u8,
}

#[derive(Default)]
struct Books {
    attempts: BTreeMap<Key, Known>,
    report_ids: HashSet<i64>,
    unknown: usize,
}

/// Everything that was sent, over all cycles.
#[derive(Default)]
pub struct Ledger(Mutex<Books>);

impl Ledger {
    /// Notes a report before it is sent.
    pub fn sent(&self, said: &Said) {
        let mut books = self.0.lock().unwrap();
        let known = books.attempts.entry(said.key.clone()).or_default();
        known.sent = known.sent.max(rank(said.status));
    }

    /// Notes reports whose answer never came.
    pub fn cut_off(&self, reports: usize) {
        self.0.lock().unwrap().unknown += reports;
    }

    /// How many were never answered.
    pub fn unknown(&self) -> usize {
        self.0.lock().unwrap().unknown
    }

    /// Notes the receipt of one report.
    pub fn acknowledged(&self, said: &Said, answer: &str) -> Result<(), String> {
        self.note(said, &parse(answer)?)
    }

    /// Notes the receipts of a batch.
    pub fn batch_acknowledged(&self, batch: &[Said], answer: &str) -> Result<(), String> {
        let answers = parse(answer)?;
        let answers = answers
            .as_array()
            .filter(|list| list.len() == batch.len())
            .ok_or("not an answer for each report")?;
        for (said, answer) in batch.iter().zip(answers) {
            if answer["code"] != 201 {
                return Err(format!("a report of a batch was refused: {answer}"));
            }
            self.note(said, &answer["receipt"])?;
        }
        Ok(())
    }

    fn note(&self, said: &Said, receipt: &Value) -> Result<(), String> {
        let number =
            |field: &str| receipt[field].as_i64().ok_or_else(|| format!("a receipt without {field}"));
        let status = receipt["status"].as_str().ok_or("a receipt without status")?;
        if rank(status) < rank(said.status) {
            return Err(format!("reported {}, acknowledged as {status}", said.status));
        }
        let report = number("report_id")?;
        let (job, pipeline) = (number("job_id")?, number("pipeline_id")?);
        let mut books = self.0.lock().unwrap();
        let ack = Ack { before: books.report_ids.len(), job, pipeline, rank: rank(status) };
        if !books.report_ids.insert(report) {
            return Err(format!("report_id {report} was given twice"));
        }
        books.attempts.entry(said.key.clone()).or_default().acks.push(ack);
        Ok(())
    }

    /// How many were acknowledged.
    pub fn acknowledgements(&self) -> usize {
        self.0.lock().unwrap().report_ids.len()
    }

    /// Compares what the server has of a cycle. How many acknowledged reports were found.
    pub fn check(&self, cycle: u64, connection: &mut Connection) -> Result<usize, String> {
        self.check_first(usize::MAX, cycle, connection)
    }

    /// The same where only the first `acks` acknowledgements must be there; what came after them may be.
    pub fn check_first(&self, acks: usize, cycle: u64, connection: &mut Connection) -> Result<usize, String> {
        let books = self.0.lock().unwrap();
        let of_cycle: Vec<(&Key, &Known)> =
            books.attempts.iter().filter(|(key, _)| key.cycle == cycle).collect();
        let shas: BTreeSet<String> = of_cycle.iter().map(|(key, _)| key.sha()).collect();
        let mut stored = BTreeMap::new();
        for sha in &shas {
            stored.extend(read_pipeline(cycle, sha, connection)?);
        }
        for key in stored.keys() {
            if !books.attempts.contains_key(key) {
                return Err(format!("nobody ever sent {key:?}"));
            }
        }
        let mut found = 0;
        for (key, known) in of_cycle {
            let must = known.acks.iter().filter(|ack| ack.before < acks).count();
            let Some(job) = stored.get(key) else {
                if must == 0 {
                    continue;
                }
                return Err(format!("lost: {key:?}, acknowledged {must} times"));
            };
            agree(key, known, acks, job)?;
            found += must;
        }
        Ok(found)
    }
}

/// One attempt as the server has it.
struct Stored {
    id: i64,
    pipeline: i64,
    status: String,
}

fn agree(key: &Key, known: &Known, acks: usize, job: &Stored) -> Result<(), String> {
    let Stored { id, pipeline, status } = job;
    let stored = rank(status);
    if stored > known.sent || (stored == 2 && status != key.end()) {
        return Err(format!("{key:?} is {status}, which nobody reported"));
    }
    for ack in &known.acks {
        if (ack.job, ack.pipeline) != (*id, *pipeline) {
            let (was, of) = (ack.job, ack.pipeline);
            return Err(format!(
                "{key:?} was job {was} of pipeline {of}, and is job {id} of pipeline {pipeline}"
            ));
        }
        if stored < ack.rank && ack.before < acks {
            return Err(format!("{key:?} is {status}, less than was acknowledged"));
        }
    }
    Ok(())
}

/// Every attempt of the one pipeline of a commit, which may be missing when nothing of it was acknowledged.
fn read_pipeline(
    cycle: u64,
    sha: &str,
    connection: &mut Connection,
) -> Result<BTreeMap<Key, Stored>, String> {
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

fn attempt(cycle: u64, pipeline: i64, job: &Value) -> Result<(Key, Stored), String> {
    let text = |field: &str| {
        job[field].as_str().map(str::to_owned).ok_or_else(|| format!("a job without {field}: {job}"))
    };
    let low = text("sha")?.get(20..).and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let key = Key {
        cycle,
        pipeline: low
            .and_then(|n| n.checked_sub(1))
            .ok_or_else(|| format!("a commit that nobody sent: {job}"))?,
        stage: text("stage")?,
        name: text("name")?,
        build: text("third_build_id")?,
    };
    let id = job["id"].as_i64().ok_or_else(|| format!("a job without id: {job}"))?;
    Ok((key, Stored { id, pipeline, status: text("status")? }))
}

fn get(connection: &mut Connection, path: &str) -> Result<Value, String> {
    let answer = connection.request("GET", path, "").map_err(|e| format!("{path}: {e}"))?;
    if answer.status != 200 {
        return Err(format!("{path}: {} {}", answer.status, answer.body));
    }
    parse(&answer.body)
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("{e}: {text}"))
}

#[derive(Default)]
struct Counts {
    sent: u64,
    acknowledged: u64,
    wrong: Option<String>,
}

/// How far a cycle is: what the kill waits for.
#[derive(Default)]
pub struct Progress {
    counts: Mutex<Counts>,
    moved: Condvar,
}

impl Progress {
    /// Reports are about to be sent.
    pub fn sent(&self, reports: usize) {
        self.counts.lock().unwrap().sent += reports as u64;
        self.moved.notify_all();
    }

    /// Reports were acknowledged.
    pub fn acknowledged(&self, reports: usize) {
        self.counts.lock().unwrap().acknowledged += reports as u64;
        self.moved.notify_all();
    }

    /// Something went wrong; the first is kept.
    pub fn fail(&self, wrong: String) {
        self.counts.lock().unwrap().wrong.get_or_insert(wrong);
        self.moved.notify_all();
    }

    /// What went wrong.
    pub fn failure(&self) -> Option<String> {
        self.counts.lock().unwrap().wrong.clone()
    }

    /// Waits until it is time for the kill: always after some acknowledgements.
    pub fn wait(&self, run: Run) -> Result<(), String> {
        let mut counts = self.counts.lock().unwrap();
        loop {
            if let Some(wrong) = &counts.wrong {
                return Err(wrong.clone());
            }
            let reached = if run.by_sent { counts.sent } else { counts.acknowledged };
            if reached >= run.stop_after && counts.acknowledged >= 10 {
                return Ok(());
            }
            let (next, timeout) = self.moved.wait_timeout(counts, HANGS).unwrap();
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
