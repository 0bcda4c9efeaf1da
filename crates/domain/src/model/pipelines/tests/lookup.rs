//! One commit, many reporters: which reports are of one pipeline, of one job and of one attempt.

use super::*;
use crate::model::ids::PipelineId;
use crate::model::reports::CHECKS_STAGE;

/// The pipelines of a repository. They are looked up as a store does.
#[derive(Default)]
struct Repository {
    pipelines: Vec<PipelineState>,
    counters: Counters,
}

impl Repository {
    /// Records a report; returns its pipeline, job and attempt: `1:external/build.1`.
    fn record(&mut self, report: &Report) -> String {
        self.counters.report += 1;
        let arrival = Arrival { received_at: at(50_000 + self.counters.report), seq: self.counters.report };
        let id = match PipelineLookup::of(report) {
            PipelineLookup::Id(id) => Some(id),
            PipelineLookup::Commit => self.of_commit(report),
            PipelineLookup::Identity => None,
        };
        let identity = PipelineIdentity::of(report);
        let known = self.pipelines.iter().position(|state| match id {
            Some(id) => state.pipeline.id == id,
            None => *state.pipeline.identity == identity,
        });
        let known = known.unwrap_or_else(|| {
            let id = next_pipeline_id(&mut self.counters).unwrap();
            let repository = RepositoryId::new(1).unwrap();
            self.pipelines.push(PipelineState::new(id, repository, identity, arrival.received_at));
            self.pipelines.len() - 1
        });
        let state = &mut self.pipelines[known];
        let (receipt, _) = state.apply(report, arrival, &mut self.counters).unwrap();
        let job = state.job(receipt.job_id).unwrap();
        format!(
            "{}:{}/{}.{}",
            receipt.pipeline_id,
            stage_name(&state.stages, job.stage_id),
            job.name,
            receipt.attempt
        )
    }

    fn of_commit(&self, report: &Report) -> Option<PipelineId> {
        let candidates = self.pipelines.iter().rev().filter(|state| {
            let PipelineIdentity { sha, source, key, .. } = &*state.pipeline.identity;
            *sha == report.sha && *source == report.source && key.is_empty()
        });
        let candidates: Vec<_> =
            candidates.map(|state| (state.pipeline.id, state.has_job_of(report))).collect();
        choose_for_commit(&candidates)
    }
}

/// A report as the dialect that the first word names makes it, of the job `build`: `status:success`,
/// `check#77:failed`, `native@dev:running`. After the dialect, `#` begins the id of the build, `@` the branch, `~` the
/// source, and `=` the link.
fn from(line: &str) -> Report {
    let (head, status) = line.split_once(':').unwrap();
    let part = |mark: char| {
        let (_, rest) = head.split_once(mark)?;
        Some(rest.split(['#', '@', '~', '=']).next().unwrap_or_default().to_owned())
    };
    let dialect = head.split(['#', '@', '~', '=']).next().unwrap_or_default();
    ReportInput {
        sha: Some(SHA.into()),
        git_ref: part('@'),
        default_ref: Some("main".into()),
        stage: (dialect == "check").then(|| CHECKS_STAGE.to_owned()),
        name: Some("build".into()),
        name_ignores_case: dialect == "status",
        status: Some(status.into()),
        third_build_id: part('#'),
        target_url: part('=').map(|url| format!("http://ci/{url}")),
        source: part('~'),
        ..ReportInput::default()
    }
    .check(at(100_000))
    .unwrap()
}

