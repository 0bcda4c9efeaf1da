//! The page of a search: the hits by kind. The palette of every page takes its list from here.

use crate::Frame;
use crate::job_runs::job_runs_address;
use crate::links::{address, encode};
use crate::messages::{Text, search as msg};
use crate::pipeline::{pipeline_path, short_sha};
use askama::Template;
use domain::model::ids::RepositoryId;
use domain::model::search::{Hit, HitGroup, HitKind, HitObject, REPOSITORIES_MAX, SearchResult};
use domain::model::status::Status;

/// The page.
#[derive(Debug, Template)]
#[template(path = "search.html")]
pub struct SearchPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The text as it was entered.
    pub q: &'a str,
    /// The repository of the page where the search began.
    pub repository: Option<RepositoryId>,
    /// The result; `None` before a text is entered.
    pub result: Option<&'a SearchResult>,
}

/// The page that a hit leads to, without the path of the server.
pub fn hit_address(hit: &Hit) -> String {
    let repository = &hit.repository;
    let pipelines = format!("/repositories/{}/pipelines", repository.id);
    match &hit.object {
        HitObject::Repository => pipelines,
        HitObject::Pipeline(pipeline) => pipeline_path(repository, pipeline.id),
        HitObject::Commit(pipeline) => {
            format!("/repositories/{}/commits/{}", repository.id, encode(&pipeline.identity.sha))
        }
        HitObject::Ref(pipeline) => address(&pipelines, &[("ref", &pipeline.identity.git_ref)]),
        HitObject::Job(attempt) => job_runs_address(repository, &attempt.stage, &attempt.name, "", ""),
        HitObject::Build(attempt) => {
            format!("{}/jobs/{}", pipeline_path(repository, attempt.pipeline), attempt.id)
        }
    }
}

impl SearchPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn kind(&self, group: &HitGroup) -> &'static str {
        self.frame.text(kind_text(group.kind))
    }

    fn address(&self, hit: &Hit) -> String {
        hit_address(hit)
    }

    fn status(&self, hit: &Hit) -> Option<Status> {
        match &hit.object {
            HitObject::Repository => None,
            HitObject::Pipeline(pipeline) | HitObject::Commit(pipeline) | HitObject::Ref(pipeline) => {
                Some(pipeline.status)
            }
            HitObject::Job(attempt) | HitObject::Build(attempt) => Some(attempt.status),
        }
    }

    /// What the hit is.
    fn title(&self, hit: &Hit) -> String {
        let title = match &hit.object {
            HitObject::Repository => hit.repository.path.clone(),
            HitObject::Pipeline(pipeline) => format!("#{}", pipeline.id),
            HitObject::Commit(pipeline) => short_sha(&pipeline.identity.sha).to_owned(),
            HitObject::Ref(pipeline) => pipeline.identity.git_ref.clone(),
            HitObject::Job(attempt) => format!("{} / {}", attempt.stage, attempt.name),
            HitObject::Build(attempt) => attempt.third_build_id.clone().unwrap_or_default(),
        };
        self.frame.sanitize(title)
    }

    /// Where it is, and what tells it from others.
    fn context(&self, hit: &Hit) -> String {
        let path = hit.repository.path.as_str();
        let context = match &hit.object {
            HitObject::Repository => hit.repository.description.clone().unwrap_or_default(),
            HitObject::Pipeline(pipeline) => {
                let identity = &pipeline.identity;
                format!("{path} · {} · {}", identity.git_ref, short_sha(&identity.sha))
            }
            HitObject::Commit(pipeline) => format!("{path} · {}", pipeline.identity.git_ref),
            HitObject::Ref(pipeline) => format!("{path} · #{}", pipeline.id),
            HitObject::Job(attempt) => format!("{path} · {}", attempt.git_ref),
            HitObject::Build(attempt) => {
                format!("{path} · {} / {} · #{}", attempt.stage, attempt.name, attempt.pipeline)
            }
        };
        self.frame.sanitize(context)
    }

    fn truncation_note(&self) -> String {
        self.frame.format(msg::TRUNCATED, REPOSITORIES_MAX)
    }

    /// The number of hits, or that there is none.
    fn summary(&self) -> String {
        match self.result.map_or(0, |result| result.hits().count()) {
            0 => self.frame.text(msg::NONE_FOUND).to_owned(),
            count => self.frame.format(msg::COUNT, count),
        }
    }
}

fn kind_text(kind: HitKind) -> Text {
    match kind {
        HitKind::Repository => msg::REPOSITORIES,
        HitKind::Pipeline => msg::PIPELINES,
        HitKind::Commit => msg::COMMITS,
        HitKind::Ref => msg::REFS,
        HitKind::Job => msg::JOBS,
        HitKind::Build => msg::BUILDS,
    }
}

#[cfg(test)]
mod tests;
