//! Access keys.

use crate::desk::Desk;
use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::users::{self, COLUMNS};
use async_trait::async_trait;
use domain::error::{Error, Invalid, Problem, Refused, Result};
use domain::model::ids::UserId;
use domain::model::keys::{Key, Temporary};
use domain::model::users::User;
use domain::ports::Keys;

const KEY: &str = "k.access, k.secret, k.user_id, k.description, k.disabled, k.created_at,
    k.security_digest, k.parent, k.scope, k.repositories, k.expires_at";
/// Columns of [`KEY`].
const WIDTH: usize = 11;

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

/// Whether the token that a temporary key comes from is there still: it is asked in the write that keeps the key, or the key could outlive it.
/// The token stays until this is committed.
fn begets(sql: &dyn Sql, temporary: &Temporary) -> Result<()> {
    let query = format!("SELECT 1 FROM tokens WHERE digest = ?1{}", sql.flavor().and_hold());
    let token: Option<i64> = sql.first(&query, values![temporary.parent], |row| row.get(0))?;
    token.map(drop).ok_or(Error::Unauthenticated(Refused::Token("unknown or revoked")))
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
            if let Some(temporary) = temporary {
                begets(desk.sql(), temporary)?;
            }
            desk.touch_access();
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
            // Those whose time is over go when another comes: nobody lists them.
            let over = "DELETE FROM access_keys WHERE expires_at <= ?1";
            desk.sql().execute(over, values![key.created_at.as_millisecond()])?;
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
