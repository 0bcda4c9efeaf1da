//! Entries of the audit log.

use super::time;
use domain::model::audit::{AuditPage, Entry, FieldValue, Fields, RefusalReason};
use serde_json::{Map, Value};
use wire::native::audit::{AuditActor, AuditCredential, AuditEntry, AuditList, AuditObject};

pub fn page(page: &AuditPage) -> AuditList {
    AuditList { entries: page.entries.iter().map(entry).collect(), next_before: page.next }
}

/// An entry as JSON, without a line break: a line of the file of `--audit-log`.
///
/// # Errors
/// [`serde_json::Error`], which no entry causes.
pub fn line(found: &Entry) -> Result<String, serde_json::Error> {
    serde_json::to_string(&entry(found))
}

fn entry(entry: &Entry) -> AuditEntry {
    AuditEntry {
        id: entry.number,
        at: time(entry.at),
        last_at: time(entry.last_at),
        action: entry.action.as_str().to_owned(),
        actor: AuditActor { kind: entry.actor_kind.clone(), id: entry.actor_id, name: entry.actor.clone() },
        address: entry.address.clone(),
        credential: entry
            .credential_kind
            .clone()
            .map(|kind| AuditCredential { kind, id: entry.credential.clone() }),
        object: entry.object.as_ref().map(|object| AuditObject {
            kind: object.kind.as_str().to_owned(),
            id: object.id.clone(),
            name: object.name.clone(),
        }),
        repository_id: entry.object.as_ref().and_then(|object| object.repository).map(|id| id.get()),
        before: fields(&entry.before),
        after: fields(&entry.after),
        request_id: entry.request_id.clone(),
        reason: entry.reason.map(|reason: RefusalReason| reason.as_str().to_owned()),
        count: entry.count,
    }
}

fn fields(fields: &Fields) -> Option<Map<String, Value>> {
    let value = |value: &FieldValue| match value {
        FieldValue::Null => Value::Null,
        FieldValue::Bool(value) => (*value).into(),
        FieldValue::Number(value) => (*value).into(),
        FieldValue::Text(value) => value.as_str().into(),
        FieldValue::List(values) => values.clone().into(),
    };
    (!fields.is_empty()).then(|| fields.iter().map(|(name, v)| (name.to_owned(), value(v))).collect())
}
