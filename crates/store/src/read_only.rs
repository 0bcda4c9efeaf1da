//! A store that is only read, as a whole: a data directory, a database file, or a PostgreSQL database. A
//! server may write to it meanwhile.

use crate::engine::run_blocking;
use crate::loss::Loss;
use crate::postgres;
use crate::sql::{Sql, snapshot};
use crate::sqlite;
use domain::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A store that is only read.
pub struct ReadOnlyStore {
    sql: Arc<Mutex<Box<dyn Sql + Send>>>,
    /// The data that is missing according to the files beside the database.
    lost: Vec<Loss>,
    /// A store with a journal.
    sqlite: Option<PathBuf>,
}

impl ReadOnlyStore {
    /// The store in a data directory, or in a database file.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`] if there is none, or one of another version.
    pub fn sqlite(path: &Path) -> Result<Self> {
        let (sql, lost) = sqlite::open_to_check(path)?;
        Ok(Self { sqlite: Some(path.to_owned()), ..Self::new(sql, lost) })
    }

    /// The store at a URL. Must be called in a tokio runtime with more than one thread.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`] if there is none, or one of another version.
    pub async fn postgres(url: &str) -> Result<Self> {
        Ok(Self::new(postgres::open_to_read(url).await?, Vec::new()))
    }

    fn new(sql: impl Sql + Send + 'static, lost: Vec<Loss>) -> Self {
        Self { sql: Arc::new(Mutex::new(Box::new(sql))), lost, sqlite: None }
    }

    /// The data that is missing according to the files beside the database.
    pub fn lost(&self) -> &[Loss] {
        &self.lost
    }

    /// The problem of the journal, if the store has one.
    pub(crate) async fn journal_damage(&self) -> Result<Option<String>> {
        let Some(path) = self.sqlite.clone() else { return Ok(None) };
        run_blocking(move || match sqlite::check_journal(&path) {
            Err(Error::Internal(damage)) => Ok(Some(damage)),
            result => result.map(|()| None),
        })
        .await
    }

    /// Runs several queries as of one moment, on a thread that may block.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let sql = Arc::clone(&self.sql);
        let work = move || {
            let sql = sql.lock().unwrap_or_else(PoisonError::into_inner);
            snapshot(&**sql, read)
        };
        run_blocking(work).await
    }
}
