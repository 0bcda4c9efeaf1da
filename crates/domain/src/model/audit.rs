//! The audit log: each change with its user, address and credential, and the refused requests.
//!
//! The commit of a change also writes its entry. The content of an entry comes from [`Audited`], which this
//! module implements for domain types without their secrets; nothing else can be added, so no entry has a
//! secret. Refusals are summed up ([`RefusalSummary`]). `docs/operating/audit.md` describes the log.

mod action;
mod fields;
mod filter;
mod objects;
mod origin;
mod refusals;

pub use action::Action;
pub use fields::{FieldValue, Fields};
pub use filter::{AuditFilter, Kind};
pub use objects::{
    Announcement, Audited, AuditedPolicies, AuditedRules, Decision, Membership, Object, ObjectKind,
    SentDelivery,
};
pub use origin::{Actor, CREDENTIAL_KINDS, Origin, credential_names};
pub use refusals::{ROWS_PER_HOUR_MAX, Refusal, RefusalReason, RefusalSummary};

use super::ids::{JobId, PipelineId, RepositoryId, UserId};
use super::job_closings::JobClosing;
use super::pipelines::Pipeline;
use super::tokens::{SignInMethod, Token};
use super::users::User;
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;

/// How long entries are kept by default.
pub const RETENTION_DEFAULT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Most ids that an entry about several objects lists.
const LISTED_MAX: usize = 50;

/// A change to be recorded. It has no public fields: it is made of [`Audited`] objects only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    action: Action,
    object: Object,
    before: Fields,
    after: Fields,
    actor: Option<(UserId, String)>,
    count: u32,
    is_summed_up: bool,
}

impl Change {
    fn new(action: Action, object: Object) -> Self {
        let (before, after) = (Fields::default(), Fields::default());
        Self { action, object, before, after, actor: None, count: 1, is_summed_up: false }
    }

    /// An object was created.
    pub fn created(action: Action, object: &dyn Audited) -> Self {
        Self { after: object.fields(), ..Self::new(action, object.object()) }
    }

    /// An object was deleted.
    pub fn deleted(action: Action, object: &dyn Audited) -> Self {
        Self { before: object.fields(), ..Self::new(action, object.object()) }
    }

    /// Something was done with an object that did not change.
    pub fn done(action: Action, object: &dyn Audited) -> Self {
        Self::new(action, object.object())
    }

    /// An object was changed: only the fields that differ.
    pub fn updated(action: Action, before: &dyn Audited, after: &dyn Audited) -> Self {
        let (before, object, after) = (before.fields(), after.object(), after.fields());
        let (before, after) = Fields::differences(before, after);
        Self { before, after, ..Self::new(action, object) }
    }

    /// A person signed in with this method, and for an identity with an account of this issuer.
    pub fn signed_in(session: &Token, method: SignInMethod, issuer: Option<&str>) -> Self {
        let change = Self::created(Action::SignIn, session);
        let after = change.after.with("method", method.as_str());
        let after = match issuer {
            Some(issuer) => after.with("issuer", issuer),
            None => after,
        };
        Self { after, ..change }
    }

    /// A secret of the object was replaced, which an entry says without either value.
    #[must_use]
    pub fn with_replaced(mut self, secret: &'static str, is_replaced: bool) -> Self {
        if is_replaced {
            self.after = self.after.with(secret, "replaced");
        }
        self
    }

    /// The change also ended this number of sessions and tokens.
    #[must_use]
    pub fn with_ended(mut self, count: u64) -> Self {
        if count > 0 {
            self.after = self.after.with("ended", i64::try_from(count).unwrap_or(i64::MAX));
        }
        self
    }

    /// The user signs in or out: they are the actor unless the request had one.
    #[must_use]
    pub fn by_default(self, user: &User) -> Self {
        Self { actor: Some((user.id, user.name.clone())), ..self }
    }

    /// Attempts were closed together. `None`: none was.
    pub fn closed(repository: RepositoryId, closings: &[&JobClosing]) -> Option<Self> {
        let first = closings.first()?;
        let object = Object::in_repository(ObjectKind::Job, repository, first.job_id.get().to_string());
        let mut after = Fields::default()
            .with("status", first.status.as_str())
            .with("by", first.authority.as_str())
            .with("reason", first.reason.clone());
        if closings.len() > 1 {
            let listed = closings.iter().take(LISTED_MAX).map(|closing| closing.job_id.get().to_string());
            after = after.with("jobs", listed.collect::<Vec<_>>());
        }
        let count = u32::try_from(closings.len()).unwrap_or(u32::MAX);
        Some(Self { after, count, ..Self::new(Action::JobClose, object) })
    }

