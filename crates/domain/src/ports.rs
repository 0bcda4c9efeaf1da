//! What the domain needs from the world: a store, a clock, and secrets. Implemented elsewhere; handed in.
//!
//! A store keeps what the model decided and decides nothing. Inside its own transaction it loads a [`Run`], lets
//! [`Run::apply`] decide, and writes what that touched; so a second store only adds files. The promises written at the
//! methods are tests in the store's contract suite, run on every store.

use crate::error::{Error, Result};
use crate::model::access::{Caller, Role};
use crate::model::closings::Closing;
use crate::model::history::HistoryEntry;
use crate::model::ids::{JobId, MergeRequestIid, PipelineId, RepositoryId, UserId};
use crate::model::imports::ImportedPipeline;
use crate::model::jobs::Job;
use crate::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use crate::model::keys::Key;
use crate::model::members::Member;
use crate::model::merge_requests::{ActualHead, MergeRequest, Said as MergeRequestSaid};
use crate::model::page::{Found, Listed, Page, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::pipelines::{Pipeline, Run, Stage};
use crate::model::policies::Policies;
use crate::model::reports::{Receipt, Report};
use crate::model::repositories::{
    NewRepository, Repository, RepositoryChange, RepositoryFilter, RepositoryKey,
};
use crate::model::retention::{Expired, ExpiredPlace, Expiry, Swept};
use crate::model::tokens::{NewToken, Token};
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// Reads the time. Nothing else in the domain does.
pub trait Clock: Send + Sync {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// Randomness, digests and password hashes.
pub trait Secrets: Send + Sync {
    /// Fills `bytes` from the system's generator.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has none.
    fn random(&self, bytes: &mut [u8]) -> Result<()>;
    /// SHA-256.
    fn digest(&self, bytes: &[u8]) -> [u8; 32];
    /// A salted, deliberately slow hash (Argon2id); takes tens of milliseconds of CPU.
    ///
    /// # Errors
    /// [`Error::Internal`].
    fn hash_password(&self, password: &str) -> Result<String>;
    /// True when `hash` was made of `password`. Takes as long as hashing. A hash of `None` costs the same and is false.
    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool;
}

/// The whole store.
pub trait Store:
    Reports
    + Imports
    + Pipelines
    + Jobs
    + MergeRequests
    + Retention
    + Repositories
    + Members
    + Users
    + Keys
    + Tokens
    + Marks
    + Health
{
}
impl<
    T: Reports
        + Imports
        + Pipelines
        + Jobs
        + MergeRequests
        + Retention
        + Repositories
        + Members
        + Users
        + Keys
        + Tokens
        + Marks
        + Health,
> Store for T
{
}

/// A request may be repeated safely under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's word for the request.
    pub key: String,
    /// SHA-256 of the request's body.
    pub digest: [u8; 32],
}

/// Reports of one caller to one repository, to be written together.
#[derive(Debug, Clone)]
pub struct ReportBatch {
    /// Where.
    pub repository_id: RepositoryId,
    /// Who.
    pub reporter: UserId,
    /// The protocol it came in by, for the history: `native`, `gitlab`, `import`.
    pub dialect: &'static str,
    /// When it reached us.
    pub received_at: Timestamp,
    /// What was said, in order.
    pub reports: Vec<Report>,
    /// Makes a repeat of the request answer like the first.
    pub idempotency: Option<Idempotency>,
}

/// The answers to a batch, one for each report in its order; refused ones changed nothing.
pub type Receipts = Vec<Result<Receipt>>;

/// Writing reports.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Writes a batch. When this returns `Ok`, what it accepted survives a loss of power, and every read that begins
    /// afterwards sees it. Racing first reports of one identity make one pipeline and one job. A refused report leaves
    /// nothing behind.
    ///
    /// # Errors
    /// [`Error::KeyReused`], [`Error::Overloaded`] (nothing written), [`Error::Unavailable`] (unknown whether written),
    /// [`Error::RepositoryNotFound`].
    async fn record(&self, batch: ReportBatch) -> Result<Receipts>;
    /// Ends attempts that no build system ends, durably as [`Reports::record`], all in one commit. Each is answered in its order:
    /// `None` when nothing was done, because it was heard of after [`Closing::unheard_since`] or is over; [`Error::NotFound`] when there is no
    /// such attempt.
    ///
    /// # Errors
    /// As [`Reports::record`].
    async fn close_jobs(&self, closings: Vec<Closing>) -> Result<Vec<Result<Option<Receipt>>>>;
}

/// Writing what ran elsewhere.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Writes a pipeline that ran elsewhere. `false` when one of its id or identity is already there; nothing is changed then.
    ///
    /// # Errors
    /// As [`Reports::record`], and [`Error::Invalid`] naming what cannot be taken, such as a job id in use.
    async fn import_pipeline(&self, imported: ImportedPipeline, reporter: UserId) -> Result<bool>;
}

