//! Explains refused signatures: the recent ones of an access key, and a captured request. Only the owner of
//! the key and administrators may ask. No response contains a valid signature.

use super::translate;
use super::translate::signatures::{ExplainedRequest, Finding};
use crate::auth::Failure;
use crate::http::json;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::Timestamp;
use domain::actions::keys::{self, ExaminedKey};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::integer;
use std::sync::Arc;
use wire::native::signatures::{CapturedRequest, Explanation, FailureList};
use wire::signing::{self, Authorization, ReceivedRequest, SignedRequest};

/// Greatest length of a captured body and of a signer's canonical request, in bytes.
const TEXT_MAX: usize = 256 << 10;
/// Greatest length of method, target and signed headers together, in bytes.
const HEAD_MAX: usize = 32 << 10;
/// The default and the greatest number of explained failures.
pub const LIMIT: (i64, i64) = (10, 32);
/// Greatest number of headers of a captured request.
const HEADERS_MAX: usize = 200;

/// The recently refused signatures of an access key.
pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let access = ctx.request.param("access").to_owned();
    let limit = limit(&ctx.request.query)?;
    let examined = keys::examine(&ctx.edge.app, &ctx.proof, &access).await?;
    let mut failures = recent_failures(&ctx, &access, &examined);
    failures.truncate(limit);
    run_blocking(ctx, move |ctx| {
        let explained = failures.iter().map(|failure| {
            let (authorization, request) = (&failure.authorization, &failure.request);
            Examination { examined: &examined, authorization, request, received: Some(failure) }
                .explain(ctx, None, None)
        });
        Reply::json(&FailureList { failures: explained.collect() })
    })
    .await
}

/// The recent failures of an access key. The owner of a new key does not see those of a deleted key with the
/// same name.
fn recent_failures(
    ctx: &Context<Authenticated>,
    access: &str,
    examined: &Option<ExaminedKey>,
) -> Vec<Arc<Failure>> {
    let mut failures = ctx.edge.auth.failures(access);
    if let Some(ExaminedKey { key, .. }) = examined
        && !ctx.proof.caller().is_administrator()
    {
        failures.retain(|failure| failure.at >= key.created_at);
    }
    failures
}

fn limit(query: &Query) -> Result<usize, Invalid> {
    let (default, max) = LIMIT;
    let limit = query.get("limit")?.map_or(Ok(default), |text| integer("limit", text))?;
    let outside = || Invalid::new("limit", Problem::OutOfRange { min: 1, max });
    usize::try_from(limit).ok().filter(|_| (1..=max).contains(&limit)).ok_or_else(outside)
}

/// Explains a captured request, and compares it with the received one if this server refused it recently.
pub async fn explain(ctx: Context<Authenticated>) -> Result<Reply> {
    let value = json::parse(ctx.request.body()?)?;
    let captured: CapturedRequest = serde_json::from_value(value)
        .map_err(|e| Invalid::new("body", Problem::NotJson { detail: e.to_string() }))?;
    let authorization = authorization(&captured)?;
    let sent = sent(&captured, &authorization)?;
    let access = authorization.access_key();
    let examined = keys::examine(&ctx.edge.app, &ctx.proof, access).await?;
    let recent = recent_failures(&ctx, access, &examined);
    run_blocking(ctx, move |ctx| {
        let received =
            recent.iter().find(|failure| failure.authorization.signature() == authorization.signature());
        let received_request = received.map(|failure| &failure.request);
        // The captured request may lack the body that was received.
        let sent = sent.map(|sent| received_request.map_or(sent.clone(), |other| sent.with_body_of(other)));
        let request = received_request.or(sent.as_ref()).ok_or_else(|| missing("method"))?;
        let examination =
            Examination { examined: &examined, authorization: &authorization, request, received };
        let signer = captured.canonical_request.as_deref();
        Reply::json(&examination.explain(ctx, sent.as_ref().filter(|_| received.is_some()), signer))
    })
    .await
}

