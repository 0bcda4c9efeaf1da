//! The rules of the gates of a repository.

use super::patterns::{JobName, Pattern};
use super::targets;
use crate::model::credentials::ReportCredential;
use crate::model::ids::UserId;
use crate::model::roles::Role;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long a requirement waits for an absent job by default.
pub const ABSENT_AFTER_DEFAULT: SignedDuration = SignedDuration::from_hours(1);

/// A version of the rules of a repository. A change makes a new version; earlier ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRules {
    /// Counted from 1 in each repository.
    pub version: i64,
    /// The author of this version; `None`: the user was deleted.
    pub changed_by: Option<UserId>,
    /// When, by the clock of the server.
    pub changed_at: Timestamp,
    /// The rules.
    pub set: RuleSet,
}

/// All rules of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// The rules. All whose patterns match a target apply to it.
    pub rules: Vec<Rule>,
    /// The refs of merge queues, which use the rules of their target.
    pub merge_queues: Vec<MergeQueue>,
}

/// The requirements for a commit that is to be merged into certain branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Patterns of the target branches.
    pub targets: Vec<Pattern>,
    /// All of them must pass. At least one.
    pub requirements: Vec<Requirement>,
    /// The users who may override its requirements.
    pub overriders: Overriders,
}

/// Jobs that must pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Unique in the repository.
    pub name: String,
    /// The stage of the jobs; `None`: any.
    pub stage: Option<Pattern>,
    /// The name of the jobs.
    pub job: Pattern,
    /// The accepted reporters; empty: all users who may report.
    pub reporters: Vec<Permitted>,
    /// The result of a skipped job.
    pub skipped: SkippedAs,
    /// A job that failed, timed out or was canceled passes if its reports contain `allow_failure`.
    pub allow_failure: bool,
    /// The result if no job matches.
    pub absent: Absent,
    /// How long an absent job is waited for, from zero.
    pub absent_after: SignedDuration,
    /// The version of the rules that gave the requirement its present form. Earlier overrides do not hold for it.
    pub since: i64,
}

/// A reporter that a requirement permits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Permitted {
    /// A user, with any credential.
    User(UserId),
    /// A personal token, by its id.
    Token(i64),
    /// An access key, by its AK.
    Key(Arc<str>),
}

/// The result of a skipped job for a requirement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SkippedAs {
    /// The requirement fails, because nothing ran.
    #[default]
    Failed,
    /// The job counts as passed.
    Passed,
    /// The job does not apply to the commit.
    NotApplicable,
}

/// The result of an absent job for a requirement, after the wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Absent {
    /// It is missing.
    #[default]
    Missing,
    /// The requirement passes.
    Passed,
    /// The requirement does not apply to the commit.
    NotApplicable,
}

/// The users who may override a requirement: users with a role, and further users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overriders {
    /// The least role; `None`: no role suffices.
    pub role: Option<Role>,
    /// Users who may override with any role that allows reports.
    pub users: Vec<UserId>,
}

/// The refs on which a merge queue builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeQueue {
    /// Refs that contain the name of their target branch, between the two patterns.
    Containing {
        /// The pattern as it was written, with `{target}`.
        text: String,
        /// Before the name; `None`: nothing.
        before: Option<Pattern>,
        /// After the name; `None`: nothing.
        after: Option<Pattern>,
    },
    /// Refs of one target branch.
    Of {
        /// The pattern of the refs.
        refs: Pattern,
        /// The target branch.
        target: String,
    },
}

impl SkippedAs {
    /// The names, in order of the variants.
    pub const NAMES: &'static [&'static str] = &["failed", "passed", "not_applicable"];
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Failed, Self::Passed, Self::NotApplicable];

    /// The name in the native API.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Absent {
    /// The names, in order of the variants.
    pub const NAMES: &'static [&'static str] = &["missing", "passed", "not_applicable"];
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Missing, Self::Passed, Self::NotApplicable];

    /// The name in the native API.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Default for Overriders {
    /// Users who manage the repository.
    fn default() -> Self {
        Self { role: Some(Role::Manage), users: Vec::new() }
    }
}

