//! Which attempt a report means, which attempt counts, and what follows for stages and the pipeline.

use super::*;
use crate::model::jobs::Job;
use crate::model::reports::{Arrival, Effect, PipelineChoice, Report, ReportInput, truncate_to_millis};
use crate::model::status::Status::*;
use proptest::prelude::*;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// `stage/name:status` then any of `#build`, `=url`, `@second` in this order.
fn report(line: &str) -> Report {
    let (line, second) = line.split_once('@').map_or((line, None), |(l, t)| (l, Some(t)));
    let (line, url) = line.split_once('=').map_or((line, None), |(l, u)| (l, Some(u)));
    let (line, build) = line.split_once('#').map_or((line, None), |(l, b)| (l, Some(b)));
    let (job, status) = line.split_once(':').unwrap();
    let (stage, name) = job.split_once('/').unwrap_or(("external", job));
    ReportInput {
        sha: Some(SHA.into()),
        git_ref: Some("main".into()),
        stage: Some(stage.into()),
        name: Some(name.into()),
        status: Some(status.into()),
        third_build_id: build.map(Into::into),
        target_url: url.map(|u| format!("http://ci/{u}")),
        occurred_at: second.map(|s| at(s.parse().unwrap()).to_string()),
        ..ReportInput::default()
    }
    .check(at(100_000))
    .unwrap()
}

struct Story {
    run: PipelineState,
    counters: Counters,
    effects: Vec<Effect>,
}

fn empty() -> Story {
    let identity = PipelineIdentity {
        sha: SHA.into(),
        git_ref: "main".into(),
        source: "external".into(),
        key: String::new(),
    };
    let run =
        PipelineState::new(PipelineId::new(6).unwrap(), RepositoryId::new(1).unwrap(), identity, at(50_000));
    Story { run, counters: Counters::default(), effects: Vec::new() }
}

impl Story {
    fn tell(&mut self, lines: &str) -> &mut Self {
        for line in lines.split_whitespace() {
            self.counters.report += 1;
            let arrival = Arrival {
                received_at: truncate_to_millis(at(50_000 + self.counters.report)),
                seq: self.counters.report,
            };
            let (receipt, touched) = self.run.apply(&report(line), arrival, &mut self.counters).unwrap();
            self.effects.push(receipt.effect);
            // What is written is enough to know all again.
            assert!(!touched.jobs.is_empty());
            assert_eq!(receipt.pipeline_status, self.run.pipeline.status);
        }
        self
    }

    /// Attempts in order: `name.number:status`, the ones that do not count in brackets.
    fn jobs(&self) -> String {
        let show = |job: &Job| {
            let text = format!("{}.{}:{}", job.name, job.attempt_number, job.attempt.status.as_str());
            if job.newest { text } else { format!("({text})") }
        };
        self.run.jobs.iter().map(show).collect::<Vec<_>>().join(" ")
    }
}

fn story(lines: &str) -> Story {
    let mut story = empty();
    story.tell(lines);
    story
}

#[test]
fn attempts_by_build_id() {
    for (lines, want) in [
        ("a:running#1 a:success#1", "a.1:success"),
        ("a:failed#1 a:running#2", "(a.1:failed) a.2:running"),
        // A late word of the old attempt goes to the old attempt.
        ("a:running#1 a:running#2 a:failed#1", "(a.1:failed) a.2:running"),
        // The same name in two stages is two jobs.
        ("x/a:running#1 y/a:success#1", "a.1:running a.1:success"),
        // Times say which attempt is newer, whichever arrives first.
        ("a:running#2@20 a:failed#1@10", "a.1:running (a.2:failed)"),
        ("a:failed#1@10 a:running#2@20", "(a.1:failed) a.2:running"),
        // One without times is newer because it came later.
        ("a:running#2@20 a:failed#1", "(a.1:running) a.2:failed"),
        // Reported without an id first: the same try learns it, unless it is over.
        ("a:pending a:running#1", "a.1:running"),
        ("a:success a:running#1", "(a.1:success) a.2:running"),
        // Without an id later: the newest.
        ("a:running#1 a:success", "a.1:success"),
    ] {
        assert_eq!(story(lines).jobs(), want, "{lines}");
    }
}

