//! Facts about the store itself, and the marks of change.

use super::{Marks as Slots, Sqlite, failed};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{Health, Marks};
use rusqlite::{OptionalExtension as _, params};

#[async_trait]
impl Health for Sqlite {
    async fn check(&self) -> Result<()> {
        self.read(|sql| sql.query_row("SELECT count(*) FROM notes", [], |_| Ok(())).map_err(failed)).await?;
        // A commit that changes a row: it fails where the disk is full or gone.
        let write = "INSERT INTO notes (name, value) VALUES ('checked', '1')
                     ON CONFLICT (name) DO UPDATE SET value = CASE value WHEN '1' THEN '0' ELSE '1' END";
        self.writer.write(|desk| desk.sql().execute(write, []).map(drop).map_err(failed)).await
    }

    async fn note(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        let query = "SELECT value FROM notes WHERE name = ?1";
        self.read(move |sql| sql.query_row(query, [name], |row| row.get(0)).optional().map_err(failed)).await
    }

    async fn set_note(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        let write = "INSERT INTO notes (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.writer
            .write(move |desk| desk.sql().execute(write, params![name, value]).map(drop).map_err(failed))
            .await
    }

    async fn close(&self) -> Result<()> {
        self.readers.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.writer.close().await
    }
}

#[async_trait]
impl Marks for Sqlite {
    async fn mark(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<u64>> {
        Ok(Slots::read(&self.marks.pipelines[Slots::slot(repository.get(), id.get())]))
    }

    fn access_mark(&self) -> Option<u64> {
        Slots::read(&self.marks.access)
    }
}
