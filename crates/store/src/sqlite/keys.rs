//! Access keys.

use super::users::{self, COLUMNS};
use super::{Sqlite, failed};
use crate::rows;
use async_trait::async_trait;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::UserId;
use domain::model::keys::Key;
use domain::model::users::User;
use domain::ports::Keys;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

type Raw = (String, String, i64, Option<String>, bool, i64);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn understand((access, secret, user_id, description, disabled, created_at): Raw) -> Result<Key> {
    let user_id = UserId::new(user_id).map_err(rows::corrupt)?;
    Ok(Key { access, secret, user_id, description, disabled, created_at: rows::time(created_at)? })
}

#[async_trait]
impl Keys for Sqlite {
    async fn create_key(&self, key: Key) -> Result<()> {
        let create = move |desk: &mut super::desk::Desk| {
            let known: Option<i64> = desk
                .sql()
                .query_row("SELECT 1 FROM access_keys WHERE access = ?1", [&key.access], |row| row.get(0))
                .optional()
                .map_err(failed)?;
            if known.is_some() {
                return Err(Invalid::new("access", Problem::Taken).into());
            }
            desk.touch_access();
            let row = params![
                key.access,
                key.secret,
                key.user_id.get(),
                key.description,
                key.disabled,
                key.created_at.as_millisecond()
            ];
            let write = "INSERT INTO access_keys (access, secret, user_id, description, disabled, created_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            desk.sql().execute(write, row).map(drop).map_err(failed)
        };
        self.writer.write(create).await
    }

    async fn key(&self, access: &str) -> Result<Option<(Key, User)>> {
        let access = access.to_owned();
        let query = format!(
            "SELECT k.access, k.secret, k.user_id, k.description, k.disabled, k.created_at, {COLUMNS}
             FROM access_keys k JOIN users u ON u.id = k.user_id WHERE k.access = ?1"
        );
        let find = move |sql: &Connection| {
            sql.query_row(&query, [access], |row| Ok((raw(row)?, users::raw(row, 6)?)))
                .optional()
                .map_err(failed)?
                .map(|(key, user)| Ok((understand(key)?, user.understand()?)))
                .transpose()
        };
        self.read(find).await
    }

    async fn keys(&self, user: UserId) -> Result<Vec<Key>> {
        let query = "SELECT access, secret, user_id, description, disabled, created_at FROM access_keys
                     WHERE user_id = ?1 ORDER BY created_at, access";
        let list = move |sql: &Connection| {
            let raws: Vec<Raw> = sql
                .prepare_cached(query)
                .and_then(|mut s| s.query_map([user.get()], raw)?.collect())
                .map_err(failed)?;
            raws.into_iter().map(understand).collect()
        };
        self.read(list).await
    }

    async fn delete_key(&self, access: &str) -> Result<bool> {
        let access = access.to_owned();
        let delete = move |desk: &mut super::desk::Desk| {
            desk.touch_access();
            let gone =
                desk.sql().execute("DELETE FROM access_keys WHERE access = ?1", [access]).map_err(failed)?;
            Ok(gone > 0)
        };
        self.writer.write(delete).await
    }
}
