//! Why signatures do not fit: those that were refused of late, and one that somebody captured. For whose the access key is; nothing
//! here tells a signature.

use super::translate;
use super::translate::signatures::{Finding, Known};
use crate::auth::Failure;
use crate::http::json;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Ctx, SomeUser};
use domain::Timestamp;
use domain::actions::keys::{self, ExaminedKey};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::integer;
use std::sync::Arc;
use wire::native::signatures::{CapturedRequest, Explanation, FailureList};
use wire::signing::{self, Authorization, ReceivedRequest, SignedRequest};

/// Longest body and canonical request of a signer that are looked at, in bytes.
const TEXT_MAX: usize = 256 << 10;
/// Longest method, target and signed headers together, in bytes.
const HEAD_MAX: usize = 32 << 10;
/// Failures explained at once, where it is not said how many, and at most.
pub const LIMIT: (i64, i64) = (10, 32);
/// Most headers of a captured request.
const HEADERS_MAX: usize = 200;

/// The signatures of an access key that this server refused of late.
pub async fn list(ctx: Ctx<SomeUser>) -> Result<Reply> {
    let access = ctx.request.param("access").to_owned();
    let limit = limit(&ctx.request.query)?;
    let examined = keys::examine(&ctx.edge.app, &ctx.proof, &access).await?;
    let mut failures = remembered(&ctx, &access, &examined);
    failures.truncate(limit);
    apart(ctx, move |ctx| {
        let explained = failures.iter().map(|failure| {
            let (authorization, seen) = (&failure.authorization, &failure.request);
            Examination { examined: &examined, authorization, seen, received: Some(failure) }
                .explain(ctx, None, None)
        });
        Reply::json(&FailureList { failures: explained.collect() })
    })
    .await
}

/// What is remembered of an access key. Who took over the name of a key that was deleted sees nothing of the one before.
fn remembered(ctx: &Ctx<SomeUser>, access: &str, examined: &Option<ExaminedKey>) -> Vec<Arc<Failure>> {
    let mut failures = ctx.edge.auth.failures(access);
    if let Some(ExaminedKey { key, .. }) = examined
        && !ctx.proof.caller().is_administrator()
    {
        failures.retain(|failure| failure.at >= key.created_at);
    }
    failures
}

fn limit(query: &Query) -> Result<usize, Invalid> {
    let (usual, max) = LIMIT;
    let limit = query.get("limit")?.map_or(Ok(usual), |text| integer("limit", text))?;
    let outside = || Invalid::new("limit", Problem::OutOfRange { min: 1, max });
    usize::try_from(limit).ok().filter(|_| (1..=max).contains(&limit)).ok_or_else(outside)
}

/// One that somebody captured, beside what this server made of it if it remembers.
pub async fn explain(ctx: Ctx<SomeUser>) -> Result<Reply> {
    let value = json::parse(ctx.request.body()?)?;
    let captured: CapturedRequest = serde_json::from_value(value)
        .map_err(|e| Invalid::new("body", Problem::NotJson { detail: e.to_string() }))?;
    let authorization = authorization(&captured)?;
    let sent = sent(&captured, &authorization)?;
    let access = authorization.access_key();
    let examined = keys::examine(&ctx.edge.app, &ctx.proof, access).await?;
    let remembered = remembered(&ctx, access, &examined);
    apart(ctx, move |ctx| {
        let received =
            remembered.iter().find(|failure| failure.authorization.signature() == authorization.signature());
        let arrived = received.map(|failure| &failure.request);
        // What is sent whole may say more of the body than its length.
        let sent = sent.map(|sent| arrived.map_or(sent.clone(), |arrived| sent.with_body_of(arrived)));
        let seen = arrived.or(sent.as_ref()).ok_or_else(|| missing("method"))?;
        let look = Examination { examined: &examined, authorization: &authorization, seen, received };
        let signer = captured.canonical_request.as_deref();
        Reply::json(&look.explain(ctx, sent.as_ref().filter(|_| received.is_some()), signer))
    })
    .await
}

/// Away from the threads that answer requests: hundreds of signatures are tried.
async fn apart(
    ctx: Ctx<SomeUser>,
    work: impl FnOnce(&Ctx<SomeUser>) -> Result<Reply> + Send + 'static,
) -> Result<Reply> {
    let edge = Arc::clone(&ctx.edge);
    edge.auth.explaining(move || work(&ctx)).await
}

/// What is looked at.
struct Examination<'a> {
    examined: &'a Option<ExaminedKey>,
    authorization: &'a Authorization,
    seen: &'a ReceivedRequest,
    received: Option<&'a Arc<Failure>>,
}

