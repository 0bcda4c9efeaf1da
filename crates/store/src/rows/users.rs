//! Users.

use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, table, values};
use domain::Result;
use domain::model::identities::GroupRights;
use domain::model::ids::UserId;
use domain::model::users::User;
use domain::ports::{NewUserRow, UserRowChange};

table! {
    /// Users.
    USERS "users";
    key id: Int;
    fixed uuid: Text, name: Text, password_hash: Text, admin: Int, disabled: Int, created_at: Int,
        group_rights: Text;
    new_row NewUserValues;
}

// Without the password hash.
columns! {
    User from "u": id, uuid, name, admin, disabled, created_at, group_rights: Option<Vec<GroupRights>>
    => Self { id, uuid, name, admin, disabled, created_at, group_rights: group_rights.unwrap_or_default() }
}

pub fn insert(sql: &dyn Sql, user: &NewUserRow) -> Result<UserId> {
    let row = NewUserValues {
        uuid: user.uuid.to_value(),
        name: user.name.to_value(),
        password_hash: user.password_hash.to_value(),
        admin: user.admin.into(),
        disabled: false.into(),
        created_at: user.created_at.to_value(),
        group_rights: Value::Null,
    };
    sql.insert_new(&USERS, row)
}

/// Sets what `change` has a value for.
pub fn update(sql: &dyn Sql, id: UserId, change: &UserRowChange) -> Result<()> {
    let update = "UPDATE users SET password_hash = coalesce(?2, password_hash), admin = coalesce(?3, admin),
                  disabled = coalesce(?4, disabled) WHERE id = ?1";
    sql.execute(update, values![id, change.password_hash, change.admin, change.disabled]).map(drop)
}

/// Locks a user until the commit.
pub fn lock(sql: &dyn Sql, id: UserId) -> Result<bool> {
    sql.exists(&format!("SELECT 1 FROM users WHERE id = ?1{}", sql.flavor().for_update()), values![id])
}

/// Sets the rights of the groups of all identities of a user.
pub fn set_group_rights(sql: &dyn Sql, id: UserId, rights: &Vec<GroupRights>) -> Result<()> {
    sql.execute("UPDATE users SET group_rights = ?2 WHERE id = ?1", values![id, rights]).map(drop)
}

pub fn load(sql: &dyn Sql, id: UserId) -> Result<Option<User>> {
    let query = format!("SELECT {} FROM users u WHERE u.id = ?1", User::COLUMNS);
    sql.first(&query, values![id])
}

/// All users in order of name.
pub fn load_all(sql: &dyn Sql) -> Result<Vec<User>> {
    sql.all(&format!("SELECT {} FROM users u ORDER BY u.name", User::COLUMNS), &[])
}

/// A user and the password hash.
pub fn load_by_name(sql: &dyn Sql, name: &str) -> Result<Option<(User, Option<String>)>> {
    let query = format!("SELECT {}, u.password_hash FROM users u WHERE u.name = ?1", User::COLUMNS);
    sql.first(&query, values![name])
}

/// The name of a user.
pub fn name(sql: &dyn Sql, id: UserId) -> Result<Option<String>> {
    sql.first("SELECT name FROM users WHERE id = ?1", values![id])
}
