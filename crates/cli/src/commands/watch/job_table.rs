//! The state of a pipeline as lines for a terminal.
//!
//! Must not know: when the lines are printed.

use crate::durations;
use crate::messages::Text;
use crate::output::Output;
use crate::terminal::sanitize;
use jiff::Timestamp;
use stagepost_client::follow::Change;
use stagepost_client::jobs::Job;
use stagepost_client::pipelines::Pipeline;
use std::collections::BTreeMap;

/// The maximum number of jobs in the table. A last line has the number of the others.
const MAX_JOBS: usize = 16;

/// The pipeline and its jobs.
#[derive(Debug, Default)]
pub struct JobTable {
    pipeline: Option<Pipeline>,
    jobs: BTreeMap<i32, Job>,
}

impl JobTable {
    /// Stores a change. Returns false if neither a status nor the newest attempt has changed.
    pub fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Pipeline(pipeline) => {
                let previous = self.pipeline.replace(pipeline.clone());
                previous.is_none_or(|previous| previous.status != pipeline.status)
            }
            Change::Job(job) => {
                let previous = self.jobs.insert(job.id, job.clone());
                let state = (job.status.clone(), job.newest);
                previous.is_none_or(|previous| (previous.status, previous.newest) != state)
            }
        }
    }

    /// The number of finished jobs and of all jobs.
    pub fn progress(&self) -> (usize, usize) {
        let jobs = || self.jobs.values().filter(|job| job.newest);
        let finished = jobs().filter(|job| !is_unfinished(&job.status)).count();
        (finished, jobs().count())
    }

    /// The pipeline, its stages and its most important jobs: failed before running before pending.
    pub fn lines(&self, output: Output, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(p) = &self.pipeline {
            let sha: String = p.sha.chars().take(10).collect();
            let duration =
                duration(p.started_at.as_deref().or(Some(&p.created_at)), p.finished_at.as_deref(), now);
            lines.push(format!(
                "{}  #{} {sha} {}  {duration}",
                output.status(&p.status),
                p.id,
                sanitize(&p.git_ref)
            ));
        }
        let mut jobs: Vec<&Job> = self.jobs.values().filter(|job| job.newest).collect();
        let total = jobs.len();
        jobs.sort_by_key(|job| (priority(&job.status), job.id));
        jobs.truncate(MAX_JOBS);
        for (stage, name) in self.stages() {
            let stage_jobs = self.jobs.values().filter(|job| job.newest && job.stage_id == stage);
            let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
            for job in stage_jobs {
                *counts.entry((priority(&job.status), &job.status)).or_default() += 1;
            }
            let counts: Vec<String> =
                counts.iter().map(|((_, status), n)| format!("{} {n}", output.status(status))).collect();
            lines.push(format!("  {}  {}", sanitize(name), counts.join("  ")));
            let mut visible: Vec<&&Job> = jobs.iter().filter(|job| job.stage_id == stage).collect();
            visible.sort_by_key(|job| job.id);
            for job in visible {
                let attempt = if job.attempt > 1 {
                    format!(" ({}: {})", Text::Attempt, job.attempt)
                } else {
                    String::new()
                };
                let duration = duration(job.started_at.as_deref(), job.finished_at.as_deref(), now);
                let line = format!(
                    "    {} {}{attempt}  {duration}",
                    output.status(&job.status),
                    sanitize(&job.name)
                );
                lines.push(line.trim_end().to_owned());
            }
        }
        if total > MAX_JOBS {
            lines.push(format!("  {}", Text::MoreJobs.with(&[("count", &(total - MAX_JOBS))])));
        }
        lines
    }

    /// The stages in the order of their first jobs.
    fn stages(&self) -> Vec<(i32, &str)> {
        let mut stages: Vec<(i32, &str)> = Vec::new();
        for job in self.jobs.values().filter(|job| job.newest) {
            if stages.iter().all(|(id, _)| *id != job.stage_id) {
                stages.push((job.stage_id, &job.stage));
            }
        }
        stages
    }
}

fn is_unfinished(status: &str) -> bool {
    matches!(status, "pending" | "running")
}