/// Some of a pipeline's jobs, read in one snapshot.
#[derive(Debug, Clone)]
pub struct JobList {
    /// The pipeline; its `job_count` is the total.
    pub pipeline: Pipeline,
    /// Its stages, in order of id.
    pub stages: Vec<Stage>,
    /// The wanted attempts, ascending by id.
    pub jobs: Vec<Job>,
}

/// Reading pipelines.
#[async_trait]
pub trait Pipelines: Send + Sync {
    /// One pipeline.
    ///
    /// # Errors
    /// [`Error::Unavailable`], as all reads.
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>>;
    /// A page of the pipelines that fit. [`Start::After`](crate::model::page::Start::After) looks at a bounded number of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<Found<Pipeline>>;
    /// How many pipelines fit, exactly.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64>;
    /// The commits with pipelines whose ids begin so (lower case), at most `limit` of them.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>>;
    /// A pipeline, whole.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn run(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Run>>;
}

/// Reading jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// A page of the attempts of a pipeline, ascending by id: pages never shift while jobs are added.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>>;
    /// One attempt.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<FoundJob>>;
    /// A page of the attempts that fit, across pipelines. [`Start::After`](crate::model::page::Start::After) looks at a bounded number
    /// of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<Found<FoundJob>>;
    /// How many attempts fit, exactly.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn count_jobs(&self, repository: RepositoryId, filter: JobFilter) -> Result<u64>;
    /// The reports of an attempt in order of arrival, those after the one with number `after`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn history(
        &self,
        repository: RepositoryId,
        id: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>>;
}

/// Merge requests.
#[async_trait]
pub trait MergeRequests: Send + Sync {
    /// Takes in what was said of a merge request, by [`tell`](crate::model::merge_requests::tell); answers it as it is then. The same again
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`], and as writes.
    async fn set_merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
        said: MergeRequestSaid,
        now: Timestamp,
    ) -> Result<MergeRequest>;
    /// A merge request with its pipeline and the pipeline's stages, read in one snapshot. One is known from the first pipeline on its ref on, or
    /// from [`MergeRequests::set_merge_request`].
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<ActualHead>>;
    /// At most `limit` merge requests, the greatest iid first, those below `before`; read in one snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn merge_requests(
        &self,
        repository: RepositoryId,
        before: Option<MergeRequestIid>,
        limit: u32,
    ) -> Result<Found<MergeRequest>>;
}

/// What repositories do by themselves, and taking away what they do not keep.
#[async_trait]
pub trait Retention: Send + Sync {
    /// The policies of a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn policies(&self, repository: RepositoryId) -> Result<Policies>;
    /// Sets them, all together.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn set_policies(&self, repository: RepositoryId, policies: Policies) -> Result<()>;
    /// The repositories that have any, with theirs.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn all_policies(&self) -> Result<Vec<(RepositoryId, Policies)>>;
    /// Pipelines that may go, at most `limit` of them, after `after` in an order of the store's own: who only looks goes on with
    /// the last one it saw.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn expired(
        &self,
        repository: RepositoryId,
        expiry: Expiry,
        after: Option<ExpiredPlace>,
        limit: u32,
    ) -> Result<Vec<Expired>>;
    /// Takes a pipeline away if it may still go. From then on no read sees it; its rows go with [`Retention::sweep`].
    ///
    /// # Errors
    /// As writes.
    async fn expire(&self, repository: RepositoryId, id: PipelineId, expiry: Expiry) -> Result<bool>;
    /// The repositories in which [`Retention::sweep`] has something to do.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn leavings(&self) -> Result<Vec<RepositoryId>>;
    /// Deletes some of the rows that pipelines left which were taken away: few enough that no report waits long behind it.
    ///
    /// # Errors
    /// As writes.
    async fn sweep(&self, repository: RepositoryId) -> Result<Swept>;
}

/// Marks of change, by which what was read may be served again.
#[async_trait]
pub trait Marks: Send + Sync {
    /// A mark that differs whenever the pipeline's committed state may: what was read between two equal marks is that
    /// state and may be served again while the mark stays. `None` while a change is being committed, or when this store
    /// keeps no marks: read again then.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn mark(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<u64>>;

    /// A mark that differs whenever a user, key, token, member or repository may have changed; `None` when this store
    /// keeps none, and nothing may be remembered.
    fn access_mark(&self) -> Option<u64>;
}

/// What is chosen for a new repository where it brings nothing of its own.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its uuid.
    pub uuid: crate::model::ids::Hex32,
    /// The id of its project, when no repository of a project of that name is known.
    pub project_id: crate::model::ids::Hex32,
    /// Who makes it.
    pub creator: UserId,
    /// When.
    pub now: Timestamp,
}

/// Repositories.
#[async_trait]
pub trait Repositories: Send + Sync {
    /// Makes a repository; its creator manages it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with [`Taken`](crate::error::Problem::Taken) naming `id`, `uuid` or `path`.
    async fn create_repository(&self, new: NewRepository, chosen: Chosen) -> Result<Repository>;
    /// Changes a repository.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`].
    async fn change_repository(
        &self,
        id: RepositoryId,
        change: RepositoryChange,
        now: Timestamp,
    ) -> Result<Repository>;
    /// Notes that a repository has a pipeline ([`Repository::has_pipeline`]); one that is noted stays as it is.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`].
    async fn note_pipeline(&self, id: RepositoryId, now: Timestamp) -> Result<()>;
    /// One repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn repository(&self, key: &RepositoryKey) -> Result<Option<Repository>>;
    /// The repositories that `viewer` may see, with its role in each.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn repositories(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
    ) -> Result<Listed<(Repository, Role)>>;
}

