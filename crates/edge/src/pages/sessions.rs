//! Signing in and out. A session is a token in a cookie.

use super::dialect::PAGES;
use super::forms::{check_origin, parse, redirect_target};
use super::frame::frame;
use super::identities;
use super::response::html;
use crate::auth::cookie;
use crate::auth::password::UserRef;
use crate::catalogue;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{Context, Public};
use crate::state::Edge;
use domain::actions::access::SignedIn;
use domain::actions::{tokens, users};
use domain::error::{AuthFailure, Error, Invalid, Result};
use domain::model::tokens::{SESSION_LIFETIME, SignInMethod};
use domain::model::users::check_password;
use http::Method;
use pages::messages::sessions as msg;
use pages::{SignIn, SignInLink, Text, links};

/// The name of sessions that are created here.
pub const NAME: &str = "page";

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let to = redirect_target(ctx.request.query.get("next")?.unwrap_or_default());
    let once = ctx.request.query.get("once")?;
    if let Some(reply) = refused_invitation(&ctx, to, once) {
        return Ok(reply);
    }
    if let Some(code) = once {
        // The page requires confirmation, so that a program that prefetches links does not use the code up.
        let frame = frame(&ctx.edge, &ctx.request, &());
        let invited = tokens::is_invitation(code);
        let page = SignInLink { frame: &frame, next: to, token: code, invited, error: None };
        return Ok(html(page.html()));
    }
    // HEAD does not sign in.
    if ctx.request.method == Method::GET
        && let Some(reply) = identities::by_header(&ctx, to).await?
    {
        return Ok(reply);
    }
    Ok(page(&ctx, to, SignInForm::default(), None))
}

/// The page of an invitation again, because the chosen password is not allowed. The link is still valid.
fn invitation_again(ctx: &Context<Public>, to: &str, token: &str, invalid: &Invalid) -> Reply {
    let frame = frame(&ctx.edge, &ctx.request, &());
    let error = Some(catalogue::problem(invalid, ctx.request.language));
    let page = SignInLink { frame: &frame, next: to, token, invited: true, error };
    html(page.html()).status(400)
}

/// The page shown if an invitation cannot be used, because the server accepts no passwords; `None` otherwise.
fn refused_invitation(ctx: &Context<Public>, to: &str, token: Option<&str>) -> Option<Reply> {
    let is_unusable = !ctx.edge.settings.sign_in.passwords && token.is_some_and(tokens::is_invitation);
    is_unusable.then(|| page(ctx, to, SignInForm::default(), Some(msg::INVITATION_UNUSABLE)).status(403))
}

/// The page after a sign-in with an identity that was refused.
pub fn provider_page(ctx: &Context<Public>, to: &str, error: Text) -> Reply {
    page(ctx, to, SignInForm::default(), Some(error))
}

/// The values of the form.
#[derive(Default)]
struct SignInForm<'a> {
    name: &'a str,
    by_token: bool,
}

fn page(ctx: &Context<Public>, to: &str, form: SignInForm<'_>, error: Option<Text>) -> Reply {
    let mut frame = frame(&ctx.edge, &ctx.request, &());
    // A switch of the language keeps the target.
    frame.address = links::address("/sign-in", &[("next", to)]);
    let providers = identities::provider_links(ctx, to);
    let request_id = error.map(|_| ctx.request.request_id.as_str());
    let page = SignIn {
        frame: &frame,
        next: to,
        name: form.name,
        by_token: form.by_token,
        error,
        request_id,
        providers: &providers,
        passwords: ctx.edge.settings.sign_in.passwords,
    };
    html(page.html())
}

