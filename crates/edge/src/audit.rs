//! The log of refused requests and of administrative changes: who, from where, what. All routes write it here, so a
//! new route has it too. No line contains a secret. Here also begins the audit log (`domain::model::audit`): the origin
//! of a change, which the store writes with it, and the counts of refusals.

use crate::request::IncomingRequest;
use domain::actions;
use domain::error::{AuthFailure, Error, Result};
use domain::model::audit::{Actor, Origin, Refusal, RefusalReason, RefusalSummary};
use domain::model::credentials::CredentialId;
use domain::model::ids::UserId;
use domain::ports::RecordedSignIn;
use domain::{App, Timestamp};
use http::Method;
use serde_json::Value;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Lines about refusals of one address without a pause, and the time between further ones.
const ADDRESS_LINES: (u32, Duration) = (20, Duration::from_secs(10));
/// The same for all addresses.
const ALL_LINES: (u32, Duration) = (200, Duration::from_millis(500));
/// Addresses that are counted; further ones have the common limit only.
const ADDRESSES_MAX: usize = 4_096;
/// How long suppressed lines are counted before a line says how many there were.
const SUMMARY_AFTER: Duration = Duration::from_secs(60);
/// The longest body that an administrative change is read from, and the longest text about it.
const BODY_MAX: usize = 64 << 10;
const DETAILS_MAX: usize = 400;

/// The fields of a request that describe a change. None of them is secret; a URL of a webhook may be.
const DESCRIBING: &[&str] = &[
    "name",
    "user",
    "role",
    "scope",
    "repositories",
    "expires_at",
    "life",
    "admin",
    "disabled",
    "access",
    "path",
    "visibility",
    "archived",
    "default_branch",
    "topics",
    "reason",
    "target",
    "requirement",
    "sha",
    "job_ids",
    "inactivity_timeout",
    "silence_limit",
    "kind",
    "project",
    "choice",
    "jobs",
    "except_sources",
    "enabled",
    "keep_for",
    "keep_per_ref",
    "issuer",
    "subject",
];
/// Operations whose field `url` describes a change too: it has no secret, because it is the base URL of an API.
const URL_DESCRIBES: &[&str] =
    &["AddDestination", "ChangeDestination", "CreateDestination", "EditDestination"];
/// Operations that change something and are no administration. Those of reports are recognized by their role.
const NOT_ADMINISTRATIVE: &[&str] = &["SetPreferences", "ExplainSignature"];
/// Decisions, though users who only report may be permitted them.
const DECISIONS: &[&str] = &["OverrideByForm", "OverrideGate", "WithdrawByForm", "WithdrawGateOverride"];
/// What routes for reports admit.
const REPORTING: &str = "role report";
/// Operations of that role whose changes have an origin, because people make them too.
const BY_PEOPLE: &[&str] = &["ExpectJobs"];

/// The origin of the changes of a request, for the audit log; `None` if the request changes nothing or only reports.
/// `user` is the signed-in user. `operator` is the account that runs an offline command.
pub fn origin(
    (now, operator): (Timestamp, Option<&str>),
    (operation, admits): (&str, &str),
    user: Option<UserId>,
    request: &IncomingRequest,
) -> Option<Arc<Origin>> {
    if !is_administrative(&request.method, operation, admits) && !BY_PEOPLE.contains(&operation) {
        return None;
    }
    let (name, credential) = request.claimed.names();
    let actor = match (user, &credential, operator) {
        (Some(_), Some(CredentialId::Local), Some(operator)) => Actor::Operator(operator.to_owned()),
        (Some(id), ..) => Actor::User { id, name: name.unwrap_or_default() },
        (None, ..) => Actor::Anonymous,
    };
    Some(Arc::new(Origin {
        at: now,
        actor,
        address: request.from,
        credential: credential.filter(|_| user.is_some()),
        request_id: Some(request.request_id.clone()),
    }))
}

/// A change that a request makes, if it succeeds.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    operation: &'static str,
    details: String,
}