#[test]
fn attempts_without_build_id() {
    for (lines, want) in [
        ("a:pending a:running a:success", "a.1:success"),
        ("a:success a:pending", "(a.1:success) a.2:pending"),
        ("a:failed a:running", "(a.1:failed) a.2:running"),
        ("a:failed a:success", "a.1:success"),
        // A repeat of `running` without a url is no new try.
        ("a:running a:running", "a.1:running"),
        ("a:running=1 a:running=1", "a.1:running"),
        ("a:running=1 a:running=2", "(a.1:running) a.2:running"),
        // A url that was carried is a late repeat.
        ("a:running=1 a:success=1 a:running=1", "a.1:success"),
        ("a:pending=q a:running=1 a:success=1 a:pending=q", "a.1:success"),
        ("a:running=1 a:failed=1 a:running=2 a:running=1", "(a.1:failed) a.2:running"),
        // So is a late end: it must not end the new try.
        ("a:running=1 a:running=2 a:failed=1", "(a.1:failed) a.2:running"),
        ("a:running=1 a:failed=1 a:running=2 a:failed=1 a:success=2", "(a.1:failed) a.2:success"),
        // Queued under one url and ended under another that nobody began with: the same try.
        ("a:pending=q a:success=1", "a.1:success"),
        // Cancelled while it was queued (Buildbot sends the request's url again).
        ("a:pending=q a:canceled=q", "a.1:canceled"),
        // Rebuilt: another request, another build.
        (
            "a:pending=q a:running=1 a:failed=1 a:pending=r a:running=2 a:success=2",
            "(a.1:failed) a.2:success",
        ),
        // Buildbot: queued, built, retried, built again (reporters fact 3.1).
        ("a:pending=q a:running=1 a:pending=1 a:running=2 a:success=2", "(a.1:running) a.2:success"),
        // Older by its own time: late, not a new try.
        ("a:success@20 a:running@10", "a.1:success"),
        ("a:success@20 a:running@30", "(a.1:success) a.2:running"),
    ] {
        assert_eq!(story(lines).jobs(), want, "{lines}");
    }
}

#[test]
fn a_report_without_ref_stays_with_its_job() {
    let id = |n| PipelineId::new(n).unwrap();
    assert_eq!(choose_for_commit(&[]), None);
    assert_eq!(choose_for_commit(&[(id(3), false), (id(2), false)]), Some(id(3)));
    assert_eq!(choose_for_commit(&[(id(3), false), (id(2), true), (id(1), true)]), Some(id(2)));
}

#[test]
fn statuses_follow_from_the_attempts_that_count() {
    let mut story = story("build/a:success#1 test/b:running#1");
    let statuses = |s: &Story| {
        let stages: Vec<_> =
            s.run.ordered_stages().iter().map(|stage| (stage.name.clone(), stage.status)).collect();
        (s.run.pipeline.status, stages)
    };
    assert_eq!(statuses(&story), (Running, vec![("build".into(), Success), ("test".into(), Running)]));
    assert_eq!(statuses(story.tell("test/b:failed#1")).0, Failed);
    assert_eq!(statuses(story.tell("test/b:running#2")).0, Running);
    assert_eq!(
        statuses(story.tell("test/b:success#2")),
        (Success, vec![("build".into(), Success), ("test".into(), Success)])
    );
    assert_eq!(story.run.pipeline.job_count, 3);
}

#[test]
fn times_of_the_pipeline_span_its_jobs() {
    let mut story = story("a:running#1@10 b:running#1@12 a:success#1@20");
    assert_eq!((story.run.pipeline.started_at, story.run.pipeline.finished_at), (Some(at(10)), None));
    story.tell("b:success#1@31");
    assert_eq!(story.run.pipeline.finished_at, Some(at(31)));
    assert_eq!(story.run.pipeline.created_at, at(10), "known of since a reporter saw it");
    story.tell("c:pending#1");
    assert_eq!((story.run.pipeline.status, story.run.pipeline.finished_at), (Running, None));
}

#[test]
fn only_what_changes_moves_the_version() {
    let mut story = story("a:running#1");
    let before = story.run.pipeline.clone();
    story.tell("a:running#1 a:pending#1");
    assert_eq!(story.effects[1..], [Effect::Repeated, Effect::Late]);
    assert_eq!(story.run.pipeline, before);
    story.tell("a:success#1");
    assert_eq!(story.run.pipeline.version, before.version + 1);
}

