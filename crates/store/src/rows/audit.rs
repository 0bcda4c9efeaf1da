//! The audit log.

use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, corrupt, parameters, table, values};
use domain::model::audit::{
    Action, AuditFilter, AuditPage, Change, Entry, FieldValue, Fields, Object, ObjectKind, Origin, Refusal,
    RefusalReason, address_text, credential_names,
};
use domain::model::credentials::CredentialId;
use domain::model::ids::{RepositoryId, UserId};
use domain::{Result, Timestamp};
use serde_json::{Map, Value as Json};

table! {
    /// The audit log.
    AUDIT "audit";
    key number: Int;
    fixed at: Int, last_at: Int, action: Text, actor_kind: Text, actor_id: Int, actor: Text, address: Text,
        credential_kind: Text, credential: Text, object_kind: Text, object_id: Text, object: Text,
        repository_id: Int, value_before: Text, value_after: Text, request_id: Text, reason: Text, count: Int;
    new_row NewAuditValues;
}

columns! {
    Entry from "a": number, at, last_at, action: String, actor_kind, actor_id, actor, address, credential_kind,
        credential, object_kind: Option<String>, object_id: Option<String>, object: Option<String>,
        repository_id: Option<RepositoryId>, value_before: Option<String>, value_after: Option<String>, request_id,
        reason: Option<String>, count
    => Self {
        number,
        at,
        last_at,
        action: Action::parse(&action).ok_or_else(|| corrupt(action))?,
        actor_kind,
        actor_id,
        actor,
        address,
        credential_kind,
        credential,
        object: match (object_kind, object_id) {
            (Some(kind), Some(id)) => Some(Object {
                kind: ObjectKind::parse(&kind).ok_or_else(|| corrupt(kind))?,
                id,
                name: object,
                repository: repository_id,
            }),
            _ => None,
        },
        before: read_fields(value_before.as_deref())?,
        after: read_fields(value_after.as_deref())?,
        request_id,
        reason: reason
            .map(|reason| RefusalReason::parse(&reason).ok_or_else(|| corrupt(reason)))
            .transpose()?,
        count,
    }
}

/// Most entries that a page is found among.
const READ_MAX: u32 = 20_000;

/// The entry of a change, without its number.
pub fn of_change(change: &Change, origin: &Origin, last_at: Timestamp) -> Entry {
    let (mut actor_kind, mut actor_id, mut actor) = origin.actor.names();
    if let (None, Some((id, name))) = (actor_id, change.default_actor())
        && actor_kind == "anonymous"
    {
        (actor_kind, actor_id, actor) = ("user", Some(id.get().into()), Some(name.as_str()));
    }
    let credential = origin.credential.as_ref().map(credential_names);
    Entry {
        number: 0,
        at: origin.at,
        last_at: last_at.max(origin.at),
        action: change.action(),
        actor_kind: actor_kind.to_owned(),
        actor_id,
        actor: actor.map(str::to_owned),
        address: origin.address.map(address_text),
        credential_kind: credential.as_ref().map(|(kind, _)| (*kind).to_owned()),
        credential: credential.and_then(|(_, name)| name),
        object: Some(change.object().clone()),
        before: change.before().clone(),
        after: change.after().clone(),
        request_id: origin.request_id.clone(),
        reason: None,
        count: change.count().into(),
    }
}

/// The entry of refusals, without its number. A claimed name or credential that does not exist is left out: it may be
/// a secret that was entered in the wrong field.
pub fn of_refusal(sql: &dyn Sql, refusal: &Refusal) -> Result<Entry> {
    let user = match &refusal.claimed_user {
        Some(name) => known_user(sql, name)?,
        None => None,
    };
    let credential = match &refusal.claimed_credential {
        Some(credential) if is_known(sql, credential)? => Some(credential_names(credential)),
        Some(credential) => Some((credential_names(credential).0, None)),
        None => None,
    };
    let kind = if user.is_some() { "user" } else { "anonymous" };
    Ok(Entry {
        number: 0,
        at: refusal.times.0,
        last_at: refusal.times.1,
        action: refusal.reason.action(),
        actor_kind: kind.to_owned(),
        actor_id: user.as_ref().map(|(id, _)| id.get().into()),
        actor: user.map(|(_, name)| name),
        address: refusal.address.map(address_text),
        credential_kind: credential.as_ref().map(|(kind, _)| (*kind).to_owned()),
        credential: credential.and_then(|(_, name)| name),
        object: None,
        before: Fields::default(),
        after: Fields::default(),
        request_id: refusal.request_id.clone(),
        reason: Some(refusal.reason),
        count: i64::try_from(refusal.count).unwrap_or(i64::MAX),
    })
}

/// The user with this name or IAM id.
fn known_user(sql: &dyn Sql, name: &str) -> Result<Option<(UserId, String)>> {
    if name.contains('\0') {
        // PostgreSQL has no such text.
        return Ok(None);
    }
    sql.first("SELECT id, name FROM users WHERE name = ?1 OR uuid = ?1 LIMIT 1", values![name])
}