impl Examination<'_> {
    /// `captured` is the request as it was sent, where `seen` is what arrived of it; `signer` the canonical request as its signer made it.
    fn explain(
        &self,
        ctx: &Ctx<SomeUser>,
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
            self.seen,
            key,
            Some(at.as_second()),
            text.as_deref().map(str::as_bytes),
        );
        let server = String::from_utf8_lossy(&explained.canonical_request).into_owned();

        let mut findings = self.about_the_key(ctx);
        let (mut signer_text, mut found) = (text, explained.findings);
        if let Some(captured) = captured {
            let sent = signing::explain(self.authorization, captured, key, None, None);
            let sent_text = || String::from_utf8_lossy(&sent.canonical_request).into_owned();
            let fits = |findings: &[signing::Finding]| findings.contains(&signing::Finding::Fits);
            if fits(&sent.findings) && !fits(&found) {
                use signing::Finding::{SignerTextDoesNotFit, SignerTextFits, Unexplained};
                // A text that does not fit, of a request that does, is not what was signed.
                if found.contains(&SignerTextDoesNotFit) {
                    signer_text = Some(sent_text());
                }
                // It is explained: by what differs between the two.
                found.retain(|f| !matches!(f, SignerTextFits | SignerTextDoesNotFit | Unexplained));
                findings.push(Finding::Signature(SignerTextFits));
            }
            signer_text.get_or_insert_with(sent_text);
        }
        findings.extend(found.into_iter().map(|finding| match finding {
            // When it was sent is not known of one that was not received.
            signing::Finding::ClockOff { signed, .. } if self.received.is_none() => Finding::Old { signed },
            finding => Finding::Signature(finding),
        }));
        let difference = signer_text.as_deref().and_then(|signer| signing::difference(signer, &server));
        translate::signatures::explanation(
            Known {
                authorization: self.authorization,
                request: self.seen,
                received: self.received.map(|failure| &**failure),
            },
            (server, &explained.string_to_sign),
            (signer_text, difference),
            &findings,
            ctx.request.language,
        )
    }

    /// The time by which it is judged.
    fn at(&self, ctx: &Ctx<SomeUser>) -> Timestamp {
        self.received.map_or_else(|| ctx.edge.app.clock.now(), |failure| failure.at)
    }

    /// What is wrong with the key, whatever was signed.
    fn about_the_key(&self, ctx: &Ctx<SomeUser>) -> Vec<Finding> {
        let access = self.authorization.access_key();
        let mut findings = Vec::new();
        match self.examined {
            None => findings.push(Finding::KeyUnknown),
            Some(ExaminedKey { key, user, .. }) => {
                findings.extend(user.disabled.then_some(Finding::UserDisabled));
                findings.extend(key.disabled.then_some(Finding::KeyDisabled));
                if let Some(temporary) = &key.temporary {
                    let (app, token) = (&ctx.edge.app, self.seen.header(signing::SECURITY_TOKEN_HEADER));
                    match token.map(|token| app.secrets.digest(token) == temporary.security_digest) {
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
        findings.extend(ctx.edge.auth.is_locked(&ctx.edge, access, from).then_some(Finding::Locked));
        findings
    }
}

fn missing(field: &str) -> Invalid {
    Invalid::new(field, Problem::Missing)
}

/// A canonical request by lines, also when it came in the gateway's form.
fn lines(text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n");
    if text.contains('\n') { text } else { text.replace('|', "\n") }
}

/// What the request says of the length of its body.
fn stated_length(headers: &[(String, String)]) -> u64 {
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or_default()
}

fn authorization(captured: &CapturedRequest) -> Result<Authorization, Invalid> {
    if captured.headers.is_none() {
        // The first of what is missing.
        let named = [("method", &captured.method), ("target", &captured.target)];
        let first = named.into_iter().find(|(_, value)| value.is_none());
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
        .map_err(|why| Invalid::new(AUTHORIZATION, Problem::NotSigned { detail: why.to_string() }))
}

/// The request as it was sent; `None`: only its `Authorization` is given, by which the server may remember it.
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
    let sent: Vec<signing::Header<'_>> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = captured.body.as_deref().unwrap_or_default().as_bytes();
    let seen = ReceivedRequest::new(
        authorization,
        &SignedRequest { method, target: target.as_bytes(), headers: &sent, body },
    );
    if seen.size() > HEAD_MAX {
        return Err(Invalid::new("headers", Problem::TooLong { max: HEAD_MAX }));
    }
    let length = stated_length(headers);
    Ok(Some(match &captured.body_hash {
        None if captured.body.is_none() && length > 0 => seen.with_body_unknown(),
        None => seen,
        Some(hash)
            if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) =>
        {
            seen.with_body_hash(hash.clone())
        }
        Some(_) => return Err(Invalid::new("body_hash", Problem::NotHex64)),
    }))
}
