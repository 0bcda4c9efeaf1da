//! The results that match subscriptions of a user, for a feed: failed pipelines and jobs, and those that succeed after
//! a failure, by the rules of messages to chats.

use super::readable;
use crate::actions::access::SignedIn;
use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::job_runs::{JobAttempt, JobRunsFilter};
use crate::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use crate::model::notifications::{failed_before, is_news};
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::repositories::Repository;
use crate::model::status::Status;
use crate::model::webhooks::Webhook;
use crate::ports::App;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Most pipelines of one repository that are read.
const PIPELINES_MAX: u32 = 200;
/// Most failed attempts of one repository that are read.
const FAILED_MAX: u32 = 200;
/// Most jobs of one repository whose attempts are read: those that failed last.
const JOBS_MAX: usize = 20;
/// Most attempts of one job that are read.
const ATTEMPTS_MAX: u32 = 50;
/// Most pipelines of one repository whose attempts are read to find a fix by a retry.
const RETRIED_MAX: u32 = 10;

/// A result that a user subscribed to.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscribedResult {
    /// The repository.
    pub repository: Arc<Repository>,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The job, if the result is of a job.
    pub job: Option<SubscribedJob>,
}

/// An attempt of a job with a result.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscribedJob {
    /// The name of the stage.
    pub stage: String,
    /// The name of the job.
    pub name: String,
    /// The attempt.
    pub attempt: JobAttempt,
}

impl SubscribedResult {
    /// When it ended; without a known end, when it was created.
    pub fn ended_at(&self) -> Timestamp {
        match &self.job {
            Some(job) => job.attempt.finished_at.unwrap_or(job.attempt.created_at),
            None => self.pipeline.finished_at.unwrap_or(self.pipeline.created_at),
        }
    }

    /// Later results come first; of those that ended at the same time, the order stays the same.
    fn order(&self) -> impl Ord + use<> {
        let job = self.job.as_ref().map(|job| job.attempt.id);
        Reverse((self.ended_at(), self.repository.id, self.pipeline.id, job))
    }
}

/// The latest results of pipelines and jobs that match subscriptions of the caller, newest first, at most `limit`; each
/// once. Disabled subscriptions have none. The caller's right to read is checked at each call. Of each repository the
/// 200 latest pipelines and failed attempts are read.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn results(app: &App, by: &SignedIn, limit: usize) -> Result<Vec<SubscribedResult>> {
    let mut by_repository: BTreeMap<RepositoryId, Vec<Webhook>> = BTreeMap::new();
    for webhook in app.store.subscriptions(by.caller().user.id).await? {
        if webhook.topics.have_entries() && webhook.disabled.is_none() {
            by_repository.entry(webhook.repository_id).or_default().push(webhook);
        }
    }
    let mut results = Vec::new();
    for (id, subscriptions) in by_repository {
        if let Some(repository) = readable(app, by, id).await? {
            results.extend(of_repository(app, &Arc::new(repository), &subscriptions).await?);
        }
    }
    results.sort_by_cached_key(SubscribedResult::order);
    results.truncate(limit);
    Ok(results)
}

async fn of_repository(
    app: &App,
    repository: &Arc<Repository>,
    subscriptions: &[Webhook],
) -> Result<Vec<SubscribedResult>> {
    let start = Start::After(None);
    let newest = Window { order: PipelineOrder::Id, descending: true, start, limit: PIPELINES_MAX };
    let pipelines = app.store.find_pipelines(repository.id, PipelineFilter::default(), newest).await?.items;
    let failed = JobFilter { statuses: vec![Status::Failed, Status::TimedOut], ..JobFilter::default() };
    let newest = Window { order: JobOrder, descending: true, start, limit: FAILED_MAX };
    let failed = app.store.find_jobs(repository.id, failed, newest).await?.items;
    let mut results = Vec::new();
    for pipeline in news_of_pipelines(app, &pipelines, &failed, subscriptions).await? {
        results.push(SubscribedResult { repository: repository.clone(), pipeline, job: None });
    }
    for (pipeline, job) in news_of_jobs(app, repository.id, &pipelines, &failed, subscriptions).await? {
        results.push(SubscribedResult { repository: repository.clone(), pipeline, job: Some(job) });
    }
    Ok(results)
}

