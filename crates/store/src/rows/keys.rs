//! Access keys.

use crate::sql::{Columns as _, Sql, ToValue as _, columns, table, values};
use domain::model::ids::{RepositoryId, UserId};
use domain::model::keys::{Key, TemporaryKey};
use domain::model::roles::Scope;
use domain::model::users::User;
use domain::{Result, Timestamp};

table! {
    /// Access keys. The columns from `security_token_digest` on are set for temporary keys only.
    ACCESS_KEYS "access_keys";
    key access: Text;
    fixed secret: Text, user_id: Int, description: Text, disabled: Int, created_at: Int,
        security_token_digest: Blob, parent: Blob, scope: Text, repositories: Text, expires_at: Int;
    row AccessKeyValues;
}

table! {
    /// The users of deleted keys that were not temporary. No other user gets a key with the same AK.
    DELETED_ACCESS_KEYS "deleted_access_keys";
    key access: Text;
    fixed user_id: Int;
}

columns! {
    Key from "k": access, secret, user_id, description, disabled, created_at,
        security_token_digest: Option<[u8; 32]>, parent: Option<[u8; 32]>, scope: Option<Scope>,
        repositories: Option<Vec<RepositoryId>>, expires_at: Option<Timestamp>
    => Self {
        access,
        secret,
        user_id,
        description,
        disabled,
        created_at,
        temporary: match (security_token_digest, parent, scope, expires_at) {
            (Some(security_token_digest), Some(parent), Some(scope), Some(expires_at)) => {
                Some(TemporaryKey { security_token_digest, parent_token_digest: parent, scope, repositories,
                    expires_at })
            }
            (None, None, None, None) => None,
            _ => return Err(crate::sql::corrupt("a temporary key without all its columns")),
        },
    }
}

pub fn insert(sql: &dyn Sql, key: &Key) -> Result<()> {
    let temporary = key.temporary.as_ref();
    let row = AccessKeyValues {
        access: key.access.to_value(),
        secret: key.secret.to_value(),
        user_id: key.user_id.to_value(),
        description: key.description.to_value(),
        disabled: key.disabled.to_value(),
        created_at: key.created_at.to_value(),
        security_token_digest: temporary.map(|t| t.security_token_digest.to_vec()).into(),
        parent: temporary.map(|t| t.parent_token_digest.to_vec()).into(),
        scope: temporary.map(|t| t.scope.as_str()).into(),
        repositories: temporary
            .and_then(|t| t.repositories.as_ref())
            .map_or(crate::sql::Value::Null, |repositories| repositories.to_value()),
        expires_at: temporary.map(|t| t.expires_at).into(),
    };
    sql.insert(&ACCESS_KEYS, row)
}

/// The description of a key.
pub fn description(sql: &dyn Sql, access: &str) -> Result<Option<String>> {
    let found: Option<Option<String>> =
        sql.first("SELECT description FROM access_keys WHERE access = ?1", values![access])?;
    Ok(found.flatten())
}

/// Whether a deleted key of another user had this AK. The reports that were sent with it have the AK.
pub fn was_of_other_user(sql: &dyn Sql, access: &str, user: UserId) -> Result<bool> {
    let query = "SELECT 1 FROM deleted_access_keys WHERE access = ?1 AND user_id <> ?2";
    sql.exists(query, values![access, user])
}

pub fn exists(sql: &dyn Sql, access: &str) -> Result<bool> {
    sql.exists("SELECT 1 FROM access_keys WHERE access = ?1", values![access])
}

/// A key and its user.
pub fn load(sql: &dyn Sql, access: &str) -> Result<Option<(Key, User)>> {
    let query = format!(
        "SELECT {}, {} FROM access_keys k JOIN users u ON u.id = k.user_id WHERE k.access = ?1",
        Key::COLUMNS,
        User::COLUMNS
    );
    sql.first(&query, values![access])
}

/// The keys of a user that are not temporary, oldest first.
pub fn of_user(sql: &dyn Sql, user: UserId) -> Result<Vec<Key>> {
    let query = format!(
        "SELECT {} FROM access_keys k WHERE k.user_id = ?1 AND k.expires_at IS NULL ORDER BY k.created_at, k.access",
        Key::COLUMNS
    );
    sql.all(&query, values![user])
}

/// The number of temporary keys that were made with a token and have not expired.
pub fn count_temporary(sql: &dyn Sql, parent: &[u8; 32], now: Timestamp) -> Result<usize> {
    let query = "SELECT count(*) FROM access_keys WHERE parent = ?1 AND expires_at > ?2";
    let count: i64 = sql.one(query, values![parent, now])?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Deletes a key. If it is not temporary, its AK stays that of its user.
pub fn delete(sql: &dyn Sql, access: &str) -> Result<bool> {
    let keep = "INSERT INTO deleted_access_keys (access, user_id)
                SELECT access, user_id FROM access_keys WHERE access = ?1 AND expires_at IS NULL
                ON CONFLICT (access) DO NOTHING";
    sql.execute(keep, values![access])?;
    Ok(sql.execute("DELETE FROM access_keys WHERE access = ?1", values![access])? > 0)
}

/// Deletes at most 500 temporary keys that expired before `before`; returns their number.
pub fn delete_expired(sql: &dyn Sql, before: Timestamp) -> Result<u64> {
    let delete = "DELETE FROM access_keys WHERE access IN
                  (SELECT access FROM access_keys WHERE expires_at < ?1 LIMIT 500)";
    sql.execute(delete, values![before])
}
