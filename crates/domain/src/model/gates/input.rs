//! The rules as a dialect parsed them, and their check.

use super::patterns::Pattern;
use super::rules::{
    ABSENT_AFTER_DEFAULT, Absent, MergeQueue, Overriders, Permitted, Requirement, Rule, RuleSet, SkippedAs,
};
use crate::error::{Invalid, Problem};
use crate::model::ids::UserId;
use crate::model::policies::DURATION_MAX;
use crate::model::roles::Role;
use crate::model::{refs, text};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most rules of a repository.
const RULES_MAX: usize = 50;
/// Most requirements of a repository.
const REQUIREMENTS_MAX: usize = 1_000;
/// Most targets of a rule, reporters of a requirement, users of a permission, and merge queues.
const LIST_MAX: usize = 50;
/// The place of the name of the target branch in the refs of a merge queue.
const TARGET: &str = "{target}";
/// The refs of GitHub's merge queue, which need no setting.
const DEFAULT_QUEUE: &str = "gh-readonly-queue/{target}/pr-*";
/// The roles that may be permitted to override.
const OVERRIDING_ROLES: &[&str] = &["report", "manage", "none"];

/// The rules of a repository as a dialect parsed them: types are right, values are unchecked.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of RuleSet, which describes them")]
pub struct RuleSetInput {
    pub rules: Vec<RuleInput>,
    /// `None`: the refs of GitHub's merge queue.
    pub merge_queues: Option<Vec<MergeQueueInput>>,
}

/// A rule as a dialect parsed it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of Rule, which describes them")]
pub struct RuleInput {
    pub targets: Vec<String>,
    pub requirements: Vec<RequirementInput>,
    /// `None`: those who manage the repository.
    pub overriders: Option<OverridersInput>,
}

/// A requirement as a dialect parsed it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of Requirement, which describes them")]
pub struct RequirementInput {
    /// `None`: stage and job as they are written.
    pub name: Option<String>,
    pub stage: Option<String>,
    pub job: Option<String>,
    /// `None`: all users. An empty list is refused, because it may be meant as no user.
    pub reporters: Option<Vec<ReporterInput>>,
    pub skipped: Option<String>,
    pub allow_failure: bool,
    pub absent: Option<String>,
    /// `None`: [`ABSENT_AFTER_DEFAULT`].
    pub absent_after: Option<SignedDuration>,
}

/// A permitted reporter as a dialect parsed it: one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Permitted, which describes them")]
pub struct ReporterInput {
    /// The name of the user.
    pub user: Option<String>,
    pub token: Option<i64>,
    /// The AK of an access key.
    pub key: Option<String>,
}

/// The users who may override, as a dialect parsed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverridersInput {
    /// `None`: `manage`. `none`: no role.
    pub role: Option<String>,
    /// The names of users.
    pub users: Vec<String>,
}

/// A merge queue as a dialect parsed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of MergeQueue, which describes them")]
pub struct MergeQueueInput {
    pub refs: Option<String>,
    /// Needed unless `refs` contains `{target}`.
    pub target: Option<String>,
}

/// The users, tokens and access keys that exist of those that rules mention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownMentions {
    /// The users by their names.
    pub users: HashMap<String, UserId>,
    /// The ids of tokens.
    pub tokens: BTreeSet<i64>,
    /// The AKs of access keys.
    pub keys: BTreeSet<String>,
}

impl RuleSetInput {
    /// The names of the users that the rules mention, for [`RuleSetInput::check`].
    pub fn user_names(&self) -> BTreeSet<String> {
        let reporters = self.reporters().filter_map(|reporter| reporter.user.as_ref());
        let overriders =
            self.rules.iter().filter_map(|rule| rule.overriders.as_ref()).flat_map(|by| &by.users);
        reporters.chain(overriders).cloned().collect()
    }

    /// The ids of the tokens that the rules mention, for [`RuleSetInput::check`].
    pub fn tokens(&self) -> BTreeSet<i64> {
        self.reporters().filter_map(|reporter| reporter.token).collect()
    }

    /// The AKs of the access keys that the rules mention, for [`RuleSetInput::check`].
    pub fn keys(&self) -> BTreeSet<String> {
        self.reporters().filter_map(|reporter| reporter.key.clone()).collect()
    }

    fn reporters(&self) -> impl Iterator<Item = &ReporterInput> {
        let requirements = self.rules.iter().flat_map(|rule| &rule.requirements);
        requirements.filter_map(|of| of.reporters.as_ref()).flatten()
    }

