//! Detects the build system from the environment and reads commit, ref, job and build id of the running job.
//!
//! Must not know: reports.

mod build_systems;
mod checkout;
mod templates;

use build_systems::{BUILD_SYSTEMS, BuildSystem};
use std::path::Path;
use templates::Resolver;

/// The data of the running job in the environment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CiJob {
    /// A commit id, or what the build system has instead.
    pub sha: Option<String>,
    /// A branch, or `refs/tags/NAME`.
    pub git_ref: Option<String>,
    pub name: Option<String>,
    pub stage: Option<String>,
    pub url: Option<String>,
    pub build_id: Option<String>,
    /// The name of the build system for people.
    pub title: Option<&'static str>,
    /// The name of the build system, used as the source of reports.
    pub source: Option<&'static str>,
    /// The value that distinguishes parallel jobs of the same name.
    pub leg: Option<String>,
    /// The name contains the leg.
    pub name_has_leg: bool,
    /// How to find out whether another job of the same run has the same name.
    pub run: Option<CiRun>,
    /// The commit is that of the checkout, because no variable names it.
    pub has_sha_of_checkout: bool,
    /// The branch is that of the checkout, because no variable names a ref.
    pub has_branch_of_checkout: bool,
}

/// A job within a run of a build system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiRun {
    /// The run, and the attempt of it.
    pub id: String,
    /// Identifies the job within the run.
    pub job: String,
    /// Describes the job to a person.
    pub hint: Option<String>,
    /// An earlier run may have jobs that are not repeated in this one.
    pub is_partial: bool,
}

/// Reads the environment, and the checkout in `directory` for a commit or a ref that the environment does not name.
pub fn detect(env: &dyn Fn(&str) -> Option<String>, directory: &Path) -> CiJob {
    let values = Resolver::new(env);
    let mut job = match BUILD_SYSTEMS.iter().find(|system| values.first(system.marker).is_some()) {
        // The checkout of a pull request is often a merge commit, which is not the reported one.
        Some(system) if values.first(system.pull_request).is_some() => {
            return read(system, &values, directory);
        }
        Some(system) => read(system, &values, directory),
        None => CiJob::default(),
    };
    if job.sha.is_none() {
        let head = checkout::head(directory);
        job.sha = head.map(|head| reported_head(job.source, &values, directory, head));
        job.has_sha_of_checkout = job.sha.is_some();
    }
    // The branch of another commit would be a wrong one.
    if job.git_ref.is_none() && job.sha == checkout::head(directory) {
        job.git_ref = checkout::branch(directory);
        job.has_branch_of_checkout = job.git_ref.is_some();
    }
    job
}

/// The commit, or the head of the change that Jenkins has merged with its target before the build.
fn reported_head(source: Option<&str>, values: &Resolver<'_>, directory: &Path, sha: String) -> String {
    let is_change = source == Some("jenkins") && values.resolve("{CHANGE_ID}").is_some();
    let merged = is_change.then(|| checkout::head_of_local_merge(directory, &sha)).flatten();
    merged.unwrap_or(sha)
}

fn read(system: &BuildSystem, values: &Resolver<'_>, directory: &Path) -> CiJob {
    let first = |alternatives| values.first(alternatives);
    let is_first = |attempt: String| attempt.split('-').all(|number| number == "1");
    let is_partial = system.retries_single_jobs && !first(system.attempt).is_some_and(is_first);
    let run = first(system.run).zip(first(system.job)).map(|(id, job)| CiRun {
        id,
        job,
        hint: first(system.hint),
        is_partial,
    });
    CiJob {
        sha: sha(system, values, directory),
        git_ref: git_ref(system, values),
        name: first(system.name),
        stage: first(system.stage),
        url: first(system.url).map(|url| url.replace(' ', "%20")),
        build_id: first(system.build_id),
        title: Some(system.title),
        source: Some(system.source),
        // The only one of its kind.
        leg: first(system.leg).filter(|leg| !leg.ends_with("/1")),
        name_has_leg: system.name_has_leg,
        run,
        ..CiJob::default()
    }
}

fn sha(system: &BuildSystem, values: &Resolver<'_>, directory: &Path) -> Option<String> {
    let sha = match values.first(system.pull_request) {
        Some(_) => values.first(system.pull_request_sha)?,
        None => values.first(system.sha)?,
    };
    if sha == "HEAD" {
        let head = checkout::head(directory);
        return head.map(|head| reported_head(Some(system.source), values, directory, head)).or(Some(sha));
    }
    Some(reported_head(Some(system.source), values, directory, sha))
}

fn git_ref(system: &BuildSystem, values: &Resolver<'_>) -> Option<String> {
    let fork = system.fork.as_ref().and_then(|fork| {
        let source = values.resolve(fork.source)?;
        let is_fork = values.resolve(fork.target).is_some_and(|target| target != source);
        is_fork.then(|| values.resolve(fork.git_ref)).flatten()
    });
    let git_ref = fork.or_else(|| values.first(system.git_ref))?;
    Some(git_ref.strip_prefix("refs/heads/").map_or_else(|| git_ref.clone(), str::to_owned))
}

#[cfg(test)]
mod tests;