#[test]
fn reports_of_one_commit_find_their_job() {
    for (reports, want) in [
        // Reporters without a branch fill one pipeline; the first one creates it on the default branch.
        ("gitlab:success status:success", "1:external/build.1 1:external/build.1"),
        ("status:running native@main:running", "1:external/build.1 1:external/build.1"),
        // The newest pipeline of the commit, as long as none has the job.
        (
            "native@main:success native@dev:success status:failed",
            "1:external/build.1 2:external/build.1 2:external/build.1",
        ),
        (
            "native@main:success check@dev#1:running status:failed",
            "1:external/build.1 2:checks/build.1 1:external/build.1",
        ),
        // A status and a check run of one name are two jobs of one pipeline, whatever ids and links they have.
        ("check#77:failed status:success", "1:checks/build.1 1:external/build.1"),
        ("status:success check#77:failed", "1:external/build.1 1:checks/build.1"),
        ("check=a:failed status=a:success", "1:checks/build.1 1:external/build.1"),
        // An id of the build system is one attempt, another one the next.
        (
            "check#77:running check#77:failed check#78:running",
            "1:checks/build.1 1:checks/build.1 1:checks/build.2",
        ),
        ("check:running check#77:failed", "1:checks/build.1 1:checks/build.1"),
        // Without ids: a link is one attempt, and a finished job starts again.
        ("status=a:running status=b:running", "1:external/build.1 1:external/build.2"),
        ("status:failed status:running", "1:external/build.1 1:external/build.2"),
        ("status:running gitlab:failed", "1:external/build.1 1:external/build.1"),
        // Each source has its own pipeline, with separate jobs.
        (
            "status~jenkins:failed status~drone:success status:success",
            "1:external/build.1 2:external/build.1 3:external/build.1",
        ),
        (
            "status~jenkins:failed check~jenkins#1:success status~jenkins:success",
            "1:external/build.1 1:checks/build.1 1:external/build.1",
        ),
    ] {
        let mut repository = Repository::default();
        let found: Vec<String> = reports.split(' ').map(|line| repository.record(&from(line))).collect();
        assert_eq!(found.join(" "), want, "{reports}");
    }
}

/// Whatever reaches the commit after a failed check run: only a check run of its source ends its failure.
#[test]
fn a_success_of_another_reporter_does_not_hide_a_failure() {
    for (later, is_hidden) in [
        ("status:success", false),
        ("status=a:success", false),
        ("gitlab:success", false),
        ("status@dev:success", false),
        ("check~other#77:success", false),
        ("check#77:running", false),
        ("check#77:success", false),
        ("check#78:success", true),
    ] {
        let mut repository = Repository::default();
        repository.record(&from("check#77=a:failed"));
        repository.record(&from(later));
        let is_failed = repository.pipelines.iter().any(|state| state.pipeline.status == Failed);
        assert_eq!(!is_failed, is_hidden, "{later}");
    }
}

#[test]
fn the_attempt_that_a_report_names_is_its_own() {
    for (reports, later, want) in [
        ("check:running", "check:failed", "1:checks/build.1"),
        // Also an older one, and without a link that it has had.
        ("check=a:failed check=b:running", "check:success", "1:checks/build.1"),
        ("check=a:failed check=b:running", "check=c:running", "1:checks/build.1"),
        ("check#1:failed check#2:running", "check:success", "1:checks/build.1"),
        ("check#1:failed check#2:running", "check#1:success", "1:checks/build.1"),
        ("check:failed", "check#1:failed", "1:checks/build.1"),
        // Another id of the build system is another attempt.
        ("check#1:failed check#2:running", "check#2:success", "1:checks/build.2"),
        ("check#1:failed", "check#3:running", "1:checks/build.2"),
    ] {
        let mut repository = Repository::default();
        reports.split(' ').for_each(|line| drop(repository.record(&from(line))));
        let job_id = repository.pipelines[0].jobs.first().map(|job| job.id);
        assert_eq!(repository.record(&Report { job_id, ..from(later) }), want, "{reports} {later}");
    }
}

#[test]
fn a_report_without_ref_stays_with_its_job() {
    let id = |id| PipelineId::new(id).unwrap();
    assert_eq!(choose_for_commit(&[]), None);
    assert_eq!(choose_for_commit(&[(id(3), false), (id(2), false)]), Some(id(3)));
    assert_eq!(choose_for_commit(&[(id(3), false), (id(2), true), (id(1), true)]), Some(id(2)));
}
