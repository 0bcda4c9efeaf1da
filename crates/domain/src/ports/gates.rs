//! Rules of merge gates, and what is known about a commit.

use crate::error::Result;
use crate::model::gates::{Expectation, GateFacts, GateRules, Override, RuleSet};
use crate::model::ids::{RepositoryId, UserId};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A version of the rules of a repository, with the users that it mentions.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownRules {
    /// The rules.
    pub rules: GateRules,
    /// The names of the users who exist.
    pub users: BTreeMap<UserId, String>,
}

/// The inputs of a gate, as of one moment.
#[derive(Debug, Clone, Default)]
pub struct GateRecord {
    /// The rules in force; `None`: the repository never had any.
    pub rules: Option<GateRules>,
    /// The facts about the commit.
    pub facts: GateFacts,
    /// The refs of its pipelines, each once.
    pub refs: Vec<String>,
    /// The number of the last report of the repository that the facts take into account.
    pub last_report: i64,
}

/// A new override; the store assigns its number.
#[derive(Debug, Clone)]
pub struct NewOverride {
    /// The target branch.
    pub target: String,
    /// The requirement, by name; `None`: the whole gate.
    pub requirement: Option<String>,
    /// The author of the decision.
    pub by: UserId,
    /// Why.
    pub reason: String,
    /// When, by the clock of the server.
    pub at: Timestamp,
    /// The version of the rules in force.
    pub rules_version: i64,
}

/// Reads and writes what gates are evaluated from.
#[async_trait]
pub trait Gates: Send + Sync {
    /// A version of the rules of a repository; without `version` the last one. `None`: there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), as all reads.
    async fn gate_rules(&self, repository: RepositoryId, version: Option<i64>) -> Result<Option<KnownRules>>;
    /// Replaces the rules of a repository by a new version ([`RuleSet::following`]), and returns it. Rules that are
    /// equal to the last version make no new one. A new version marks the commits that changed last, if it was not
    /// before `marked_since`.
    /// `expected`: the last version must be this one (0: none), which the
    /// write itself checks; `None` is returned if it is another one, and nothing is written.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound),
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_gate_rules(
        &self,
        repository: RepositoryId,
        set: RuleSet,
        by: UserId,
        now: Timestamp,
        marked_since: Timestamp,
        expected: Option<i64>,
    ) -> Result<Option<KnownRules>>;
    /// Adds an announcement for a commit, unless the last one of its [`Expectation::reporter`] is equal. False
    /// when it did. A complete one deletes those that it replaces.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`TooMany`](crate::error::Problem::TooMany) on `jobs` when the
    /// user has [`ANNOUNCEMENTS_MAX`](crate::model::gates::ANNOUNCEMENTS_MAX) or
    /// [`ANNOUNCED_JOBS_MAX`](crate::model::gates::ANNOUNCED_JOBS_MAX) for the commit, or all users have
    /// [`ANNOUNCED_JOBS_OF_ALL_MAX`](crate::model::gates::ANNOUNCED_JOBS_OF_ALL_MAX);
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn expect_jobs(
        &self,
        repository: RepositoryId,
        sha: &str,
        expectation: Expectation,
    ) -> Result<bool>;
    /// Adds an override for a commit.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`TooMany`](crate::error::Problem::TooMany) on `overrides` when
    /// the commit has [`OVERRIDES_MAX`](crate::model::gates::OVERRIDES_MAX);
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn add_override(&self, repository: RepositoryId, sha: &str, new: NewOverride) -> Result<Override>;
    /// Withdraws an override; one that is withdrawn stays as it is. `None`: the commit has no such override.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn withdraw_override(
        &self,
        repository: RepositoryId,
        sha: &str,
        number: i64,
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Override>>;
    /// The inputs of the gate of a commit for a target branch, in one snapshot. Without `target` the record
    /// has no jobs, and takes far less time; its [`GateFacts::changes`] differ from those with a target.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn gate_record(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: Option<&str>,
    ) -> Result<GateRecord>;
}
