//! Tokens and sign-in links.

use crate::engine::{Engine, SqlStore};
use crate::rows::{tokens, users};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::ids::UserId;
use domain::model::tokens::{NewToken, Token, TokenKind};
use domain::model::users::User;
use domain::ports::Tokens;
use std::collections::BTreeSet;

#[async_trait]
impl<E: Engine> Tokens for SqlStore<E> {
    async fn create_token(&self, token: NewToken) -> Result<Token> {
        let create = move |unit: &mut UnitOfWork| {
            if tokens::exists(unit.sql(), &token.digest)? {
                return Err(Invalid::new("token", Problem::Taken).into());
            }
            unit.touch_access();
            let id = tokens::insert(unit.sql(), &token)?;
            let created = token.clone().with_id(id);
            audit_created(unit, &created)?;
            Ok(created)
        };
        self.write_account(create).await
    }

    async fn token(&self, digest: &[u8; 32]) -> Result<Option<(Token, User)>> {
        let digest = *digest;
        self.lookup(ReadScope::Accounts, move |sql| tokens::load(sql, &digest)).await
    }

    async fn tokens(&self, user: UserId) -> Result<Vec<Token>> {
        self.read(ReadScope::Accounts, move |sql| tokens::personal(sql, user)).await
    }

    async fn known_tokens(&self, ids: BTreeSet<i64>) -> Result<BTreeSet<i64>> {
        if ids.is_empty() {
            return Ok(ids);
        }
        self.read(ReadScope::Accounts, move |sql| tokens::known(sql, &ids)).await
    }

    async fn delete_token(&self, user: UserId, id: i64) -> Result<bool> {
        let delete = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let before = tokens::find(unit.sql(), user, id)?;
            let is_deleted = tokens::delete(unit.sql(), user, id)?;
            if let Some(before) = before.filter(|_| is_deleted) {
                let action = match before.kind {
                    TokenKind::Session => Action::SignOut,
                    TokenKind::Personal => Action::TokenRevoke,
                };
                let change = Change::deleted(action, &before);
                unit.audit(&match users::load(unit.sql(), user)? {
                    Some(user) => change.by_default(&user),
                    None => change,
                });
            }
            Ok(is_deleted)
        };
        self.write_account(delete).await
    }

    async fn create_sign_in_link(&self, digest: [u8; 32], user: UserId, until: Timestamp) -> Result<()> {
        self.write_account(move |unit: &mut UnitOfWork| write_sign_in_link(unit, &digest, user, until)).await
    }

    async fn create_invitation(&self, digest: [u8; 32], user: UserId, until: Timestamp) -> Result<()> {
        let create = move |unit: &mut UnitOfWork| {
            tokens::delete_sign_in_links(unit.sql(), user)?;
            write_sign_in_link(unit, &digest, user, until)
        };
        self.write_account(create).await
    }

    async fn sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>> {
        let digest = *digest;
        self.lookup(ReadScope::Accounts, move |sql| tokens::sign_in_link(sql, &digest)).await
    }

    async fn take_sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>> {
        let digest = *digest;
        let take = move |unit: &mut UnitOfWork| {
            let Some((id, expires_at)) = tokens::take_sign_in_link(unit.sql(), &digest)? else {
                return Ok(None);
            };
            Ok(users::load(unit.sql(), id)?.map(|user| (user, expires_at)))
        };
        self.write_account(take).await
    }
}

fn write_sign_in_link(
    unit: &mut UnitOfWork,
    digest: &[u8; 32],
    user: UserId,
    until: Timestamp,
) -> Result<()> {
    tokens::insert_sign_in_link(unit.sql(), digest, user, until)?;
    if let Some(user) = users::load(unit.sql(), user)? {
        unit.audit(&Change::done(Action::SignInLink, &user));
    }
    Ok(())
}

/// Records a new token. A session that a request without a signed-in user creates is a sign-in of its user.
fn audit_created(unit: &mut UnitOfWork, created: &Token) -> Result<()> {
    let Some(method) = created.sign_in.filter(|_| !unit.is_of_user()) else {
        unit.audit(&Change::created(Action::TokenCreate, created));
        return Ok(());
    };
    let change = Change::signed_in(created, method, None);
    unit.audit(&match users::load(unit.sql(), created.user_id)? {
        Some(user) => change.by_default(&user),
        None => change,
    });
    Ok(())
}