/// The lower the more important.
fn priority(status: &str) -> u8 {
    match status {
        "failed" | "timedout" => 0,
        "running" => 1,
        "pending" => 2,
        "canceled" => 3,
        _ => 4,
    }
}

/// The time from start to finish, or until now, in two units. Empty without a start.
pub fn duration(from: Option<&str>, to: Option<&str>, now: Timestamp) -> String {
    let parse = |text: &str| text.parse::<Timestamp>().ok();
    let Some(from) = from.and_then(parse) else { return String::new() };
    let seconds = to.and_then(parse).unwrap_or(now).duration_since(from).as_secs().max(0);
    durations::readable(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: i32, stage: (i32, &str), name: &str, status: &str) -> Change {
        Change::Job(Job {
            id,
            pipeline_id: 6,
            stage_id: stage.0,
            stage: stage.1.into(),
            name: name.into(),
            attempt: 1,
            newest: true,
            status: status.into(),
            sha: "1".repeat(40),
            git_ref: "dev".into(),
            created_at: "2026-11-24T00:00:00Z".into(),
            updated_at: "2026-11-24T00:00:00Z".into(),
            started_at: (status != "pending").then(|| "2026-11-24T00:00:00Z".into()),
            finished_at: (!is_unfinished(status)).then(|| "2026-11-24T00:00:34Z".into()),
            ..Job::default()
        })
    }

    fn pipeline(status: &str) -> Change {
        Change::Pipeline(Pipeline {
            id: 6,
            repository_id: 1,
            sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
            git_ref: "dev\x1b".into(),
            source: "external".into(),
            pipeline_key: None,
            status: status.into(),
            web_url: None,
            trigger_user: None,
            created_at: "2026-11-24T00:00:00Z".into(),
            updated_at: "2026-11-24T00:00:00Z".into(),
            started_at: None,
            finished_at: None,
            job_count: 0,
            version: 1,
            as_of: None,
        })
    }

    const PLAIN: Output = Output { json: false, csv: false, terminal: true, dumb: false, colour: false };

    #[test]
    fn lines_have_stages_jobs_and_durations() {
        let mut table = JobTable::default();
        for change in [
            pipeline("running"),
            job(1, (1, "build"), "compile", "success"),
            job(3, (2, "test"), "单元测试", "failed"),
            job(2, (2, "test"), "lint\x07", "running"),
            job(4, (2, "test"), "deploy", "pending"),
        ] {
            assert!(table.apply(&change));
            assert!(!table.apply(&change), "a repeat changes nothing");
        }
        let now = "2026-11-24T00:01:12Z".parse().unwrap();
        assert_eq!(
            table.lines(PLAIN, now),
            [
                "◔ Running  #6 1c46c505c8 dev  1m12s",
                "  build  ✓ Success 1",
                "    ✓ Success compile  34s",
                "  test  ✗ Failed 1  ◔ Running 1  ○ Pending 1",
                "    ◔ Running lint  1m12s",
                "    ✗ Failed 单元测试  34s",
                "    ○ Pending deploy",
            ]
        );
        assert_eq!(table.progress(), (2, 4));
    }

    #[test]
    fn the_most_important_of_many_jobs_are_shown() {
        let mut table = JobTable::default();
        for id in 1..=1_000 {
            table.apply(&job(
                id,
                (1, "s"),
                &format!("job {id}"),
                if id == 777 { "failed" } else { "success" },
            ));
        }
        let lines = table.lines(PLAIN, Timestamp::UNIX_EPOCH);
        assert_eq!(lines.len(), 1 + MAX_JOBS + 1);
        assert!(lines.iter().any(|line| line.contains("job 777")), "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "  984 more jobs");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let since = |to: &str| duration(Some("2026-11-24T00:00:00Z"), Some(to), Timestamp::UNIX_EPOCH);
        assert_eq!(since("2026-11-24T00:00:09.9Z"), "9s");
        assert_eq!(since("2026-11-24T01:02:03Z"), "1h02m");
        assert_eq!(since("2026-11-26T03:00:00Z"), "2d03h");
        assert_eq!(since("2026-11-23T00:00:00Z"), "0s", "never negative");
        assert_eq!(duration(None, None, Timestamp::UNIX_EPOCH), "");
    }
}
