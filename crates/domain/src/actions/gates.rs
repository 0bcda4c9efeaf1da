//! Merge gates: their rules, announcements, overrides and verdicts.

use super::access::{Granted, Manages, Reads, RefStatusAccess, Reporting, RequiredRole};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::gates::{
    Evaluation, ExpectInput, Expectation, GateRules, KnownMentions, MARKED_AGE, Override, OverrideInput,
    RuleSet, RuleSetInput, TargetHints, Verdict, evaluate, targets,
};
use crate::model::ids::{RepositoryId, UserId};
use crate::model::page::Page;
use crate::model::repositories::Repository;
use crate::model::roles::Role;
use crate::model::trusted_time::TrustedTime;
use crate::model::{merge_requests, refs, text};
use crate::ports::{App, GateRecord, KnownRules, NewOverride};

/// A gate of a commit, as it was read: [`Gate::evaluation`] gives its verdict.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The full id of the commit.
    pub sha: String,
    /// The target branch.
    pub target: String,
    /// The rules in force and the facts.
    pub record: GateRecord,
    /// The trusted time.
    pub time: TrustedTime,
}

impl Gate {
    /// The verdict, with the result of each requirement.
    pub fn evaluation(&self) -> Evaluation<'_> {
        evaluate(self.record.rules.as_ref(), &self.target, &self.record.facts, &self.time)
    }

    /// The overrides for the target branch, also withdrawn ones.
    pub fn overrides(&self) -> impl Iterator<Item = &Override> {
        self.record.facts.overrides.iter().filter(|decision| decision.target == self.target)
    }

    /// Whether a user with this role may override a requirement of the gate, or the whole gate without `requirement`.
    pub fn may_override(&self, requirement: Option<&str>, user: UserId, role: Role) -> bool {
        let rules = self.record.rules.as_ref();
        rules.and_then(|rules| rules.set.may_override(&self.target, requirement, user, role)) == Some(true)
    }

    /// Whether a user with this role may withdraw an override.
    pub fn may_withdraw(&self, decision: &Override, user: UserId, role: Role) -> bool {
        may_withdraw(self.record.rules.as_ref(), decision, user, role)
    }
}

/// Users who may override may withdraw, and the user who created the override, with the role report.
fn may_withdraw(rules: Option<&GateRules>, decision: &Override, user: UserId, role: Role) -> bool {
    let permitted = rules.and_then(|rules| {
        rules.set.may_override(&decision.target, decision.requirement.as_deref(), user, role)
    });
    // Without a rule of that name any more, the override has no effect: those who manage may remove it.
    let permitted = permitted.unwrap_or(role >= Manages::ROLE);
    role >= Reporting::ROLE && (permitted || decision.by == Some(user))
}

/// A version of the rules; without `version` the last one. `None`: the repository never had rules.
///
/// # Errors
/// [`Error::NotFound`] for a version that does not exist.
pub async fn rules<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    version: Option<i64>,
) -> Result<Option<KnownRules>> {
    let found = app.store.gate_rules(by.repository().id, version).await?;
    match (found, version) {
        (None, Some(_)) => Err(Error::NotFound { noun: "gate" }),
        (found, _) => Ok(found),
    }
}

async fn check_rules(app: &App, input: RuleSetInput) -> Result<RuleSet> {
    let mut known = KnownMentions::default();
    for name in input.user_names() {
        if let Some((user, _)) = app.store.user_by_name(&name).await? {
            known.users.insert(name, user.id);
        }
    }
    for key in input.keys() {
        if app.store.key(&key).await?.is_some() {
            known.keys.insert(key);
        }
    }
    known.tokens = app.store.known_tokens(input.tokens()).await?;
    Ok(input.check(&known)?)
}

/// Checks rules and returns the version that they would be, without writing it.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn preview_rules(app: &App, by: &Granted<Manages>, input: RuleSetInput) -> Result<KnownRules> {
    let set = check_rules(app, input).await?;
    let last = app.store.gate_rules(by.repository().id, None).await?;
    let version = last.as_ref().map_or(1, |last| last.rules.version + 1);
    let set = set.following(last.as_ref().map(|last| &last.rules.set), version);
    if let Some(last) = last.filter(|last| last.rules.set == set) {
        return Ok(last);
    }
    let user = &by.caller().user;
    let mentioned = set.users();
    let known = app.store.users().await?.into_iter().filter(|known| mentioned.contains(&known.id));
    let users = known.map(|known| (known.id, known.name)).chain([(user.id, user.name.clone())]).collect();
    let rules = GateRules { version, changed_by: Some(user.id), changed_at: app.clock.now(), set };
    Ok(KnownRules { rules, users })
}

/// Replaces the rules.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn set_rules(app: &App, by: &Granted<Manages>, input: RuleSetInput) -> Result<KnownRules> {
    let written = replace_rules(app, by, input, None).await?;
    written.ok_or_else(|| Error::Internal("the rules of a gate were not written".into()))
}

