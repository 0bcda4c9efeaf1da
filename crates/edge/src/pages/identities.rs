//! Signing in at an identity provider, and by the header of an authenticating reverse proxy.

use super::dialect::PAGES;
use super::forms::redirect_target;
use super::frame::frame;
use super::response::html;
use super::sessions;
use crate::audit;
use crate::auth::cookie;
use crate::auth::external::{PendingSignIn, ProviderEntry};
use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::actions::access::{CredentialId, SignedIn};
use domain::actions::identities::{self, IdentitySession};
use domain::error::{AuthFailure, Error, Result};
use domain::model::identities::{Claims, Identity, SignInRules};
use domain::model::tokens::SignInMethod;
use domain::ports::ProviderError;
use http::Method;
use pages::messages::sessions as msg;
use pages::{ProviderLink, Text, links};

/// The longest text of a provider in the log, in characters.
const ERROR_MAX: usize = 200;

/// The buttons of the sign-in page.
pub fn provider_links(ctx: &Context<Public>, next: &str) -> Vec<ProviderLink> {
    let link = |entry: &ProviderEntry| ProviderLink {
        name: entry.name.clone(),
        address: links::address(&format!("/sign-in/{}", entry.id), &[("next", next)]),
    };
    ctx.edge.settings.sign_in.providers.iter().map(link).collect()
}

/// The provider that the path names.
fn entry(ctx: &Context<Public>) -> Result<ProviderEntry> {
    let entry = ctx.edge.settings.sign_in.provider(ctx.request.param("provider"));
    entry.cloned().ok_or(Error::NotFound { noun: "provider" })
}

/// The address to which the provider sends the browser back.
fn redirect_url(ctx: &Context<Public>, entry: &ProviderEntry) -> String {
    format!("{}/sign-in/{}/callback", ctx.request.public_url(), entry.id)
}

/// Sends the browser to the provider.
pub async fn start(ctx: Context<Public>) -> Result<Reply> {
    let entry = entry(&ctx)?;
    let next = redirect_target(ctx.request.query.get("next")?.unwrap_or_default()).to_owned();
    let _place = ctx.edge.auth.provider_place()?;
    let pending = PendingSignIn::start(&ctx.edge.app, &entry.id, &next)?;
    let request = pending.request(&ctx.edge.app, redirect_url(&ctx, &entry));
    match entry.provider.authorization_url(&request).await {
        Ok(url) => {
            Ok(Reply::see_other(&url).append_headers("set-cookie", &[pending.set_cookie(&ctx.request)]))
        }
        Err(error) => Ok(provider_error(&ctx, &entry, &next, &error)),
    }
}

/// Signs in with the response of the provider. HEAD does not use it up.
pub async fn finish(ctx: Context<Public>) -> Result<Reply> {
    if ctx.request.method != Method::GET {
        return Ok(Reply::see_other("/sign-in"));
    }
    let entry = entry(&ctx)?;
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let state = request.query.get("state")?.unwrap_or_default();
    let pending = match PendingSignIn::finish(app, request, &entry.id, state) {
        Ok(pending) => pending,
        Err(problem) => return Ok(refused(&ctx, &entry, "", &problem.to_string(), msg::PROVIDER_REFUSED)),
    };
    if let Some(problem) = response_problem(&ctx, &entry)? {
        return Ok(refused(&ctx, &entry, &pending.next, &problem, msg::PROVIDER_REFUSED));
    }
    let _place = ctx.edge.auth.provider_place()?;
    let code = request.query.get("code")?.unwrap_or_default();
    let sent = pending.request(app, redirect_url(&ctx, &entry));
    let claims = match entry.provider.claims(&sent, code).await {
        Ok(claims) => claims,
        Err(error) => return Ok(provider_error(&ctx, &entry, &pending.next, &error)),
    };
    let used = Some(pending.digest(app));
    match sign_in(&ctx, &entry.id, &entry.rules, (SignInMethod::Oidc, &claims), used).await? {
        Ok(session) => {
            let reply = started(&ctx, &entry.rules, &session, redirect_target(&pending.next));
            Ok(reply.append_headers("set-cookie", &[PendingSignIn::delete_cookie(request)]))
        }
        Err(reason) => Ok(refused(&ctx, &entry, &pending.next, &reason, msg::NOT_ADMITTED)),
    }
}

/// The address at which the provider ends its session after a sign-out here. `None`: the session did not come from a
/// provider, or the provider has no such address or does not respond.
pub async fn end_session_url(ctx: &Context<Public>, signed_in: &SignedIn) -> Option<String> {
    let (CredentialId::Session(_), Some(id)) = (signed_in.credential(), signed_in.identity()) else {
        return None;
    };
    let identities = ctx.edge.app.store.identities(signed_in.caller().user.id).await.ok()?;
    let identity = identities.into_iter().find(|identity| identity.id == id)?;
    let mut providers = ctx.edge.settings.sign_in.providers.iter();
    let entry = providers.find(|entry| entry.provider.issuer() == identity.issuer)?;
    let _place = ctx.edge.auth.provider_place().ok()?;
    let back = format!("{}/sign-in", ctx.request.public_url());
    entry.provider.end_session_url(&back).await.unwrap_or_else(|error| {
        let request_id = ctx.request.request_id.as_str();
        tracing::warn!(request_id, provider = entry.id, %error, "the session at the provider was not ended");
        None
    })
}

