//! Users.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::tokens;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::{Hex32, UserId};
use domain::model::users::User;
use domain::ports::{NewUserRow, UserRowChange, Users};

/// The columns that [`read`] reads, with the table's alias.
pub const COLUMNS: &str = "u.id, u.uuid, u.name, u.admin, u.disabled, u.created_at";

/// Reads a user from columns `from` on.
pub fn read(row: &dyn Row, from: usize) -> Result<User> {
    Ok(User {
        id: UserId::new(row.get(from)?).map_err(rows::corrupt)?,
        uuid: Hex32::parse("uuid", &row.get::<String>(from + 1)?).map_err(rows::corrupt)?,
        name: row.get(from + 2)?,
        admin: row.get(from + 3)?,
        disabled: row.get(from + 4)?,
        created_at: rows::time(row.get(from + 5)?)?,
    })
}

fn load(sql: &dyn Sql, id: UserId) -> Result<Option<User>> {
    let query = format!("SELECT {COLUMNS} FROM users u WHERE u.id = ?1");
    sql.first(&query, values![id.get()], |row| read(row, 0))
}

#[async_trait]
impl<E: Engine> Users for SqlStore<E> {
    async fn create_user(&self, user: NewUserRow) -> Result<User> {
        let create = move |unit: &mut UnitOfWork| {
            let known: Option<i64> =
                unit.sql()
                    .first("SELECT id FROM users WHERE name = ?1", values![&user.name], |row| row.get(0))?;
            if known.is_some() {
                return Err(Invalid::new("name", Problem::Taken).into());
            }
            unit.touch_access();
            let row = values![
                user.uuid.as_str(),
                user.name,
                user.password_hash,
                user.admin,
                user.created_at.as_millisecond()
            ];
            let write = "INSERT INTO users (uuid, name, password_hash, admin, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id";
            let id = UserId::new(unit.sql().one(write, row, |row| row.get(0))?)?;
            load(unit.sql(), id)?.ok_or_else(|| rows::corrupt("a user that is not there"))
        };
        self.write(create).await
    }

    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User> {
        let write = move |unit: &mut UnitOfWork| {
            if load(unit.sql(), id)?.is_none() {
                return Err(Error::NotFound { noun: "user" });
            }
            unit.touch_access();
            let row = values![id.get(), change.password_hash, change.admin, change.disabled];
            let update =
                "UPDATE users SET password_hash = coalesce(?2, password_hash), admin = coalesce(?3, admin),
                          disabled = coalesce(?4, disabled) WHERE id = ?1";
            unit.sql().execute(update, row)?;
            if change.password_hash.is_some() || change.disabled == Some(true) {
                tokens::end(unit.sql(), "user_id = ?1 AND kind = 'session'", values![id.get()])?;
            }
            load(unit.sql(), id)?.ok_or(Error::NotFound { noun: "user" })
        };
        self.write(write).await
    }

    async fn users(&self) -> Result<Vec<User>> {
        let query = format!("SELECT {COLUMNS} FROM users u ORDER BY u.name");
        self.read(move |sql| sql.all(&query, values![], |row| read(row, 0))).await
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>> {
        let name = name.to_owned();
        let query = format!("SELECT {COLUMNS}, u.password_hash FROM users u WHERE u.name = ?1");
        let both = |row: &dyn Row| Ok((read(row, 0)?, row.get(6)?));
        self.read(move |sql| sql.first(&query, values![name], both)).await
    }
}