fn is_known(sql: &dyn Sql, credential: &CredentialId) -> Result<bool> {
    match credential {
        CredentialId::Password | CredentialId::Local => Ok(true),
        CredentialId::Session(id) | CredentialId::Token(id) => {
            sql.exists("SELECT 1 FROM tokens WHERE id = ?1", values![id])
        }
        CredentialId::Key(access) | CredentialId::TemporaryKey(access) => {
            Ok(!access.contains('\0') && super::keys::exists(sql, access)?)
        }
    }
}

/// Inserts an entry; returns its number.
pub fn insert(sql: &dyn Sql, entry: &Entry) -> Result<i64> {
    let object = entry.object.as_ref();
    let row = NewAuditValues {
        at: entry.at.to_value(),
        last_at: entry.last_at.to_value(),
        action: entry.action.as_str().into(),
        actor_kind: entry.actor_kind.to_value(),
        actor_id: entry.actor_id.to_value(),
        actor: entry.actor.to_value(),
        address: entry.address.to_value(),
        credential_kind: entry.credential_kind.to_value(),
        credential: entry.credential.to_value(),
        object_kind: object.map(|object| object.kind.as_str()).into(),
        object_id: object.map(|object| object.id.as_str()).into(),
        object: object.and_then(|object| object.name.as_deref()).into(),
        repository_id: object.and_then(|object| object.repository).into(),
        value_before: write_fields(&entry.before).into(),
        value_after: write_fields(&entry.after).into(),
        request_id: entry.request_id.to_value(),
        reason: entry.reason.map(RefusalReason::as_str).into(),
        count: entry.count.to_value(),
    };
    sql.insert_new(&AUDIT, row)
}

/// Adds to the sum of an entry. False: there is no such entry, or its number is that of another one.
pub fn add(sql: &dyn Sql, number: i64, entry: &Entry) -> Result<bool> {
    let update =
        "UPDATE audit SET count = count + ?2, last_at = CASE WHEN last_at < ?3 THEN ?3 ELSE last_at END
                  WHERE number = ?1 AND action = ?4 AND at = ?5 AND repository_id = ?6";
    let repository = entry.object.as_ref().and_then(|object| object.repository);
    let row = values![number, entry.count, entry.last_at, entry.action.as_str(), entry.at, repository];
    Ok(sql.execute(update, row)? > 0)
}

/// The greatest number of an entry before a time, if it is one of the newest entries.
const NEWEST_BEFORE: &str = "SELECT max(r.number) FROM
    (SELECT number, at FROM audit ORDER BY number DESC LIMIT ?2) r WHERE r.at < ?1";
/// The greatest number of an entry before a time. The sum keeps engines from reading the rows in the order of numbers.
pub(crate) const LAST_BEFORE: &str = "SELECT max(number + 0) FROM audit WHERE at < ?1";

/// The greatest number of an entry before `until`. Sums are inserted late, and clocks are set back, so times are not in
/// the order of numbers.
fn last_before(sql: &dyn Sql, until: Timestamp) -> Result<Option<i64>> {
    let newest: Option<i64> = sql.one(NEWEST_BEFORE, values![until, READ_MAX])?;
    match newest {
        Some(number) => Ok(Some(number)),
        None => sql.one(LAST_BEFORE, values![until]),
    }
}

/// The statements of a page.
pub(crate) struct PageQuery {
    /// The entries.
    pub entries: String,
    values: Vec<Value<'static>>,
    /// Without most conditions: the oldest number, the count and the newest time of the entries that were examined.
    examined: String,
    /// How many of the values `examined` has.
    examined_values: usize,
}

