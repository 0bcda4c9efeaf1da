//! The audit log, for administrators.

use crate::links::address;
use crate::messages::{Text, audit as msg};
use crate::paging::Pager;
use crate::times::absolute;
use crate::{Frame, Html};
use askama::Template;
use domain::model::audit::{
    Action, AuditFilter, AuditPage, Entry, FieldValue, Kind, ObjectKind, RefusalReason,
};

/// The page.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct AuditLogPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The filter as it was sent, by the names of the fields of the form.
    pub sent: &'a [(&'static str, String)],
    /// The filter.
    pub filter: &'a AuditFilter,
    /// The entries.
    pub page: &'a AuditPage,
    /// Whether it is not the first page.
    pub is_later: bool,
}

impl AuditLogPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn sent(&self, name: &str) -> &str {
        self.sent.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    fn is_kind(&self, kind: Option<Kind>) -> bool {
        self.filter.kind == kind
    }

    fn kinds(&self) -> [(Option<Kind>, &'static str, Text); 3] {
        [
            (None, "", msg::BOTH_KINDS),
            (Some(Kind::Change), "change", msg::CHANGES),
            (Some(Kind::Refusal), "refusal", msg::REFUSALS),
        ]
    }

    fn actions(&self) -> &'static [Action] {
        Action::ALL
    }

    fn pager(&self) -> Html {
        let link = |before: &str| {
            let mut query: Vec<(&str, &str)> =
                self.sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
            query.push(("before", before));
            address("/audit", &query)
        };
        let after = self.page.next.map(|number| link(&number.to_string()));
        let before = self.is_later.then(|| link(""));
        Pager { before, after, by_time: true }.html(self.frame)
    }

    fn action(&self, action: &Action) -> &'static str {
        self.frame.text(action_text(*action))
    }

    fn who(&self, entry: &Entry) -> String {
        match &entry.actor {
            Some(name) => self.frame.sanitize(name),
            None if entry.actor_kind == "server" => self.frame.text(msg::SERVER).to_owned(),
            None => self.frame.text(msg::NOBODY).to_owned(),
        }
    }

    fn credential(&self, entry: &Entry) -> Option<String> {
        let kind = match entry.credential_kind.as_deref()? {
            "password" => msg::BY_PASSWORD,
            "session" => msg::BY_SESSION,
            "token" => msg::BY_TOKEN,
            "key" => msg::BY_KEY,
            "temporary_key" => msg::BY_TEMPORARY_KEY,
            _ => msg::OFFLINE,
        };
        let kind = self.frame.text(kind);
        Some(match &entry.credential {
            Some(name) => format!("{kind} {}", self.frame.sanitize(name)),
            None => kind.to_owned(),
        })
    }

    fn object(&self, entry: &Entry) -> Option<String> {
        let object = entry.object.as_ref()?;
        let name = object.name.as_deref().unwrap_or(&object.id);
        Some(format!("{} {}", self.frame.text(kind_text(object.kind)), self.frame.sanitize(name)))
    }

    /// The changes, a line for each field, or the reason of the refusal.
    fn lines(&self, entry: &Entry) -> Vec<String> {
        let mut lines: Vec<String> =
            entry.reason.iter().map(|reason| self.frame.text(reason_text(*reason)).to_owned()).collect();
        for (name, value) in entry.after.iter() {
            match entry.before.get(name) {
                Some(before) => {
                    lines.push(format!("{name}: {} → {}", self.value(before), self.value(value)));
                }
                None if *value == FieldValue::Null => {}
                None => lines.push(format!("{name}: {}", self.value(value))),
            }
        }
        for (name, value) in entry.before.iter() {
            if entry.after.get(name).is_none() && *value != FieldValue::Null {
                lines.push(format!("{name}: {} →", self.value(value)));
            }
        }
        lines
    }

    fn value(&self, value: &FieldValue) -> String {
        match value {
            FieldValue::Null => "–".to_owned(),
            FieldValue::Bool(value) => value.to_string(),
            FieldValue::Number(value) => value.to_string(),
            FieldValue::List(values) if values.is_empty() => "–".to_owned(),
            FieldValue::Text(text) => self.frame.sanitize(text),
            FieldValue::List(values) => self.frame.sanitize(values.join(", ")),
        }
    }

    /// How many, and until when, for a sum.
    fn sum(&self, entry: &Entry) -> Option<String> {
        let until = absolute(entry.last_at, &self.frame.zone);
        (entry.count > 1).then(|| self.frame.format2(msg::SUM, entry.count, until))
    }
}