    /// Checks every value. `known`: what exists of [`RuleSetInput::user_names`], [`RuleSetInput::tokens`] and
    /// [`RuleSetInput::keys`].
    ///
    /// # Errors
    /// The first invalid field, such as `rules[0].requirements[2].job`, and its problem.
    pub fn check(self, known: &KnownMentions) -> Result<RuleSet, Invalid> {
        at_most("rules", self.rules.len(), RULES_MAX)?;
        let mut names = HashSet::new();
        let mut rules = Vec::with_capacity(self.rules.len());
        for (at, rule) in self.rules.into_iter().enumerate() {
            rules.push(rule.check(&format!("rules[{at}]"), known, &mut names)?);
        }
        at_most("rules", names.len(), REQUIREMENTS_MAX)?;
        let default = || vec![MergeQueueInput { refs: Some(DEFAULT_QUEUE.to_owned()), target: None }];
        let queues = self.merge_queues.unwrap_or_else(default);
        at_most("merge_queues", queues.len(), LIST_MAX)?;
        let queues = queues.into_iter().enumerate();
        let merge_queues: Result<_, _> =
            queues.map(|(at, queue)| queue.check(&format!("merge_queues[{at}]"))).collect();
        Ok(RuleSet { rules, merge_queues: merge_queues? })
    }
}

impl RuleInput {
    fn check(self, path: &str, known: &KnownMentions, names: &mut HashSet<String>) -> Result<Rule, Invalid> {
        let targets_field = format!("{path}.targets");
        if self.targets.is_empty() {
            return Err(Invalid::new(targets_field, Problem::Missing));
        }
        at_most(&targets_field, self.targets.len(), LIST_MAX)?;
        let targets = self.targets.iter().enumerate();
        let targets: Result<Vec<Pattern>, Invalid> = targets
            .map(|(at, target)| Pattern::parse(&format!("{targets_field}[{at}]"), refs::canonical(target)))
            .collect();
        let requirements_field = format!("{path}.requirements");
        if self.requirements.is_empty() {
            return Err(Invalid::new(requirements_field, Problem::Missing));
        }
        at_most(&requirements_field, self.requirements.len(), REQUIREMENTS_MAX)?;
        let mut requirements = Vec::with_capacity(self.requirements.len());
        for (at, requirement) in self.requirements.into_iter().enumerate() {
            requirements.push(requirement.check(&format!("{requirements_field}[{at}]"), known, names)?);
        }
        let overriders = match self.overriders {
            Some(overriders) => overriders.check(&format!("{path}.override"), known)?,
            None => Overriders::default(),
        };
        Ok(Rule { targets: targets?, requirements, overriders })
    }
}

impl RequirementInput {
    fn check(
        self,
        path: &str,
        known: &KnownMentions,
        names: &mut HashSet<String>,
    ) -> Result<Requirement, Invalid> {
        let field = |name: &str| format!("{path}.{name}");
        let job = self.job.as_deref().ok_or_else(|| Invalid::new(field("job"), Problem::Missing))?;
        let job = Pattern::parse(&field("job"), job)?;
        let stage = self.stage.map(|stage| Pattern::parse(&field("stage"), &stage)).transpose()?;
        let name = match (self.name, &stage) {
            (Some(name), _) => text::single_line(&field("name"), name, text::NAME_MAX)?,
            (None, Some(stage)) => format!("{}/{}", stage.as_str(), job.as_str()),
            (None, None) => job.as_str().to_owned(),
        };
        if !names.insert(name.clone()) {
            return Err(Invalid::new(field("name"), Problem::Twice));
        }
        let reporters = match self.reporters {
            Some(empty) if empty.is_empty() => {
                return Err(Invalid::new(field("reporters"), Problem::Missing));
            }
            reporters => reporters.unwrap_or_default(),
        };
        at_most(&field("reporters"), reporters.len(), LIST_MAX)?;
        let reporters = reporters.into_iter().enumerate();
        let reporters: Result<_, _> = reporters
            .map(|(at, reporter)| reporter.check(&format!("{path}.reporters[{at}]"), known))
            .collect();
        let absent_after = self.absent_after.unwrap_or(ABSENT_AFTER_DEFAULT);
        if !(SignedDuration::ZERO..=DURATION_MAX).contains(&absent_after) {
            let range = Problem::OutOfRange { min: 0, max: DURATION_MAX.as_secs() };
            return Err(Invalid::new(field("absent_after"), range));
        }
        Ok(Requirement {
            name,
            stage,
            job,
            reporters: reporters?,
            skipped: choice(&field("skipped"), self.skipped, SkippedAs::NAMES, &SkippedAs::ALL)?,
            allow_failure: self.allow_failure,
            absent: choice(&field("absent"), self.absent, Absent::NAMES, &Absent::ALL)?,
            absent_after,
            since: 0,
        })
    }
}

