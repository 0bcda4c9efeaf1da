//! The health of repositories as pages represent it in JSON.

use super::insights::milliseconds;
use super::{repository, time};
use domain::Timestamp;
use domain::model::repositories::RepositoryOverview;
use domain::model::repository_health::{BranchPipeline, Health, HealthCounts, HealthPage};
use wire::native::repository_health as native;

/// A page of repositories at `now`.
pub fn list(page: &HealthPage, now: Timestamp) -> native::RepositoryHealthList {
    native::RepositoryHealthList {
        repositories: page.repositories.iter().map(|of| with_health(of, now)).collect(),
        total: page.total,
        counts: page.counts.map(counts),
    }
}

/// The repositories of a wall at `now`.
pub fn wall(page: &HealthPage, now: Timestamp) -> native::Wall {
    let repository = |of: &RepositoryOverview| native::WallRepository {
        id: of.repository.id.get(),
        path: of.repository.path.clone(),
        default_branch: of.repository.default_branch.clone(),
        archived: of.repository.archived,
        health: health(of, now),
    };
    native::Wall {
        repositories: page.repositories.iter().map(repository).collect(),
        total: page.total,
        counts: page.counts.map(counts),
    }
}

fn with_health(of: &RepositoryOverview, now: Timestamp) -> native::RepositoryHealth {
    native::RepositoryHealth {
        repository: repository(&of.repository, Some(of.role)),
        health: health(of, now),
    }
}

/// The health of the default branch.
fn health(of: &RepositoryOverview, now: Timestamp) -> native::Health {
    let branch = &of.branch;
    native::Health {
        state: branch.health().as_str().to_owned(),
        result: branch.result().map(pipeline),
        current: branch.current().map(pipeline),
        failing_since: branch.failing_since().map(pipeline),
        elapsed_ms: branch.progress(now).map(|progress| milliseconds(progress.elapsed)),
        median_ms: branch.median().map(milliseconds),
        running_elsewhere: of.running_elsewhere,
    }
}

fn pipeline(of: &BranchPipeline) -> native::HealthPipeline {
    native::HealthPipeline {
        id: of.id.get(),
        sha: of.sha.clone(),
        status: of.status.as_str().to_owned(),
        created_at: time(of.created_at),
        started_at: of.started_at.map(time),
        finished_at: of.finished_at.map(time),
    }
}

fn counts(of: HealthCounts) -> native::HealthCounts {
    native::HealthCounts {
        failing: of.get(Health::Failing),
        running: of.get(Health::Running),
        passing: of.get(Health::Passing),
        unknown: of.get(Health::Unknown),
        empty: of.get(Health::Empty),
    }
}
