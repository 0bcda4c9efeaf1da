//! The binary form of rules and announcements. The first byte is the version of the form.

use crate::rows::binary::{Decoder, Encode as _};
use crate::rows::reports::credential::{self, StoredCredential};
use crate::sql::corrupt;
use domain::model::gates::{
    Absent, AnnouncedJob, Expectation, MergeQueue, Overriders, Pattern, Permitted, Requirement, Rule,
    RuleSet, SkippedAs,
};
use domain::model::ids::UserId;
use domain::model::roles::Role;
use domain::{Result, SignedDuration, Timestamp};

pub(in crate::rows) const VERSION: u64 = 1;
/// The kinds of permitted reporters.
const USER: u64 = 0;
const TOKEN: u64 = 1;
const KEY: u64 = 2;
/// The kinds of merge queues.
const CONTAINING: u64 = 0;
const OF: u64 = 1;
/// The roles that may override, in order of their numbers.
const ROLES: [Option<Role>; 4] = [None, Some(Role::Read), Some(Role::Report), Some(Role::Manage)];

/// The bytes of rules.
pub fn of_rules(set: &RuleSet) -> Vec<u8> {
    let mut to = Vec::new();
    to.put_uint(VERSION);
    to.put_len(set.rules.len());
    for rule in &set.rules {
        to.put_len(rule.targets.len());
        rule.targets.iter().for_each(|target| to.put_text(target.as_str()));
        to.put_len(rule.requirements.len());
        rule.requirements.iter().for_each(|requirement| put_requirement(&mut to, requirement));
        let role = ROLES.iter().position(|role| *role == rule.overriders.role);
        to.put_len(role.unwrap_or_default());
        put_users(&mut to, &rule.overriders.users);
    }
    to.put_len(set.merge_queues.len());
    for queue in &set.merge_queues {
        match queue {
            MergeQueue::Containing { text, .. } => {
                to.put_uint(CONTAINING);
                to.put_text(text);
            }
            MergeQueue::Of { refs, target } => {
                to.put_uint(OF);
                to.put_text(refs.as_str());
                to.put_text(target);
            }
        }
    }
    to
}

fn put_users(to: &mut Vec<u8>, users: &[UserId]) {
    to.put_len(users.len());
    users.iter().for_each(|user| to.put_int(user.get().into()));
}

fn put_requirement(to: &mut Vec<u8>, requirement: &Requirement) {
    let Requirement { name, stage, job, reporters, skipped, allow_failure, absent, absent_after, since } =
        requirement;
    to.put_text(name);
    put_optional(to, stage.as_ref().map(Pattern::as_str));
    to.put_text(job.as_str());
    to.put_len(reporters.len());
    for reporter in reporters {
        match reporter {
            Permitted::User(id) => {
                to.put_uint(USER);
                to.put_int(id.get().into());
            }
            Permitted::Token(id) => {
                to.put_uint(TOKEN);
                to.put_int(*id);
            }
            Permitted::Key(access) => {
                to.put_uint(KEY);
                to.put_text(access);
            }
        }
    }
    to.put_uint(*skipped as u64);
    to.put_uint((*allow_failure).into());
    to.put_uint(*absent as u64);
    to.put_int(absent_after.as_secs());
    to.put_int(*since);
}

pub(in crate::rows) fn put_optional(to: &mut Vec<u8>, text: Option<&str>) {
    to.put_uint(text.is_some().into());
    text.into_iter().for_each(|text| to.put_text(text));
}

/// Reads what [`of_rules`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn read_rules(bytes: &[u8]) -> Result<RuleSet> {
    let read = &mut begin(bytes)?;
    let rules = list(read, rule)?;
    let merge_queues = list(read, merge_queue)?;
    end(read)?;
    Ok(RuleSet { rules, merge_queues })
}

pub(in crate::rows) fn begin(bytes: &[u8]) -> Result<Decoder<'_>> {
    let mut read = Decoder::new(bytes);
    match read.uint()? {
        VERSION => Ok(read),
        other => Err(corrupt(format!("version {other} of the form of a gate"))),
    }
}

pub(in crate::rows) fn end(read: &Decoder<'_>) -> Result<()> {
    if read.is_empty() { Ok(()) } else { Err(corrupt("more bytes than those of a gate")) }
}