    /// A pipeline was deleted by the policies of its repository. Entries of one run and repository are summed up.
    pub fn pruned(pipeline: &Pipeline) -> Self {
        let identity = &pipeline.identity;
        let before =
            Fields::default().with("ref", identity.git_ref.as_str()).with("sha", identity.sha.as_str());
        let id = pipeline.id.get().to_string();
        let object = Object::in_repository(ObjectKind::Pipeline, pipeline.repository_id, id);
        Self { before, is_summed_up: true, ..Self::new(Action::PipelinePrune, object) }
    }

    /// Announcements and overrides of commits without a pipeline were deleted by the policies of their repository.
    pub fn gate_facts_pruned(repository: RepositoryId, commits: usize) -> Self {
        let object = Object::in_repository(ObjectKind::Gate, repository, String::new());
        let count = u32::try_from(commits).unwrap_or(u32::MAX);
        Self { count, is_summed_up: true, ..Self::new(Action::GatePrune, object) }
    }

    /// A pipeline was imported. Entries of one request and repository are summed up.
    pub fn imported(repository: RepositoryId, pipeline: PipelineId) -> Self {
        let object = Object::in_repository(ObjectKind::Pipeline, repository, pipeline.get().to_string());
        Self { is_summed_up: true, ..Self::new(Action::PipelineImport, object) }
    }

    /// Whether it says anything: an update without a difference does not.
    pub fn is_empty(&self) -> bool {
        let is_update = matches!(
            self.action,
            Action::UserChange
                | Action::RepositoryChange
                | Action::PoliciesSet
                | Action::MemberSet
                | Action::WebhookChange
                | Action::DestinationChange
                | Action::IdentityRights
        );
        is_update && self.before.is_empty() && self.after.is_empty()
    }

    /// The action.
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The object.
    pub const fn object(&self) -> &Object {
        &self.object
    }

    /// The fields before.
    pub const fn before(&self) -> &Fields {
        &self.before
    }

    /// The fields afterwards.
    pub const fn after(&self) -> &Fields {
        &self.after
    }

    /// The actor if the request has none.
    pub const fn default_actor(&self) -> Option<&(UserId, String)> {
        self.actor.as_ref()
    }

    /// The number of objects.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Whether entries of one origin, action and repository are one.
    pub const fn is_summed_up(&self) -> bool {
        self.is_summed_up
    }
}

/// A stored entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1. With several servers, a greater number may have been committed earlier.
    pub number: i64,
    /// The time by the wall clock of the server: that of the request, or the first time of a sum.
    pub at: Timestamp,
    /// The last time of a sum; otherwise as `at`.
    pub last_at: Timestamp,
    /// The action.
    pub action: Action,
    /// The kind of the actor: one of [`Actor::KINDS`].
    pub actor_kind: String,
    /// The id of the user.
    pub actor_id: Option<i64>,
    /// The name at that time.
    pub actor: Option<String>,
    /// The address of the client.
    pub address: Option<String>,
    /// The kind of the credential: one of [`CREDENTIAL_KINDS`].
    pub credential_kind: Option<String>,
    /// The id of the token, or the AK.
    pub credential: Option<String>,
    /// The object; `None`: a refusal.
    pub object: Option<Object>,
    /// The fields before.
    pub before: Fields,
    /// The fields afterwards.
    pub after: Fields,
    /// The id of the request.
    pub request_id: Option<String>,
    /// The reason of the refusal; `None`: a change.
    pub reason: Option<RefusalReason>,
    /// The number of changes or refusals that it sums up.
    pub count: i64,
}

/// A page of entries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Older entries are before this number, also if the page is short or empty; `None`: it is the last.
    pub next: Option<i64>,
}

/// The address as it is shown and compared: IPv4 also where the connection maps it to IPv6.
pub fn address_text(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

/// The attempts that were closed, by repository, in the order of the closings.
pub fn by_repository(
    closings: &[JobClosing],
    closed: impl Fn(usize) -> bool,
) -> Vec<(RepositoryId, Vec<&JobClosing>)> {
    let mut groups: Vec<(RepositoryId, Vec<&JobClosing>)> = Vec::new();
    for (_, closing) in closings.iter().enumerate().filter(|(at, _)| closed(*at)) {
        match groups.iter_mut().find(|(repository, _)| *repository == closing.repository_id) {
            Some((_, group)) => group.push(closing),
            None => groups.push((closing.repository_id, vec![closing])),
        }
    }
    groups
}

impl Object {
    /// An attempt, for tests and filters.
    pub fn job(repository: RepositoryId, id: JobId) -> Self {
        Self::in_repository(ObjectKind::Job, repository, id.get().to_string())
    }
}

#[cfg(test)]
mod tests;
