//! The log of refused requests and of administrative changes: who, from where, what. All routes write it here, so a
//! new route has it too. No line contains a secret. Here also begins the audit log (`domain::model::audit`): the origin
//! of a change, which the store writes with it, and the counts of refusals.

mod refusals;

pub use refusals::Refusals;

use crate::request::IncomingRequest;
use domain::model::audit::{Actor, Origin};
use domain::model::credentials::CredentialId;
use domain::model::ids::UserId;
use domain::ports::{Clock, RecordedSignIn};
use http::Method;
use serde_json::Value;
use std::sync::Arc;

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
/// The callers that routes for reports admit.
const REPORTING: &str = "role report";
/// Operations without administrative changes whose changes have an origin, because people make them: announcements, and
/// sign-ins with an identity, which are requests with GET.
const BY_PEOPLE: &[&str] = &["ExpectJobs", "FinishProviderSignIn", "PageSignIn"];

/// The origin of the changes of a request, for the audit log; `None` if the request changes nothing or only reports.
/// `user` is the signed-in user. `operator` is the account that runs an offline command.
pub fn origin(
    (clock, operator): (&dyn Clock, Option<&str>),
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
        at: clock.now(),
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

    /// Logs that the request succeeded. A request without a user, such as signing out without a session, changes
    /// nothing.
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
    let reports = is_report(method, admits) && !DECISIONS.contains(&operation);
    changes(method) && !reports && !NOT_ADMINISTRATIVE.contains(&operation)
}

/// Whether a request to a route that admits these callers reports.
pub fn is_report(method: &Method, admits: &str) -> bool {
    changes(method) && admits.starts_with(REPORTING)
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
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
}
