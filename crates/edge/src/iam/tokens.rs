//! `POST /v3/auth/tokens`: creates a session from a password. `GET /v3/auth/tokens`: describes a token.

use super::translate;
use crate::auth::password::UserRef;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, Public};
use domain::actions::tokens;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::text;
use domain::model::tokens::SignInMethod;
use wire::iam::tokens::{PasswordUser, Reference, TokenRequest};

const SUBJECT: &str = "x-subject-token";

pub async fn create(ctx: Context<Public>) -> Result<Reply> {
    let wrong = |e: serde_json::Error| Invalid::new("body", Problem::NotJson { detail: e.to_string() });
    let body: TokenRequest = serde_json::from_slice(ctx.request.body()?).map_err(wrong)?;
    let missing = |field: &str| Invalid::new(field, Problem::Missing);
    let auth = body.auth.ok_or_else(|| missing("auth"))?;
    let identity = auth.identity.ok_or_else(|| missing("auth.identity"))?;
    let methods = identity.methods.ok_or_else(|| missing("auth.identity.methods"))?;
    if methods != ["password"] {
        return Err(
            Invalid::new("auth.identity.methods", Problem::NotOneOf { allowed: &["password"] }).into()
        );
    }
    let user =
        identity.password.and_then(|p| p.user).ok_or_else(|| missing("auth.identity.password.user"))?;
    let scope = auth.scope.unwrap_or_default();
    for reference in [&scope.project, &scope.domain].into_iter().flatten() {
        check_reference(reference)?;
    }
    let scope = translate::scope_text(scope.project.as_ref(), scope.domain.as_ref());
    let catalog = ctx.request.query.get("nocatalog")?.is_none_or(str::is_empty);

    let PasswordUser { id, name, password, .. } = user;
    if name.is_none() && id.is_none() {
        return Err(missing("auth.identity.password.user.name").into());
    }
    let password = password.ok_or_else(|| missing("auth.identity.password.user.password"))?;
    let user = name.map_or_else(|| UserRef::Id(id.unwrap_or_default()), UserRef::Name);
    let signed_in = ctx.edge.auth.sign_in_with_password(&ctx.edge.app, user, password, &ctx.request).await?;
    let (secret, token) =
        tokens::create_session(&ctx.edge.app, &signed_in, SignInMethod::Password, scope).await?;
    let body = translate::token(&ctx.edge, &token, &signed_in.caller().user, catalog);
    Ok(Reply::json(&body)?.status(201).header(SUBJECT, &secret))
}

fn check_reference(reference: &Reference) -> Result<(), Invalid> {
    [&reference.id, &reference.name]
        .into_iter()
        .flatten()
        .try_for_each(|t| text::single_line("auth.scope", t, 64).map(drop))
}

pub async fn validate(ctx: Context<Authenticated>) -> Result<Reply> {
    let subject = ctx.request.headers.get(SUBJECT).ok_or(Error::NotFound { noun: "token" })?;
    let (token, user) = tokens::inspect(&ctx.edge.app, &ctx.proof, subject.as_bytes()).await?;
    let catalog = ctx.request.query.get("nocatalog")?.is_none_or(str::is_empty);
    let body = translate::token(&ctx.edge, &token, &user, catalog);
    Ok(Reply::json(&body)?.header(SUBJECT, subject.to_str().unwrap_or_default()))
}
