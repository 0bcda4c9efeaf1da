//! The end of a transaction: what it checks, the rows that it inserts, and the commit, in one round trip.

use super::connection::{Insertion, classify, from_postgres_error};
use super::expected::Expected;
use crate::unit_of_work::{CommitResult, Failure};
use domain::Error;
use domain::ports::unavailable;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, MaybeDone, join, join_all, maybe_done};
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

/// The end of a transaction, which is not sent yet.
pub struct PreparedCommit {
    pub client: Arc<Client>,
    /// Begins the transaction, if nothing was sent.
    pub begin: Option<Cow<'static, str>>,
    /// The statements of [`checks`](super::expected::checks).
    pub check: Option<([Statement; 2], Expected)>,
    pub insertion: Option<Insertion>,
    /// Flags of the connection: a transaction was begun, and the server sent a warning.
    pub in_transaction: Arc<AtomicBool>,
    pub warned: Arc<AtomicBool>,
}

impl PreparedCommit {
    /// Sends it, and returns a future of the result. Statements that are sent later run after the commit, also before
    /// the future has run. The failure states what to do: a group may be retried only if it was certainly rolled back.
    /// Otherwise it is unknown whether it was committed.
    ///
    /// # Errors
    /// The commit was not sent.
    pub fn send(self) -> Result<BoxFuture<'static, CommitResult>, (Error, Failure)> {
        let Self { client, begin, check, insertion, in_transaction, warned } = self;
        in_transaction.store(true, Ordering::SeqCst);
        let of_begin = Arc::clone(&client);
        let begin = async move {
            match begin {
                Some(statement) => of_begin.batch_execute(&statement).await,
                None => Ok(()),
            }
        };
        let (lock, check) = match check {
            Some(([lock, check], values)) => {
                let repositories = values[0].clone();
                (Some((lock, values)), Some((check, [repositories])))
            }
            None => (None, None),
        };
        let of_lock = Arc::clone(&client);
        let lock = async move {
            match lock {
                Some((statement, values)) => of_lock.execute_raw(&statement, values).await.map(drop),
                None => Ok(()),
            }
        };
        let of_check = Arc::clone(&client);
        let check = async move {
            match check {
                Some((statement, values)) => of_check.execute_raw(&statement, values).await.map(drop),
                None => Ok(()),
            }
        };
        let of_insertion = Arc::clone(&client);
        let insert = async move {
            match insertion {
                Some((statement, values)) => of_insertion.execute_raw(&statement, values).await.map(drop),
                None => Ok(()),
            }
        };
        let mut sent = [begin.boxed(), lock.boxed(), check.boxed(), insert.boxed()].map(maybe_done);
        for statement in &mut sent {
            // Polled once, so that the statements are sent in this order.
            let _ = (&mut *statement).now_or_never();
            if let MaybeDone::Done(Err(error)) = statement {
                // It was not sent, so the statements before it must not be committed.
                return Err((from_postgres_error(error), classify(error)));
            }
        }
        in_transaction.store(false, Ordering::SeqCst);
        let mut commit = async move { client.batch_execute("COMMIT").await }.boxed();
        let committed = (&mut commit).now_or_never();
        let result = async move {
            let commit = async {
                match committed {
                    Some(committed) => committed,
                    None => commit.await,
                }
            };
            let (committed, _) = join(commit, join_all(&mut sent)).await;
            result_of_commit(committed, sent)?;
            if warned.swap(false, Ordering::SeqCst) {
                let text =
                    "PostgreSQL sent a warning at the commit: it is unknown whether the standbys have it";
                return Err((unavailable(text), Failure::Fatal));
            }
            Ok(())
        };
        Ok(result.boxed())
    }
}

/// The result of a commit, from the results of its COMMIT and of the statements before.
fn result_of_commit(
    committed: Result<(), tokio_postgres::Error>,
    statements: [MaybeDone<BoxFuture<'static, Result<(), tokio_postgres::Error>>>; 4],
) -> CommitResult {
    for mut statement in statements {
        if let Some(Err(error)) = Pin::new(&mut statement).take_output() {
            // With an error of the server, the COMMIT rolled back. Without one, the connection failed and
            // the result is unknown.
            let failure = error.as_db_error().map_or(Failure::Fatal, |_| classify(&error));
            return Err((from_postgres_error(&error), failure));
        }
    }
    committed.map_err(|error| {
        let rolled_back = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        let is_rolled_back = error.code().is_some_and(|code| rolled_back.contains(code));
        (from_postgres_error(&error), if is_rolled_back { Failure::Conflict } else { Failure::Fatal })
    })
}
