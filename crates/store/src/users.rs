//! Users.

use crate::engine::{Engine, SqlStore};
use crate::rows::{tokens, users};
use crate::sql::{corrupt, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::ids::UserId;
use domain::model::users::User;
use domain::ports::{NewUserRow, UserRowChange, Users};

#[async_trait]
impl<E: Engine> Users for SqlStore<E> {
    async fn create_user(&self, user: NewUserRow) -> Result<User> {
        let create = move |unit: &mut UnitOfWork| {
            if unit.sql().exists("SELECT 1 FROM users WHERE name = ?1", values![user.name])? {
                return Err(Invalid::new("name", Problem::Taken).into());
            }
            unit.touch_access();
            let id = users::insert(unit.sql(), &user)?;
            let created = users::load(unit.sql(), id)?;
            let created = created.ok_or_else(|| corrupt("a new user that does not exist"))?;
            unit.audit(&Change::created(Action::UserCreate, &created));
            Ok(created)
        };
        self.write_account(create).await
    }

    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User> {
        self.write_account(move |unit: &mut UnitOfWork| write_change(unit, id, &change)).await
    }

    async fn accept_invitation(&self, digest: &[u8; 32], password_hash: String) -> Result<Option<User>> {
        let digest = *digest;
        let change = UserRowChange { password_hash: Some(password_hash), ..UserRowChange::default() };
        let accept = move |unit: &mut UnitOfWork| match tokens::take_sign_in_link(unit.sql(), &digest)? {
            Some((id, _)) => write_change(unit, id, &change).map(Some),
            None => Ok(None),
        };
        self.write_account(accept).await
    }

    async fn users(&self) -> Result<Vec<User>> {
        self.scan(None, users::load_all).await
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>> {
        let name = name.to_owned();
        self.read(ReadScope::Accounts, move |sql| users::load_by_name(sql, &name)).await
    }
}

fn write_change(unit: &mut UnitOfWork, id: UserId, change: &UserRowChange) -> Result<User> {
    let not_found = || Error::NotFound { noun: "user" };
    let before = users::load(unit.sql(), id)?.ok_or_else(not_found)?;
    unit.touch_access();
    users::update(unit.sql(), id, change)?;
    if change.password_hash.is_some() || change.disabled == Some(true) {
        tokens::delete_sessions(unit.sql(), id)?;
        tokens::delete_sign_in_links(unit.sql(), id)?;
    }
    let after = users::load(unit.sql(), id)?.ok_or_else(not_found)?;
    let changed = Change::updated(Action::UserChange, &before, &after);
    let changed = changed.with_replaced("password", change.password_hash.is_some());
    unit.audit(&changed.by_default(&after));
    Ok(after)
}
