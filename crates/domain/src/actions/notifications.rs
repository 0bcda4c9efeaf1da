//! Messages for people: decides when a delivery is sent whether it is news, and whether the owner of the webhook may
//! still read the repository.

use super::access;
use crate::error::Result;
use crate::model::access::Caller;
use crate::model::deliveries::{ClaimedDelivery, Payload};
use crate::model::events::{Change, Event, JobSnapshot, PipelineSnapshot};
use crate::model::ids::{RepositoryId, UserId};
use crate::model::job_runs::JobRunsFilter;
use crate::model::notifications::{News, Notification, PipelineNews, failed_before, is_news, results_before};
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::repositories::RepositoryKey;
use crate::model::roles::{Role, Scope};
use crate::model::status::Status;
use crate::ports::App;
use std::sync::Arc;

/// How many earlier pipelines, or attempts of a job, are read to find the result before.
const EARLIER_MAX: u32 = 50;

/// What to do with a claimed delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Send it as it is: a message for programs, or one that was put into words before.
    Send,
    /// Put it into words, and send it.
    Notify(Box<Notification>),
    /// Delete it: it is no news.
    Discard,
    /// Do not send it, and disable the webhook: its owner may not read the repository.
    Refuse,
}

/// Decides about a claimed delivery.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable): the delivery is attempted again after the claim expired.
pub async fn decide(app: &App, claimed: &ClaimedDelivery) -> Result<Decision> {
    let content = &claimed.webhook.content;
    if let Some(reader) = content.reader()
        && role_of(app, reader, claimed.webhook.repository_id).await?.is_none()
    {
        return Ok(Decision::Refuse);
    }
    let event = match &claimed.payload {
        Payload::Event(event) if content.format.is_chat() => event,
        // An earlier version refused it before it was put into words.
        Payload::Rendered(body) if body.is_empty() => return Ok(Decision::Discard),
        _ => return Ok(Decision::Send),
    };
    let Some(news) = news(app, claimed, event).await? else { return Ok(Decision::Discard) };
    let (repository, path) = (event.repository_id, claimed.repository.clone());
    Ok(Decision::Notify(Box::new(Notification { repository, path, news })))
}

/// The role of a user in a repository now; `None`: the user may not read it, or is disabled.
pub(super) async fn role_of(app: &App, user: UserId, repository: RepositoryId) -> Result<Option<Role>> {
    let user = app.store.user(user).await?.map(|user| user.at(app.clock.now()));
    let Some(user) = user.filter(|user| !user.disabled) else { return Ok(None) };
    let caller = Caller { user: Arc::new(user), scope: Scope::Full, repositories: None };
    let access = access::repository_access(app, &caller, &RepositoryKey::Id(repository)).await?;
    Ok(access.map(|(_, role)| role))
}

async fn news(app: &App, claimed: &ClaimedDelivery, event: &Event) -> Result<Option<News>> {
    let (snapshot, job) = match &event.change {
        Change::Verdict(record) => {
            let (sha, target) = (record.sha.clone(), record.target.clone());
            let (verdict, previous) = (record.verdict, record.previous_verdict);
            return Ok(Some(News::Gate { sha, target, verdict, previous }));
        }
        Change::Pipeline(snapshot, _) => (snapshot, event.job()),
    };
    // It has the author, and it is missing if retention deleted it since.
    let Some(pipeline) = app.store.pipeline(event.repository_id, snapshot.id).await? else { return Ok(None) };
    if !claimed.webhook.content.matches_author(pipeline.trigger_user.as_deref()) {
        return Ok(None);
    }
    match job {
        Some(job) if claimed.kind.starts_with("job.") => of_job(app, &pipeline, snapshot, job).await,
        _ => of_pipeline(app, &pipeline, snapshot).await,
    }
}

async fn of_pipeline(app: &App, pipeline: &Pipeline, snapshot: &PipelineSnapshot) -> Result<Option<News>> {
    let earlier = match snapshot.status {
        Status::Success => earlier_results(app, pipeline).await?,
        _ => Vec::new(),
    };
    let mut is_news = is_news(snapshot.status, earlier.into_iter());
    if !is_news && snapshot.status == Status::Success {
        let state = app.store.pipeline_state(pipeline.repository_id, pipeline.id).await?;
        is_news = state.is_some_and(|state| failed_before(&state));
    }
    Ok(is_news.then(|| News::Pipeline(PipelineNews::of(pipeline, snapshot.status))))
}

/// The statuses of the earlier pipelines of the ref and source, newest first.
async fn earlier_results(app: &App, pipeline: &Pipeline) -> Result<Vec<Status>> {
    let filter = PipelineFilter {
        git_ref: Some(pipeline.identity.git_ref.clone()),
        source: Some(pipeline.identity.source.clone()),
        ..PipelineFilter::default()
    };
    let start = Start::After(Some(pipeline.id.get()));
    let window = Window { order: PipelineOrder::Id, descending: true, start, limit: EARLIER_MAX };
    let found = app.store.find_pipelines(pipeline.repository_id, filter, window).await?;
    Ok(found.items.into_iter().map(|pipeline| pipeline.status).collect())
}

async fn of_job(
    app: &App,
    pipeline: &Pipeline,
    snapshot: &PipelineSnapshot,
    job: &JobSnapshot,
) -> Result<Option<News>> {
    let mut attempts = Vec::new();
    if job.status == Status::Success {
        let filter = JobRunsFilter {
            stage: job.stage.clone(),
            name: job.name.clone(),
            git_ref: Some(pipeline.identity.git_ref.clone()),
            source: Some(pipeline.identity.source.clone()),
        };
        attempts = app.store.job_attempts(pipeline.repository_id, filter, EARLIER_MAX).await?.attempts;
    }
    let is_news = is_news(job.status, results_before(&attempts, job.id));
    Ok(is_news.then(|| News::Job {
        pipeline: PipelineNews::of(pipeline, snapshot.status),
        id: job.id,
        stage: job.stage.clone(),
        name: job.name.clone(),
        status: job.status,
    }))
}
