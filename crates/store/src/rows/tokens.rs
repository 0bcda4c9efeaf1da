//! Tokens and sign-in links, both stored as digests.

use super::of_ids;
use crate::sql::{Columns as _, Sql, ToValue, columns, table, values};
use domain::model::ids::{UserId, hex};
use domain::model::tokens::{NewToken, Token};
use domain::model::users::User;
use domain::{Result, Timestamp};
use std::collections::BTreeSet;

table! {
    /// Tokens.
    TOKENS "tokens";
    key id: Int;
    fixed digest: Blob, user_id: Int, kind: Text, name: Text, scope: Text, repositories: Text,
        created_at: Int, expires_at: Int, identity_id: Int, sign_in: Text;
    new_row NewTokenValues;
}

// Without the digest.
columns! {
    Token from "t": id, user_id, kind, name, scope, repositories, created_at, expires_at,
        identity_id, sign_in
    => Self { id, user_id, kind, name, scope, repositories, created_at, expires_at, identity_id, sign_in }
}

table! {
    /// Links that sign a user in once. The digest is hexadecimal.
    SIGN_IN_LINKS "sign_in_links";
    key digest: Text;
    fixed user_id: Int, expires_at: Int;
    row SignInLinkValues;
}

/// The name of a token.
pub fn name(sql: &dyn Sql, id: i64) -> Result<Option<String>> {
    sql.first("SELECT name FROM tokens WHERE id = ?1", values![id])
}

/// Those of these ids that tokens have.
pub fn known(sql: &dyn Sql, ids: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
    let rows: Vec<i64> = of_ids(sql, ids, |list| format!("SELECT id FROM tokens WHERE id IN ({list})"))?;
    Ok(rows.into_iter().collect())
}

/// Inserts a token; returns its id.
pub fn insert(sql: &dyn Sql, token: &NewToken) -> Result<i64> {
    let row = NewTokenValues {
        digest: token.digest.to_value(),
        user_id: token.user_id.to_value(),
        kind: token.kind.to_value(),
        name: token.name.to_value(),
        scope: token.scope.to_value(),
        repositories: token.repositories.to_value(),
        created_at: token.created_at.to_value(),
        expires_at: token.expires_at.to_value(),
        identity_id: token.identity_id.to_value(),
        sign_in: token.sign_in.to_value(),
    };
    sql.insert_new(&TOKENS, row)
}

pub fn exists(sql: &dyn Sql, digest: &[u8; 32]) -> Result<bool> {
    sql.exists("SELECT 1 FROM tokens WHERE digest = ?1", values![digest])
}

/// As [`exists`]; the token is locked until the commit.
pub fn lock(sql: &dyn Sql, digest: &[u8; 32]) -> Result<bool> {
    let query = format!("SELECT 1 FROM tokens WHERE digest = ?1{}", sql.flavor().for_update());
    sql.exists(&query, values![digest])
}

/// A token and its user.
pub fn load(sql: &dyn Sql, digest: &[u8; 32]) -> Result<Option<(Token, User)>> {
    let query = format!(
        "SELECT {}, {} FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = ?1",
        Token::COLUMNS,
        User::COLUMNS
    );
    sql.first(&query, values![digest])
}

/// The personal tokens of a user in order of id.
pub fn personal(sql: &dyn Sql, user: UserId) -> Result<Vec<Token>> {
    let query = format!(
        "SELECT {} FROM tokens t WHERE t.user_id = ?1 AND t.kind = 'personal' ORDER BY t.id",
        Token::COLUMNS
    );
    sql.all(&query, values![user])
}

/// A token of a user.
pub fn find(sql: &dyn Sql, user: UserId, id: i64) -> Result<Option<Token>> {
    let query = format!("SELECT {} FROM tokens t WHERE t.user_id = ?1 AND t.id = ?2", Token::COLUMNS);
    sql.first(&query, values![user, id])
}

pub fn delete(sql: &dyn Sql, user: UserId, id: i64) -> Result<bool> {
    delete_where(sql, "user_id = ?1 AND id = ?2", values![user, id])
}

/// Deletes the sessions of a user.
pub fn delete_sessions(sql: &dyn Sql, user: UserId) -> Result<()> {
    delete_where(sql, "user_id = ?1 AND kind = 'session'", values![user]).map(drop)
}

/// Deletes the sessions and tokens that come from an identity; returns their number.
pub fn delete_of_identity(sql: &dyn Sql, identity: i64) -> Result<u64> {
    let count: i64 = sql.one("SELECT count(*) FROM tokens WHERE identity_id = ?1", values![identity])?;
    delete_where(sql, "identity_id = ?1", values![identity])?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Deletes tokens, and the temporary keys made with them. Returns whether there were any.
fn delete_where(sql: &dyn Sql, condition: &str, values: &[&dyn ToValue]) -> Result<bool> {
    // Locked first: a key that is being made with one of them is either visible here or not made.
    let lock = format!("SELECT id FROM tokens WHERE {condition} ORDER BY id{}", sql.flavor().for_update());
    let locked: Vec<i64> = sql.all(&lock, values)?;
    if locked.is_empty() {
        return Ok(false);
    }
    for delete in [
        format!("DELETE FROM access_keys WHERE parent IN (SELECT digest FROM tokens WHERE {condition})"),
        format!("DELETE FROM tokens WHERE {condition}"),
    ] {
        sql.execute(&delete, values)?;
    }
    Ok(true)
}

/// Deletes at most 500 sessions and 500 sign-in links that expired before `before`; returns their number.
pub fn delete_expired(sql: &dyn Sql, before: Timestamp) -> Result<u64> {
    let delete = "DELETE FROM tokens WHERE id IN
                  (SELECT id FROM tokens WHERE expires_at < ?1 AND kind = 'session' LIMIT 500)";
    let sessions = sql.execute(delete, values![before])?;
    let delete = "DELETE FROM sign_in_links WHERE digest IN
                  (SELECT digest FROM sign_in_links WHERE expires_at < ?1 LIMIT 500)";
    Ok(sessions + sql.execute(delete, values![before])?)
}

/// Inserts a sign-in link.
pub fn insert_sign_in_link(
    sql: &dyn Sql,
    digest: &[u8; 32],
    user: UserId,
    expires_at: Timestamp,
) -> Result<()> {
    let row =
        SignInLinkValues { digest: hex(digest).into(), user_id: user.into(), expires_at: expires_at.into() };
    sql.insert(&SIGN_IN_LINKS, row)
}

/// Deletes a sign-in link; returns its user and when it expires.
pub fn take_sign_in_link(sql: &dyn Sql, digest: &[u8; 32]) -> Result<Option<(UserId, Timestamp)>> {
    let delete = "DELETE FROM sign_in_links WHERE digest = ?1 RETURNING user_id, expires_at";
    sql.first(delete, values![hex(digest)])
}

/// A sign-in link: its user and when it expires.
pub fn sign_in_link(sql: &dyn Sql, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>> {
    let query = format!(
        "SELECT {}, l.expires_at FROM sign_in_links l JOIN users u ON u.id = l.user_id WHERE l.digest = ?1",
        User::COLUMNS
    );
    sql.first(&query, values![hex(digest)])
}

/// Deletes the sign-in links of a user.
pub fn delete_sign_in_links(sql: &dyn Sql, user: UserId) -> Result<()> {
    sql.execute("DELETE FROM sign_in_links WHERE user_id = ?1", values![user]).map(drop)
}
