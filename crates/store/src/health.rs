//! The health and the settings of the store, and the versions of its content.

use crate::engine::{Engine, SqlStore};
use crate::figures;
use crate::readers::ReadClass;
use crate::rows::{counters, settings};
use crate::sql::values;
use crate::unapplied::ReadScope;
use async_trait::async_trait;
use domain::model::ids::{MAX_ID, PipelineId, RepositoryId};
use domain::model::integrity::IntegrityState;
use domain::model::storage::{FREE_IDS_LOW, FreeIds, StorageState, StoreFigures};
use domain::ports::{ChangeVersions, CurrentVersions, Durability, Health};
use domain::{Result, Timestamp};

#[async_trait]
impl<E: Engine> Health for SqlStore<E> {
    async fn check(&self) -> Result<()> {
        self.read(ReadScope::Accounts, |sql| sql.one::<()>("SELECT count(*) FROM settings", values![]))
            .await?;
        // A commit that changes a row fails if the disk is full or not available.
        let write = "INSERT INTO settings (name, value) VALUES ('checked', '1')
                     ON CONFLICT (name) DO UPDATE SET value = CASE settings.value WHEN '1' THEN '0' ELSE '1' END";
        self.write_account(|unit| unit.sql().execute(write, values![]).map(drop)).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.read(ReadScope::Accounts, move |sql| settings::load(sql, &name)).await
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write_account(move |unit| settings::store(unit.sql(), &name, &value)).await
    }

    async fn durability(&self) -> Result<Durability> {
        self.0.durability().await
    }

    async fn database_time(&self) -> Result<Option<Timestamp>> {
        self.0.database_time().await
    }

    async fn last_activity_at(&self) -> Result<Option<Timestamp>> {
        let query = "SELECT max(active_at) FROM counters
             WHERE active_minute = (SELECT max(active_minute) FROM counters)";
        let last: Option<i64> = self.read(ReadScope::All, move |sql| sql.one(query, values![])).await?;
        Ok(last.filter(|at| *at > 0).and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    async fn storage(&self) -> Result<StorageState> {
        self.0.storage().await
    }

    async fn figures(&self, repositories: u32) -> Result<StoreFigures> {
        // No scope that waits for the journal: figures may be older than the last report.
        self.0
            .snapshot(ReadClass::Scan(None), ReadScope::Accounts, move |sql| figures::load(sql, repositories))
            .await
    }

    fn integrity(&self) -> Option<IntegrityState> {
        self.0.integrity()
    }

    async fn check_integrity(&self, now: Timestamp) -> Result<bool> {
        self.0.check_integrity(now).await
    }

    async fn repositories_with_few_ids(&self, limit: u32) -> Result<Vec<FreeIds>> {
        let found =
            self.read(ReadScope::All, move |sql| counters::beyond(sql, MAX_ID - FREE_IDS_LOW, limit)).await?;
        Ok(found.into_iter().map(|(repository, last)| FreeIds::after(repository, last)).collect())
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

#[async_trait]
impl<E: Engine> ChangeVersions for SqlStore<E> {
    async fn current_versions(
        &self,
        pipeline: Option<(RepositoryId, PipelineId)>,
    ) -> Result<CurrentVersions> {
        self.0.current_versions(pipeline).await
    }

    async fn repository_version(&self, repository: RepositoryId) -> Result<Option<u64>> {
        self.0.repository_version(repository).await
    }
}
