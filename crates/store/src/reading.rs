//! A store that is only read, as a whole: a data directory, one file, or a database. A server may be at work on it.

use crate::engine::run_blocking;
use crate::postgres;
use crate::sql::{Flavor, Sql};
use crate::sqlite;
use domain::Result;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A store that is only read.
pub struct Reading(Arc<Mutex<Box<dyn Sql + Send>>>);

impl Reading {
    /// The store in a data directory, or in a file of its own.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is none, or one of another version.
    pub fn sqlite(path: &Path) -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Box::new(sqlite::open_to_read(path)?)))))
    }

    /// The store at a URL. Must be called in a runtime of tokio with more than one thread.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is none, or one of another version.
    pub async fn postgres(url: &str) -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Box::new(postgres::open_to_read(url).await?)))))
    }

    /// Runs several queries as of one moment, away from the threads that answer requests.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let sql = Arc::clone(&self.0);
        let work = move || {
            let sql = sql.lock().unwrap_or_else(PoisonError::into_inner);
            snapshot(&**sql, read)
        };
        run_blocking(work).await
    }
}

/// Runs several queries as of one moment.
pub fn snapshot<T>(sql: &dyn Sql, read: impl FnOnce(&dyn Sql) -> Result<T>) -> Result<T> {
    let begin = match sql.flavor() {
        Flavor::Sqlite => "BEGIN",
        Flavor::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    sql.execute(begin, &[])?;
    let result = read(sql);
    let ended = sql.execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }, &[]);
    let result = result?;
    ended?;
    Ok(result)
}