impl ReporterInput {
    fn check(self, path: &str, known: &KnownMentions) -> Result<Permitted, Invalid> {
        let field = |name: &str| format!("{path}.{name}");
        match (self.user, self.token, self.key) {
            (Some(user), None, None) => Ok(Permitted::User(known_user(&field("user"), &user, known)?)),
            (None, Some(token), None) if token < 1 => {
                Err(Invalid::new(field("token"), Problem::OutOfRange { min: 1, max: i64::MAX }))
            }
            (None, Some(token), None) if known.tokens.contains(&token) => Ok(Permitted::Token(token)),
            (None, Some(_), None) => Err(Invalid::new(field("token"), Problem::Unknown)),
            (None, None, Some(key)) if known.keys.contains(&key) => Ok(Permitted::Key(key.into())),
            (None, None, Some(key)) => {
                text::single_line(&field("key"), key, text::NAME_MAX)?;
                Err(Invalid::new(field("key"), Problem::Unknown))
            }
            (None, None, None) => Err(Invalid::new(field("user"), Problem::NeitherOf { other: "token" })),
            (Some(_), Some(_), _) => {
                Err(Invalid::new(field("token"), Problem::Contradicts { other: "user" }))
            }
            (Some(_), None, Some(_)) => {
                Err(Invalid::new(field("key"), Problem::Contradicts { other: "user" }))
            }
            (None, Some(_), Some(_)) => {
                Err(Invalid::new(field("key"), Problem::Contradicts { other: "token" }))
            }
        }
    }
}

impl OverridersInput {
    fn check(self, path: &str, known: &KnownMentions) -> Result<Overriders, Invalid> {
        let role = match self.role.as_deref() {
            None => Some(Role::Manage),
            Some("none") => None,
            Some(name) => {
                let role = Role::parse(name).filter(|role| *role >= Role::Report);
                let unknown = Problem::NotOneOf { allowed: OVERRIDING_ROLES };
                Some(role.ok_or_else(|| Invalid::new(format!("{path}.role"), unknown))?)
            }
        };
        at_most(&format!("{path}.users"), self.users.len(), LIST_MAX)?;
        let names = self.users.iter().enumerate();
        let users: Result<_, _> =
            names.map(|(at, name)| known_user(&format!("{path}.users[{at}]"), name, known)).collect();
        Ok(Overriders { role, users: users? })
    }
}

impl MergeQueueInput {
    fn check(self, path: &str) -> Result<MergeQueue, Invalid> {
        let field = format!("{path}.refs");
        let refs_text = self.refs.ok_or_else(|| Invalid::new(&field, Problem::Missing))?;
        let refs_text = refs::canonical(&refs_text);
        let target_field = format!("{path}.target");
        match (MergeQueue::containing(&field, refs_text)?, self.target) {
            (Some(_), Some(_)) => Err(Invalid::new(target_field, Problem::Contradicts { other: "refs" })),
            (None, None) => Err(Invalid::new(target_field, Problem::Missing)),
            (None, Some(target)) => Ok(MergeQueue::Of {
                refs: Pattern::parse(&field, refs_text)?,
                target: refs::check(&target_field, target)?,
            }),
            (Some(queue), None) => Ok(queue),
        }
    }
}

impl MergeQueue {
    /// The queue whose refs have the name of their target branch at `{target}`; `None`: the text has no such place.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub fn containing(field: &str, text: &str) -> Result<Option<Self>, Invalid> {
        let Some((before, after)) = text.split_once(TARGET) else { return Ok(None) };
        let part = |part: &str| match part {
            "" => Ok(None),
            part => Pattern::parse(field, part).map(Some),
        };
        let text = text::single_line(field, text, text::NAME_MAX)?;
        Ok(Some(Self::Containing { text, before: part(before)?, after: part(after)? }))
    }
}

fn at_most(field: &str, count: usize, max: usize) -> Result<(), Invalid> {
    if count > max { Err(Invalid::new(field, Problem::TooMany { max })) } else { Ok(()) }
}

fn known_user(field: &str, name: &str, known: &KnownMentions) -> Result<UserId, Invalid> {
    known.users.get(name).copied().ok_or_else(|| Invalid::new(field, Problem::Unknown))
}

/// The variant with this name; the default without one.
fn choice<T: Copy + Default>(
    field: &str,
    name: Option<String>,
    names: &'static [&'static str],
    variants: &[T],
) -> Result<T, Invalid> {
    let Some(name) = name else { return Ok(T::default()) };
    let at = names.iter().position(|known| *known == name);
    let unknown = || Invalid::new(field, Problem::NotOneOf { allowed: names });
    at.and_then(|at| variants.get(at)).copied().ok_or_else(unknown)
}
