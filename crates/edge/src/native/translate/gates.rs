//! Merge gates.

use super::{as_of, time};
use crate::explanation::gates::{explain_result, explain_verdict};
use crate::language::Language;
use domain::SignedDuration;
use domain::actions::as_of::PastGate;
use domain::actions::gates::Gate;
use domain::actions::verdicts::RecordedPage;
use domain::model::gates::{
    DecidingJob, Evaluation, ExpectInput, Expectation, GateRules, MergeQueue, MergeQueueInput, Override,
    Overriders, OverridersInput, Permitted, RecordedVerdict, ReporterInput, Requirement, RequirementInput,
    RequirementResult, Rule, RuleInput, RuleSetInput, Subject,
};
use domain::model::ids::UserId;
use domain::model::roles::Role;
use domain::ports::KnownRules;
use std::collections::BTreeMap;
use wire::native::as_of::AsOf;
use wire::native::gates as native;

/// The rules of a request, not yet checked.
pub fn read_rules(new: native::NewGateRules) -> RuleSetInput {
    let queue = |queue: native::GateMergeQueue| MergeQueueInput { refs: queue.refs, target: queue.target };
    RuleSetInput {
        rules: new.rules.into_iter().map(read_rule).collect(),
        merge_queues: new.merge_queues.map(|queues| queues.into_iter().map(queue).collect()),
    }
}

fn read_rule(rule: native::GateRule) -> RuleInput {
    let overriders = |by: native::GateOverriders| OverridersInput { role: by.role, users: by.users };
    RuleInput {
        targets: rule.targets,
        requirements: rule.requirements.into_iter().map(read_requirement).collect(),
        overriders: rule.overriders.map(overriders),
    }
}

fn read_requirement(new: native::GateRequirement) -> RequirementInput {
    let reporter = |reporter: native::GateReporter| ReporterInput {
        user: reporter.user,
        token: reporter.token,
        key: reporter.key,
    };
    RequirementInput {
        name: new.name,
        stage: new.stage,
        job: new.job,
        reporters: new.reporters.map(|reporters| reporters.into_iter().map(reporter).collect()),
        skipped: new.skipped,
        allow_failure: new.allow_failure,
        absent: new.absent,
        absent_after: new.absent_after.map(SignedDuration::from_secs),
    }
}

/// A version of the rules; `None`: the repository never had any.
pub fn rules(known: Option<&KnownRules>) -> native::GateRules {
    let Some(KnownRules { rules, users }) = known else { return native::GateRules::default() };
    let GateRules { version, changed_by, changed_at, set } = rules;
    let queue = |queue: &MergeQueue| match queue {
        MergeQueue::Containing { text, .. } => {
            native::GateMergeQueue { refs: Some(text.clone()), target: None }
        }
        MergeQueue::Of { refs, target } => {
            native::GateMergeQueue { refs: Some(refs.as_str().to_owned()), target: Some(target.clone()) }
        }
    };
    native::GateRules {
        version: *version,
        changed_by: changed_by.and_then(|by| users.get(&by).cloned()),
        changed_at: Some(time(*changed_at)),
        rules: set.rules.iter().map(|known| rule(known, users)).collect(),
        merge_queues: set.merge_queues.iter().map(queue).collect(),
    }
}

fn rule(rule: &Rule, users: &BTreeMap<UserId, String>) -> native::GateRule {
    let Overriders { role, users: further } = &rule.overriders;
    native::GateRule {
        targets: rule.targets.iter().map(|target| target.as_str().to_owned()).collect(),
        requirements: rule.requirements.iter().map(|known| requirement(known, users)).collect(),
        overriders: Some(native::GateOverriders {
            role: Some(role.map_or("none", Role::as_str).to_owned()),
            users: further.iter().filter_map(|id| users.get(id).cloned()).collect(),
        }),
    }
}

fn requirement(known: &Requirement, users: &BTreeMap<UserId, String>) -> native::GateRequirement {
    let reporter = |reporter: &Permitted| match reporter {
        Permitted::User(id) => {
            native::GateReporter { user: users.get(id).cloned(), ..native::GateReporter::default() }
        }
        Permitted::Token(id) => native::GateReporter { token: Some(*id), ..native::GateReporter::default() },
        Permitted::Key(access) => {
            native::GateReporter { key: Some(access.as_ref().to_owned()), ..native::GateReporter::default() }
        }
    };
    native::GateRequirement {
        name: Some(known.name.clone()),
        stage: known.stage.as_ref().map(|stage| stage.as_str().to_owned()),
        job: Some(known.job.as_str().to_owned()),
        reporters: Some(known.reporters.iter().map(reporter).collect::<Vec<_>>())
            .filter(|reporters| !reporters.is_empty()),
        skipped: Some(known.skipped.as_str().to_owned()),
        allow_failure: known.allow_failure,
        absent: Some(known.absent.as_str().to_owned()),
        absent_after: Some(known.absent_after.as_secs()),
    }
}

