//! Change versions: concurrent requests for versions are looked up together, so that a thousand requests are
//! a few queries.

use super::connect;
use super::connection::Connection;
use super::server::Server;
use crate::sql::FromRow as _;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{CurrentVersions, unavailable};
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot};

/// For each requested pipeline or repository, in order: the version of access, and its own. That of a repository is the
/// sum of its counters: every write to a pipeline increases one of them, and none decreases.
const LOOK_UP: &str = "SELECT (SELECT version FROM access_version), CASE WHEN w.i > 0
    THEN (SELECT version FROM pipelines WHERE repository_id = w.r AND id = w.i)
    ELSE (SELECT pipeline + stage + job + report + event FROM counters WHERE repository_id = w.r) END
    FROM unnest(?1::bigint[], ?2::bigint[]) AS w (r, i)";
/// The settings of the connection: the plan is made once, whatever the number of requests.
const SETTINGS: &str = "SET statement_timeout = '5s'; SET default_transaction_read_only = on;
    SET plan_cache_mode = force_generic_plan";
/// The maximum of requests of one query.
const BATCH_MAX: usize = 1_000;
/// The maximum of waiting requests.
const QUEUE_MAX: usize = 100_000;

/// What a version is requested of, beside that of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionKey {
    AccessOnly,
    Pipeline(RepositoryId, PipelineId),
    Repository(RepositoryId),
}

impl VersionKey {
    /// The ids of the repository and of the pipeline. None has the id 0.
    fn ids(self) -> (i64, i64) {
        match self {
            Self::AccessOnly => (0, 0),
            Self::Pipeline(repository, pipeline) => (repository.get().into(), pipeline.get().into()),
            Self::Repository(repository) => (repository.get().into(), 0),
        }
    }
}

type Request = (VersionKey, oneshot::Sender<Result<CurrentVersions>>);

/// Sends requests for versions to the task that looks them up.
pub struct VersionLookups(mpsc::Sender<Request>);

impl VersionLookups {
    /// Starts the task.
    pub fn start(server: Server) -> Self {
        let (sender, requests) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(server, requests));
        Self(sender)
    }

    /// The current versions, not older than this call. That of a repository is in the place of that of a pipeline.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn current(&self, key: VersionKey) -> Result<CurrentVersions> {
        let (sender, receiver) = oneshot::channel();
        self.0.try_send((key, sender)).map_err(|_| unavailable("too many requests for change versions"))?;
        receiver.await.map_err(|_| unavailable("the lookup of change versions has ended"))?
    }
}

async fn run(server: Server, mut requests: mpsc::Receiver<Request>) {
    let mut connection: Option<Connection> = None;
    let mut connections = 0;
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let found = look_up(&server, (&mut connection, &mut connections), &batch).await;
        if found.is_err() {
            connection = None;
        }
        for (key, sender) in batch.drain(..) {
            let versions = found.as_ref().map(|versions| versions.get(&key).copied().unwrap_or_default());
            // Fails if the caller was dropped, which then needs no result.
            let _ = sender.send(versions.map_err(Clone::clone));
        }
    }
}

async fn look_up(
    server: &Server,
    (connection, connections): (&mut Option<Connection>, &mut u64),
    requests: &[Request],
) -> Result<HashMap<VersionKey, CurrentVersions>> {
    let connection = match connection {
        Some(connection) if !connection.is_closed() => connection,
        connection => {
            // A new connection may lead to another machine, on which the same numbers mean something else.
            *connections += 1;
            connection.insert(connect::connect(server, SETTINGS).await?)
        }
    };
    let connection_number = *connections << 48;
    let mut versions: HashMap<VersionKey, CurrentVersions> =
        requests.iter().map(|(key, _)| (*key, CurrentVersions::default())).collect();
    let keys: Vec<VersionKey> = versions.keys().copied().collect();
    let (repositories, pipelines): (Vec<i64>, Vec<i64>) = keys.iter().map(|key| key.ids()).unzip();
    let version = |version: Option<i64>| {
        version.and_then(|version| u64::try_from(version).ok()).map(|version| version ^ connection_number)
    };
    for (key, row) in keys.iter().zip(connection.query(LOOK_UP, &[&repositories, &pipelines]).await?) {
        let (access, own) = <(Option<i64>, Option<i64>)>::from_row(&row, 0)?;
        versions.insert(*key, CurrentVersions { access: version(access), pipeline: version(own) });
    }
    Ok(versions)
}
