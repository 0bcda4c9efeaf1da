//! Every table with its columns, the same on every engine: what is put into many rows at once, copied, and compared.

mod copied;

pub use copied::*;

/// Every table but the engines' own, each behind those that its rows point to.
pub const ALL: &[&Table] = &[
    &USERS,
    &ACCESS_KEYS,
    &TOKENS,
    &SIGN_IN_LINKS,
    &REPOSITORIES,
    &COUNTERS,
    &MEMBERS,
    &POLICIES,
    &STAGE_LIMITS,
    &PIPELINES,
    &STAGES,
    &JOBS,
    &REPORTS,
    &EVENTS,
    &REPEATS,
    &JOB_COUNTS,
    &PIPELINE_COUNTS,
    &LEAVINGS,
    &MERGE_REQUESTS,
    &MERGE_REQUEST_WORDS,
    &WEBHOOKS,
    &DELIVERIES,
    &NOTES,
];

/// Those of which the engine gives out the first column.
pub const SERIAL: &[&Table] = &[&USERS, &TOKENS, &WEBHOOKS, &DELIVERIES];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
    Blob,
}

/// What becomes of a column of a row that is there already when one with the same key is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It stays.
    Fixed,
    /// It takes the new value.
    Moves,
    /// The new value is added to it.
    Adds,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub role: Role,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// How many of the first columns are its key.
    pub key: usize,
    /// A row that is there already is no mistake, also where nothing of it moves.
    pub again: bool,
}

impl Table {
    /// The names of its columns, separated by commas.
    pub fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// What a statement that inserts rows says of those whose key is there.
    pub fn on_conflict(&self) -> String {
        if !self.again {
            return String::new();
        }
        let moves: Vec<String> = self
            .columns
            .iter()
            .filter_map(|column| match column.role {
                Role::Fixed => None,
                Role::Moves => Some(format!("{0} = excluded.{0}", column.name)),
                Role::Adds => Some(format!("{1} = {0}.{1} + excluded.{1}", self.name, column.name)),
            })
            .collect();
        let key: Vec<&str> = self.columns.iter().take(self.key).map(|column| column.name).collect();
        let key = key.join(", ");
        if moves.is_empty() {
            return format!(" ON CONFLICT ({key}) DO NOTHING");
        }
        format!(" ON CONFLICT ({key}) DO UPDATE SET {}", moves.join(", "))
    }
}

const fn fixed(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, role: Role::Fixed }
}

const fn moving(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, role: Role::Moves }
}

use Kind::{Blob, Int, Real, Text};

/// Pipelines.
pub const PIPELINES: Table = Table {
    name: "pipelines",
    key: 2,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        fixed("id", Int),
        fixed("sha", Text),
        fixed("ref", Text),
        fixed("source", Text),
        fixed("key", Text),
        moving("status", Text),
        moving("web_url", Text),
        moving("trigger_user", Text),
        moving("created_at", Int),
        moving("updated_at", Int),
        moving("started_at", Int),
        moving("finished_at", Int),
        moving("job_count", Int),
        moving("version", Int),
    ],
};

/// Stages.
pub const STAGES: Table = Table {
    name: "stages",
    key: 3,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        fixed("pipeline_id", Int),
        fixed("id", Int),
        fixed("name", Text),
        moving("sort_id", Int),
        moving("sort_said", Int),
        moving("status", Text),
    ],
};

/// Jobs: every attempt.
pub const JOBS: Table = Table {
    name: "jobs",
    key: 3,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        fixed("pipeline_id", Int),
        fixed("id", Int),
        fixed("stage_id", Int),
        fixed("name", Text),
        fixed("number", Int),
        moving("newest", Int),
        moving("status", Text),
        moving("third_build_id", Text),
        moving("target_url", Text),
        moving("description", Text),
        moving("coverage", Real),
        moving("allow_failure", Int),
        moving("created_at", Int),
        moving("updated_at", Int),
        moving("started_at", Int),
        moving("finished_at", Int),
        moving("evidence", Blob),
        fixed("ref", Text),
    ],
};

/// Reports: the history.
pub const REPORTS: Table = Table {
    name: "reports",
    key: 3,
    again: false,
    columns: &[
        fixed("repository_id", Int),
        fixed("job_id", Int),
        fixed("seq", Int),
        fixed("pipeline_id", Int),
        fixed("reporter", Int),
        fixed("dialect", Text),
        fixed("received_at", Int),
        fixed("status", Text),
        fixed("third_build_id", Text),
        fixed("target_url", Text),
        fixed("description", Text),
        fixed("coverage", Real),
        fixed("allow_failure", Int),
        fixed("occurred_at", Int),
        fixed("started_at", Int),
        fixed("finished_at", Int),
        fixed("stage_order", Int),
        fixed("web_url", Text),
        fixed("trigger_user", Text),
        fixed("effect", Text),
        fixed("changed", Int),
        fixed("authority", Text),
        fixed("stood", Text),
        fixed("reason", Text),
    ],
};

/// The last ids given out in each repository. A row is there from the repository's beginning.
pub const COUNTERS: Table = Table {
    name: "counters",
    key: 1,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        moving("pipeline", Int),
        moving("stage", Int),
        moving("job", Int),
        moving("report", Int),
        moving("event", Int),
        moving("active_at", Int),
    ],
};

/// Events: what each commit changed.
pub const EVENTS: Table = Table {
    name: "events",
    key: 2,
    again: false,
    columns: &[
        fixed("repository_id", Int),
        fixed("number", Int),
        fixed("pipeline_id", Int),
        fixed("recorded_at", Int),
        fixed("body", Text),
    ],
};

/// Answers kept so that a request may be repeated.
pub const REPEATS: Table = Table {
    name: "repeats",
    key: 3,
    again: false,
    columns: &[
        fixed("repository_id", Int),
        fixed("user_id", Int),
        fixed("key", Text),
        fixed("digest", Blob),
        fixed("answer", Text),
        fixed("created_at", Int),
    ],
};

/// Jobs of a repository by status, counted.
pub const JOB_COUNTS: Table = Table {
    name: "job_counts",
    key: 2,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        fixed("status", Text),
        Column { name: "count", kind: Int, role: Role::Adds },
    ],
};

/// Pipelines of a repository by ref and status, counted.
pub const PIPELINE_COUNTS: Table = Table {
    name: "pipeline_counts",
    key: 3,
    again: true,
    columns: &[
        fixed("repository_id", Int),
        fixed("ref", Text),
        fixed("status", Text),
        Column { name: "count", kind: Int, role: Role::Adds },
    ],
};

/// Merge requests that are known.
pub const MERGE_REQUESTS: Table = Table {
    name: "merge_requests",
    key: 2,
    again: true,
    columns: &[fixed("repository_id", Int), fixed("iid", Int)],
};

/// Deliveries as an event makes them; the rest of their columns has its beginning from the table.
pub const NEW_DELIVERIES: Table = Table {
    name: "deliveries",
    key: 0,
    again: false,
    columns: &[
        fixed("webhook_id", Int),
        fixed("message", Text),
        fixed("kind", Text),
        fixed("event", Int),
        fixed("pipeline_id", Int),
        fixed("created_at", Int),
        fixed("payload", Text),
        fixed("rendered", Int),
        fixed("queued_at", Int),
        fixed("state", Text),
        fixed("next_at", Int),
    ],
};