impl Change {
    /// The change of a request to a route that admits these callers; `None` for one that changes nothing, or only
    /// reports.
    pub fn of(operation: &'static str, admits: &str, request: &IncomingRequest) -> Option<Self> {
        if !is_administrative(&request.method, operation, admits) {
            return None;
        }
        let body = request.body().ok().filter(|body| body.len() <= BODY_MAX);
        Some(Self { operation, details: body.map(|body| details(operation, body)).unwrap_or_default() })
    }

    /// Logs that the request succeeded. A request of nobody, such as signing out without a session, changes nothing.
    pub fn log(&self, request: &IncomingRequest) {
        let claim = request.claimed.get();
        let Some(user) = claim.user else { return };
        let client = request.from.map(|address| address.to_string());
        tracing::info!(
            request_id = request.request_id,
            operation = self.operation,
            user,
            credential = claim.credential,
            client,
            method = %request.method,
            path = request.target.path(),
            details = self.details,
            "an administrative change was made"
        );
    }
}

/// Logs that a person signed in with an identity. Every such sign-in passes here.
pub fn log_identity_sign_in(request: &IncomingRequest, provider: &str, recorded: &RecordedSignIn) {
    let RecordedSignIn { identity, user, session, created, ended } = recorded;
    tracing::info!(
        request_id = request.request_id,
        user = user.name,
        credential = %CredentialId::Session(session.id),
        client = request.from.map(|address| address.to_string()),
        provider,
        issuer = identity.issuer,
        subject = identity.subject,
        administrator = user.is_administrator(),
        created,
        ended,
        "a person signed in with an identity"
    );
}

/// Whether a route changes something other than reports. A new route that changes something is administrative.
pub fn is_administrative(method: &Method, operation: &str, admits: &str) -> bool {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let reports = admits.starts_with(REPORTING) && !DECISIONS.contains(&operation);
    !reads && !reports && !NOT_ADMINISTRATIVE.contains(&operation)
}

/// The describing fields of a body, JSON or a form.
fn details(operation: &str, body: &[u8]) -> String {
    let describes =
        |name: &str| DESCRIBING.contains(&name) || (name == "url" && URL_DESCRIBES.contains(&operation));
    let mut parts: Vec<String> = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(body) {
        for (name, value) in fields.iter().filter(|(name, _)| describes(name)) {
            match value {
                Value::String(text) => parts.push(format!("{name}={text}")),
                Value::Null => {}
                other => parts.push(format!("{name}={other}")),
            }
        }
    } else {
        let (query, _) = crate::http::query::Query::parse(body);
        let fields = query.pairs().iter().filter(|(name, value)| describes(name) && !value.is_empty());
        parts.extend(fields.map(|(name, value)| format!("{name}={value}")));
    }
    parts.join(" ").chars().take(DETAILS_MAX).collect()
}

/// The lines about refused requests, limited for each address and in all, so that a flood does not fill the disk.
#[derive(Default)]
pub struct Refusals {
    limits: Arc<Mutex<Limits>>,
    summary: Mutex<RefusalSummary>,
}

#[derive(Default)]
struct Limits {
    addresses: HashMap<Option<IpAddr>, Lines>,
    all: Lines,
    suppressed: u64,
}

/// How many lines were written recently.
#[derive(Default, Clone, Copy)]
struct Lines {
    /// When all lines are available again.
    until: Option<Instant>,
}

impl Lines {
    /// Uses a line, if there is one.
    fn take(&mut self, now: Instant, (burst, interval): (u32, Duration)) -> bool {
        let used = self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let free = used + interval <= interval * burst;
        if free {
            self.until = Some(now + used + interval);
        }
        free
    }
}

