//! Access keys.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::unit_of_work::UnitOfWork;
use crate::users::{self, COLUMNS};
use async_trait::async_trait;
use domain::error::{AuthFailure, Error, Invalid, Problem, Result};
use domain::model::ids::UserId;
use domain::model::keys::{Key, TEMPORARY_MAX, TemporaryKey};
use domain::model::users::User;
use domain::ports::Keys;
use domain::{SignedDuration, Timestamp};

const KEY: &str = "k.access, k.secret, k.user_id, k.description, k.disabled, k.created_at,
    k.security_digest, k.parent, k.scope, k.repositories, k.expires_at";
/// Columns of [`KEY`].
const WIDTH: usize = 11;

/// How long a temporary key is kept when its time is over, so that who still uses it is told so.
const OVER_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Reads a key from the first columns, which are [`KEY`].
fn read(row: &dyn Row) -> Result<Key> {
    Ok(Key {
        access: row.get(0)?,
        secret: row.get(1)?,
        user_id: UserId::new(row.get(2)?).map_err(rows::corrupt)?,
        description: row.get(3)?,
        disabled: row.get(4)?,
        created_at: rows::time(row.get(5)?)?,
        temporary: read_temporary(row)?,
    })
}

fn read_temporary(row: &dyn Row) -> Result<Option<TemporaryKey>> {
    let Some(end) = row.get::<Option<i64>>(10)? else { return Ok(None) };
    let only: Option<String> = row.get(9)?;
    Ok(Some(TemporaryKey {
        security_token_digest: row.get(6)?,
        parent_token_digest: row.get(7)?,
        scope: rows::scope(&row.get::<String>(8)?)?,
        repositories: only.as_deref().map(rows::repository_ids).transpose()?,
        expires_at: rows::time(end)?,
    }))
}

/// Whether a token may have one more temporary key. It is asked in the write that keeps the key: a token that went meanwhile has none. The token
/// stays until this is committed.
fn begets(sql: &dyn Sql, temporary: &TemporaryKey, now: Timestamp) -> Result<()> {
    let query = format!("SELECT 1 FROM tokens WHERE digest = ?1{}", sql.flavor().and_hold());
    let token: Option<i64> = sql.first(&query, values![temporary.parent_token_digest], |row| row.get(0))?;
    if token.is_none() {
        return Err(Error::Unauthenticated(AuthFailure::Token("unknown or revoked")));
    }
    let live = "SELECT count(*) FROM access_keys WHERE parent = ?1 AND expires_at > ?2";
    let live: i64 =
        sql.one(live, values![temporary.parent_token_digest, now.as_millisecond()], |row| row.get(0))?;
    match usize::try_from(live).unwrap_or(usize::MAX) {
        ..TEMPORARY_MAX => Ok(()),
        _ => Err(Invalid::new("token", Problem::TooMany { max: TEMPORARY_MAX }).into()),
    }
}

#[async_trait]
impl<E: Engine> Keys for SqlStore<E> {
    async fn create_key(&self, key: Key) -> Result<()> {
        let create = move |unit: &mut UnitOfWork| {
            let known: Option<i64> = unit.sql().first(
                "SELECT 1 FROM access_keys WHERE access = ?1",
                values![&key.access],
                |row| row.get(0),
            )?;
            if known.is_some() {
                return Err(Invalid::new("access", Problem::Taken).into());
            }
            let temporary = key.temporary.as_ref();
            match temporary {
                Some(temporary) => begets(unit.sql(), temporary, key.created_at)?,
                // Nobody can have asked for the name of a temporary one before.
                None => unit.touch_access(),
            }
            let row = values![
                key.access,
                key.secret,
                key.user_id.get(),
                key.description,
                key.disabled,
                key.created_at.as_millisecond(),
                temporary.map(|t| t.security_token_digest),
                temporary.map(|t| t.parent_token_digest),
                temporary.map(|t| t.scope.as_str()),
                temporary.and_then(|t| t.repositories.as_deref()).map(rows::write_repository_ids),
                temporary.map(|t| t.expires_at.as_millisecond()),
            ];
            // Those whose time is long over go when another comes: nobody lists them.
            let over = "DELETE FROM access_keys WHERE expires_at <= ?1";
            let long_ago = key.created_at - OVER_KEPT;
            unit.sql().execute(over, values![long_ago.as_millisecond()])?;
            let write = "INSERT INTO access_keys (access, secret, user_id, description, disabled, created_at,
                             security_digest, parent, scope, repositories, expires_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            unit.sql().execute(write, row).map(drop)
        };
        self.write(create).await
    }

    async fn key(&self, access: &str) -> Result<Option<(Key, User)>> {
        let access = access.to_owned();
        let query = format!(
            "SELECT {KEY}, {COLUMNS}
             FROM access_keys k JOIN users u ON u.id = k.user_id WHERE k.access = ?1"
        );
        let both = |row: &dyn Row| Ok((read(row)?, users::read(row, WIDTH)?));
        self.read(move |sql| sql.first(&query, values![access], both)).await
    }

    async fn keys(&self, user: UserId) -> Result<Vec<Key>> {
        let query = format!(
            "SELECT {KEY} FROM access_keys k WHERE k.user_id = ?1 AND k.expires_at IS NULL
             ORDER BY k.created_at, k.access"
        );
        self.read(move |sql| sql.all(&query, values![user.get()], read)).await
    }

    async fn delete_key(&self, access: &str) -> Result<bool> {
        let access = access.to_owned();
        let delete = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let gone = unit.sql().execute("DELETE FROM access_keys WHERE access = ?1", values![access])?;
            Ok(gone > 0)
        };
        self.write(delete).await
    }
}