pub async fn create(ctx: Context<Public>) -> Result<Reply> {
    check_origin(&ctx.request)?;
    let fields = parse(ctx.request.body()?)?;
    let to = redirect_target(fields.get("next")?.unwrap_or_default());
    if let Some(reply) = refused_invitation(&ctx, to, fields.get("once")?) {
        return Ok(reply);
    }
    if let Some(token) = fields.get("once")?.filter(|token| tokens::is_invitation(token))
        && let Err(invalid) = check_password(fields.get("password")?.unwrap_or_default())
    {
        return Ok(invitation_again(&ctx, to, token, &invalid));
    }
    let form = SignInForm {
        name: fields.get("name")?.unwrap_or_default(),
        by_token: fields.get("token")?.is_some_and(|token| !token.trim().is_empty()),
    };
    match session(&ctx, &fields).await {
        Ok(Some(secret)) => Ok(start(&ctx.request, &secret, to)),
        Ok(None) => Ok(page(&ctx, to, form, Some(msg::MISSING)).status(400)),
        Err(Error::Unauthenticated(refused)) => {
            let wrong = match refused {
                AuthFailure::PasswordLocked { .. } => msg::LOCKED,
                _ if fields.get("once")?.is_some() => msg::LINK_EXPIRED,
                _ => msg::INCORRECT,
            };
            let seconds = match refused {
                AuthFailure::PasswordLocked { seconds } => Some(seconds.to_string()),
                _ => None,
            };
            ctx.edge.note_refusal(&Error::Unauthenticated(refused), &ctx.request);
            let reply = page(&ctx, to, form, Some(wrong)).status(401);
            Ok(match seconds {
                Some(seconds) => reply.header("retry-after", &seconds),
                None => reply,
            })
        }
        Err(error) => Err(error),
    }
}

/// The secret of the session that the fields sign in to; `None` if fields are missing. A sign-in with a token
/// has that token as its session, with the same rights and lifetime.
async fn session(ctx: &Context<Public>, fields: &Query) -> Result<Option<String>> {
    let edge = &ctx.edge;
    let field = |name| fields.get(name).map(|value| value.unwrap_or_default().trim().to_owned());
    let (name, token) = (field("name")?, field("token")?);
    let password = fields.get("password")?.unwrap_or_default().to_owned();
    if !token.is_empty() {
        let signed_in = edge.auth.sign_in_with_token(&edge.app, token.as_bytes(), &ctx.request).await?;
        tokens::record_sign_in(&edge.app, &signed_in).await?;
        return Ok(Some(token));
    }
    if let Some(once) = fields.get("once")? {
        if tokens::is_invitation(once) {
            return accept(ctx, once, password).await.map(Some);
        }
        let signed_in = tokens::take_sign_in_link(&edge.app, once).await?;
        edge.auth.claim(&signed_in, &ctx.request);
        return Ok(Some(created(edge, &signed_in, SignInMethod::Link).await?));
    }
    if name.is_empty() || password.is_empty() {
        return Ok(None);
    }
    let signed_in =
        edge.auth.sign_in_with_password(&edge.app, UserRef::Name(name), password, &ctx.request).await?;
    created(edge, &signed_in, SignInMethod::Password).await.map(Some)
}

/// The secret of a new session.
pub async fn created(edge: &Edge, signed_in: &SignedIn, method: SignInMethod) -> Result<String> {
    Ok(tokens::create_session(&edge.app, signed_in, method, NAME.into()).await?.0)
}

/// Sets the password of an invited user and signs it in. The invitation stays valid until the password is set.
async fn accept(ctx: &Context<Public>, token: &str, password: String) -> Result<String> {
    let edge = &ctx.edge;
    let signed_in = tokens::by_invitation(&edge.app, token).await?;
    edge.auth.claim(&signed_in, &ctx.request);
    let (app, token) = (edge.app.clone(), token.to_owned());
    let accepted = async move { users::accept_invitation(&app, &token, &password).await };
    edge.auth.run_hashing(&signed_in, accepted).await?;
    created(edge, &signed_in, SignInMethod::Invitation).await
}

/// Starts the session with this secret and redirects to `to`.
pub fn start(request: &IncomingRequest, secret: &str, to: &str) -> Reply {
    Reply::see_other(to)
        .append_headers("set-cookie", &cookie::set_cookies(request, secret, SESSION_LIFETIME.as_secs()))
}

pub async fn end(ctx: Context<Public>) -> Result<Reply> {
    let Context { edge, request, .. } = &ctx;
    let at_provider = match edge.auth.sign_in(&edge.app, PAGES.accepts, request).await {
        Ok(signed_in) => {
            // First: it ends also if the provider does not respond.
            tokens::end_session(&edge.app, &signed_in).await?;
            identities::end_session_url(&ctx, &signed_in).await
        }
        // A session that has ended already needs no action.
        Err(Error::Unauthenticated(_)) => None,
        Err(error) => return Err(error),
    };
    let reply = match at_provider {
        Some(url) => html(pages::leave_page(&frame(edge, request, &()), &url)),
        None => Reply::see_other("/sign-in"),
    };
    Ok(reply.append_headers("set-cookie", &cookie::set_cookies(request, "", 0)))
}
