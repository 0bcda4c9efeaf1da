//! Facts about the store itself, and the marks of change.

use crate::engine::{Engine, SqlStore};
use crate::sql::values;
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{ChangeVersions, CurrentVersions, Durability, Health};

#[async_trait]
impl<E: Engine> Health for SqlStore<E> {
    async fn check(&self) -> Result<()> {
        self.read(|sql| sql.one("SELECT count(*) FROM notes", values![], |_| Ok(()))).await?;
        // A commit that changes a row: it fails where the disk is full or gone.
        let write = "INSERT INTO notes (name, value) VALUES ('checked', '1')
                     ON CONFLICT (name) DO UPDATE SET value = CASE notes.value WHEN '1' THEN '0' ELSE '1' END";
        self.write(|unit| unit.sql().execute(write, values![]).map(drop)).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        let query = "SELECT value FROM notes WHERE name = ?1";
        self.read(move |sql| sql.first(query, values![name], |row| row.get(0))).await
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        let write = "INSERT INTO notes (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.write(move |unit| unit.sql().execute(write, values![name, value]).map(drop)).await
    }

    async fn durability(&self) -> Result<Durability> {
        self.0.durability().await
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

#[async_trait]
impl<E: Engine> ChangeVersions for SqlStore<E> {
    async fn current_versions(&self, of: Option<(RepositoryId, PipelineId)>) -> Result<CurrentVersions> {
        self.0.current_versions(of).await
    }
}