/// Runs an explanation on a blocking thread, because it verifies hundreds of signatures.
async fn run_blocking(
    ctx: Context<Authenticated>,
    work: impl FnOnce(&Context<Authenticated>) -> Result<Reply> + Send + 'static,
) -> Result<Reply> {
    let edge = Arc::clone(&ctx.edge);
    edge.auth.run_explanation(move || work(&ctx)).await
}

/// The signature to explain.
struct Examination<'a> {
    examined: &'a Option<ExaminedKey>,
    authorization: &'a Authorization,
    /// The request: as received, or as captured.
    request: &'a ReceivedRequest,
    /// The failure, if this server refused the request recently.
    received: Option<&'a Arc<Failure>>,
}

impl Examination<'_> {
    /// `captured` is the request as sent, if `request` is the one as received; `signer` is the signer's
    /// canonical request.
    fn explain(
        &self,
        ctx: &Context<Authenticated>,
        captured: Option<&ReceivedRequest>,
        signer: Option<&str>,
    ) -> Explanation {
        let at = self.at(ctx);
        let others = self.examined.iter().flat_map(|examined| &examined.others);
        let others: Vec<(&str, &[u8])> =
            others.map(|key| (key.access.as_str(), key.secret.as_bytes())).collect();
        let key = self
            .examined
            .as_ref()
            .map(|examined| signing::TrialKeys { secret: examined.key.secret.as_bytes(), others: &others });
        let text = signer.map(lines);
        let explained = signing::explain(
            self.authorization,
            self.request,
            key,
            Some(at.as_second()),
            text.as_deref().map(str::as_bytes),
        );
        let server = String::from_utf8_lossy(&explained.canonical_request).into_owned();

        let mut findings = self.key_findings(ctx);
        let (mut signer_text, mut found) = (text, explained.findings);
        if let Some(captured) = captured {
            let sent = signing::explain(self.authorization, captured, key, None, None);
            let sent_text = || String::from_utf8_lossy(&sent.canonical_request).into_owned();
            let fits = |findings: &[signing::Finding]| findings.contains(&signing::Finding::Fits);
            if fits(&sent.findings) && !fits(&found) {
                use signing::Finding::{SignerTextDoesNotFit, SignerTextFits, Unexplained};
                // The signature matches the captured request, so a canonical request that it does not match
                // was not signed.
                if found.contains(&SignerTextDoesNotFit) {
                    signer_text = Some(sent_text());
                }
                // The difference between the two requests explains the failure.
                found.retain(|f| !matches!(f, SignerTextFits | SignerTextDoesNotFit | Unexplained));
                findings.push(Finding::Signature(SignerTextFits));
            }
            signer_text.get_or_insert_with(sent_text);
        }
        findings.extend(found.into_iter().map(|finding| match finding {
            // The time of sending is unknown for a request that was not received.
            signing::Finding::ClockOff { signed, .. } if self.received.is_none() => Finding::Old { signed },
            finding => Finding::Signature(finding),
        }));
        let difference = signer_text.as_deref().and_then(|signer| signing::difference(signer, &server));
        translate::signatures::explanation(
            ExplainedRequest {
                authorization: self.authorization,
                request: self.request,
                received: self.received.map(|failure| &**failure),
            },
            (server, &explained.string_to_sign),
            (signer_text, difference),
            &findings,
            ctx.request.language,
        )
    }

    /// The time at which the signature is checked.
    fn at(&self, ctx: &Context<Authenticated>) -> Timestamp {
        self.received.map_or_else(|| ctx.edge.app.clock.now(), |failure| failure.at)
    }

    /// The problems of the key itself.
    fn key_findings(&self, ctx: &Context<Authenticated>) -> Vec<Finding> {
        let access = self.authorization.access_key();
        let mut findings = Vec::new();
        match self.examined {
            None => findings.push(Finding::KeyUnknown),
            Some(ExaminedKey { key, user, .. }) => {
                findings.extend(user.disabled.then_some(Finding::UserDisabled));
                findings.extend(key.disabled.then_some(Finding::KeyDisabled));
                if let Some(temporary) = &key.temporary {
                    let (app, token) = (&ctx.edge.app, self.request.header(signing::SECURITY_TOKEN_HEADER));
                    match token.map(|token| app.secrets.digest(token) == temporary.security_token_digest) {
                        Some(true) => {}
                        Some(false) => findings.push(Finding::SecurityTokenWrong),
                        None => findings.push(Finding::SecurityTokenMissing),
                    }
                    let at = temporary.expires_at;
                    findings.extend((at <= self.at(ctx)).then_some(Finding::KeyExpired { at }));
                }
            }
        }
        let from = self.received.map_or(ctx.request.from, |failure| failure.from);
        findings.extend(ctx.edge.auth.is_locked(&ctx.edge.app, access, from).then_some(Finding::Locked));
        findings
    }
}