#[test]
fn stages_stand_where_reporters_put_them() {
    let mut story = story("deploy/a:pending build/b:pending");
    let names = |s: &Story| s.run.ordered_stages().iter().map(|stage| stage.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&story), ["deploy", "build"], "else in order of arrival");
    let mut placed = report("deploy/a:running");
    for order in [9, 5, 7] {
        placed.stage_order = Some(order);
        let arrival = Arrival { received_at: at(60_000), seq: 9 };
        story.run.apply(&placed, arrival, &mut story.counters).unwrap();
    }
    assert_eq!(names(&story), ["build", "deploy"]);
    assert_eq!(story.run.ordered_stages()[1].sort_id, 5, "the least one said");
}

#[test]
fn a_report_for_another_commit_is_refused_and_leaves_nothing() {
    let mut story = story("a:running#1");
    let before = (story.run.pipeline.clone(), story.run.jobs.clone());
    let mut foreign = report("b:running");
    foreign.pipeline = PipelineChoice::Id(PipelineId::new(6).unwrap());
    foreign.sha = "f".repeat(40);
    let arrival = Arrival { received_at: at(60_000), seq: 9 };
    let error = story.run.apply(&foreign, arrival, &mut story.counters).unwrap_err();
    assert_eq!(error, Invalid::new("sha", Problem::Contradicts { other: "pipeline_id" }).into());
    assert_eq!((story.run.pipeline.clone(), story.run.jobs.clone()), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// What a store would load again is what was in memory: nothing that decides is kept outside the rows.
    #[test]
    fn loading_again_changes_no_decision(
        words in proptest::collection::vec((0usize..3, 0usize..7, 0usize..4, 0usize..4, 0usize..4), 1..25),
    ) {
        let lines: Vec<String> = words.iter().map(|(name, status, build, url, second)| {
            let mut line = format!("{}:{}", ["a", "b", "x/a"][*name], Status::ALL[*status].as_str());
            if *build > 0 { line += &format!("#{build}"); }
            if *url > 0 { line += &format!("={url}"); }
            if *second > 0 { line += &format!("@{second}"); }
            line
        }).collect();
        let mut kept = empty();
        let mut reloaded = empty();
        for line in &lines {
            kept.tell(line);
            reloaded.tell(line);
            reloaded.run = PipelineState::load(reloaded.run.pipeline.clone(), reloaded.run.stages.clone(), reloaded.run.jobs.clone());
        }
        prop_assert_eq!(&kept.effects, &reloaded.effects);
        prop_assert_eq!(kept.jobs(), reloaded.jobs());
        prop_assert_eq!(&kept.run.pipeline, &reloaded.run.pipeline);
        prop_assert_eq!(&kept.run.stages, &reloaded.run.stages);
        // Exactly one attempt of each job counts.
        for job in &kept.run.jobs {
            let newest = kept.run.jobs.iter().filter(|j| j.name == job.name && j.stage_id == job.stage_id && j.newest).count();
            prop_assert_eq!(newest, 1);
        }
    }

    /// Several attempts that all tell their times: the same one counts, and everything stands the same, in any order.
    #[test]
    fn attempts_with_times_converge(
        mut words in proptest::collection::vec((0usize..7, 1usize..4, 0i64..40), 1..8),
        order in any::<u64>(),
    ) {
        // Attempts of a build follow each other in time; equal begins would make two attempts one.
        words.sort_unstable();
        words.dedup();
        let line = |(status, build, second): &(usize, usize, i64)| {
            format!("a:{}#{build}@{}", Status::ALL[*status].as_str(), second * 3 + *build as i64)
        };
        let tell = |words: &[(usize, usize, i64)]| {
            let s = story(&words.iter().map(line).collect::<Vec<_>>().join(" "));
            let newest = s.run.jobs.iter().find(|j| j.newest).unwrap().attempt.clone();
            (newest.third_build_id, newest.status, newest.started_at, newest.finished_at, s.run.pipeline.status)
        };
        let want = tell(&words);
        let mut shuffled = words.clone();
        let mut seed = order;
        for i in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            shuffled.swap(i, (seed >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(tell(&shuffled), want);
    }
}
