//! Identities.

use crate::engine::{Engine, SqlStore};
use crate::rows::{identities, tokens, users};
use crate::sql::{Sql, corrupt, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::identities::{AdmissionRefused, GroupRights, Identity, Rights, is_narrower};
use domain::model::ids::UserId;
use domain::model::roles::Scope;
use domain::model::tokens::{NewToken, Token, TokenKind};
use domain::model::users::User;
use domain::ports::{Identities, IdentitySignIn, NewIdentity, NewIdentityUser, NewUserRow, RecordedSignIn};

type Admitted<T> = std::result::Result<T, AdmissionRefused>;

#[async_trait]
impl<E: Engine> Identities for SqlStore<E> {
    async fn sign_in_identity(&self, sign_in: IdentitySignIn) -> Result<Admitted<RecordedSignIn>> {
        self.write_account(move |unit: &mut UnitOfWork| record(unit, &sign_in)).await
    }

    async fn withdraw_identity(&self, issuer: &str, subject: &str) -> Result<u64> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let withdraw = move |unit: &mut UnitOfWork| {
            let Some(identity) = identities::lock(unit.sql(), &issuer, &subject)? else { return Ok(0) };
            let ended = tokens::delete_of_identity(unit.sql(), identity.id)?;
            let user = user(unit.sql(), identity.user_id)?;
            let has_signed_in = user.group_rights.iter().any(|of| of.identity == identity.id);
            if ended == 0 && !has_signed_in && identity.rights == Rights::default() {
                return Ok(0);
            }
            unit.touch_access();
            identities::clear_rights(unit.sql(), identity.id)?;
            replace_rights(unit.sql(), identity.user_id, identity.id, None)?;
            let after = loaded(unit.sql(), identity.id)?;
            let change = Change::updated(Action::IdentityRights, &identity, &after);
            unit.audit(&change.with_ended(ended).by_default(&user));
            Ok(ended)
        };
        self.write_account(withdraw).await
    }

    async fn link_identity(&self, new: NewIdentity) -> Result<Identity> {
        let link = move |unit: &mut UnitOfWork| {
            if let Some(known) = identities::lock(unit.sql(), &new.issuer, &new.subject)? {
                let is_own = known.user_id == new.user;
                return if is_own { Ok(known) } else { Err(Invalid::new("subject", Problem::Taken).into()) };
            }
            let id =
                identities::insert(unit.sql(), new.user, (&new.issuer, &new.subject, &new.display), new.now)?;
            let linked = loaded(unit.sql(), id)?;
            unit.audit(&Change::created(Action::IdentityLink, &linked));
            Ok(linked)
        };
        self.write_account(link).await
    }

    async fn unlink_identity(&self, user: UserId, id: i64) -> Result<bool> {
        let unlink = move |unit: &mut UnitOfWork| {
            let identity =
                identities::lock_by_id(unit.sql(), id)?.filter(|identity| identity.user_id == user);
            let Some(identity) = identity else { return Ok(false) };
            unit.touch_access();
            let ended = tokens::delete_of_identity(unit.sql(), id)?;
            unit.audit(&Change::deleted(Action::IdentityUnlink, &identity).with_ended(ended));
            identities::delete(unit.sql(), id)?;
            replace_rights(unit.sql(), user, id, None)?;
            Ok(true)
        };
        self.write_account(unlink).await
    }

    async fn identities(&self, user: UserId) -> Result<Vec<Identity>> {
        self.read(ReadScope::Accounts, move |sql| identities::of_user(sql, user)).await
    }
}