async fn news_of_pipelines(
    app: &App,
    pipelines: &[Pipeline],
    failed: &[FoundJob],
    subscriptions: &[Webhook],
) -> Result<Vec<Pipeline>> {
    // An attempt that may fail does not fail its pipeline.
    let fails_pipeline = |found: &&FoundJob| {
        let attempt = &found.job.attempt;
        attempt.status.fails_pipeline(attempt.allow_failure)
    };
    let had_failures: HashSet<PipelineId> =
        failed.iter().filter(fails_pipeline).map(|found| found.pipeline.id).collect();
    let (mut news, mut left) = (Vec::new(), RETRIED_MAX);
    for (pipeline, mut is_news) in covered(pipelines, subscriptions) {
        let may_be_fixed = pipeline.status == Status::Success && had_failures.contains(&pipeline.id);
        if !is_news && may_be_fixed && left > 0 {
            left -= 1;
            let state = app.store.pipeline_state(pipeline.repository_id, pipeline.id).await?;
            is_news = state.is_some_and(|state| failed_before(&state));
        }
        if is_news {
            news.push(pipeline.clone());
        }
    }
    Ok(news)
}

/// Those of the pipelines, newest first, that one of the subscriptions covers, and whether each is news by the results
/// of the earlier ones.
fn covered<'p>(
    pipelines: &'p [Pipeline],
    subscriptions: &[Webhook],
) -> impl Iterator<Item = (&'p Pipeline, bool)> {
    let is_covered = move |pipeline: &Pipeline| {
        subscriptions.iter().filter(|webhook| webhook.topics.pipelines).any(|webhook| {
            webhook.content.matches_ref(&pipeline.identity.git_ref)
                && webhook.content.matches_author(pipeline.trigger_user.as_deref())
        })
    };
    let with_news = move |(at, pipeline): (usize, &'p Pipeline)| {
        let earlier = pipelines[at + 1..].iter().filter(|earlier| {
            earlier.identity.git_ref == pipeline.identity.git_ref
                && earlier.identity.source == pipeline.identity.source
        });
        (pipeline, is_news(pipeline.status, earlier.map(|earlier| earlier.status)))
    };
    pipelines.iter().enumerate().filter(move |(_, pipeline)| is_covered(pipeline)).map(with_news)
}

/// The news of the jobs that failed last: an attempt is a fix only after a failure. Attempts of other pipelines than
/// those are left out.
async fn news_of_jobs(
    app: &App,
    repository: RepositoryId,
    pipelines: &[Pipeline],
    failed: &[FoundJob],
    subscriptions: &[Webhook],
) -> Result<Vec<(Pipeline, SubscribedJob)>> {
    let mut news = Vec::new();
    for job in failed_jobs(failed, subscriptions) {
        let (stage, name) = (job.stage.clone(), job.name.clone());
        let attempts = app.store.job_attempts(repository, job, ATTEMPTS_MAX).await?.attempts;
        for attempt in news_of(&attempts) {
            let Some(pipeline) = pipelines.iter().find(|pipeline| pipeline.id == attempt.pipeline) else {
                continue;
            };
            let mut of_job = subscriptions.iter().filter(|webhook| covers(webhook, pipeline, &stage, &name));
            if of_job.any(|webhook| webhook.content.matches_author(pipeline.trigger_user.as_deref())) {
                let job =
                    SubscribedJob { stage: stage.clone(), name: name.clone(), attempt: attempt.clone() };
                news.push((pipeline.clone(), job));
            }
        }
    }
    Ok(news)
}