/// The reason why the response signs no user in: it reports an error, comes from another issuer, or has no code.
fn response_problem(ctx: &Context<Public>, entry: &ProviderEntry) -> Result<Option<String>> {
    let query = &ctx.request.query;
    if let Some(issuer) = query.get("iss")?
        && issuer != entry.provider.issuer()
    {
        return Ok(Some("the response is from another issuer (iss)".into()));
    }
    if let Some(error) = query.get("error")? {
        let error: String = error.chars().filter(|c| !c.is_control()).take(ERROR_MAX).collect();
        return Ok(Some(format!("the provider responds with the error {error}")));
    }
    let has_code = query.get("code")?.is_some_and(|code| !code.is_empty());
    Ok((!has_code).then(|| "the response has no code".into()))
}

/// Signs in the user of the account in the header of a listed proxy; `None` if there is no such header. A request with a
/// session of that account creates no other one.
pub async fn by_header(ctx: &Context<Public>, next: &str) -> Result<Option<Reply>> {
    let Some(header) = ctx.edge.settings.sign_in.header.clone() else { return Ok(None) };
    let Some(claims) = header.claims(&ctx.request) else { return Ok(None) };
    if has_session(ctx, &header.rules, &claims).await? {
        return Ok(Some(Reply::see_other(next)));
    }
    match sign_in(ctx, &header.issuer, &header.rules, (SignInMethod::Header, &claims), None).await? {
        Ok(session) => Ok(Some(started(ctx, &header.rules, &session, next))),
        Err(reason) => {
            log_refusal(ctx, &header.issuer, &reason);
            Ok(Some(sessions::provider_page(ctx, next, msg::NOT_ADMITTED).status(403)))
        }
    }
}

/// Whether the request has a session of this account with the same rights.
async fn has_session(ctx: &Context<Public>, rules: &SignInRules, claims: &Claims) -> Result<bool> {
    let Context { edge, request, .. } = ctx;
    let signed_in = match edge.auth.sign_in(&edge.app, PAGES.accepts, request).await {
        Ok(signed_in) => signed_in,
        Err(Error::Unauthenticated(_) | Error::ManyCredentials) => return Ok(false),
        Err(error) => return Err(error),
    };
    let identities = edge.app.store.identities(signed_in.caller().user.id).await?;
    let session = identities.into_iter().find(|identity| Some(identity.id) == signed_in.identity());
    let is_same = |of: Identity| {
        of.issuer == claims.issuer && of.subject == claims.subject && of.rights == rules.rights(claims)
    };
    Ok(rules.admit(claims).is_ok() && session.is_some_and(is_same))
}

/// Every sign-in with an identity. The inner error says why the person is not admitted.
async fn sign_in(
    ctx: &Context<Public>,
    provider: &str,
    rules: &SignInRules,
    (method, claims): (SignInMethod, &Claims),
    used: Option<[u8; 32]>,
) -> Result<std::result::Result<IdentitySession, String>> {
    match identities::sign_in(&ctx.edge.app, rules, (method, claims), used, sessions::NAME).await? {
        Ok(session) => {
            audit::log_identity_sign_in(&ctx.request, provider, &session.recorded);
            Ok(Ok(session))
        }
        // An administrator needs the subject to link the account. It is not secret.
        Err(refused) => Ok(Err(format!("{refused}; issuer {}, subject {}", claims.issuer, claims.subject))),
    }
}

/// The page that goes to `to` with the new session. A redirect would be part of the navigation from another site, and
/// browsers would not send the session cookie with it.
fn started(ctx: &Context<Public>, rules: &SignInRules, session: &IdentitySession, to: &str) -> Reply {
    let frame = frame(&ctx.edge, &ctx.request, &());
    html(pages::forward_page(&frame, to)).append_headers(
        "set-cookie",
        &cookie::set_cookies(&ctx.request, &session.secret, rules.session.as_secs()),
    )
}

fn provider_error(ctx: &Context<Public>, entry: &ProviderEntry, next: &str, error: &ProviderError) -> Reply {
    match error {
        ProviderError::Refused(_) => refused(ctx, entry, next, &error.to_string(), msg::PROVIDER_REFUSED),
        ProviderError::Unreachable(_) => {
            refused(ctx, entry, next, &error.to_string(), msg::PROVIDER_UNREACHABLE).status(503)
        }
    }
}

/// The sign-in page with the reason for the person; the log has the exact one.
fn refused(ctx: &Context<Public>, entry: &ProviderEntry, next: &str, reason: &str, text: Text) -> Reply {
    log_refusal(ctx, &entry.id, reason);
    let page = sessions::provider_page(ctx, redirect_target(next), text).status(401);
    page.append_headers("set-cookie", &[PendingSignIn::delete_cookie(&ctx.request)])
}

/// Every refused sign-in with an identity.
fn log_refusal(ctx: &Context<Public>, provider: &str, reason: &str) {
    let refused = AuthFailure::Identity { provider: provider.to_owned(), reason: reason.to_owned() };
    ctx.edge.refusals.note(&Error::Unauthenticated(refused), &ctx.request, ctx.edge.app.clock.now());
}
