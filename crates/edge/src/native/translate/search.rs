//! A search as the native API represents it.

use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::search::{FoundAttempt, Hit, HitObject, SearchResult};
use pages::hit_address;
use wire::native::search as native;

pub fn results(result: &SearchResult, page: Option<RepositoryId>) -> native::SearchResults {
    let more = result.groups.iter().filter(|group| group.more);
    native::SearchResults {
        results: result.hits().map(hit).collect(),
        more: more.map(|group| group.kind.as_str().to_owned()).collect(),
        direct: result.direct(page).map(hit_address),
        truncated: result.truncated,
        incomplete: result.incomplete,
    }
}

fn hit(hit: &Hit) -> native::SearchHit {
    let about = native::SearchHit {
        kind: hit.object.kind().as_str().to_owned(),
        exact: hit.is_exact(),
        repository_id: hit.repository.id.get(),
        repository: hit.repository.path.clone(),
        pipeline_id: None,
        job_id: None,
        sha: None,
        git_ref: None,
        source: None,
        stage: None,
        name: None,
        third_build_id: None,
        status: None,
        page: hit_address(hit),
    };
    match &hit.object {
        HitObject::Repository => about,
        HitObject::Pipeline(found) | HitObject::Commit(found) | HitObject::Ref(found) => {
            of_pipeline(about, found)
        }
        HitObject::Job(found) | HitObject::Build(found) => of_attempt(about, found),
    }
}

fn of_pipeline(about: native::SearchHit, pipeline: &Pipeline) -> native::SearchHit {
    native::SearchHit {
        pipeline_id: Some(pipeline.id.get()),
        sha: Some(pipeline.identity.sha.clone()),
        git_ref: Some(pipeline.identity.git_ref.clone()),
        source: Some(pipeline.identity.source.clone()),
        status: Some(pipeline.status.as_str().to_owned()),
        ..about
    }
}

fn of_attempt(about: native::SearchHit, attempt: &FoundAttempt) -> native::SearchHit {
    native::SearchHit {
        pipeline_id: Some(attempt.pipeline.get()),
        job_id: Some(attempt.id.get()),
        git_ref: Some(attempt.git_ref.clone()),
        source: Some(attempt.source.clone()),
        stage: Some(attempt.stage.clone()),
        name: Some(attempt.name.clone()),
        third_build_id: attempt.third_build_id.clone(),
        status: Some(attempt.status.as_str().to_owned()),
        ..about
    }
}
