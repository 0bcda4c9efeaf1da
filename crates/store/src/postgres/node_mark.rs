//! Detects at a start that the database is not the former one of this node. The data directory of the node
//! holds the mark of its database, as that of a SQLite store does.

use super::connection::{Connection, from_postgres_error};
use crate::loss::{Loss, OpenError};
use crate::mark::{Mark, MarkFile};
use domain::ports::unavailable;
use std::path::Path;

/// Compares the database with the mark in the data directory `node`, and increases both. A store of an earlier
/// version gets an identity; of several nodes that start, one gives it.
///
/// # Errors
/// [`OpenError::Loss`] for another database, unless `accept` is set.
pub async fn check(connection: &Connection, node: &Path, accept: bool) -> Result<(), OpenError> {
    let expected = match MarkFile::load(node) {
        Ok(file) => file.map(|file| file.mark),
        Err(loss) if accept => {
            tracing::warn!(%loss, "starting with this database, as requested");
            None
        }
        Err(loss) => return Err(loss.into()),
    };
    let found = load(connection).await?;
    if let Some(expected) = expected {
        match &found {
            Some(found) if found.identity == expected.identity => {
                if found.number < expected.number {
                    // Restored, or a standby that was promoted without the last commits.
                    tracing::warn!(
                        "the database is older than when this node used it last: acknowledged reports may be missing"
                    );
                }
            }
            _ if accept => {
                tracing::warn!("this is not the former database of this node; using it as requested")
            }
            _ => return Err(Loss::OtherStore { path: None }.into()),
        }
    }
    let increase = "INSERT INTO settings (name, value) VALUES ('mark', replace(gen_random_uuid()::text, '-', '') || ' 1')
        ON CONFLICT (name) DO UPDATE SET value = split_part(settings.value, ' ', 1) || ' ' ||
        (CAST(split_part(settings.value, ' ', 2) AS BIGINT) + 1)";
    connection.run(increase).await?;
    let mark = load(connection).await?.ok_or_else(|| unavailable("the database has no mark"))?;
    MarkFile { mark, running: false, journal: None }.save(node)?;
    Ok(())
}

async fn load(connection: &Connection) -> domain::Result<Option<Mark>> {
    let rows = connection.query("SELECT value FROM settings WHERE name = 'mark'", &[]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let text: String = row.try_get(0).map_err(|e| from_postgres_error(&e))?;
    Ok(Mark::parse(&text))
}
