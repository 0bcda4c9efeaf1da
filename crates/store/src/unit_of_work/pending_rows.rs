//! Rows to write at the end of a group of writes: each once, however many reports changed it.

mod batches;

pub use batches::CachedRows;

use super::CommitKey;
use super::pending_counts::PendingCounts;
use super::subscriptions::{Due, Subscriptions};
use crate::pipeline_cache::Key;
use crate::rows::deliveries;
use crate::rows::details::Digest;
use crate::rows::idempotency::{IdempotencyKey, StoredResponse};
use crate::rows::reports::{NewReport, RecentTexts};
use crate::rows::signatures::UsedSignature;
use crate::sql::{ToValue, Value};
use domain::model::events::{Change, Event, PipelineChange, StatusBefore};
use domain::model::forwarded_states::Target;
use domain::model::ids::{DestinationId, JobId, MergeRequestIid, PipelineId, RepositoryId, UserId};
use domain::model::merge_requests::{Times, iid_from_ref};
use domain::model::pipelines::{ChangedRows, PipelineState};
use domain::model::reports::{Arrival, Effect, Receipt};
use domain::ports::ReportBatch;
use domain::{Result, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The indices of the changed stages and jobs of a pipeline.
#[derive(Default)]
struct Changed {
    stages: BTreeSet<usize>,
    jobs: BTreeSet<usize>,
}

/// A report to write.
enum PendingReport {
    /// The report at this position of a batch.
    Of(Arc<ReportBatch>, usize, Arrival, Receipt),
    /// Another report, as its row.
    Row(Vec<Value<'static>>),
}

impl PendingReport {
    fn repository(&self) -> i64 {
        match self {
            Self::Of(batch, ..) => batch.repository_id.get().into(),
            Self::Row(values) => match values.first() {
                Some(Value::Int(id)) => *id,
                _ => 0,
            },
        }
    }

    fn values(&self, recent_texts: &mut RecentTexts) -> Vec<Value<'_>> {
        match self {
            Self::Of(batch, at, arrival, receipt) => {
                NewReport::reported(batch, &batch.reports[*at], *arrival, receipt).values(recent_texts)
            }
            Self::Row(values) => values.iter().map(ToValue::to_value).collect(),
        }
    }
}

/// A changed forwarded state.
struct ChangedState {
    target: Target,
    /// When it changed last, and how often.
    changed_at: Timestamp,
    changes: i64,
    /// The attempt that changed it last.
    job: Option<JobId>,
}

#[derive(Default)]
pub struct PendingRows {
    pipelines: BTreeMap<Key, Changed>,
    counters: BTreeSet<RepositoryId>,
    reports: Vec<PendingReport>,
    /// The bytes of the details of these reports.
    details: BTreeMap<(RepositoryId, PipelineId, Digest), Arc<[u8]>>,
    events: Vec<Arc<Event>>,
    deliveries: Vec<Vec<Value<'static>>>,
    /// The changed forwarded states by destination, commit and context.
    states: BTreeMap<(DestinationId, String, String), ChangedState>,
    /// The commits whose gate is to be evaluated: the first report of this group about each, when each last changed,
    /// and how often.
    gates: BTreeMap<(RepositoryId, String), (Option<Timestamp>, Timestamp, i64)>,
    responses: HashMap<IdempotencyKey, (StoredResponse, Timestamp)>,
    signatures: BTreeMap<[u8; 32], UsedSignature>,
    /// The changes of the numbers of jobs, and of pipelines by ref.
    counts: PendingCounts,
    /// The merge requests with new pipelines on their refs.
    merge_requests: BTreeMap<(RepositoryId, MergeRequestIid), Times>,
    /// The new pipelines without their own key, by commit and source, oldest first.
    new_of_commit: HashMap<CommitKey, Vec<PipelineId>>,
    /// The users who sent the first reports of new attempts.
    first_reporters: HashMap<(RepositoryId, JobId), UserId>,
}

impl PendingRows {
    /// Adds the counters of a repository.
    pub fn add_counters(&mut self, repository: RepositoryId) {
        self.counters.insert(repository);
    }

    /// Adds the changed rows of a pipeline.
    pub fn add_pipeline(&mut self, key: Key, changed: ChangedRows) {
        let pending = self.pipelines.entry(key).or_default();
        pending.stages.extend(changed.stages);
        pending.jobs.extend(changed.jobs);
    }

    /// Removes the rows of a deleted pipeline.
    pub fn remove_pipeline(&mut self, key: &Key) {
        self.pipelines.remove(key);
    }

    /// Adds a report.
    pub fn add_report(&mut self, report: &NewReport<'_>, recent_texts: &mut RecentTexts) {
        self.add_details(report);
        self.reports.push(PendingReport::Row(report.values(recent_texts)));
    }

    /// Adds the report at this position of a batch.
    pub fn add_report_of(&mut self, batch: Arc<ReportBatch>, at: usize, arrival: Arrival, receipt: Receipt) {
        if receipt.effect == Effect::Created {
            self.first_reporters.insert((batch.repository_id, receipt.job_id), batch.reporter);
        }
        self.add_details(&NewReport::reported(&batch, &batch.reports[at], arrival, &receipt));
        self.reports.push(PendingReport::Of(batch, at, arrival, receipt));
    }

    fn add_details(&mut self, report: &NewReport<'_>) {
        if let Some((repository, pipeline, digest, bytes)) = report.details() {
            self.details.insert((repository, pipeline, digest), Arc::clone(bytes));
        }
    }

    /// The user who sent the first report of a new attempt.
    pub fn first_reporter(&self, repository: RepositoryId, job: JobId) -> Option<UserId> {
        self.first_reporters.get(&(repository, job)).copied()
    }

    /// The users who sent the first reports of new attempts.
    pub fn first_reporters(&self) -> impl Iterator<Item = ((RepositoryId, JobId), UserId)> {
        self.first_reporters.iter().map(|(job, reporter)| (*job, *reporter))
    }

    /// The new pipelines of a commit and source without their own key, newest first.
    pub fn new_of_commit(&self, repository: RepositoryId, sha: &str, source: &str) -> Vec<PipelineId> {
        if self.new_of_commit.is_empty() {
            return Vec::new();
        }
        let key = (repository, sha.to_owned(), source.to_owned());
        self.new_of_commit.get(&key).map_or_else(Vec::new, |ids| ids.iter().rev().copied().collect())
    }

    /// Takes the new pipelines of commits without their own key, oldest first.
    pub fn take_new_of_commit(&mut self) -> HashMap<CommitKey, Vec<PipelineId>> {
        std::mem::take(&mut self.new_of_commit)
    }

    /// Adds an event, its deliveries, the forwarded states that it changes, and that the gate of its commit is to be
    /// evaluated. Returns what is due.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] if the event cannot be written as JSON; no event causes it.
    pub fn add_event(&mut self, event: Arc<Event>, subscriptions: &Subscriptions) -> Result<Due> {
        let deliveries = deliveries::of_event(&event, &subscriptions.webhooks)?;
        let mut due = Due { deliveries: !deliveries.is_empty(), ..Due::default() };
        self.deliveries.extend(deliveries);
        let job = event.job().map(|job| job.id);
        for forwarding in &subscriptions.destinations {
            let Some(key) = forwarding.selection.key(&event) else { continue };
            let context = key.target.context();
            let state = self.states.entry((forwarding.destination, key.sha, context));
            let state = state.or_insert(ChangedState {
                target: key.target,
                changed_at: event.at,
                changes: 0,
                job: None,
            });
            (state.changed_at, state.changes, state.job) = (event.at, state.changes + 1, job);
            due.states = true;
        }
        if subscriptions.has_gate {
            due.gates = self.add_gate(&event);
        }
        self.events.push(event);
        Ok(due)
    }

    /// Marks the commit of an event. That of a deleted pipeline may be deleted too: its deletion marks it.
    fn add_gate(&mut self, event: &Event) -> bool {
        let first_at = match &event.change {
            Change::Pipeline(_, PipelineChange::Job(_)) => Some(event.at),
            Change::Pipeline(_, PipelineChange::Imported) => None,
            Change::Pipeline(_, PipelineChange::Deleted) | Change::Verdict(_) => return false,
        };
        let key = (event.repository_id, event.sha().to_owned());
        let (_, changed_at, changes) = self.gates.entry(key).or_insert((first_at, event.at, 0));
        (*changed_at, *changes) = (event.at, *changes + 1);
        true
    }

    /// Adds the response to a request with an idempotency key.
    pub fn add_response(&mut self, key: IdempotencyKey, stored: StoredResponse, at: Timestamp) {
        self.responses.insert(key, (stored, at));
    }

    /// The response to a request of this group.
    pub fn response(&self, key: &IdempotencyKey) -> Option<StoredResponse> {
        self.responses.get(key).map(|(stored, _)| stored.clone())
    }

    /// Adds a used signature.
    pub fn add_signature(&mut self, digest: [u8; 32], used: UsedSignature) {
        self.signatures.insert(digest, used);
    }

    /// The signature, if this group used it.
    pub fn signature(&self, digest: &[u8; 32]) -> Option<UsedSignature> {
        self.signatures.get(digest).cloned()
    }

    /// Whether a pipeline has rows to write.
    pub fn has_pipeline(&self, key: &Key) -> bool {
        self.pipelines.contains_key(key)
    }

    /// Whether the counters of a repository are to be written.
    pub fn has_counters(&self, repository: RepositoryId) -> bool {
        self.counters.contains(&repository)
    }

    /// The responses, after they were written.
    pub fn into_responses(self) -> impl Iterator<Item = (IdempotencyKey, Option<StoredResponse>)> {
        self.responses.into_iter().map(|(key, (stored, _))| (key, Some(stored)))
    }

    /// Counts the change of a report.
    pub fn count_change(
        &mut self,
        state: &PipelineState,
        before: StatusBefore,
        job: JobId,
        changed: &ChangedRows,
    ) {
        let repository = state.pipeline.repository_id;
        let now = state.job(job).map(|job| job.attempt.status);
        self.counts.move_job(repository, changed.previous_status, now);
        if before.pipeline.is_none() {
            self.add_new(state);
            self.add_merge_request(state);
        }
        self.counts.move_pipeline(&state.pipeline, before.pipeline);
    }

    /// Counts an imported pipeline.
    pub fn count_imported(&mut self, state: &PipelineState) {
        for job in &state.jobs {
            self.counts.move_job(state.pipeline.repository_id, None, Some(job.attempt.status));
        }
        self.counts.move_pipeline(&state.pipeline, None);
        self.add_merge_request(state);
        self.add_new(state);
    }

    fn add_new(&mut self, state: &PipelineState) {
        let identity = &state.pipeline.identity;
        if identity.key.is_empty() {
            let key = (state.pipeline.repository_id, identity.sha.clone(), identity.source.clone());
            self.new_of_commit.entry(key).or_default().push(state.pipeline.id);
        }
    }

    fn add_merge_request(&mut self, state: &PipelineState) {
        if let Some(iid) = iid_from_ref(&state.pipeline.identity.git_ref) {
            let new = Times::at(state.pipeline.created_at);
            let times = self.merge_requests.entry((state.pipeline.repository_id, iid)).or_insert(new);
            *times = times.including(new);
        }
    }
}
