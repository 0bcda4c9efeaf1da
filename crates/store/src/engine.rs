//! The store on any engine. The files of the nouns contain SQL that all engines accept; an engine runs it.

use crate::notifier::Notifier;
use crate::sql::Sql;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::storage::StorageState;
use domain::ports;
use domain::{Error, Result, Timestamp};
use std::future::Future;
use std::time::Duration;

/// What an engine does for the store.
pub trait Engine: Send + Sync + 'static {
    /// Runs one query on a thread that may block.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Runs several queries as of one moment.
    fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Runs `write` in the next commit and returns when that is durable. `write` may run more than once; only
    /// its last run counts.
    fn write<T: Send + 'static>(
        &self,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// How often to poll for events of other nodes, on an engine whose notifications may be lost.
    const POLL_INTERVAL: Option<Duration>;

    /// The notifier of this process.
    fn notifier(&self) -> &Notifier;

    /// As [`ports::ChangeVersions::current_versions`].
    fn current_versions(
        &self,
        pipeline: Option<(RepositoryId, PipelineId)>,
    ) -> impl Future<Output = Result<ports::CurrentVersions>> + Send;

    /// As [`ports::Health::durability`].
    fn durability(&self) -> impl Future<Output = Result<ports::Durability>> + Send;

    /// As [`ports::Health::database_time`].
    fn database_time(&self) -> impl Future<Output = Result<Option<Timestamp>>> + Send;

    /// As [`ports::Health::storage`].
    fn storage(&self) -> impl Future<Output = Result<StorageState>> + Send;

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
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.read(read).await
    }

    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.snapshot(read).await
    }

    /// A write that changes no pipeline.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.write(PrefetchHints::default(), write).await
    }

    /// A write that changes pipelines.
    pub(crate) async fn write_pipelines<T: Send + 'static>(
        &self,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.write(hints, write).await
    }
}