fn missing(field: &str) -> Invalid {
    Invalid::new(field, Problem::Missing)
}

/// The lines of a canonical request, also if it has the one-line form of the gateway.
fn lines(text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n");
    if text.contains('\n') { text } else { text.replace('|', "\n") }
}

/// The length of the body according to the headers.
fn stated_length(headers: &[(String, String)]) -> u64 {
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or_default()
}

fn authorization(captured: &CapturedRequest) -> Result<Authorization, Invalid> {
    if captured.headers.is_none() {
        // The error names the first missing field.
        let fields = [("method", &captured.method), ("target", &captured.target)];
        let first = fields.into_iter().find(|(_, value)| value.is_none());
        return Err(missing(first.map_or("headers", |(name, _)| name)));
    }
    let headers = captured.headers.as_deref().unwrap_or_default();
    if headers.len() > HEADERS_MAX {
        return Err(Invalid::new("headers", Problem::TooMany { max: HEADERS_MAX }));
    }
    const AUTHORIZATION: &str = "headers.Authorization";
    let mut authorizations = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let value = &authorizations.next().ok_or_else(|| missing(AUTHORIZATION))?.1;
    if authorizations.next().is_some() {
        return Err(Invalid::new(AUTHORIZATION, Problem::Twice));
    }
    Authorization::parse(value.trim().as_bytes())
        .map_err(|error| Invalid::new(AUTHORIZATION, Problem::NotSigned { detail: error.to_string() }))
}

/// The request as sent; `None`: the client gave only its `Authorization`, by which the server may find the
/// failure.
fn sent(
    captured: &CapturedRequest,
    authorization: &Authorization,
) -> Result<Option<ReceivedRequest>, Invalid> {
    let texts = [("body", &captured.body), ("canonical_request", &captured.canonical_request)];
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > TEXT_MAX);
    if let Some((field, _)) = texts.into_iter().find(|(_, text)| long(text)) {
        return Err(Invalid::new(field, Problem::TooLong { max: TEXT_MAX }));
    }
    if captured.method.is_none() && captured.target.is_none() {
        return Ok(None);
    }
    let method = captured.method.as_deref().ok_or_else(|| missing("method"))?;
    let target = captured.target.as_deref().ok_or_else(|| missing("target"))?;
    let headers = captured.headers.as_deref().unwrap_or_default();
    let sent_headers: Vec<signing::Header<'_>> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = captured.body.as_deref().unwrap_or_default().as_bytes();
    let request = ReceivedRequest::new(
        authorization,
        &SignedRequest { method, target: target.as_bytes(), headers: &sent_headers, body },
    );
    if request.size() > HEAD_MAX {
        return Err(Invalid::new("headers", Problem::TooLong { max: HEAD_MAX }));
    }
    let length = stated_length(headers);
    Ok(Some(match &captured.body_hash {
        None if captured.body.is_none() && length > 0 => request.with_body_unknown(),
        None => request,
        Some(hash)
            if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) =>
        {
            request.with_body_hash(hash.clone())
        }
        Some(_) => return Err(Invalid::new("body_hash", Problem::NotHex64)),
    }))
}
