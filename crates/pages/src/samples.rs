//! Sample pipelines for the tests of this crate, built from reports.

use domain::Timestamp;
use domain::model::ids::{Hex32, PipelineId, RepositoryId, UserId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState};
use domain::model::reports::{Arrival, ReportInput};
use domain::model::repositories::{Project, Repository, Visibility};

/// A name that would be an HTML element if it was not escaped.
pub const EVIL: &str = r#"<img src=x onerror="alert(1)">'&"#;

/// A time in the day of the samples.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

/// The state of a pipeline after reports, each received at its second.
pub fn pipeline(reports: impl IntoIterator<Item = (i64, ReportInput)>) -> PipelineState {
    let identity = PipelineIdentity {
        sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
        git_ref: "dev".into(),
        source: "external".into(),
        key: String::new(),
    };
    let mut counters = Counters::default();
    let mut state =
        PipelineState::new(PipelineId::new(6).unwrap(), RepositoryId::new(1).unwrap(), identity, at(0));
    for (second, fields) in reports {
        counters.report += 1;
        let arrival = Arrival { received_at: at(second), seq: counters.report };
        let git_ref = Some("dev".into());
        let sha = Some("1c46c505c84853887efe2ea9ea02a1333bae2237".into());
        let report = ReportInput { sha, git_ref, ..fields }.check(at(second)).unwrap();
        state.apply(&report, arrival, &mut counters).unwrap();
    }
    state
}

/// A report of `stage/name:status`.
pub fn report(line: &str) -> ReportInput {
    let (job, status) = line.split_once(':').unwrap();
    let (stage, name) = job.split_once('/').unwrap();
    ReportInput {
        stage: Some(stage.into()),
        name: Some(name.into()),
        status: Some(status.into()),
        ..ReportInput::default()
    }
}

/// A repository.
pub fn repository() -> Repository {
    Repository {
        id: RepositoryId::new(1).unwrap(),
        uuid: Hex32::from_bytes([1; 16]),
        project: Project { id: Hex32::from_bytes([2; 16]), name: "p".into() },
        path: "acme/demo".into(),
        description: None,
        default_branch: "main".into(),
        visibility: Visibility::Private,
        archived: false,
        has_pipeline: true,
        web_url: None,
        http_url: None,
        ssh_url: None,
        creator_id: UserId::new(1).unwrap(),
        creator_name: "root".into(),
        created_at: at(0),
        updated_at: at(0),
    }
}
