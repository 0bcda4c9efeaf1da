//! Authentication by an AK/SK signature, verified over the request exactly as received.
//!
//! An unknown access key and a wrong signature get the same response after the same work on the signature.
//! The response time may show that an access key was used recently: then the key is in the cache, and
//! the store is not read.

use super::Auth;
use super::failures::Failure;
use crate::request::IncomingRequest;
use domain::App;
use domain::actions::access::{CredentialId, KeyRefused, SignedIn, by_verified_key};
use domain::error::{AuthFailure, Error, Result};
use domain::model::keys::Key;
use domain::model::users::User;
use http::Method;
use wire::signing::{
    Authorization, Claim, Expired, Header, Mismatch, Payload, ReceivedRequest, SECURITY_TOKEN_HEADER,
    SignedRequest, Verified, check_window, request_date,
};

pub async fn sign_in(
    auth: &Auth,
    app: &App,
    authorization: &[u8],
    request: &IncomingRequest,
) -> Result<SignedIn> {
    let authorization = Authorization::parse(authorization).map_err(|error| malformed(&error))?;
    let target = request.sent_target();
    let headers = headers(request);
    let signed = |body| SignedRequest {
        method: request.method.as_str(),
        target: target.as_bytes(),
        headers: &headers,
        body,
    };

    let (access, from, now) = (authorization.access_key(), request.from, app.clock.now());
    request.claimed.set_credential(CredentialId::Key(access.into()));
    if auth.lockout.is_locked(access, from, now) {
        count(&AuthFailure::Locked);
        return Err(Error::Unauthenticated(AuthFailure::Locked));
    }
    // Without a valid time the body is not read. It is read for every access key, because otherwise the time
    // would show which ones exist.
    let in_time = in_time(app, &signed(b"")).is_ok();
    if in_time {
        request.load_unverified_body().await?;
    }
    let body_is_unknown = !in_time && request.has_body();
    let signed = signed(if body_is_unknown { &[] } else { request.raw_body()?.as_ref() });
    // Looked up in every case, so that the time does not depend on what is wrong.
    let found = auth.key(app, access, request.versions.access).await?;
    let known = found.is_ok();
    let refused = match check(auth, app, &authorization, &signed, found, request).await? {
        Ok((signed_in, digest)) => {
            auth.lockout.clear(access, from);
            return use_up(app, request, signed_in, digest).await;
        }
        Err(refused) => refused,
    };
    if matches!(refused, AuthFailure::Signature { .. }) {
        auth.lockout.record_failure(access, from, now);
    }
    count(&refused);
    let received = ReceivedRequest::new(&authorization, &signed);
    let received = if body_is_unknown { received.with_body_unknown() } else { received };
    let request_id = request.request_id.clone();
    auth.failures.add(Failure { at: now, request_id, from, authorization, request: received }, known);
    Err(Error::Unauthenticated(refused))
}

/// Whether a request may change something.
fn changes(request: &IncomingRequest) -> bool {
    !matches!(request.method, Method::GET | Method::HEAD)
}

/// Uses up the signature of a request that changes something: who captures the request cannot send it again. The
/// signature of reports is used up in the commit of the reports, and a repeat gets the first response.
async fn use_up(
    app: &App,
    request: &IncomingRequest,
    signed_in: SignedIn,
    digest: [u8; 32],
) -> Result<SignedIn> {
    if !changes(request) {
        return Ok(signed_in);
    }
    if request.is_repeatable {
        return Ok(signed_in.with_signature(digest));
    }
    if app.store.use_signature(digest).await? {
        return Ok(signed_in);
    }
    count(&AuthFailure::Replayed);
    Err(Error::Unauthenticated(AuthFailure::Replayed))
}

/// Authenticates again by a request whose signature was verified when it arrived.
pub async fn sign_in_again(
    auth: &Auth,
    app: &App,
    authorization: &[u8],
    request: &IncomingRequest,
) -> Result<SignedIn> {
    let authorization = Authorization::parse(authorization).map_err(|error| malformed(&error))?;
    let refused = |reason| AuthFailure::Signature { canonical_request: String::new(), reason };
    let found = auth.key(app, authorization.access_key(), request.versions.access).await?.map_err(refused);
    found.and_then(|(key, user)| by_key(app, (&key, user), request)).map_err(Error::Unauthenticated)
}