impl Limits {
    /// Whether a line about this address may be written. Others are counted; true for the first one that is.
    fn admit(&mut self, address: Option<IpAddr>, now: Instant) -> Result<(), bool> {
        if self.addresses.len() >= ADDRESSES_MAX && !self.addresses.contains_key(&address) {
            self.addresses.retain(|_, lines| lines.until.is_some_and(|until| until > now));
        }
        let has_room = self.addresses.len() < ADDRESSES_MAX || self.addresses.contains_key(&address);
        let of_address = !has_room || self.addresses.entry(address).or_default().take(now, ADDRESS_LINES);
        if of_address && self.all.take(now, ALL_LINES) {
            return Ok(());
        }
        self.suppressed += 1;
        Err(self.suppressed == 1)
    }
}

impl Refusals {
    /// Logs a refused request, and counts it for the audit log.
    pub fn note(&self, error: &Error, request: &IncomingRequest, now: Timestamp) {
        self.log(error, request);
        if let Some(reason) = RefusalReason::of(error) {
            let (claimed_user, claimed_credential) = request.claimed.names();
            self.summary().add(Refusal {
                address: request.from,
                reason,
                claimed_user,
                claimed_credential,
                request_id: Some(request.request_id.clone()),
                times: (now, now),
                count: 1,
            });
        }
    }

    /// Records the refusals since the last call.
    pub async fn record(&self, app: &App) -> Result<()> {
        let taken = self.summary().take(app.clock.now());
        let recorded = actions::audit::record_refusals(app, taken.clone()).await;
        if recorded.is_err() {
            self.summary().put_back(taken);
        }
        recorded
    }

    fn summary(&self) -> MutexGuard<'_, RefusalSummary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a refused request: its address, and the names in its credential, which may be wrong.
    fn log(&self, error: &Error, request: &IncomingRequest) {
        let Some((message, reason)) = refusal(error) else {
            let (request_id, method, path) = (&request.request_id, &request.method, request.target.path());
            return tracing::debug!(request_id, %method, path, %error, "a request was refused");
        };
        let admitted = self.lock().admit(request.from, Instant::now());
        if let Err(first) = admitted {
            metrics::counter!("stagepost_log_lines_suppressed_total").increment(1);
            if first {
                self.summarize_later();
            }
            return;
        }
        let claim = request.claimed.get();
        tracing::info!(
            request_id = request.request_id,
            client = request.from.map(|address| address.to_string()),
            user = claim.user,
            credential = claim.credential,
            method = %request.method,
            path = request.target.path(),
            reason,
            "{message}"
        );
    }

    /// Writes the number of suppressed lines after a while.
    fn summarize_later(&self) {
        let limits = Arc::clone(&self.limits);
        tokio::spawn(async move {
            tokio::time::sleep(SUMMARY_AFTER).await;
            let lines = std::mem::take(&mut lock(&limits).suppressed);
            tracing::warn!(lines, "more requests were refused; they are not logged one by one");
        });
    }

    fn lock(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }
}

fn lock(limits: &Mutex<Limits>) -> MutexGuard<'_, Limits> {
    limits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The message and the reason of a refusal that is about credentials or permissions. The canonical request of a
