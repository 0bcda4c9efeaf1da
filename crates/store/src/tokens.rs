//! Tokens: only their digests are kept, and found by them.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, ToValue, values};
use crate::unit_of_work::UnitOfWork;
use crate::users::{self, COLUMNS};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{UserId, hex};
use domain::model::tokens::{NewToken, Token, TokenKind};
use domain::model::users::User;
use domain::ports::Tokens;

const TOKEN: &str = "t.id, t.user_id, t.kind, t.name, t.scope, t.repositories, t.created_at, t.expires_at";

/// Reads a token from the first columns, which are [`TOKEN`].
fn read(row: &dyn Row) -> Result<Token> {
    let kind: String = row.get(2)?;
    let only: Option<String> = row.get(5)?;
    Ok(Token {
        id: row.get(0)?,
        user_id: UserId::new(row.get(1)?).map_err(rows::corrupt)?,
        kind: match kind.as_str() {
            "session" => TokenKind::Session,
            "personal" => TokenKind::Personal,
            other => return Err(rows::corrupt(other)),
        },
        name: row.get(3)?,
        scope: rows::scope(&row.get::<String>(4)?)?,
        repositories: only.as_deref().map(rows::repository_ids).transpose()?,
        created_at: rows::time(row.get(6)?)?,
        expires_at: rows::optional_time(row.get(7)?)?,
    })
}

fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "session",
        TokenKind::Personal => "personal",
    }
}

#[async_trait]
impl<E: Engine> Tokens for SqlStore<E> {
    async fn create_token(&self, token: NewToken) -> Result<Token> {
        let create = move |unit: &mut UnitOfWork| {
            let known: Option<i64> =
                unit.sql().first("SELECT 1 FROM tokens WHERE digest = ?1", values![token.digest], |row| {
                    row.get(0)
                })?;
            if known.is_some() {
                return Err(Invalid::new("token", Problem::Taken).into());
            }
            unit.touch_access();
            let repositories = token.repositories.as_deref().map(rows::write_repository_ids);
            let row = values![
                token.digest,
                token.user_id.get(),
                kind(token.kind),
                token.name,
                token.scope.as_str(),
                repositories,
                token.created_at.as_millisecond(),
                token.expires_at.map(Timestamp::as_millisecond),
            ];
            let write = "INSERT INTO tokens (digest, user_id, kind, name, scope, repositories, created_at, expires_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id";
            let id = unit.sql().one(write, row, |row| row.get(0))?;
            let NewToken { user_id, kind, name, scope, repositories, created_at, expires_at, .. } =
                token.clone();
            Ok(Token { id, user_id, kind, name, scope, repositories, created_at, expires_at })
        };
        self.write(create).await
    }

    async fn token(&self, digest: &[u8; 32]) -> Result<Option<(Token, User)>> {
        let digest = *digest;
        let query = format!(
            "SELECT {TOKEN}, {COLUMNS} FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = ?1"
        );
        let both = |row: &dyn Row| Ok((read(row)?, users::read(row, 8)?));
        self.read(move |sql| sql.first(&query, values![digest], both)).await
    }

    async fn tokens(&self, user: UserId) -> Result<Vec<Token>> {
        let query = format!(
            "SELECT {TOKEN} FROM tokens t WHERE t.user_id = ?1 AND t.kind = 'personal' ORDER BY t.id"
        );
        self.read(move |sql| sql.all(&query, values![user.get()], read)).await
    }

    async fn delete_token(&self, user: UserId, id: i64) -> Result<bool> {
        let delete = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            end(unit.sql(), "user_id = ?1 AND id = ?2", values![user.get(), id])
        };
        self.write(delete).await
    }

    async fn create_sign_in_link(
        &self,
        digest: [u8; 32],
        user: UserId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<()> {
        let create = move |unit: &mut UnitOfWork| {
            let over = "DELETE FROM sign_in_links WHERE expires_at <= ?1";
            unit.sql().execute(over, values![now.as_millisecond()])?;
            let write = "INSERT INTO sign_in_links (digest, user_id, expires_at) VALUES (?1, ?2, ?3)";
            unit.sql().execute(write, values![hex(&digest), user.get(), until.as_millisecond()])?;
            Ok(())
        };
        self.write(create).await
    }

    async fn take_sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>> {
        let digest = hex(digest);
        let user = format!("SELECT {COLUMNS} FROM users u WHERE u.id = ?1");
        let take = move |unit: &mut UnitOfWork| {
            let take = "DELETE FROM sign_in_links WHERE digest = ?1 RETURNING user_id, expires_at";
            let both = |row: &dyn Row| Ok((row.get::<i64>(0)?, rows::time(row.get(1)?)?));
            let Some((id, until)) = unit.sql().first(take, values![digest], both)? else { return Ok(None) };
            let user = unit.sql().first(&user, values![id], |row| users::read(row, 0))?;
            Ok(user.map(|user| (user, until)))
        };
        self.write(take).await
    }
}

/// Takes tokens away, with the temporary keys made with them. True where there were any.
pub fn end(sql: &dyn Sql, which: &str, values: &[&dyn ToValue]) -> Result<bool> {
    // Held first: a key that is being made with one of them is there, or is not made.
    let query = format!("SELECT id FROM tokens WHERE {which} ORDER BY id{}", sql.flavor().and_hold());
    let held: Vec<i64> = sql.all(&query, values, |row| row.get(0))?;
    if held.is_empty() {
        return Ok(false);
    }
    for end in [
        format!("DELETE FROM access_keys WHERE parent IN (SELECT digest FROM tokens WHERE {which})"),
        format!("DELETE FROM tokens WHERE {which}"),
    ] {
        sql.execute(&end, values)?;
    }
    Ok(true)
}
