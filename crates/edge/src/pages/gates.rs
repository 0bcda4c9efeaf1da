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
use pages::times::absolute;
use pages::{Frame, GateCard, Notice, OVERRIDE_FORM, Past};

/// The gates as parts of a page.
pub fn cards<'a, N: RequiredRole>(
    frame: &'a Frame,
    by: &'a Granted<N>,
    gates: &'a [Gate],
    merge_request: Option<MergeRequestIid>,
    submitted: &'a SubmittedForm,
) -> Vec<GateCard<'a>> {
    let card = |(number, gate): (usize, &'a Gate)| GateCard {
        viewer: Some((by.caller().user.id, by.role())),
        merge_request,
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
        submitted: None,
    }
}

/// What of the gates an entity tag depends on.
pub fn state<N: RequiredRole>(by: &Granted<N>, gates: &[Gate]) -> Vec<i64> {
    let versions = gates.iter().map(|gate| gate.evaluation().version);
    versions.chain([i64::from(by.role() as u8)]).collect()
}

/// The merge request on whose page a form is.
fn merge_request(fields: &Query) -> Result<Option<MergeRequestIid>> {
    let iid = forms::text(fields, "merge_request")?;
    Ok(iid.map(|iid| MergeRequestIid::parse(&iid)).transpose()?)
}

/// The page that a form is on.
fn page_of(ctx: &Context<WithRole<Reporting>>, merge_request: Option<MergeRequestIid>) -> String {
    let repository = ctx.proof.repository().id;
    match merge_request {
        Some(iid) => format!("/repositories/{repository}/merge-requests/{iid}"),
        None => format!("/repositories/{repository}/commits/{}", ctx.request.param("sha")),
    }
}

pub async fn add_override(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    const KNOWN: &[&str] = &["requirement", "reason"];
    let fields = forms::fields(&ctx.request)?;
    let merge_request = merge_request(&fields)?;
    let target = forms::text(&fields, "target")?.ok_or_else(|| Invalid::new("target", Problem::Missing))?;
    let decided = async {
        // An empty name is the whole gate, which a form without the field must not mean.
        let requirement = fields.get("requirement")?;
        let requirement = requirement.ok_or_else(|| Invalid::new("requirement", Problem::Missing))?;
        let input = OverrideInput {
            requirement: Some(requirement.to_owned()).filter(|name| !name.is_empty()),
            reason: forms::text(&fields, "reason")?,
        };
        let sha = ctx.request.param("sha");
        gates::add_override(&ctx.edge.app, &ctx.proof, sha, Some(&target), input).await
    };
    let error = match decided.await {
        Ok(_) => return Ok(forms::done(&page_of(&ctx, merge_request), Notice::Saved)),
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
    let merge_request = merge_request(&forms::fields(&ctx.request)?)?;
    let sha = ctx.request.param("sha");
    gates::withdraw_override(&ctx.edge.app, &ctx.proof, sha, number).await?;
    Ok(forms::done(&page_of(&ctx, merge_request), Notice::Saved))
}
