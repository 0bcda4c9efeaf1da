//! `audit`.

use super::{OfflineArgs, values};
use crate::durations::before_now;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use serde_json::{Map, Value};
use stagepost_client::Client;
use stagepost_client::audit::{AuditEntry, AuditFilter};

/// The default number of entries.
const DEFAULT_LIMIT: usize = 50;

#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    /// Only those of this user
    #[arg(long)]
    actor: Option<String>,
    /// Only this action, such as token.revoke, or all of a noun, such as token
    #[arg(long, value_parser = values::audit_action())]
    action: Option<String>,
    /// Only those about this kind of object, such as user, or about one, such as user:amy or token:7
    #[arg(long)]
    object: Option<String>,
    /// Only those of this repository, by id or path
    #[arg(long)]
    repo: Option<String>,
    /// Only those from this address
    #[arg(long)]
    address: Option<String>,
    /// Only those at or after this time: a date or RFC 3339, or a duration before now such as 2h, 7d or 1w
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only those before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only changes or only refused requests
    #[arg(long, value_parser = values::audit_kind())]
    kind: Option<String>,
    /// Maximum number, newest first [default: 50]
    #[arg(long, conflicts_with = "all")]
    limit: Option<usize>,
    /// List all
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    offline: OfflineArgs,
}

pub async fn run(context: &Context, args: AuditArgs) -> Result<(), Failure> {
    let time = |flag: &str, text: Option<&str>| text.map(|text| before_now(flag, text)).transpose();
    let filter = AuditFilter {
        actor: args.actor,
        action: args.action,
        object: args.object,
        repository: None,
        address: args.address,
        since: time("--since", args.since.as_deref())?,
        until: time("--until", args.until.as_deref())?,
        kind: args.kind,
    };
    let limit = if args.all { None } else { Some(args.limit.unwrap_or(DEFAULT_LIMIT)) };
    let call = async |client: &Client| {
        let repository = match args.repo.as_deref() {
            Some(repo) => Some(context.repository(client, Some(repo)).await?),
            None => None,
        };
        let filter = AuditFilter { repository, ..filter.clone() };
        Ok(client.paged_audit(filter).at_most(limit).all().await?)
    };
    let entries = context.with_client(args.offline.enabled, call).await?;
    let headings = [
        Text::Id,
        Text::Time,
        Text::Actor,
        Text::Address,
        Text::Credential,
        Text::Action,
        Text::Object,
        Text::Change,
    ];
    context.output.list(&entries, &headings, entries.iter().map(row).collect())
}

fn row(entry: &AuditEntry) -> Vec<Cell> {
    let actor = entry.actor.name.as_ref().unwrap_or(&entry.actor.kind);
    let credential = entry.credential.as_ref().map(|credential| match &credential.id {
        Some(id) => format!("{} {id}", credential.kind),
        None => credential.kind.clone(),
    });
    vec![
        entry.id.into(),
        Cell::from(&entry.at),
        Cell::from(actor),
        Cell::optional(entry.address.as_ref()),
        Cell::optional(credential),
        Cell::from(&entry.action),
        Cell::from(object(entry)),
        Cell::from(change(entry)),
    ]
}

fn object(entry: &AuditEntry) -> String {
    let Some(object) = &entry.object else { return String::new() };
    let name = object.name.as_deref().unwrap_or(&object.id);
    match entry.repository_id.filter(|_| object.kind != "repository") {
        Some(repository) => format!("{} {name} ({repository})", object.kind),
        None => format!("{} {name}", object.kind),
    }
}

/// The change, or the reason of the refusal; the number of a sum.
fn change(entry: &AuditEntry) -> String {
    let empty = Map::new();
    let (before, after) = (entry.before.as_ref().unwrap_or(&empty), entry.after.as_ref().unwrap_or(&empty));
    let mut parts: Vec<String> = entry.reason.iter().cloned().collect();
    for (name, value) in after {
        match before.get(name) {
            Some(before) => parts.push(format!("{name}: {} -> {}", text(before), text(value))),
            None if value.is_null() => {}
            None => parts.push(format!("{name}: {}", text(value))),
        }
    }
    let removed = before.iter().filter(|(name, value)| !after.contains_key(*name) && !value.is_null());
    parts.extend(removed.map(|(name, value)| format!("{name}: {} ->", text(value))));
    if entry.count > 1 {
        parts.push(format!("x{}", entry.count));
    }
    parts.join(", ")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}
