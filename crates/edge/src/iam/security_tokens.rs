//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: creates a temporary access key from a token (wire fact 4.5).

use super::dialect::IAM;
use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::actions::keys;
use domain::error::{AuthFailure, Error, Invalid, Problem, Result};
use wire::iam::security_tokens::{Credential, SecurityTokenBody, SecurityTokenRequest};

/// The route is public because the token may be in the body. Without a token the request is refused.
pub async fn create(ctx: Context<Public>) -> Result<Reply> {
    let (edge, request) = (&ctx.edge, &ctx.request);
    let wrong = |e: serde_json::Error| Invalid::new("body", Problem::NotJson { detail: e.to_string() });
    let parsed = serde_json::from_slice::<SecurityTokenRequest>(request.body()?).map_err(wrong);
    let token = parsed.as_ref().ok().and_then(|body| body.auth.as_ref()?.identity.as_ref()?.token.as_ref());
    // 401 has precedence over other errors of the body.
    let signed_in = match token.and_then(|token| token.id.as_deref()) {
        Some(token) => edge.auth.sign_in_with_token(&edge.app, token.as_bytes(), request).await?,
        None => edge.auth.sign_in(&edge.app, IAM.accepts, request).await?,
    };
    if signed_in.token_digest().is_none() {
        return Err(Error::Unauthenticated(AuthFailure::WrongKind));
    }
    let missing = |field: &str| Invalid::new(field, Problem::Missing);
    let identity =
        parsed?.auth.ok_or_else(|| missing("auth"))?.identity.ok_or_else(|| missing("auth.identity"))?;
    let methods = identity.methods.ok_or_else(|| missing("auth.identity.methods"))?;
    if methods != ["token"] {
        let allowed = Problem::NotOneOf { allowed: &["token"] };
        return Err(Invalid::new("auth.identity.methods", allowed).into());
    }
    let seconds = identity.token.and_then(|token| token.duration_seconds);
    const DURATION: &str = "auth.identity.token.duration_seconds";
    let (key, securitytoken) = keys::create_temporary(&edge.app, &signed_in, DURATION, seconds).await?;
    let expires_at = key.temporary.map(|temporary| translate::time(temporary.expires_at)).unwrap_or_default();
    let credential = Credential { access: key.access, secret: key.secret, securitytoken, expires_at };
    Ok(Reply::json(&SecurityTokenBody { credential })?.status(201))
}