pub(in crate::rows) fn list<T>(
    read: &mut Decoder<'_>,
    item: fn(&mut Decoder<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count: usize = read.number()?;
    // An item has a byte at least, so damage cannot reserve much memory.
    let mut items = Vec::with_capacity(count.min(read.remaining()));
    for _ in 0..count {
        items.push(item(read)?);
    }
    Ok(items)
}

fn rule(read: &mut Decoder<'_>) -> Result<Rule> {
    let targets = list(read, pattern)?;
    let requirements = list(read, requirement)?;
    let role: usize = read.number()?;
    let role = *ROLES.get(role).ok_or_else(|| corrupt("an unknown role of a gate"))?;
    Ok(Rule { targets, requirements, overriders: Overriders { role, users: list(read, user)? } })
}

fn pattern(read: &mut Decoder<'_>) -> Result<Pattern> {
    Pattern::parse("pattern", &read.text()?).map_err(corrupt)
}

fn user(read: &mut Decoder<'_>) -> Result<UserId> {
    UserId::new(read.int()?).map_err(corrupt)
}

pub(in crate::rows) fn optional<T>(
    read: &mut Decoder<'_>,
    value: fn(&mut Decoder<'_>) -> Result<T>,
) -> Result<Option<T>> {
    if read.uint()? == 0 { Ok(None) } else { value(read).map(Some) }
}

pub(in crate::rows) fn text(read: &mut Decoder<'_>) -> Result<String> {
    read.text()
}

fn requirement(read: &mut Decoder<'_>) -> Result<Requirement> {
    Ok(Requirement {
        name: read.text()?,
        stage: optional(read, pattern)?,
        job: pattern(read)?,
        reporters: list(read, permitted)?,
        skipped: variant(read, &SkippedAs::ALL)?,
        allow_failure: read.uint()? != 0,
        absent: variant(read, &Absent::ALL)?,
        absent_after: SignedDuration::from_secs(read.int()?),
        since: read.int()?,
    })
}

pub(in crate::rows) fn variant<T: Copy>(read: &mut Decoder<'_>, all: &[T]) -> Result<T> {
    let number: usize = read.number()?;
    all.get(number).copied().ok_or_else(|| corrupt("an unknown value of a gate"))
}

fn permitted(read: &mut Decoder<'_>) -> Result<Permitted> {
    match read.uint()? {
        USER => user(read).map(Permitted::User),
        TOKEN => read.int().map(Permitted::Token),
        KEY => Ok(Permitted::Key(read.text()?.into())),
        other => Err(corrupt(format!("kind {other} of a permitted reporter"))),
    }
}

fn merge_queue(read: &mut Decoder<'_>) -> Result<MergeQueue> {
    match read.uint()? {
        CONTAINING => {
            let queue = MergeQueue::containing("refs", &read.text()?).map_err(corrupt)?;
            queue.ok_or_else(|| corrupt("a merge queue without a target"))
        }
        OF => Ok(MergeQueue::Of { refs: pattern(read)?, target: read.text()? }),
        other => Err(corrupt(format!("kind {other} of a merge queue"))),
    }
}

/// The bytes of an announcement, without its reporter and time.
pub fn of_expectation(expectation: &Expectation) -> Vec<u8> {
    let mut to = Vec::new();
    to.put_uint(VERSION);
    credential::put(&mut to, expectation.credential.as_ref());
    put_optional(&mut to, expectation.source.as_deref());
    to.put_uint(expectation.complete.into());
    to.put_int(expectation.first_at.as_millisecond());
    to.put_len(expectation.jobs.len());
    for job in &expectation.jobs {
        put_optional(&mut to, job.stage.as_deref());
        to.put_text(&job.name);
    }
    to
}

/// Reads what [`of_expectation`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn read_expectation(bytes: &[u8], by: UserId, at: Timestamp) -> Result<Expectation> {
    let read = &mut begin(bytes)?;
    let credential = match credential::read(read)? {
        StoredCredential::Own(credential) => credential,
        StoredCredential::OfBase => return Err(corrupt("an announcement has no base")),
    };
    let source = optional(read, text)?;
    let complete = read.uint()? != 0;
    let first_at = Timestamp::from_millisecond(read.int()?).map_err(corrupt)?;
    let jobs = list(read, |read| Ok(AnnouncedJob { stage: optional(read, text)?, name: read.text()? }))?;
    end(read)?;
    Ok(Expectation { by: Some(by), credential, at, first_at, source, jobs, complete })
}