/// Nothing is written before the last refusal, except what the sign-in uses up.
fn record(unit: &mut UnitOfWork, sign_in: &IdentitySignIn) -> Result<Admitted<RecordedSignIn>> {
    if let Some(used) = &sign_in.used
        && !unit.use_signature(used)?
    {
        return Ok(Err(AdmissionRefused::Replayed));
    }
    let known = identities::lock(unit.sql(), &sign_in.issuer, &sign_in.subject)?;
    let user = match (&known, &sign_in.new_user) {
        (Some(identity), _) => user(unit.sql(), identity.user_id)?,
        (None, None) => return Ok(Err(AdmissionRefused::NoUser)),
        (None, Some(new)) => create_user(unit.sql(), new, sign_in.now)?,
    };
    if user.disabled {
        return Ok(Err(AdmissionRefused::Disabled));
    }
    unit.touch_access();
    let sql = unit.sql();
    let (id, created) = match &known {
        Some(identity) => (identity.id, false),
        None => {
            let names = (sign_in.issuer.as_str(), sign_in.subject.as_str(), sign_in.display.as_str());
            (identities::insert(sql, user.id, names, sign_in.now)?, true)
        }
    };
    let has_lost = known.as_ref().is_some_and(|identity| is_narrower(&sign_in.rights, &identity.rights));
    let ended = if has_lost { tokens::delete_of_identity(sql, id)? } else { 0 };
    identities::update(sql, id, &sign_in.display, &sign_in.rights, sign_in.now)?;
    replace_rights(sql, user.id, id, Some(sign_in))?;
    let session = create_session(sql, user.id, id, sign_in)?;
    let (identity, user) = (loaded(sql, id)?, self::user(sql, user.id)?);
    if created && sign_in.new_user.is_some() {
        unit.audit(&Change::created(Action::UserCreate, &user).by_default(&user));
    }
    unit.audit(
        &match &known {
            Some(before) => Change::updated(Action::IdentityRights, before, &identity).with_ended(ended),
            None => Change::created(Action::IdentityLink, &identity),
        }
        .by_default(&user),
    );
    let signed_in = Change::signed_in(&session, sign_in.method, Some(&identity.issuer));
    unit.audit(&signed_in.by_default(&user));
    Ok(Ok(RecordedSignIn { identity, user, session, created, ended }))
}

fn user(sql: &dyn Sql, id: UserId) -> Result<User> {
    users::load(sql, id)?.ok_or_else(|| corrupt("an identity without its user"))
}

fn loaded(sql: &dyn Sql, id: i64) -> Result<Identity> {
    identities::load(sql, id)?.ok_or_else(|| corrupt("a new identity that does not exist"))
}

/// Creates a user with the first name that no user has.
fn create_user(sql: &dyn Sql, new: &NewIdentityUser, now: Timestamp) -> Result<User> {
    let mut names = new.names.iter();
    let free = loop {
        let Some(name) = names.next() else { return Err(Invalid::new("name", Problem::Taken).into()) };
        if !sql.exists("SELECT 1 FROM users WHERE name = ?1", values![name])? {
            break name;
        }
    };
    let row = NewUserRow {
        uuid: new.uuid.clone(),
        name: free.clone(),
        password_hash: None,
        admin: false,
        created_at: now,
    };
    let id = users::insert(sql, &row)?;
    user(sql, id)
}

fn create_session(sql: &dyn Sql, user: UserId, identity: i64, sign_in: &IdentitySignIn) -> Result<Token> {
    let new = NewToken {
        digest: sign_in.session_digest,
        user_id: user,
        kind: TokenKind::Session,
        name: sign_in.session_name.clone(),
        scope: Scope::Full,
        repositories: None,
        created_at: sign_in.now,
        expires_at: Some(sign_in.session_until),
        identity_id: Some(identity),
        sign_in: Some(sign_in.method),
    };
    let id = tokens::insert(sql, &new)?;
    Ok(new.with_id(id))
}

/// Replaces the rights of an identity among those of its user; `None` removes them.
fn replace_rights(
    sql: &dyn Sql,
    user: UserId,
    identity: i64,
    sign_in: Option<&IdentitySignIn>,
) -> Result<()> {
    // Another node may sign in with another identity of the user.
    users::lock(sql, user)?;
    let mut rights = self::user(sql, user)?.group_rights;
    rights.retain(|of| of.identity != identity);
    rights.extend(sign_in.map(|sign_in| GroupRights {
        identity,
        rights: sign_in.rights.clone(),
        until: sign_in.rights_until,
    }));
    users::set_group_rights(sql, user, &rights)
}
