//! Looking at marks: what waits is looked up together, so that a thousand requests at once are a handful of questions.

use super::connect;
use super::connection::Connection;
use super::server::Server;
use crate::sql::Row;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{CurrentVersions, unavailable};
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot};

/// Of each the mark of who may do what, and its own.
const LOOK: &str = "SELECT (SELECT mark FROM access_mark WHERE one = 1), p.version
    FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS w (r, i, n)
    LEFT JOIN LATERAL (SELECT version FROM pipelines WHERE repository_id = w.r AND id = w.i LIMIT 1) p ON true ORDER BY w.n";
/// Most that are looked up together.
const TOGETHER: usize = 1_000;
/// Most that wait.
const WAITING: usize = 100_000;

/// A pipeline, or none.
pub type ProbeKey = Option<(RepositoryId, PipelineId)>;
type Asked = (ProbeKey, oneshot::Sender<Result<CurrentVersions>>);

/// Where marks are asked for.
pub struct Probes(mpsc::Sender<Asked>);

impl Probes {
    /// Begins to answer.
    pub fn start(server: Server) -> Self {
        let (ask, asked) = mpsc::channel(WAITING);
        tokio::spawn(run(server, asked));
        Self(ask)
    }

    /// The marks as of now, not of before this was called.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn current_versions(&self, of: ProbeKey) -> Result<CurrentVersions> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((of, answer)).map_err(|_| unavailable("too many look at marks"))?;
        answered.await.map_err(|_| unavailable("nobody looks at marks any more"))?
    }
}

async fn run(server: Server, mut asked: mpsc::Receiver<Asked>) {
    let mut line: Option<Connection> = None;
    let mut connections = 0;
    let mut together = Vec::new();
    while asked.recv_many(&mut together, TOGETHER).await > 0 {
        let answers = run_probe(&server, (&mut line, &mut connections), &together).await;
        if answers.is_err() {
            line = None;
        }
        for (of, answer) in together.drain(..) {
            // Who went away needs no answer.
            let _ = answer.send(
                answers
                    .as_ref()
                    .map(|marks| marks.get(&of).copied().unwrap_or_default())
                    .map_err(Clone::clone),
            );
        }
    }
}

async fn run_probe(
    server: &Server,
    (line, connections): (&mut Option<Connection>, &mut u64),
    asked: &[Asked],
) -> Result<HashMap<ProbeKey, CurrentVersions>> {
    let line = match line {
        Some(line) if !line.is_closed() => line,
        line => {
            // Behind a new connection may be another machine, on which the same numbers mean something else.
            *connections += 1;
            line.insert(connect::connect(server, super::READING).await?)
        }
    };
    let connection = *connections << 48;
    let mut marks: HashMap<ProbeKey, CurrentVersions> =
        asked.iter().map(|(of, _)| (*of, CurrentVersions::default())).collect();
    let of: Vec<ProbeKey> = marks.keys().copied().collect();
    // No repository has the id 0.
    let repositories: Vec<i64> = of.iter().map(|of| of.map_or(0, |of| of.0.get().into())).collect();
    let pipelines: Vec<i64> = of.iter().map(|of| of.map_or(0, |of| of.1.get().into())).collect();
    let mark =
        |mark: Option<i64>| mark.and_then(|mark| u64::try_from(mark).ok()).map(|mark| mark ^ connection);
    for (of, row) in of.iter().zip(line.query(LOOK, &[&repositories, &pipelines]).await?) {
        let row: &dyn Row = &row;
        marks.insert(*of, CurrentVersions { access: mark(row.get(0)?), pipeline: mark(row.get(1)?) });
    }
    Ok(marks)
}