/// signature is left out: it contains signed values, such as temporary tokens.
fn refusal(error: &Error) -> Option<(&'static str, String)> {
    let message = match error {
        Error::Unauthenticated(AuthFailure::Signature { reason, .. }) => {
            return Some(("a signature was refused", (*reason).to_owned()));
        }
        Error::Unauthenticated(_) | Error::ManyCredentials => "a credential was refused",
        Error::Forbidden
        | Error::InsufficientScope { .. }
        | Error::Outlives { .. }
        | Error::OtherOrigin { .. } => "access was denied",
        Error::Throttled { .. } => "a client was refused for a while",
        _ => return None,
    };
    Some((message, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_logged_except_reports() {
        let changing = crate::dialects::table().iter().filter(|route| route.method != "GET");
        let (logged, others): (Vec<_>, Vec<_>) = changing.partition(|route| {
            is_administrative(&route.method.parse().unwrap(), route.operation, route.admits)
        });
        let mut others: Vec<_> = others.iter().map(|route| route.operation).collect();
        others.sort_unstable();
        let expected = [
            "BitbucketAddBuild",
            "BitbucketAddCommitStatus",
            "ExpectJobs",
            "ExplainSignature",
            "GitHubCreateCheckRun",
            "GitHubCreateCheckRunAtRoot",
            "GitHubCreateCommitStatus",
            "GitHubCreateCommitStatusAtRoot",
            "GitHubUpdateCheckRun",
            "GitHubUpdateCheckRunAtRoot",
            "GiteaCreateStatus",
            "Report",
            "SetCommitStatus",
            "SetMergeRequest",
            "SetPreferences",
            "ShowHasPipeline",
        ];
        assert_eq!(others, expected);
        for operation in [
            "AddToken",
            "AddUser",
            "CloseJobs",
            "ChangeDestination",
            "CreateDestination",
            "CreateKey",
            "CreateToken",
            "CreateWebhook",
            "KeystoneCreateUserTokenByPassword",
            "OverrideByForm",
            "OverrideGate",
            "PruneByForm",
            "SetMember",
            "SetPolicies",
            "SignIn",
            "WithdrawGateOverride",
        ] {
            assert!(logged.iter().any(|route| route.operation == operation), "{operation}");
        }
    }

    #[test]
    fn a_change_is_described_without_secrets() {
        for (body, expected) in [
            (
                r#"{"name":"amy","password":"p4ssword","admin":true,"repositories":[1,2],"expires_at":null}"#,
                "admin=true name=amy repositories=[1,2]",
            ),
            (
                r#"{"access":"AK","secret":"SKSKSKSK","token":"spt_1","url":"https://hook/s3cret"}"#,
                "access=AK",
            ),
            (
                "name=ci+bot&scope=full&password=p4ssword&old_password=x&life=30",
                "name=ci bot scope=full life=30",
            ),
            ("once=spo_1&next=%2F", ""),
            ("token=spt_1", ""),
            ("[1,2]", ""),
            ("\u{1}", ""),
            ("", ""),
        ] {
            assert_eq!(details("CreateUser", body.as_bytes()), expected, "{body}");
        }
        let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(5_000));
        assert_eq!(details("CreateUser", long.as_bytes()).len(), DETAILS_MAX);
        let url = br#"{"url":"https://forge.example/api","token":"s3cret"}"#;
        assert_eq!(details("ChangeDestination", url), "url=https://forge.example/api");
        assert_eq!(details("ChangeWebhook", url), "", "that of a webhook may be secret");
    }

    #[test]
    fn a_flood_of_refusals_writes_few_lines() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        let address = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        let mut written = |from: u32, count: u32, at: Duration| {
            (0..count).filter(|_| limits.admit(address(from), start + at).is_ok()).count()
        };
        assert_eq!(written(1, 1_000, Duration::ZERO), 20);
        assert_eq!(written(2, 5, Duration::ZERO), 5, "another address");
        assert_eq!(written(1, 1_000, Duration::from_secs(30)), 3, "one in ten seconds");
        let all: usize = (100..9_000).map(|from| written(from, 1, Duration::from_secs(30))).sum();
        assert_eq!(all, 197, "200 in all, of which three are used");
        assert_eq!(written(9_999, 10, Duration::from_secs(31)), 2, "two in a second");
        assert!(limits.addresses.len() <= ADDRESSES_MAX);
        assert_eq!(limits.suppressed, 980 + 997 + 8_900 - 197 + 8);
    }

    #[test]
    fn a_line_has_no_signed_content() {
        let signature =
            AuthFailure::Signature { canonical_request: "x-security-token:s3cret".into(), reason: "differs" };
        let unusable = AuthFailure::TokenUnusable { cause: "expired", id: 7, user: "lin".into() };
        for (error, expected) in [
            (Error::Unauthenticated(signature), Some("differs")),
            (Error::Unauthenticated(unusable), Some("the token is refused: expired")),
            (Error::Forbidden, Some("the caller is not allowed to do this")),
            (Error::RepositoryNotFound, None),
            (Error::Internal("x".into()), None),
        ] {
            assert_eq!(refusal(&error).map(|(_, reason)| reason).as_deref(), expected);
        }
    }
}
