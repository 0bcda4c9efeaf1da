//! Lists of the jobs of a pipeline.

use crate::Outcome;
use crate::bench::{Bench, Kind, warm_up};
use crate::data_set::{DataSet, Pipeline};
use crate::http::request;
use crate::requests::{self, Pool};
use crate::server::TOKEN;
use std::sync::Arc;

/// Pipelines whose responses the server keeps.
pub const FEW: u64 = 2_000;
/// Pipelines whose responses it cannot all keep.
const MANY: u64 = 150_000;

/// The jobs of a few pipelines in the CodeArts API.
pub fn by_token(bench: &mut Bench, name: &'static str) -> Outcome {
    measure(bench, name, FEW, codearts)
}

/// The same of many pipelines, or of all that the data set has.
pub fn random(bench: &mut Bench, name: &'static str) -> Outcome {
    measure(bench, name, MANY, codearts)
}

/// The jobs of a pipeline in the GitLab API.
pub fn gitlab_jobs(bench: &mut Bench, name: &'static str) -> Outcome {
    measure(bench, name, FEW, |Pipeline { repository, id, .. }| {
        gitlab(&format!("/api/v4/projects/{repository}/pipelines/{id}/jobs"))
    })
}

/// The statuses of a commit in the GitLab API.
pub fn gitlab_statuses(bench: &mut Bench, name: &'static str) -> Outcome {
    measure(bench, name, FEW, |Pipeline { repository, sha, .. }| {
        gitlab(&format!("/api/v4/projects/{repository}/repository/commits/{sha}/statuses"))
    })
}

/// The jobs of a pipeline in the native API.
pub fn native_jobs(bench: &mut Bench, name: &'static str) -> Outcome {
    measure(bench, name, FEW, |Pipeline { repository, id, .. }| {
        let path = format!("/native/v1/repositories/{repository}/pipelines/{id}/jobs");
        request("GET", &path, &[("X-Auth-Token", TOKEN)], "")
    })
}

/// The request for the jobs of a pipeline in the CodeArts API.
pub fn codearts(pipeline: &Pipeline) -> Vec<u8> {
    request("GET", &codearts_path(pipeline), &[("X-Auth-Token", TOKEN)], "")
}

/// Its path.
pub fn codearts_path(Pipeline { repository, id, .. }: &Pipeline) -> String {
    format!("/v4/repositories/{repository}/pipelines/{id}/jobs")
}

fn gitlab(path: &str) -> Vec<u8> {
    request("GET", path, &[("PRIVATE-TOKEN", TOKEN)], "")
}

fn measure(bench: &mut Bench, name: &str, limit: u64, request: fn(&Pipeline) -> Vec<u8>) -> Outcome {
    let pool = pool(DataSet::of(bench.options.jobs), limit, request);
    let connections = bench.options.connections;
    let load = || requests::random(&pool);
    bench.compare(&Kind {
        measure: name,
        connections,
        counts_reports: false,
        load: &load,
        before: warm_up(&pool),
    })
}

/// A request for each of the first pipelines of a data set.
pub fn pool(set: DataSet, limit: u64, request: fn(&Pipeline) -> Vec<u8>) -> Pool {
    let numbers = 0..set.pipelines().min(limit);
    Arc::new(numbers.map(|number| request(&set.pipeline(number)).into_boxed_slice()).collect())
}
