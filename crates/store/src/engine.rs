//! The store on any engine. The files of the nouns contain SQL that all engines accept; an engine runs it.

use crate::notifier::Notifier;
use crate::readers::ReadClass;
use crate::sql::Sql;
use crate::unapplied::{ReadScope, Unapplied};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::integrity::IntegrityState;
use domain::model::storage::StorageState;
use domain::ports::{self, current_requester};
use domain::{Error, Result, Timestamp};
use std::future::Future;
use std::time::Duration;

/// The operations that an engine provides for the store.
pub trait Engine: Send + Sync + 'static {
    /// Runs one query on a thread that may block, when a reader of this class is free. It sees every report of
    /// `scope` that was acknowledged before. It is interrupted when its time limit is reached, and when the
    /// returned future is dropped.
    fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// As [`Engine::read`], for several queries as of one moment.
    fn snapshot<T: Send + 'static>(
        &self,
        class: ReadClass,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Runs `write` in one of the next commits and returns when that is durable. `write` may run more than
    /// once; only its last run counts.
    fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// How often to poll for events of other nodes, on an engine whose notifications may be lost.
    const POLL_INTERVAL: Option<Duration>;

    /// Whether the writer looks up what a group of writes needs before it runs them, by their hints.
    const PREFETCHES: bool;

    /// The reports that are in the journal and not yet in the other tables; `None` on an engine without a journal.
    fn unapplied(&self) -> Option<&Unapplied>;

    /// The notifier of this process.
    fn notifier(&self) -> &Notifier;

    /// As [`ports::ChangeVersions::current_versions`].
    fn current_versions(
        &self,
        pipeline: Option<(RepositoryId, PipelineId)>,
    ) -> impl Future<Output = Result<ports::CurrentVersions>> + Send;

    /// As [`ports::ChangeVersions::repository_version`].
    fn repository_version(
        &self,
        repository: RepositoryId,
    ) -> impl Future<Output = Result<Option<u64>>> + Send;

    /// As [`ports::Health::durability`].
    fn durability(&self) -> impl Future<Output = Result<ports::Durability>> + Send;

    /// As [`ports::Health::database_time`].
    fn database_time(&self) -> impl Future<Output = Result<Option<Timestamp>>> + Send;

    /// As [`ports::Health::storage`].
    fn storage(&self) -> impl Future<Output = Result<StorageState>> + Send;

    /// As [`ports::Health::integrity`].
    fn integrity(&self) -> Option<IntegrityState> {
        None
    }

    /// As [`ports::Health::check_integrity`].
    fn check_integrity(&self, _: Timestamp) -> impl Future<Output = Result<bool>> + Send {
        std::future::ready(Ok(false))
    }

    /// As [`ports::Health::close`].
    fn close(&self) -> impl Future<Output = Result<()>> + Send;
}

/// Runs `work` on a thread that may block.
///
/// # Errors
/// Those of `work`; [`Error::Internal`] if it panicked.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(format!("a blocking task of the store failed: {e}")))?
}

/// A store on an engine.
pub struct SqlStore<E>(pub(crate) E);

impl<E: Engine> SqlStore<E> {
    /// A lookup of at most some hundreds of rows.
    pub(crate) async fn lookup<T: Send + 'static>(
        &self,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.read(ReadClass::Point, scope, read).await
    }

    /// Several lookups as of one moment, of at most some hundreds of rows.
    pub(crate) async fn lookups<T: Send + 'static>(
        &self,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.snapshot(ReadClass::Point, scope, read).await
    }

    /// Rows by an index.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.read(ReadClass::Range, scope, read).await
    }

    /// Rows by indexes as of one moment.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.snapshot(ReadClass::Range, scope, read).await
    }

    /// Queries as of one moment that may read many rows, of one repository or of all.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        repository: Option<RepositoryId>,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let scope = repository.map_or(ReadScope::All, ReadScope::Repository);
        self.0.snapshot(ReadClass::Scan(repository), scope, read).await
    }

    /// Queries as of one moment: lookups, or a scan of one repository.
    pub(crate) async fn lookup_or_scan<T: Send + 'static>(
        &self,
        is_lookup: bool,
        repository: RepositoryId,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match is_lookup {
            true => self.lookups(ReadScope::Repository(repository), read).await,
            false => self.scan(Some(repository), read).await,
        }
    }

    /// Queries as of one moment of maintenance or verification, which may take long.
    pub(crate) async fn bulk_read<T: Send + 'static>(
        &self,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.snapshot(ReadClass::Bulk, scope, read).await
    }

    /// A small write that changes no pipeline.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        flow: Flow,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.write(Load::one(flow), PrefetchHints::default(), write).await
    }

    /// A small write to no repository.
    pub(crate) async fn write_account<T: Send + 'static>(
        &self,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write(Flow::Requester(current_requester()), write).await
    }

    /// A step of maintenance that changes at most `rows` rows.
    pub(crate) async fn write_step<T: Send + 'static>(
        &self,
        rows: u32,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let load = Load { flow: Flow::Maintenance, rows: rows as usize, bytes: 0 };
        self.0.write(load, PrefetchHints::default(), write).await
    }

    /// A write that changes pipelines.
    pub(crate) fn write_pipelines<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        self.0.write(load, hints, write)
    }
}
