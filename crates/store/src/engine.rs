//! The store on whatever engine: each noun's file says it in SQL that all engines take; an engine says where that SQL runs.

use crate::notifier::Notifier;
use crate::sql::Sql;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports;
use domain::{Error, Result};
use std::future::Future;
use std::time::Duration;

/// What an engine does for the store.
pub trait Engine: Send + Sync + 'static {
    /// Runs one query, away from the threads that answer requests.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Runs several queries as of one moment.
    fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Runs `write` in the next commit and answers after it is durable. It may be run more than once; only its last run counts.
    fn write<T: Send + 'static>(
        &self,
        needs: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send;

    /// How often to look for events of other nodes, where there may be some that nobody tells of.
    const LOOK_EVERY: Option<Duration>;

    /// Who waits for events here.
    fn notifier(&self) -> &Notifier;

    /// As [`ports::Marks::marks`].
    fn current_versions(
        &self,
        of: Option<(RepositoryId, PipelineId)>,
    ) -> impl Future<Output = Result<ports::CurrentVersions>> + Send;

    /// As [`ports::Health::durability`].
    fn durability(&self) -> impl Future<Output = Result<ports::Durability>> + Send;

    /// As [`ports::Health::close`].
    fn close(&self) -> impl Future<Output = Result<()>> + Send;
}

/// Does what may wait away from the threads that answer requests.
///
/// # Errors
/// Those of the work; [`Error::Internal`] when it broke.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(format!("a read was cut off: {e}")))?
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
        needs: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.write(needs, write).await
    }
}