/// Members of repositories.
#[async_trait]
pub trait Members: Send + Sync {
    /// The role of a user's membership in a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn member_role(&self, repository: RepositoryId, user: UserId) -> Result<Option<Role>>;
    /// The members of a repository, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn members(&self, repository: RepositoryId) -> Result<Vec<Member>>;
    /// Gives a user a role, or with `None` takes it away. False when there was nothing to take.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn set_member(&self, repository: RepositoryId, user: UserId, role: Option<Role>) -> Result<bool>;
}

/// Users.
#[async_trait]
pub trait Users: Send + Sync {
    /// Makes a user.
    ///
    /// # Errors
    /// [`Error::Invalid`] with [`Taken`](crate::error::Problem::Taken) naming `name`.
    async fn create_user(&self, user: NewUserRow) -> Result<User>;
    /// Changes a user. A new password or `disabled` ends its sessions at once, with the temporary keys made in them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User>;
    /// All users, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn users(&self) -> Result<Vec<User>>;
    /// A user by name, with the hash of its password.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>>;
}

/// Access keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Keeps a key. Temporary ones whose time is over when it was made may go.
    ///
    /// # Errors
    /// [`Error::Invalid`] with [`Taken`](crate::error::Problem::Taken) naming `access`.
    async fn create_key(&self, key: Key) -> Result<()>;
    /// A key and its user.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn key(&self, access: &str) -> Result<Option<(Key, User)>>;
    /// The keys of a user that are its own, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn keys(&self, user: UserId) -> Result<Vec<Key>>;
    /// Takes a key away. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn delete_key(&self, access: &str) -> Result<bool>;
}

/// Tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Keeps a token.
    ///
    /// # Errors
    /// [`Error::Invalid`] with [`Taken`](crate::error::Problem::Taken) naming `token`.
    async fn create_token(&self, token: NewToken) -> Result<Token>;
    /// The token with this digest and its user, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn token(&self, digest: &[u8; 32]) -> Result<Option<(Token, User)>>;
    /// The personal tokens of a user, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn tokens(&self, user: UserId) -> Result<Vec<Token>>;
    /// Takes a token away, if it is this user's, with the temporary keys made with it. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn delete_token(&self, user: UserId, id: i64) -> Result<bool>;
}

/// A user as it is stored.
#[derive(Debug, Clone)]
pub struct NewUserRow {
    /// Its IAM id.
    pub uuid: crate::model::ids::Hex32,
    /// Its name.
    pub name: String,
    /// Hash of its password.
    pub password_hash: Option<String>,
    /// May do everything.
    pub admin: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What changes of a stored user; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserRowChange {
    /// Hash of a new password.
    pub password_hash: Option<String>,
    /// May do everything.
    pub admin: Option<bool>,
    /// May not sign in.
    pub disabled: Option<bool>,
}

/// Facts about the store itself.
#[async_trait]
pub trait Health: Send + Sync {
    /// Reads, and learns whether writing works; what `/readyz` asks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] saying what does not work.
    async fn check(&self) -> Result<()>;
    /// The value of a small note kept under a name, such as "the demo was loaded".
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn note(&self, name: &str) -> Result<Option<String>>;
    /// Keeps a small note.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn set_note(&self, name: &str, value: &str) -> Result<()>;
    /// Finishes what waits, puts everything in place and lets go of the data. Nothing may be asked afterwards.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    async fn close(&self) -> Result<()>;
}

/// Everything the actions need.
#[derive(Clone)]
pub struct App {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness and hashes.
    pub secrets: Arc<dyn Secrets>,
}

impl App {
    /// Random bytes.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.secrets.random(&mut bytes)?;
        Ok(bytes)
    }
}

/// The error of a store that lost its footing.
pub fn unavailable(what: impl std::fmt::Display) -> Error {
    Error::Unavailable(what.to_string())
}