/// The jobs of these attempts that one of the subscriptions covers, each once, at most [`JOBS_MAX`]. Those that failed
/// for the author of a subscription come first: of others only a later fix is news.
fn failed_jobs(failed: &[FoundJob], subscriptions: &[Webhook]) -> Vec<JobRunsFilter> {
    let is_covered = |found: &FoundJob, by_author: bool| {
        let FoundJob { job, pipeline, stage, .. } = found;
        let author = pipeline.trigger_user.as_deref();
        let mut covering = subscriptions.iter().filter(|webhook| covers(webhook, pipeline, stage, &job.name));
        covering.any(|webhook| !by_author || webhook.content.matches_author(author))
    };
    let covered = failed.iter().filter(|found| is_covered(found, false));
    let (of_author, others): (Vec<_>, Vec<_>) = covered.partition(|found| is_covered(found, true));
    let mut jobs: Vec<JobRunsFilter> = Vec::new();
    for FoundJob { job, pipeline, stage, .. } in of_author.into_iter().chain(others) {
        let job = JobRunsFilter {
            stage: stage.clone(),
            name: job.name.clone(),
            git_ref: Some(pipeline.identity.git_ref.clone()),
            source: Some(pipeline.identity.source.clone()),
        };
        if jobs.len() < JOBS_MAX && !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    jobs
}

/// Whether a subscription covers a job, of whatever author.
fn covers(webhook: &Webhook, pipeline: &Pipeline, stage: &str, name: &str) -> bool {
    let content = &webhook.content;
    webhook.topics.jobs && content.matches_ref(&pipeline.identity.git_ref) && content.matches_job(stage, name)
}

/// The attempts of a job, newest first, that are news.
fn news_of(attempts: &[JobAttempt]) -> impl Iterator<Item = &JobAttempt> {
    let with_earlier = attempts.iter().enumerate().map(move |(at, attempt)| (attempt, &attempts[at + 1..]));
    with_earlier
        .filter(|(attempt, earlier)| is_news(attempt.status, earlier.iter().map(|earlier| earlier.status)))
        .map(|(attempt, _)| attempt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{UserId, WebhookId};
    use crate::model::pipelines::{PipelineIdentity, PipelineState};
    use crate::model::webhooks::content::Content;
    use crate::model::webhooks::{EventTopics, Secret};

    fn pipeline(id: i64, git_ref: &str, status: Status, author: Option<&str>) -> Pipeline {
        let identity = PipelineIdentity {
            sha: "a".repeat(40),
            git_ref: git_ref.into(),
            source: "external".into(),
            key: id.to_string(),
        };
        let (id, repository) = (PipelineId::new(id).unwrap(), RepositoryId::new(1).unwrap());
        let new = PipelineState::new(id, repository, identity, Timestamp::UNIX_EPOCH).pipeline;
        Pipeline { status, trigger_user: author.map(str::to_owned), ..new }
    }

    fn subscription(refs: &[&str], author: Option<&str>) -> Webhook {
        let content = Content {
            refs: refs.iter().map(|git_ref| (*git_ref).to_owned()).collect(),
            author: author.map(str::to_owned),
            creator: Some(UserId::new(1).unwrap()),
            personal: true,
            ..Content::default()
        };
        Webhook {
            id: WebhookId::new(1).unwrap(),
            repository_id: RepositoryId::new(1).unwrap(),
            tag: "t".into(),
            url: "https://example.com/".into(),
            description: None,
            topics: EventTopics { pipelines: true, ..EventTopics::default() },
            content,
            secret: Secret::random([1; 32]),
            old_secret: None,
            disabled: None,
            failing_since: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn failed_and_fixed_pipelines_that_match_are_news() {
        use Status::{Failed, Running, Success};
        let pipelines = [
            pipeline(7, "main", Running, None),
            pipeline(6, "main", Success, Some("lin")),
            pipeline(5, "dev", Success, None),
            pipeline(4, "main", Failed, Some("wang")),
            pipeline(3, "dev", Success, None),
            pipeline(2, "dev", Failed, Some("lin")),
            pipeline(1, "main", Success, None),
        ];
        let ids = |subscriptions: &[Webhook]| {
            let covered = covered(&pipelines, subscriptions);
            covered.filter(|(_, is_news)| *is_news).map(|(of, _)| of.id.get()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[]), [0; 0]);
        assert_eq!(ids(&[subscription(&[], None)]), [6, 4, 3, 2]);
        assert_eq!(ids(&[subscription(&["ma*"], None)]), [6, 4]);
        assert_eq!(ids(&[subscription(&[], Some("lin"))]), [6, 2]);
        assert_eq!(
            ids(&[subscription(&["dev"], Some("lin")), subscription(&["main"], Some("wang"))]),
            [4, 2]
        );
        let topics = EventTopics { jobs: true, ..EventTopics::default() };
        assert_eq!(ids(&[Webhook { topics, ..subscription(&[], None) }]), [0; 0], "of jobs only");
    }

    #[test]
    fn a_subscription_covers_the_jobs_of_its_patterns() {
        let of = pipeline(1, "main", Status::Failed, None);
        let mut webhook = subscription(&["main"], None);
        webhook.content.jobs = vec!["test/*".into()];
        assert!(!covers(&webhook, &of, "test", "unit"), "of pipelines only");
        webhook.topics.jobs = true;
        assert!(covers(&webhook, &of, "test", "unit"));
        assert!(!covers(&webhook, &of, "lint", "unit"));
        assert!(!covers(&webhook, &pipeline(1, "dev", Status::Failed, None), "test", "unit"));
    }
}
