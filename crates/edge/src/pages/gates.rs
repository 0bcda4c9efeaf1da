//! The gate of a commit as a part of pages, and the forms that override and withdraw.

use super::{commits, forms, merge_requests};
use crate::explanation::gates::{explain_result_with, explain_verdict};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reporting, RequiredRole};
use domain::actions::as_of::PastGate;
use domain::actions::gates::{self, Gate};
use domain::error::{Invalid, Problem, Result};
use domain::model::gates::{Evaluation, OverrideInput};
use domain::model::ids::{MergeRequestIid, integer};
use domain::model::repositories::Repository;
use pages::forms::SubmittedForm;
use pages::links::address;
use pages::times::absolute;
use pages::{Frame, GateCard, Notice, OVERRIDE_FORM, Overridden, Past};
use sha2::{Digest as _, Sha256};

/// The page that shows gates.
#[derive(Clone, Copy, Default)]
pub struct GatePage<'a> {
    /// The merge request; `None`: it is the page of a commit.
    pub merge_request: Option<MergeRequestIid>,
    /// The target branch in the address; empty: there is none.
    pub chosen_target: &'a str,
}

/// The gates as parts of a page.
pub fn cards<'a, N: RequiredRole>(
    frame: &'a Frame,
    by: &'a Granted<N>,
    gates: &'a [Gate],
    page: GatePage<'a>,
    submitted: &'a SubmittedForm,
) -> Vec<GateCard<'a>> {
    let card = |(number, gate): (usize, &'a Gate)| GateCard {
        viewer: Some((by.caller().user.id, by.role())),
        merge_request: page.merge_request,
        chosen_target: page.chosen_target,
        submitted: Some(submitted),
        ..card(frame, by.repository(), number, (gate, gate.evaluation()))
    };
    gates.iter().enumerate().map(card).collect()
}

/// The gates of an earlier moment as parts of a page, without forms.
pub fn past_cards<'a>(
    frame: &'a Frame,
    repository: &'a Repository,
    gates: &'a [PastGate],
) -> Vec<GateCard<'a>> {
    let card = |(number, past): (usize, &'a PastGate)| {
        let card = card(frame, repository, number, (&past.gate, past.evaluation()));
        let source = Past::verdict_source(frame, past.recorded.is_some(), past.rules_version());
        GateCard { explanation: format!("{} {source}", card.explanation), ..card }
    };
    gates.iter().enumerate().map(card).collect()
}

fn card<'a>(
    frame: &'a Frame,
    repository: &'a Repository,
    number: usize,
    (gate, evaluation): (&'a Gate, Evaluation<'a>),
) -> GateCard<'a> {
    let time = |at| absolute(at, &frame.zone);
    let explain = |result| explain_result_with(result, frame.language, &time);
    GateCard {
        frame,
        repository,
        number,
        gate,
        explanation: explain_verdict(&evaluation, &gate.target, frame.language),
        explanations: evaluation.requirements.iter().map(explain).collect(),
        evaluation,
        viewer: None,
        merge_request: None,
        chosen_target: "",
        submitted: None,
    }
}

/// The part of the state of a page that its gates contribute to the entity tag: the versions and target branches, and
/// the user and role, which decide the forms.
pub fn state<N: RequiredRole>(by: &Granted<N>, gates: &[Gate]) -> Vec<i64> {
    let versions = gates.iter().map(|gate| gate.evaluation().version);
    let user = [i64::from(by.caller().user.id.get()), i64::from(by.role() as u8)];
    versions.chain(user).chain([digest_of_targets(by.repository(), gates)]).collect()
}

/// A digest of the target branches and the default branch.
fn digest_of_targets(repository: &Repository, gates: &[Gate]) -> i64 {
    // Length prefixes separate the names.
    let names = gates.iter().map(|gate| gate.target.as_str()).chain([repository.default_branch.as_str()]);
    let digest = names.fold(Sha256::new(), |digest, name| {
        digest.chain_update((name.len() as u64).to_be_bytes()).chain_update(name)
    });
    digest.finalize().first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// Reads the merge request from a form. A form on the page of a merge request contains it.
fn merge_request(fields: &Query) -> Result<Option<MergeRequestIid>> {
    let iid = forms::text(fields, "merge_request")?;
    Ok(iid.map(|iid| MergeRequestIid::parse(&iid)).transpose()?)
}

/// The redirect to the page of a form, with its target branch.
fn done(ctx: &Context<WithRole<Reporting>>, fields: &Query) -> Result<Reply> {
    let repository = ctx.proof.repository().id;
    let path = match merge_request(fields)? {
        Some(iid) => format!("/repositories/{repository}/merge-requests/{iid}"),
        None => format!("/repositories/{repository}/commits/{}", ctx.request.param("sha")),
    };
    let target = forms::text(fields, "chosen_target")?.unwrap_or_default();
    let query = [("target", target.as_str()), ("notice", Notice::Saved.as_str())];
    Ok(Reply::see_other(&address(&path, &query)))
}

/// The requirement that a form names; `None`: the whole gate.
fn overridden(fields: &Query) -> Result<Option<String>> {
    let value = forms::text(fields, "requirement")?;
    let value = value.ok_or_else(|| Invalid::new("requirement", Problem::Missing))?;
    match Overridden::parse(&value) {
        Some(Overridden::Requirement(name)) => Ok(Some(name.to_owned())),
        Some(Overridden::WholeGate) => Ok(None),
        None => Err(Invalid::new("requirement", Problem::Unknown).into()),
    }
}

pub async fn add_override(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    const KNOWN: &[&str] = &["requirement", "reason"];
    let fields = forms::fields(&ctx.request)?;
    let merge_request = merge_request(&fields)?;
    let target = forms::text(&fields, "target")?.ok_or_else(|| Invalid::new("target", Problem::Missing))?;
    let decided = async {
        let input =
            OverrideInput { requirement: overridden(&fields)?, reason: forms::text(&fields, "reason")? };
        let sha = ctx.request.param("sha");
        gates::add_override(&ctx.edge.app, &ctx.proof, sha, Some(&target), input).await
    };
    let error = match decided.await {
        Ok(_) => return done(&ctx, &fields),
        Err(error) => error,
    };
    let submitted = forms::with_error(OVERRIDE_FORM, KNOWN, &fields, &error, &ctx.request)?;
    let page = match merge_request {
        Some(iid) => merge_requests::page(&ctx, iid, &submitted).await?,
        None => commits::page(&ctx, ctx.request.param("sha"), Some(&target), &submitted).await?,
    };
    Ok(page.status(400))
}

pub async fn withdraw(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let number = integer("override_id", ctx.request.param("override_id"))?;
    let fields = forms::fields(&ctx.request)?;
    merge_request(&fields)?;
    let sha = ctx.request.param("sha");
    gates::withdraw_override(&ctx.edge.app, &ctx.proof, sha, number).await?;
    done(&ctx, &fields)
}