/// Entries of a repository, and those of an actor, are read in the order of an index. Other conditions are checked on
/// at most [`READ_MAX`] entries.
pub(crate) fn page_query(filter: &AuditFilter, before: i64, limit: u32) -> PageQuery {
    let mut values: Vec<Value<'static>> = vec![before.into()];
    let mut parameter = |value: Value<'static>| {
        values.push(value);
        format!("?{}", values.len())
    };
    let (indexed, examined_values) = match (&filter.repository, &filter.actor) {
        (Some(repository), _) => (format!(" AND repository_id = {}", parameter((*repository).into())), 2),
        (None, Some(actor)) => (format!(" AND actor = {}", parameter(actor.clone().into())), 2),
        (None, None) => (String::new(), 1),
    };
    let read = format!("FROM audit WHERE number < ?1{indexed} ORDER BY number DESC LIMIT {READ_MAX}");
    let mut conditions = String::new();
    let mut condition = |text: String| conditions.push_str(&format!(" AND {text}"));
    if let (Some(_), Some(actor)) = (&filter.repository, &filter.actor) {
        condition(format!("a.actor = {}", parameter(actor.clone().into())));
    }
    if let Some(actions) = filter.admitted() {
        let names: Vec<String> =
            actions.into_iter().map(|action| parameter(action.as_str().into())).collect();
        condition(if names.is_empty() {
            "1 = 0".into()
        } else {
            format!("a.action IN ({})", names.join(", "))
        });
    }
    if let Some((kind, id)) = &filter.object {
        condition(format!("a.object_kind = {}", parameter(kind.as_str().into())));
        if let Some(id) = id {
            let id = parameter(id.clone().into());
            condition(format!("(a.object_id = {id} OR a.object = {id})"));
        }
    }
    if let Some(address) = &filter.address {
        condition(format!("a.address = {}", parameter(address.clone().into())));
    }
    if let Some(since) = filter.since {
        condition(format!("a.last_at >= {}", parameter(since.into())));
    }
    if let Some(until) = filter.until {
        condition(format!("a.at < {}", parameter(until.into())));
    }
    let entries = format!(
        "SELECT {} FROM (SELECT * {read}) a WHERE 1 = 1{conditions} ORDER BY a.number DESC LIMIT {}",
        Entry::COLUMNS,
        i64::from(limit) + 1
    );
    let of_rows = "min(r.number), count(*), max(r.last_at)";
    let examined = format!("SELECT {of_rows} FROM (SELECT number, last_at {read}) r");
    PageQuery { entries, values, examined, examined_values }
}

/// A page, newest first.
pub fn page(sql: &dyn Sql, filter: &AuditFilter, before: Option<i64>, limit: u32) -> Result<AuditPage> {
    let before = match (before, filter.until) {
        (Some(before), _) => before,
        (None, None) => i64::MAX,
        (None, Some(until)) => match last_before(sql, until)? {
            Some(last) => last + 1,
            None => return Ok(AuditPage::default()),
        },
    };
    let query = page_query(filter, before, limit);
    let mut entries: Vec<Entry> = sql.all(&query.entries, &parameters(&query.values))?;
    if entries.len() > limit as usize {
        entries.truncate(limit as usize);
        let next = entries.last().map(|entry| entry.number);
        return Ok(AuditPage { entries, next });
    }
    // Whether entries remain that were not examined, and are not too old.
    let examined = query.values.get(..query.examined_values).unwrap_or_default();
    let (oldest, count, newest): (Option<i64>, i64, Option<Timestamp>) =
        sql.one(&query.examined, &parameters(examined))?;
    let is_before = filter.since.is_some_and(|since| newest.is_some_and(|newest| newest < since));
    let next = oldest.filter(|_| count >= i64::from(READ_MAX) && !is_before);
    Ok(AuditPage { entries, next })
}

/// Whether entries have a last time before `before`.
pub fn any_old(sql: &dyn Sql, before: Timestamp) -> Result<bool> {
    sql.exists("SELECT 1 FROM audit WHERE last_at < ?1 LIMIT 1", values![before])
}

/// Deletes at most `limit` such entries; returns their number.
pub fn delete_old(sql: &dyn Sql, before: Timestamp, limit: u32) -> Result<u64> {
    let delete = "DELETE FROM audit WHERE number IN
                  (SELECT number FROM audit WHERE last_at < ?1 ORDER BY last_at, number LIMIT ?2)";
    sql.execute(delete, values![before, limit])
}

fn write_fields(fields: &Fields) -> Option<String> {
    if fields.is_empty() {
        return None;
    }
    let json = |value: &FieldValue| match value {
        FieldValue::Null => Json::Null,
        FieldValue::Bool(value) => (*value).into(),
        FieldValue::Number(value) => (*value).into(),
        FieldValue::Text(value) => value.as_str().into(),
        FieldValue::List(values) => values.clone().into(),
    };
    let fields: Map<String, Json> =
        fields.iter().map(|(name, value)| (name.to_owned(), json(value))).collect();
    Some(Json::Object(fields).to_string())
}

fn read_fields(text: Option<&str>) -> Result<Fields> {
    let Some(text) = text else { return Ok(Fields::default()) };
    let fields: Map<String, Json> = serde_json::from_str(text).map_err(corrupt)?;
    let read = |(name, value): (String, Json)| {
        let value = match value {
            Json::Null => FieldValue::Null,
            Json::Bool(value) => FieldValue::Bool(value),
            Json::Number(number) => FieldValue::Number(number.as_i64().ok_or_else(|| corrupt(number))?),
            Json::String(text) => FieldValue::Text(text),
            Json::Array(values) => FieldValue::List(
                values
                    .into_iter()
                    .map(|value| match value {
                        Json::String(text) => Ok(text),
                        other => Err(corrupt(other)),
                    })
                    .collect::<Result<_>>()?,
            ),
            Json::Object(_) => return Err(corrupt("an object in a field of the audit log")),
        };
        Ok((name, value))
    };
    Ok(Fields::stored(fields.into_iter().map(read).collect::<Result<Vec<_>>>()?))
}
