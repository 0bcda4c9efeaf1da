//! Access keys.

use crate::desk::Desk;
use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::users::{self, COLUMNS};
use async_trait::async_trait;
use domain::error::{Error, Invalid, Problem, Refused, Result};
use domain::model::ids::UserId;
use domain::model::keys::{Key, TEMPORARY_MAX, Temporary};
use domain::model::users::User;
use domain::ports::Keys;
use domain::{SignedDuration, Timestamp};

const KEY: &str = "k.access, k.secret, k.user_id, k.description, k.disabled, k.created_at,
    k.security_digest, k.parent, k.scope, k.repositories, k.expires_at";
/// Columns of [`KEY`].
const WIDTH: usize = 11;

/// How long a temporary key is kept when its time is over, so that who still uses it is told so.
const OVER_KEPT: SignedDuration = SignedDuration::from_hours(24);

struct Raw {
    access: String,
    secret: String,
    user_id: i64,
    description: Option<String>,
    disabled: bool,
    created_at: i64,
    temporary: Option<RawTemporary>,
}

/// Digest of the security token, digest of the parent, scope, repositories, end.
type RawTemporary = ([u8; 32], [u8; 32], String, Option<String>, i64);

fn raw(row: &dyn Row) -> Result<Raw> {
    let temporary = match row.get::<Option<i64>>(10)? {
        None => None,
        Some(end) => Some((row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?, end)),
    };
    Ok(Raw {
        access: row.get(0)?,
        secret: row.get(1)?,
        user_id: row.get(2)?,
        description: row.get(3)?,
        disabled: row.get(4)?,
        created_at: row.get(5)?,
        temporary,
    })
}

fn understand(raw: Raw) -> Result<Key> {
    let temporary = raw.temporary.map(|(security_digest, parent, scope, only, end)| {
        Ok::<_, Error>(Temporary {
            security_digest,
            parent,
            scope: rows::scope(&scope)?,
            only: only.as_deref().map(rows::repository_ids).transpose()?,
            expires_at: rows::time(end)?,
        })
    });
    Ok(Key {
        access: raw.access,
        secret: raw.secret,
        user_id: UserId::new(raw.user_id).map_err(rows::corrupt)?,
        description: raw.description,
        disabled: raw.disabled,
        created_at: rows::time(raw.created_at)?,
        temporary: temporary.transpose()?,
    })
}

/// Whether a token may have one more temporary key. It is asked in the write that keeps the key: a token that went meanwhile has none. The token
/// stays until this is committed.
fn begets(sql: &dyn Sql, temporary: &Temporary, now: Timestamp) -> Result<()> {
    let query = format!("SELECT 1 FROM tokens WHERE digest = ?1{}", sql.flavor().and_hold());
    let token: Option<i64> = sql.first(&query, values![temporary.parent], |row| row.get(0))?;
    if token.is_none() {
        return Err(Error::Unauthenticated(Refused::Token("unknown or revoked")));
    }
    let live = "SELECT count(*) FROM access_keys WHERE parent = ?1 AND expires_at > ?2";
    let live: i64 = sql.one(live, values![temporary.parent, now.as_millisecond()], |row| row.get(0))?;
    match usize::try_from(live).unwrap_or(usize::MAX) {
        ..TEMPORARY_MAX => Ok(()),
        _ => Err(Invalid::new("token", Problem::TooMany { max: TEMPORARY_MAX }).into()),
    }
}

#[async_trait]
impl<E: Engine> Keys for SqlStore<E> {
    async fn create_key(&self, key: Key) -> Result<()> {
        let create = move |desk: &mut Desk| {
            let known: Option<i64> = desk.sql().first(
                "SELECT 1 FROM access_keys WHERE access = ?1",
                values![&key.access],
                |row| row.get(0),
            )?;
            if known.is_some() {
                return Err(Invalid::new("access", Problem::Taken).into());
            }
            let temporary = key.temporary.as_ref();
            match temporary {
                Some(temporary) => begets(desk.sql(), temporary, key.created_at)?,
                // Nobody can have asked for the name of a temporary one before.
                None => desk.touch_access(),
            }
            let row = values![
                key.access,
                key.secret,
                key.user_id.get(),
                key.description,
                key.disabled,
                key.created_at.as_millisecond(),
                temporary.map(|t| t.security_digest),
                temporary.map(|t| t.parent),
                temporary.map(|t| t.scope.as_str()),
                temporary.and_then(|t| t.only.as_deref()).map(rows::write_repository_ids),
                temporary.map(|t| t.expires_at.as_millisecond()),
            ];
            // Those whose time is long over go when another comes: nobody lists them.
            let over = "DELETE FROM access_keys WHERE expires_at <= ?1";
            let long_ago = key.created_at - OVER_KEPT;
            desk.sql().execute(over, values![long_ago.as_millisecond()])?;
            let write = "INSERT INTO access_keys (access, secret, user_id, description, disabled, created_at,
                             security_digest, parent, scope, repositories, expires_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            desk.sql().execute(write, row).map(drop)
        };
        self.write(create).await
    }

    async fn key(&self, access: &str) -> Result<Option<(Key, User)>> {
        let access = access.to_owned();
        let query = format!(
            "SELECT {KEY}, {COLUMNS}
             FROM access_keys k JOIN users u ON u.id = k.user_id WHERE k.access = ?1"
        );
        let find = move |sql: &dyn Sql| {
            sql.first(&query, values![access], |row| Ok((raw(row)?, users::raw(row, WIDTH)?)))?
                .map(|(key, user)| Ok((understand(key)?, user.understand()?)))
                .transpose()
        };
        self.read(find).await
    }

    async fn keys(&self, user: UserId) -> Result<Vec<Key>> {
        let query = format!(
            "SELECT {KEY} FROM access_keys k WHERE k.user_id = ?1 AND k.expires_at IS NULL
             ORDER BY k.created_at, k.access"
        );
        let list = move |sql: &dyn Sql| {
            let raws: Vec<Raw> = sql.all(&query, values![user.get()], raw)?;
            raws.into_iter().map(understand).collect()
        };
        self.read(list).await
    }

    async fn delete_key(&self, access: &str) -> Result<bool> {
        let access = access.to_owned();
        let delete = move |desk: &mut Desk| {
            desk.touch_access();
            let gone = desk.sql().execute("DELETE FROM access_keys WHERE access = ?1", values![access])?;
            Ok(gone > 0)
        };
        self.write(delete).await
    }
}