/// Replaces the rules if the last version is `expected` (0: there is none), and returns them. `None`: it is another
/// version, and nothing is written. Without `expected` any version is replaced.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn replace_rules(
    app: &App,
    by: &Granted<Manages>,
    input: RuleSetInput,
    expected: Option<i64>,
) -> Result<Option<KnownRules>> {
    let set = check_rules(app, input).await?;
    let marked_since = app.trusted_time().cutoff(MARKED_AGE);
    let (repository, user) = (by.repository().id, by.caller().user.id);
    app.store.set_gate_rules(repository, set, user, app.clock.now(), marked_since, expected).await
}

/// Records the jobs that a build system announces for a commit.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn expect(
    app: &App,
    by: &Granted<Reporting>,
    sha: &str,
    input: ExpectInput,
) -> Result<Expectation> {
    let sha = text::sha("sha", sha)?;
    let expectation = input.check(by.caller().user.id, by.report_credential(), app.clock.now())?;
    app.store.expect_jobs(by.repository().id, &sha, expectation.clone()).await?;
    Ok(expectation)
}

/// Overrides a requirement, or the whole gate, for one commit and one target branch.
///
/// # Errors
/// [`Error::Forbidden`] if the rules do not permit the caller; [`Error::Invalid`] on the invalid field:
/// [`Problem::Unknown`] on `requirement` if the rules of the target have none of that name, and on `target` if no rule
/// applies to it.
pub async fn add_override(
    app: &App,
    by: &Granted<Reporting>,
    sha: &str,
    target: Option<&str>,
    input: OverrideInput,
) -> Result<Override> {
    let sha = text::sha("sha", sha)?;
    let (requirement, reason) = input.check()?;
    let gate = read(app, by.repository(), &sha, target).await?;
    let target = gate.target;
    let rules = gate.record.rules.ok_or_else(|| Invalid::new("target", Problem::Unknown))?;
    let user = by.caller().user.id;
    match rules.set.may_override(&target, requirement.as_deref(), user, by.role()) {
        Some(true) => {}
        Some(false) => return Err(Error::Forbidden),
        None => {
            let has_rules = rules.set.for_target(&target).next().is_some();
            let field = if has_rules { "requirement" } else { "target" };
            return Err(Invalid::new(field, Problem::Unknown).into());
        }
    }
    let (at, rules_version) = (app.clock.now(), rules.version);
    let new = NewOverride { target, requirement, by: user, reason, at, rules_version };
    app.store.add_override(by.repository().id, &sha, new).await
}

/// Withdraws an override. Users who may override may withdraw, and the user who created the override.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`].
pub async fn withdraw_override(
    app: &App,
    by: &Granted<Reporting>,
    sha: &str,
    number: i64,
) -> Result<Override> {
    let not_found = || Error::NotFound { noun: "override" };
    let sha = text::sha("sha", sha)?;
    let record = app.store.gate_record(by.repository().id, &sha, None).await?;
    let found = record.facts.overrides.iter().find(|decision| decision.number == number);
    let found = found.ok_or_else(not_found)?;
    let user = by.caller().user.id;
    if !may_withdraw(record.rules.as_ref(), found, user, by.role()) {
        return Err(Error::Forbidden);
    }
    let withdrawn =
        app.store.withdraw_override(by.repository().id, &sha, number, user, app.clock.now()).await?;
    withdrawn.ok_or_else(not_found)
}

/// The gate of a commit, by its full id. `target`: a branch, a ref of a merge queue, or a ref of a merge request, whose
/// target branch counts; `None`: that of [`choose_target`](crate::model::gates::choose_target).
///
/// # Errors
/// [`Error::Invalid`] on `target`: [`Problem::Unknown`] for a merge request that is not known with its target branch,
/// [`Problem::Missing`] if a request must name the target.
pub async fn show<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    sha: &str,
    target: Option<&str>,
) -> Result<Gate> {
    let sha = text::sha("sha", sha)?;
    read(app, by.repository(), &sha, target).await
}

/// The gates of a commit, by its full id: with `target` that one, which is named as in [`show`], else one for each of
/// its [`targets`], at most [`GATES_MAX`].
///
/// # Errors
/// As [`show`].
pub async fn of_commit<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    sha: &str,
    target: Option<&str>,
) -> Result<Vec<Gate>> {
    let (sha, repository) = (text::sha("sha", sha)?, by.repository());
    let record = app.store.gate_record(repository.id, &sha, None).await?;
    let mut gates = Vec::new();
    for target in targets_of(app, repository, &record, &sha, target).await?.into_iter().take(GATES_MAX) {
        gates.push(read_target(app, repository, &sha, target).await?);
    }
    Ok(gates)
}

/// As [`show`], for callers who may only see the status of refs.
///
/// # Errors
/// As [`show`].
pub(super) async fn of_public_commit(
    app: &App,
    by: &RefStatusAccess,
    sha: &str,
    target: Option<&str>,
) -> Result<Gate> {
    read(app, by.repository(), &text::sha("sha", sha)?, target).await
}

