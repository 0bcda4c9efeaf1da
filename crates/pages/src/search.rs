//! The page of a search: the hits by kind. The palette of every page takes its list from here.

use crate::Frame;
use crate::job_runs::job_runs_address;
use crate::links::{address, encode};
use crate::messages::{Text, search as msg};
use crate::pipeline::{pipeline_path, short_sha};
use askama::Template;
use domain::model::ids::RepositoryId;
use domain::model::repositories::Repository;
use domain::model::search::{
    FoundAttempt, Hit, HitGroup, HitKind, HitObject, REPOSITORIES_MAX, SearchResult,
};
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
        HitObject::Job(job) => {
            let source = if hit.of_sources { job.source.as_str() } else { "" };
            job_runs_address(repository, &job.stage, &job.name, "", source)
        }
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
            HitObject::Job(attempt) => format!("{path} · {} · {}", attempt.source, attempt.git_ref),
            HitObject::Build(attempt) => {
                let FoundAttempt { stage, name, source, pipeline, .. } = attempt.as_ref();
                format!("{path} · {stage} / {name} · {source} · #{pipeline}")
            }
        };
        self.frame.sanitize(context)
    }

    fn truncation_note(&self) -> String {
        let example = self.frame.sanitize(self.within("acme/demo"));
        self.frame.format2(msg::TRUNCATED, REPOSITORIES_MAX, example)
    }

    /// The text that searches in one repository only.
    fn within(&self, path: &str) -> String {
        format!("repo:{path} {}", self.q.trim())
    }

    /// The search in one repository only.
    fn within_address(&self, repository: &Repository) -> String {
        address("/search", &[("q", &self.within(&repository.path))])
    }

    /// The number of hits, or that there is none; and whether not everything was searched.
    fn summary(&self) -> String {
        let count = self.result.map_or(0, |result| result.hits().count());
        let is_complete = self.result.is_none_or(SearchResult::is_complete);
        match (count, is_complete) {
            (0, true) => self.frame.text(msg::NONE_FOUND).to_owned(),
            (0, false) => self.frame.text(msg::NONE_FOUND_IN_PART).to_owned(),
            (count, true) => self.frame.format(msg::COUNT, count),
            (count, false) => self.frame.format(msg::COUNT_IN_PART, count),
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
