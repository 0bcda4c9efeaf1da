//! Access keys.

use crate::engine::{Engine, SqlStore};
use crate::rows::{keys, tokens, users};
use crate::sql::Sql;
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{AuthFailure, Error, Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::ids::UserId;
use domain::model::keys::{Key, TEMPORARY_MAX, TemporaryKey};
use domain::model::users::User;
use domain::ports::Keys;

/// Checks that a token may have one more temporary key. Runs in the write that inserts the key: a token that
/// was deleted meanwhile gets none. The token is locked until the commit.
fn check_parent(sql: &dyn Sql, temporary: &TemporaryKey, now: Timestamp) -> Result<()> {
    if !tokens::lock(sql, &temporary.parent_token_digest)? {
        return Err(Error::Unauthenticated(AuthFailure::Token("unknown or revoked")));
    }
    match keys::count_temporary(sql, &temporary.parent_token_digest, now)? {
        ..TEMPORARY_MAX => Ok(()),
        _ => Err(Invalid::new("token", Problem::TooMany { max: TEMPORARY_MAX }).into()),
    }
}

#[async_trait]
impl<E: Engine> Keys for SqlStore<E> {
    async fn create_key(&self, key: Key) -> Result<()> {
        let create = move |unit: &mut UnitOfWork| {
            if keys::exists(unit.sql(), &key.access)?
                || keys::was_of_other_user(unit.sql(), &key.access, key.user_id)?
            {
                return Err(Invalid::new("access", Problem::Taken).into());
            }
            match &key.temporary {
                Some(temporary) => check_parent(unit.sql(), temporary, key.created_at)?,
                // Not for a temporary key: its id is random, so no cached result can be about it.
                None => unit.touch_access(),
            }
            keys::insert(unit.sql(), &key)?;
            let created = Change::created(Action::KeyCreate, &key);
            unit.audit(&match users::load(unit.sql(), key.user_id)? {
                Some(user) => created.by_default(&user),
                None => created,
            });
            Ok(())
        };
        self.write_account(create).await
    }

    async fn key(&self, access: &str) -> Result<Option<(Key, User)>> {
        let access = access.to_owned();
        self.lookup(ReadScope::Accounts, move |sql| keys::load(sql, &access)).await
    }

    async fn keys(&self, user: UserId) -> Result<Vec<Key>> {
        self.read(ReadScope::Accounts, move |sql| keys::of_user(sql, user)).await
    }

    async fn delete_key(&self, access: &str) -> Result<bool> {
        let access = access.to_owned();
        let delete = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let before = keys::load(unit.sql(), &access)?;
            let is_deleted = keys::delete(unit.sql(), &access)?;
            if let Some((key, _)) = before.filter(|_| is_deleted) {
                unit.audit(&Change::deleted(Action::KeyDelete, &key));
            }
            Ok(is_deleted)
        };
        self.write_account(delete).await
    }
}
