//! The rules of merge gates: as they are, and as a text that can be changed.

use crate::accounts::Notice;
use crate::messages::gate_rules as msg;
use crate::settings::role_name;
use crate::{Frame, icons};
use askama::Template;
use domain::model::durations;
use domain::model::gates::{Absent, MergeQueue, Pattern, Permitted, Requirement, Rule, RuleSet, SkippedAs};
use domain::model::ids::UserId;
use domain::model::repositories::Repository;
use domain::model::status::Status;
use domain::ports::KnownRules;

/// How a requirement would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleChange {
    /// It is new.
    Added,
    /// It is another one of the same name.
    Changed,
    /// It is gone.
    Removed,
}

/// The rules as a text, with the result of the last action.
#[derive(Debug, Clone, Default)]
pub struct EditedRules {
    /// The text, in TOML.
    pub text: String,
    /// The version that the text changes: applying it fails if the last version is another one. 0: no rules.
    pub version: i64,
    /// The line, counted from 1, if one is known, and what is wrong.
    pub error: Option<(Option<usize>, String)>,
    /// The preview of the changes, if it was requested.
    pub changes: Option<Vec<(RuleChange, String)>>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "gate_rules.html")]
pub struct GateRulesPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The rules; `None`: the repository never had any.
    pub known: Option<&'a KnownRules>,
    /// The text; `None`: an earlier version is shown.
    pub edited: Option<&'a EditedRules>,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

impl GateRulesPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/settings/gates", self.repository.id)
    }

    fn version(&self) -> i64 {
        self.known.map_or(0, |known| known.rules.version)
    }

    fn set(&self) -> Option<&RuleSet> {
        self.known.map(|known| &known.rules.set).filter(|set| !is_empty(set))
    }

    fn has_rules(&self) -> bool {
        self.set().is_some_and(|set| !set.rules.is_empty())
    }

    fn user(&self, id: UserId) -> String {
        let name = self.known.and_then(|known| known.users.get(&id));
        let deleted = || self.frame.text(crate::messages::gates::DELETED_USER).to_owned();
        name.map_or_else(deleted, |name| self.frame.sanitize(name))
    }

    fn changed_by(&self) -> Option<String> {
        Some(self.user(self.known?.rules.changed_by?))
    }

    fn patterns(&self, patterns: &[Pattern]) -> String {
        let texts: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
        self.frame.sanitize(texts.join(", "))
    }

    fn reporters(&self, requirement: &Requirement) -> String {
        let reporter = |permitted: &Permitted| match permitted {
            Permitted::User(id) => self.user(*id),
            Permitted::Token(id) => self.frame.format(msg::TOKEN, id),
            Permitted::Key(access) => self.frame.format(msg::KEY, self.frame.sanitize(access)),
        };
        let reporters: Vec<String> = requirement.reporters.iter().map(reporter).collect();
        match reporters.is_empty() {
            true => self.frame.text(msg::EVERYBODY).to_owned(),
            false => reporters.join(", "),
        }
    }

    fn absence(&self, requirement: &Requirement) -> String {
        let text = match requirement.absent {
            Absent::Missing => msg::ABSENT_MISSING,
            Absent::Passed => msg::ABSENT_PASSED,
            Absent::NotApplicable => msg::ABSENT_NOT_APPLICABLE,
        };
        self.frame.format(text, durations::format(requirement.absent_after))
    }

    fn skipped(&self, requirement: &Requirement) -> &'static str {
        self.frame.text(match requirement.skipped {
            SkippedAs::Failed => msg::SKIPPED_FAILED,
            SkippedAs::Passed => msg::SKIPPED_PASSED,
            SkippedAs::NotApplicable => msg::SKIPPED_NOT_APPLICABLE,
        })
    }

    fn overriders(&self, rule: &Rule) -> String {
        let by = &rule.overriders;
        let role = by.role.map(|role| self.frame.format(msg::ROLE_AT_LEAST, role_name(self.frame, role)));
        let users = by.users.iter().map(|id| self.user(*id));
        let all: Vec<String> = role.into_iter().chain(users).collect();
        let all = if all.is_empty() { self.frame.text(msg::NOBODY).to_owned() } else { all.join(", ") };
        self.frame.format(msg::OVERRIDERS, all)
    }

    fn queues(&self) -> Vec<String> {
        let queue = |queue: &MergeQueue| match queue {
            MergeQueue::Containing { text, .. } => self.frame.sanitize(text),
            MergeQueue::Of { refs, target } => self.frame.sanitize(format!("{} → {target}", refs.as_str())),
        };
        self.set().into_iter().flat_map(|set| set.merge_queues.iter().map(queue)).collect()
    }

    fn error(&self) -> Option<String> {
        let (line, message) = self.edited?.error.as_ref()?;
        Some(match line {
            Some(line) => self.frame.format2(msg::LINE, line, message),
            None => message.clone(),
        })
    }

    fn changes(&self) -> Option<Vec<(crate::Html, &str)>> {
        let look = |change| match change {
            RuleChange::Added => (Status::Success, msg::ADDED),
            RuleChange::Changed => (Status::Pending, msg::CHANGED),
            RuleChange::Removed => (Status::Canceled, msg::REMOVED),
        };
        let rows = self.edited?.changes.as_ref()?.iter().map(|(change, name)| {
            let (status, text) = look(*change);
            (icons::named(status, self.frame.text(text)), name.as_str())
        });
        Some(rows.collect())
    }
}

/// Whether there are neither rules nor refs of merge queues.
fn is_empty(set: &RuleSet) -> bool {
    set.rules.is_empty() && set.merge_queues.is_empty()
}
