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

/// For each requested pipeline, the version of access and its own version.
const LOOK_UP: &str = "SELECT (SELECT version FROM access_version), p.version
    FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS w (r, i, n)
    LEFT JOIN LATERAL (SELECT version FROM pipelines WHERE repository_id = w.r AND id = w.i LIMIT 1) p
    ON true ORDER BY w.n";
/// The maximum of requests of one query.
const BATCH_MAX: usize = 1_000;
/// The maximum of waiting requests.
const QUEUE_MAX: usize = 100_000;

/// A pipeline, or none: only the version of access.
type VersionKey = Option<(RepositoryId, PipelineId)>;
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

    /// The current versions, not older than this call.
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
            connection.insert(connect::connect(server, super::READ_SETTINGS).await?)
        }
    };
    let connection_number = *connections << 48;
    let mut versions: HashMap<VersionKey, CurrentVersions> =
        requests.iter().map(|(key, _)| (*key, CurrentVersions::default())).collect();
    let keys: Vec<VersionKey> = versions.keys().copied().collect();
    // No repository has the id 0.
    let repositories: Vec<i64> = keys.iter().map(|key| key.map_or(0, |key| key.0.get().into())).collect();
    let pipelines: Vec<i64> = keys.iter().map(|key| key.map_or(0, |key| key.1.get().into())).collect();
    let version = |version: Option<i64>| {
        version.and_then(|version| u64::try_from(version).ok()).map(|version| version ^ connection_number)
    };
    for (key, row) in keys.iter().zip(connection.query(LOOK_UP, &[&repositories, &pipelines]).await?) {
        let (access, pipeline) = <(Option<i64>, Option<i64>)>::from_row(&row, 0)?;
        versions.insert(*key, CurrentVersions { access: version(access), pipeline: version(pipeline) });
    }
    Ok(versions)
}
