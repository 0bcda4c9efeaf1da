//! A pipeline as it stands, as lines for a terminal. Must not know: when they are shown.

use crate::messages::Text;
use crate::output::{Output, clean};
use jiff::Timestamp;
use stagepost_client::follow::Change;
use stagepost_client::jobs::Job;
use stagepost_client::pipelines::Pipeline;
use std::collections::BTreeMap;

/// Jobs with a line of their own; of the others it is said how many they are.
const SHOWN: usize = 16;

/// What is known of the pipeline.
#[derive(Debug, Default)]
pub struct Board {
    pipeline: Option<Pipeline>,
    jobs: BTreeMap<i32, Job>,
}

impl Board {
    /// Notes a change. False when all of it was known.
    pub fn note(&mut self, change: &Change) -> bool {
        match change {
            Change::Pipeline(pipeline) => {
                let known = self.pipeline.replace(pipeline.clone());
                known.is_none_or(|known| known.status != pipeline.status)
            }
            Change::Job(job) => {
                let known = self.jobs.insert(job.id, job.clone());
                known.is_none_or(|known| (known.status, known.newest) != (job.status.clone(), job.newest))
            }
        }
    }

    /// Jobs that have ended, and all.
    pub fn progress(&self) -> (u64, u64) {
        let jobs = || self.jobs.values().filter(|job| job.newest);
        let ended = jobs().filter(|job| !is_open(&job.status)).count();
        (ended as u64, jobs().count() as u64)
    }

    /// The pipeline, its stages, and the jobs that matter most now: what failed, then what runs, then what waits.
    pub fn lines(&self, output: Output, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(p) = &self.pipeline {
            let sha: String = p.sha.chars().take(10).collect();
            let time = lasted(p.started_at.as_deref().or(Some(&p.created_at)), p.finished_at.as_deref(), now);
            lines.push(format!(
                "{}  #{} {sha} {}  {time}",
                output.status(&p.status),
                p.id,
                clean(&p.git_ref)
            ));
        }
        let mut jobs: Vec<&Job> = self.jobs.values().filter(|job| job.newest).collect();
        let all = jobs.len();
        jobs.sort_by_key(|job| (urgency(&job.status), job.id));
        jobs.truncate(SHOWN);
        for (stage, name) in self.stages() {
            let of_stage = self.jobs.values().filter(|job| job.newest && job.stage_id == stage);
            let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
            for job in of_stage {
                *counts.entry((urgency(&job.status), &job.status)).or_default() += 1;
            }
            let counts: Vec<String> =
                counts.iter().map(|((_, status), n)| format!("{} {n}", output.status(status))).collect();
            lines.push(format!("  {}  {}", clean(name), counts.join("  ")));
            let mut shown: Vec<&&Job> = jobs.iter().filter(|job| job.stage_id == stage).collect();
            shown.sort_by_key(|job| job.id);
            for job in shown {
                let tries = if job.attempt > 1 {
                    format!(" ({}: {})", Text::Attempt, job.attempt)
                } else {
                    String::new()
                };
                let time = lasted(job.started_at.as_deref(), job.finished_at.as_deref(), now);
                let line = format!("    {} {}{tries}  {time}", output.status(&job.status), clean(&job.name));
                lines.push(line.trim_end().to_owned());
            }
        }
        if all > SHOWN {
            lines.push(format!("  {}", Text::WatchMore.with(&[("count", &(all - SHOWN))])));
        }
        lines
    }

    /// Stages in the order in which their first jobs came.
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

fn is_open(status: &str) -> bool {
    matches!(status, "pending" | "running")
}

fn urgency(status: &str) -> u8 {
    match status {
        "failed" | "timedout" => 0,
        "running" => 1,
        "pending" => 2,
        "canceled" => 3,
        _ => 4,
    }
}

/// From a beginning to an end, or to now: `12s`, `1m12s`, `1h02m`. Nothing without a beginning.
pub fn lasted(from: Option<&str>, to: Option<&str>, now: Timestamp) -> String {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let Some(from) = from.and_then(time) else { return String::new() };
    let seconds = to.and_then(time).unwrap_or(now).duration_since(from).as_secs().max(0);
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
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
            third_build_id: None,
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: false,
            created_at: "2026-11-24T00:00:00Z".into(),
            updated_at: "2026-11-24T00:00:00Z".into(),
            started_at: (status != "pending").then(|| "2026-11-24T00:00:00Z".into()),
            finished_at: (!is_open(status)).then(|| "2026-11-24T00:00:34Z".into()),
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
        })
    }

    const PLAIN: Output = Output { json: false, csv: false, terminal: true, colour: false };

    #[test]
    fn stages_jobs_and_durations_in_a_glance() {
        let mut board = Board::default();
        for change in [
            pipeline("running"),
            job(1, (1, "build"), "compile", "success"),
            job(3, (2, "test"), "单元测试", "failed"),
            job(2, (2, "test"), "lint\x07", "running"),
            job(4, (2, "test"), "deploy", "pending"),
        ] {
            assert!(board.note(&change));
            assert!(!board.note(&change), "told once");
        }
        let now = "2026-11-24T00:01:12Z".parse().unwrap();
        assert_eq!(
            board.lines(PLAIN, now),
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
        assert_eq!(board.progress(), (2, 4));
    }

    #[test]
    fn of_many_jobs_those_that_matter_are_shown() {
        let mut board = Board::default();
        for id in 1..=1_000 {
            board.note(&job(
                id,
                (1, "s"),
                &format!("job {id}"),
                if id == 777 { "failed" } else { "success" },
            ));
        }
        let lines = board.lines(PLAIN, Timestamp::UNIX_EPOCH);
        assert_eq!(lines.len(), 1 + SHOWN + 1);
        assert!(lines.iter().any(|line| line.contains("job 777")), "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "  984 more jobs");
    }

    #[test]
    fn durations_are_short() {
        let since = |to: &str| lasted(Some("2026-11-24T00:00:00Z"), Some(to), Timestamp::UNIX_EPOCH);
        assert_eq!(since("2026-11-24T00:00:09.9Z"), "9s");
        assert_eq!(since("2026-11-24T01:02:03Z"), "1h02m");
        assert_eq!(since("2026-11-23T00:00:00Z"), "0s", "clocks differ");
        assert_eq!(lasted(None, None, Timestamp::UNIX_EPOCH), "");
    }
}