/// Counts refusals for the metrics, by reason.
fn count(refused: &AuthFailure) {
    let reason = match refused {
        AuthFailure::Locked => "locked",
        AuthFailure::Replayed => "replayed",
        AuthFailure::SignatureExpired { .. } => "clock",
        AuthFailure::KeyExpired { .. } => "key expired",
        AuthFailure::Signature { .. } => "signature",
        _ => "malformed",
    };
    metrics::counter!("stagepost_signatures_refused_total", "reason" => reason).increment(1);
}

async fn check(
    auth: &Auth,
    app: &App,
    authorization: &Authorization,
    signed: &SignedRequest<'_>,
    found: super::FoundKey,
    request: &IncomingRequest,
) -> Result<Result<(SignedIn, [u8; 32]), AuthFailure>> {
    if let Err(refused) = in_time(app, signed).and_then(|()| is_unambiguous(request)) {
        return Ok(Err(refused));
    }
    let secret = found.as_ref().map_or(&auth.decoy_secret[..], |(key, _)| key.secret.as_bytes());
    let mut verified = auth.verify(Claim::new(authorization, signed), secret).await?;
    // The client signs the path that it sends, and a reverse proxy may remove the beginning.
    if verified.is_err()
        && let Some(target) = request.target_before_proxy()
    {
        let signed = SignedRequest { target: target.as_bytes(), ..*signed };
        verified = auth.verify(Claim::new(authorization, &signed), secret).await?.or(verified);
    }
    Ok(evaluate(app, verified, !signed.body.is_empty(), found, request))
}

fn in_time(app: &App, signed: &SignedRequest<'_>) -> Result<(), AuthFailure> {
    let date = request_date(signed).map_err(|error| AuthFailure::Malformed(error.to_string()))?;
    check_window(date, app.clock.now().as_second()).map_err(|Expired { signed, server }| {
        AuthFailure::SignatureExpired { signed: signed.to_string(), server: server.to_string() }
    })
}

/// The signature of `/a%2Fb` is also that of `/a/b`, which may be another route.
fn is_unambiguous(request: &IncomingRequest) -> Result<(), AuthFailure> {
    if changes(request) && request.target.path().to_ascii_lowercase().contains("%2f") {
        return Err(AuthFailure::Malformed("the path of a signed request must not contain %2F".into()));
    }
    Ok(())
}

fn evaluate(
    app: &App,
    verified: Result<Verified, Mismatch>,
    has_body: bool,
    found: super::FoundKey,
    request: &IncomingRequest,
) -> Result<(SignedIn, [u8; 32]), AuthFailure> {
    let refuse = |canonical_request: String, reason: &'static str| {
        Err(AuthFailure::Signature { canonical_request, reason })
    };
    let (verified, (key, user)) = match (verified, found) {
        (Ok(verified), Ok(found)) => (verified, found),
        (Ok(_), Err(reason)) => return refuse(String::new(), reason),
        (Err(mismatch), Ok(_)) => return refuse(mismatch.canonical_request(), "the signature differs"),
        (Err(mismatch), Err(reason)) => return refuse(mismatch.canonical_request(), reason),
    };
    // A body that is not signed could come from anyone, and could be removed, so it must not change anything.
    if verified.payload == Payload::Unsigned && (has_body || changes(request)) {
        return Err(AuthFailure::Malformed("the payload must be signed".into()));
    }
    Ok((by_key(app, (&key, user), request)?, verified.digest))
}

/// Signs in the user of a key whose signature was verified.
fn by_key(app: &App, (key, user): (&Key, User), request: &IncomingRequest) -> Result<SignedIn, AuthFailure> {
    let mut tokens = request.headers.get_all(SECURITY_TOKEN_HEADER).iter();
    let token = tokens.next().map(|token| token.as_bytes().trim_ascii()).filter(|_| tokens.next().is_none());
    by_verified_key(app, key, user, token).map_err(|refused| match refused {
        KeyRefused::SecurityToken => AuthFailure::Signature {
            canonical_request: String::new(),
            reason: "X-Security-Token is missing or another's",
        },
        KeyRefused::Expired(at) => AuthFailure::KeyExpired { at: at.to_string() },
    })
}

pub fn malformed(what: &dyn std::fmt::Display) -> Error {
    Error::Unauthenticated(AuthFailure::Malformed(what.to_string()))
}

/// The headers as sent. HTTP/2 carries the host in `:authority`, outside the headers.
fn headers(request: &IncomingRequest) -> Vec<Header<'_>> {
    let mut headers: Vec<Header<'_>> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    if !request.headers.contains_key(http::header::HOST)
        && let Some(authority) = request.target.authority()
    {
        headers.push(("host", authority.as_str().as_bytes()));
    }
    headers
}