impl Overriders {
    /// Whether a user with this role may override.
    pub fn permit(&self, user: UserId, role: Role) -> bool {
        self.role.is_some_and(|least| role >= least) || role >= Role::Report && self.users.contains(&user)
    }
}

impl Permitted {
    /// Whether a report of this user with this credential is one of this reporter.
    pub fn is(&self, user: Option<UserId>, credential: Option<&ReportCredential>) -> bool {
        match (self, credential) {
            (Self::User(id), _) => user == Some(*id),
            (Self::Token(id), Some(ReportCredential::Token(token))) => token == id,
            (Self::Key(access), Some(ReportCredential::Key(key))) => key == access,
            _ => false,
        }
    }
}

impl Requirement {
    /// Whether the requirement is about the job with this stage and name.
    pub(super) fn matches(&self, stage: &str, name: &JobName) -> bool {
        self.job.matches_job(name) && self.has_stage(stage)
    }

    /// Whether the requirement is about jobs of this stage.
    pub(super) fn has_stage(&self, stage: &str) -> bool {
        self.stage.as_ref().is_none_or(|pattern| pattern.matches(stage))
    }

    /// Whether reports of this user with this credential count.
    pub fn permits(&self, user: Option<UserId>, credential: Option<&ReportCredential>) -> bool {
        self.reporters.is_empty() || self.reporters.iter().any(|permitted| permitted.is(user, credential))
    }
}

impl RuleSet {
    /// The rules that apply to a target branch, by its stored name ([`crate::model::refs`]).
    pub fn for_target<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.targets.iter().any(|pattern| pattern.matches(target)))
    }

    /// The requirements that apply to a target branch, in order of the rules.
    pub fn requirements<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Requirement> {
        self.for_target(target).flat_map(|rule| &rule.requirements)
    }

    /// The patterns of the target branches, each once, in order of the rules.
    pub fn targets(&self) -> Vec<&Pattern> {
        let mut targets: Vec<&Pattern> = Vec::new();
        for target in self.rules.iter().flat_map(|rule| &rule.targets) {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets
    }

    /// Whether a user with this role may override a requirement for a target, or the whole gate without
    /// `requirement`: that needs the permission of every rule that applies. `None`: nothing of that name applies.
    pub fn may_override(
        &self,
        target: &str,
        requirement: Option<&str>,
        user: UserId,
        role: Role,
    ) -> Option<bool> {
        let named = |rule: &&Rule| match requirement {
            Some(name) => rule.requirements.iter().any(|known| known.name == name),
            None => true,
        };
        let mut rules = self.for_target(target).filter(named).peekable();
        rules.peek()?;
        Some(rules.all(|rule| rule.overriders.permit(user, role)))
    }

    /// The users that the rules mention.
    pub fn users(&self) -> BTreeSet<UserId> {
        let requirements = self.rules.iter().flat_map(|rule| &rule.requirements);
        let reporters = requirements.flat_map(|requirement| &requirement.reporters);
        let reporters = reporters.filter_map(|reporter| match reporter {
            Permitted::User(id) => Some(*id),
            Permitted::Token(_) | Permitted::Key(_) => None,
        });
        reporters.chain(self.rules.iter().flat_map(|rule| rule.overriders.users.iter().copied())).collect()
    }

    /// The target branch of a ref of a merge queue; `None`: it is no such ref. The first entry that matches decides.
    pub fn target_of_queue(&self, git_ref: &str) -> Option<String> {
        self.merge_queues.iter().find_map(|queue| targets::target_of_queue(queue, git_ref))
    }

    /// Sets [`Requirement::since`]: unchanged requirements keep that of the version before, others get `version`. A
    /// requirement is unchanged if a rule with the same targets has an equal one.
    #[must_use]
    pub fn following(mut self, before: Option<&Self>, version: i64) -> Self {
        for rule in &mut self.rules {
            for requirement in &mut rule.requirements {
                let same_rules =
                    before.into_iter().flat_map(|set| &set.rules).filter(|old| old.targets == rule.targets);
                let unchanged = same_rules
                    .flat_map(|old| &old.requirements)
                    .find(|old| **old == Requirement { since: old.since, ..requirement.clone() });
                requirement.since = unchanged.map_or(version, |old| old.since);
            }
        }
        self
    }
}