/// The gate of a commit for a branch, by its stored name, for callers who may only see the status of refs.
///
/// # Errors
/// [`Error::Invalid`] on `sha`; [`Error::Unavailable`].
pub(super) async fn of_public_branch(
    app: &App,
    by: &RefStatusAccess,
    sha: &str,
    branch: &str,
) -> Result<Gate> {
    read_target(app, by.repository(), &text::sha("sha", sha)?, branch.to_owned()).await
}

/// The state of the rules and facts of a commit. Another state is another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateChanges {
    rules_version: i64,
    changes: i64,
}

/// The state of the rules and facts of a commit, by its full id. It is read much faster than the gate.
///
/// # Errors
/// [`Error::Invalid`] on `sha`; [`Error::Unavailable`].
pub async fn changes<N: RequiredRole>(app: &App, by: &Granted<N>, sha: &str) -> Result<GateChanges> {
    let record = app.store.gate_record(by.repository().id, &text::sha("sha", sha)?, None).await?;
    let rules_version = record.rules.map_or(0, |rules| rules.version);
    Ok(GateChanges { rules_version, changes: record.facts.changes })
}

/// The verdict of a commit, by its full id, for a target branch. `None`: no rule applies.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn verdict(app: &App, by: &Granted<Reads>, sha: &str, target: &str) -> Result<Option<Verdict>> {
    let record = app.store.gate_record(by.repository().id, sha, Some(target)).await?;
    let verdict = evaluate(record.rules.as_ref(), target, &record.facts, &app.trusted_time()).verdict;
    Ok(Some(verdict).filter(|verdict| *verdict != Verdict::Unset))
}

async fn read(app: &App, repository: &Repository, sha: &str, target: Option<&str>) -> Result<Gate> {
    let known = app.store.gate_record(repository.id, sha, None).await?;
    let target = target_of(app, repository, &known, sha, target).await?;
    read_target(app, repository, sha, target).await
}

async fn read_target(app: &App, repository: &Repository, sha: &str, target: String) -> Result<Gate> {
    let record = app.store.gate_record(repository.id, sha, Some(&target)).await?;
    let time = app.trusted_time();
    Ok(Gate { sha: sha.to_owned(), target, record, time })
}

/// The target branch of a request for the gate of a commit. `record` has the rules and the refs of the commit.
pub(super) async fn target_of(
    app: &App,
    repository: &Repository,
    record: &GateRecord,
    sha: &str,
    target: Option<&str>,
) -> Result<String> {
    let targets = targets_of(app, repository, record, sha, target).await?;
    let [target] = <[String; 1]>::try_from(targets).map_err(|_| Invalid::new("target", Problem::Missing))?;
    Ok(target)
}

/// The target branches of a request for the gates of a commit: the named one, or those that apply.
pub(super) async fn targets_of(
    app: &App,
    repository: &Repository,
    record: &GateRecord,
    sha: &str,
    target: Option<&str>,
) -> Result<Vec<String>> {
    match target {
        Some(named) => Ok(vec![of_name(app, repository.id, record, &refs::check("target", named)?).await?]),
        None => unnamed(app, repository, record, sha).await,
    }
}

/// The target branch that the name of a ref means.
async fn of_name(app: &App, repository: RepositoryId, record: &GateRecord, named: &str) -> Result<String> {
    if let Some(iid) = merge_requests::iid_from_any_ref(named) {
        let unknown = || Invalid::new("target", Problem::Unknown);
        let found = app.store.merge_request(repository, iid).await?.ok_or_else(unknown)?;
        let (_, target) = found.merge_request.branches.ok_or_else(unknown)?;
        return Ok(target);
    }
    let queue = record.rules.as_ref().and_then(|rules| rules.set.target_of_queue(named));
    Ok(queue.unwrap_or_else(|| named.to_owned()))
}

/// The target branches of a commit if a request names none.
async fn unnamed(app: &App, repository: &Repository, record: &GateRecord, sha: &str) -> Result<Vec<String>> {
    let page = Page { offset: 0, limit: MERGE_REQUESTS_MAX };
    let known = app.store.merge_requests_of_commit(repository.id, sha, page).await?;
    let of_head = known.items.into_iter().filter(|found| found.head_sha == sha);
    let hints = TargetHints {
        merge_requests: of_head.filter_map(|found| Some(found.branches?.1)).collect(),
        refs: record.refs.clone(),
        default_branch: repository.default_branch.clone(),
    };
    let nothing = RuleSet::default();
    let set = record.rules.as_ref().map_or(&nothing, |rules| &rules.set);
    Ok(targets(set, &hints))
}

/// Most merge requests of a commit that are considered.
const MERGE_REQUESTS_MAX: u32 = 100;
/// Most gates of [`of_commit`].
pub const GATES_MAX: usize = 10;
