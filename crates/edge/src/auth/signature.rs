//! Sign-in by AK and SK: the signature is verified over the request exactly as it was received.
//! Outside, an unknown key and a wrong signature are the same answer after the same work.

use super::Auth;
use crate::routes::Incoming;
use domain::App;
use domain::actions::access::{SignedIn, by_verified_key};
use domain::error::{Error, Refused, Result};
use wire::signing::{
    Authorization, Expired, Header, Payload, SignedRequest, check_window, request_date, verify,
};

/// What an unknown key is verified with.
const NOBODY: &[u8] = b"no key has this secret, and none can";

pub async fn sign_in(auth: &Auth, app: &App, authorization: &[u8], request: &Incoming) -> Result<SignedIn> {
    let malformed =
        |what: &dyn std::fmt::Display| Error::Unauthenticated(Refused::Malformed(what.to_string()));
    let authorization = Authorization::parse(authorization).map_err(|error| malformed(&error))?;
    let body = request.body()?;
    let target = request.target.path_and_query().map_or("/", |target| target.as_str());
    let headers = headers(request);
    let signed =
        SignedRequest { method: request.method.as_str(), target: target.as_bytes(), headers: &headers, body };

    let date = request_date(&signed).map_err(|error| malformed(&error))?;
    // Before the key is looked up: the answer tells about the clock alone.
    check_window(date, app.clock.now().as_second()).map_err(|Expired { signed, server }| {
        Error::Unauthenticated(Refused::SignatureExpired {
            signed: signed.to_string(),
            server: server.to_string(),
        })
    })?;

    let found = auth.key(app, authorization.access_key()).await?;
    let secret = found.as_ref().map_or(NOBODY, |(key, _)| key.secret.as_bytes());
    let refuse = |canonical_request: String, reason: &'static str| {
        Err(Error::Unauthenticated(Refused::Signature { canonical_request, reason }))
    };
    match (verify(&authorization, &signed, secret), found) {
        (Ok(Payload::Signed), Ok((_, user))) => Ok(by_verified_key(user)),
        // Nothing that changes something may come from a body that anybody could have put there.
        (Ok(Payload::Unsigned), Ok((_, user))) if body.is_empty() => Ok(by_verified_key(user)),
        (Ok(_), Ok(_)) => Err(malformed(&"the payload must be signed")),
        (Ok(_), Err(reason)) => refuse(String::new(), reason),
        (Err(mismatch), Ok(_)) => refuse(mismatch.canonical_request(), "the signature differs"),
        (Err(mismatch), Err(reason)) => refuse(mismatch.canonical_request(), reason),
    }
}

/// The headers as sent. HTTP/2 carries the host in its own place.
fn headers(request: &Incoming) -> Vec<Header<'_>> {
    let mut headers: Vec<Header<'_>> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    if !request.headers.contains_key(http::header::HOST)
        && let Some(authority) = request.target.authority()
    {
        headers.push(("host", authority.as_str().as_bytes()));
    }
    headers
}