/// The gate of a commit.
pub fn gate(gate: &Gate, language: Language) -> native::Gate {
    let rules_version = gate.record.rules.as_ref().map_or(0, |rules| rules.version);
    evaluated(gate, &gate.evaluation(), rules_version, language)
}

/// A gate with this verdict.
fn evaluated(
    gate: &Gate,
    evaluation: &Evaluation<'_>,
    rules_version: i64,
    language: Language,
) -> native::Gate {
    let (requirements, announced) = results(evaluation, language);
    native::Gate {
        sha: gate.sha.clone(),
        target: gate.target.clone(),
        verdict: evaluation.verdict.as_str().to_owned(),
        version: evaluation.version,
        rules_version,
        why: explain_verdict(evaluation, &gate.target, language),
        requirements,
        announced,
        next_due: evaluation.next_due.map(time),
        overrides: gate.overrides().map(decision).collect(),
        as_of: None,
    }
}

/// The gate of a commit as it was.
pub fn past_gate(past: &PastGate, language: Language) -> native::Gate {
    let verdict = if past.recorded.is_some() { "recorded" } else { "replayed" };
    let moment = AsOf { verdict: Some(verdict.to_owned()), ..as_of::moment(&past.moment) };
    let shown = evaluated(&past.gate, &past.evaluation(), past.rules_version(), language);
    native::Gate { as_of: Some(moment), ..shown }
}

/// A page of recorded verdicts.
pub fn recorded(page: &RecordedPage, language: Language) -> native::GateVerdicts {
    native::GateVerdicts {
        sha: page.sha.clone(),
        target: page.target.clone(),
        verdicts: page.records.iter().map(|record| recorded_verdict(record, language)).collect(),
        next_before: page.next,
    }
}

fn recorded_verdict(record: &RecordedVerdict, language: Language) -> native::GateVerdict {
    let evaluation = record.evaluation();
    let (requirements, announced) = results(&evaluation, language);
    native::GateVerdict {
        number: record.number,
        recorded_at: time(record.at),
        last_report: record.last_report,
        verdict: record.verdict.as_str().to_owned(),
        version: record.version,
        rules_version: record.rules_version,
        why: explain_verdict(&evaluation, &record.target, language),
        requirements,
        announced,
    }
}

/// The results of the requirements, and of the announced jobs.
fn results(
    evaluation: &Evaluation<'_>,
    language: Language,
) -> (Vec<native::GateResult>, Option<native::GateResult>) {
    let is_announced = |result: &&RequirementResult<'_>| matches!(result.subject, Subject::Announced);
    let announced = evaluation.requirements.iter().find(is_announced);
    let requirements = evaluation.requirements.iter().filter(|result| !is_announced(result));
    (
        requirements.map(|found| result(found, language)).collect(),
        announced.map(|found| result(found, language)),
    )
}

fn result(result: &RequirementResult<'_>, language: Language) -> native::GateResult {
    let (since, due) = result.reason.period();
    native::GateResult {
        name: match result.subject {
            Subject::Requirement(name) => Some(name.to_owned()),
            Subject::Announced => None,
        },
        state: result.state().as_str().to_owned(),
        why: explain_result(result, language),
        since: since.map(time),
        due: due.map(time),
        overridden_by: result.overridden.map(|decision| decision.number),
        jobs: result.jobs.iter().map(job).collect(),
        job_count: result.job_count as u64,
    }
}

fn job(deciding: &DecidingJob<'_>) -> native::GateJob {
    native::GateJob {
        id: deciding.id.get(),
        pipeline_id: deciding.pipeline_id.get(),
        source: deciding.source.to_owned(),
        stage: deciding.stage.to_owned(),
        name: deciding.name.to_owned(),
        status: deciding.status.as_str().to_owned(),
    }
}

/// An override.
pub fn decision(decision: &Override) -> native::GateOverride {
    native::GateOverride {
        id: decision.number,
        target: decision.target.clone(),
        requirement: decision.requirement.clone(),
        by: decision.by_name.clone(),
        reason: decision.reason.clone(),
        at: time(decision.at),
        withdrawn_at: decision.withdrawn_at.map(time),
        withdrawn_by: decision.withdrawn_by_name.clone(),
    }
}

/// An announcement of a request, not yet checked.
pub fn read_expectation(new: native::GateExpectation) -> ExpectInput {
    let jobs = new.jobs.into_iter().map(|job| (job.stage, job.name));
    ExpectInput { source: new.source, jobs: jobs.collect(), complete: new.complete }
}

/// An announcement.
pub fn expectation(known: &Expectation) -> native::GateExpectation {
    let job = |job: &domain::model::gates::AnnouncedJob| native::GateAnnouncedJob {
        stage: job.stage.clone(),
        name: Some(job.name.clone()),
    };
    native::GateExpectation {
        source: known.source.clone(),
        jobs: known.jobs.iter().map(job).collect(),
        complete: known.complete,
    }
}