/// The name of an action for people.
pub const fn action_text(action: Action) -> Text {
    match action {
        Action::UserCreate => msg::USER_CREATE,
        Action::UserChange => msg::USER_CHANGE,
        Action::KeyCreate => msg::KEY_CREATE,
        Action::KeyDelete => msg::KEY_DELETE,
        Action::TokenCreate => msg::TOKEN_CREATE,
        Action::TokenRevoke => msg::TOKEN_REVOKE,
        Action::IdentityLink => msg::IDENTITY_LINK,
        Action::IdentityUnlink => msg::IDENTITY_UNLINK,
        Action::IdentityRights => msg::IDENTITY_RIGHTS,
        Action::SignIn => msg::SIGN_IN,
        Action::SignInLink => msg::SIGN_IN_LINK,
        Action::SignOut => msg::SIGN_OUT,
        Action::MemberSet => msg::MEMBER_SET,
        Action::MemberRemove => msg::MEMBER_REMOVE,
        Action::RepositoryCreate => msg::REPOSITORY_CREATE,
        Action::RepositoryChange => msg::REPOSITORY_CHANGE,
        Action::PoliciesSet => msg::POLICIES_SET,
        Action::GateRules => msg::GATE_RULES,
        Action::GateAnnounce => msg::GATE_ANNOUNCE,
        Action::GateOverride => msg::GATE_OVERRIDE,
        Action::GateWithdraw => msg::GATE_WITHDRAW,
        Action::GatePrune => msg::GATE_PRUNE,
        Action::WebhookCreate => msg::WEBHOOK_CREATE,
        Action::WebhookChange => msg::WEBHOOK_CHANGE,
        Action::WebhookDisable => msg::WEBHOOK_DISABLE,
        Action::WebhookDelete => msg::WEBHOOK_DELETE,
        Action::WebhookSend => msg::WEBHOOK_SEND,
        Action::DestinationCreate => msg::DESTINATION_CREATE,
        Action::DestinationChange => msg::DESTINATION_CHANGE,
        Action::DestinationDelete => msg::DESTINATION_DELETE,
        Action::DestinationSend => msg::DESTINATION_SEND,
        Action::JobClose => msg::JOB_CLOSE,
        Action::PipelinePrune => msg::PIPELINE_PRUNE,
        Action::PipelineImport => msg::PIPELINE_IMPORT,
        Action::SignInRefused => msg::SIGN_IN_REFUSED,
        Action::CredentialRefused => msg::CREDENTIAL_REFUSED,
        Action::AccessRefused => msg::ACCESS_REFUSED,
    }
}

const fn kind_text(kind: ObjectKind) -> Text {
    match kind {
        ObjectKind::User => msg::USER,
        ObjectKind::Session => msg::SESSION,
        ObjectKind::Token => msg::TOKEN,
        ObjectKind::Key => msg::KEY,
        ObjectKind::Identity => msg::IDENTITY,
        ObjectKind::Member => msg::MEMBER,
        ObjectKind::Repository => msg::REPOSITORY_OBJECT,
        ObjectKind::Gate => msg::GATE,
        ObjectKind::Webhook => msg::WEBHOOK,
        ObjectKind::Destination => msg::DESTINATION,
        ObjectKind::Job => msg::JOB,
        ObjectKind::Pipeline => msg::PIPELINE,
    }
}

const fn reason_text(reason: RefusalReason) -> Text {
    match reason {
        RefusalReason::Password => msg::REASON_PASSWORD,
        RefusalReason::PasswordLocked => msg::REASON_PASSWORD_LOCKED,
        RefusalReason::Identity => msg::REASON_IDENTITY,
        RefusalReason::Token => msg::REASON_TOKEN,
        RefusalReason::TokenUnusable => msg::REASON_TOKEN_UNUSABLE,
        RefusalReason::Signature => msg::REASON_SIGNATURE,
        RefusalReason::SignatureExpired => msg::REASON_SIGNATURE_EXPIRED,
        RefusalReason::KeyExpired => msg::REASON_KEY_EXPIRED,
        RefusalReason::KeyLocked => msg::REASON_KEY_LOCKED,
        RefusalReason::Replayed => msg::REASON_REPLAYED,
        RefusalReason::Malformed => msg::REASON_MALFORMED,
        RefusalReason::Throttled => msg::REASON_THROTTLED,
        RefusalReason::Forbidden => msg::REASON_FORBIDDEN,
        RefusalReason::Scope => msg::REASON_SCOPE,
        RefusalReason::Outlives => msg::REASON_OUTLIVES,
        RefusalReason::OtherOrigin => msg::REASON_OTHER_ORIGIN,
    }
}
