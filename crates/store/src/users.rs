//! Users.

use crate::desk::Desk;
use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::tokens;
use async_trait::async_trait;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{Hex32, UserId};
use domain::model::users::User;
use domain::ports::{NewUserRow, UserRowChange, Users};

/// The columns that [`raw`] reads, with the table's alias.
pub const COLUMNS: &str = "u.id, u.uuid, u.name, u.admin, u.disabled, u.created_at";

/// A row before its words are understood.
pub struct Raw(i64, String, String, bool, bool, i64);

/// Reads a user from columns `from` on.
pub fn raw(row: &dyn Row, from: usize) -> Result<Raw> {
    Ok(Raw(
        row.get(from)?,
        row.get(from + 1)?,
        row.get(from + 2)?,
        row.get(from + 3)?,
        row.get(from + 4)?,
        row.get(from + 5)?,
    ))
}

impl Raw {
    pub fn understand(self) -> Result<User> {
        let Self(id, uuid, name, admin, disabled, created_at) = self;
        Ok(User {
            id: UserId::new(id).map_err(rows::corrupt)?,
            uuid: Hex32::parse("uuid", &uuid).map_err(rows::corrupt)?,
            name,
            admin,
            disabled,
            created_at: rows::time(created_at)?,
        })
    }
}

fn load(sql: &dyn Sql, id: UserId) -> Result<Option<User>> {
    sql.first(&format!("SELECT {COLUMNS} FROM users u WHERE u.id = ?1"), values![id.get()], |row| {
        raw(row, 0)
    })?
    .map(Raw::understand)
    .transpose()
}

#[async_trait]
impl<E: Engine> Users for SqlStore<E> {
    async fn create_user(&self, user: NewUserRow) -> Result<User> {
        let create = move |desk: &mut Desk| {
            let known: Option<i64> =
                desk.sql()
                    .first("SELECT id FROM users WHERE name = ?1", values![&user.name], |row| row.get(0))?;
            if known.is_some() {
                return Err(Invalid::new("name", Problem::Taken).into());
            }
            desk.touch_access();
            let row = values![
                user.uuid.as_str(),
                user.name,
                user.password_hash,
                user.admin,
                user.created_at.as_millisecond()
            ];
            let write = "INSERT INTO users (uuid, name, password_hash, admin, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id";
            let id = UserId::new(desk.sql().one(write, row, |row| row.get(0))?)?;
            load(desk.sql(), id)?.ok_or_else(|| rows::corrupt("a user that is not there"))
        };
        self.write(create).await
    }

    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User> {
        let write = move |desk: &mut Desk| {
            if load(desk.sql(), id)?.is_none() {
                return Err(Error::NotFound { noun: "user" });
            }
            desk.touch_access();
            let row = values![id.get(), change.password_hash, change.admin, change.disabled];
            let update =
                "UPDATE users SET password_hash = coalesce(?2, password_hash), admin = coalesce(?3, admin),
                          disabled = coalesce(?4, disabled) WHERE id = ?1";
            desk.sql().execute(update, row)?;
            if change.password_hash.is_some() || change.disabled == Some(true) {
                tokens::end(desk.sql(), "user_id = ?1 AND kind = 'session'", values![id.get()])?;
            }
            load(desk.sql(), id)?.ok_or(Error::NotFound { noun: "user" })
        };
        self.write(write).await
    }

    async fn users(&self) -> Result<Vec<User>> {
        let query = format!("SELECT {COLUMNS} FROM users u ORDER BY u.name");
        let list = move |sql: &dyn Sql| {
            let raws: Vec<Raw> = sql.all(&query, values![], |row| raw(row, 0))?;
            raws.into_iter().map(Raw::understand).collect()
        };
        self.read(list).await
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>> {
        let name = name.to_owned();
        let query = format!("SELECT {COLUMNS}, u.password_hash FROM users u WHERE u.name = ?1");
        let find = move |sql: &dyn Sql| {
            sql.first(&query, values![name], |row| Ok((raw(row, 0)?, row.get(6)?)))?
                .map(|(raw, hash): (Raw, Option<String>)| Ok((raw.understand()?, hash)))
                .transpose()
        };
        self.read(find).await
    }
}
