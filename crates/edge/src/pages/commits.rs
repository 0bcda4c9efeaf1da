//! The page of a commit: its gates, and its pipelines with their jobs.

use super::conditional;
use super::forms;
use super::frame::frame;
use super::gates::{GatePage, cards, past_cards, state};
use super::response::html;
use crate::http::reply::Reply;
use crate::native::{filters, translate};
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Reads, RequiredRole};
use domain::actions::gates::Gate;
use domain::actions::{as_of, commits, gates, merge_requests};
use domain::error::{Error, Invalid, Result};
use domain::model::as_of::{AsOf, Moment};
use domain::model::ids::PipelineId;
use domain::model::page::Page;
use domain::ports::{CommitPipeline, PastCommit};
use pages::forms::SubmittedForm;
use pages::links::address;
use pages::paging::Pager;
use pages::{CommitPage, CommitRow, Past};
use serde::Serialize;
use wire::native;
use wire::native::pipelines::PipelineList;

/// Most merge requests that the page names.
const MERGE_REQUESTS: u32 = 20;

/// The pipelines of a commit as they were.
#[derive(Serialize)]
struct PastPipelines {
    #[serde(flatten)]
    list: PipelineList,
    as_of: native::as_of::AsOf,
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let given = request.param("sha");
    let sha = commits::resolve(app, &ctx.proof, given).await?.ok_or(Error::NotFound { noun: "commit" })?;
    let target = request.query.get("target")?.map(str::trim).filter(|target| !target.is_empty());
    if sha != given && !request.wants_json {
        let path = format!("/repositories/{}/commits/{sha}", ctx.proof.repository().id);
        let as_of = request.query.get(AsOf::FIELD)?.unwrap_or_default();
        let query = [("target", target.unwrap_or_default()), (AsOf::FIELD, as_of)];
        return Ok(Reply::see_other(&address(&path, &query)));
    }
    match filters::as_of(&request.query, app.clock.now())? {
        Some(as_of) => {
            // The page replays the pipelines, and the gate of each target branch.
            let _turn = ctx.edge.whole_pipelines.turn_of_past_commit(app, &ctx.proof, &sha).await?;
            past(&ctx, &sha, target, as_of).await
        }
        None => page(&ctx, &sha, target, &SubmittedForm::default()).await,
    }
}

/// The page of a commit, by its full id. `target`: the branch whose gate is shown; without it, all that apply.
pub async fn page<N: RequiredRole>(
    ctx: &Context<WithRole<N>>,
    sha: &str,
    target: Option<&str>,
    submitted: &SubmittedForm,
) -> Result<Reply> {
    let (app, request, by) = (&ctx.edge.app, &ctx.request, &ctx.proof);
    let before = before(request)?;
    let found = commits::pipelines_of_commit(app, by, sha, before).await?;
    if request.wants_json {
        return Reply::json(&list(&found.items, found.next));
    }
    let gates = gates::of_commit(app, by, sha, target).await?;
    let merge_requests =
        merge_requests::of_commit(app, by, sha, Page { offset: 0, limit: MERGE_REQUESTS }).await?;
    let notice = forms::notice(request)?;
    let mut frame = frame(&ctx.edge, request, by);
    let path = format!("/repositories/{}/commits/{sha}", by.repository().id);
    let chosen_target = target.unwrap_or_default();
    if submitted.error.is_some() {
        frame.address = address(&path, &[("target", chosen_target)]);
    }
    let on = GatePage { merge_request: None, chosen_target };
    let gate_cards = cards(&frame, by, &gates, on, submitted);
    let active = found.items.iter().any(|row| !row.pipeline.status.is_finished())
        || gate_cards.iter().any(pages::GateCard::is_pending);
    let mut versions = state(by, &gates);
    versions.extend(found.items.iter().flat_map(|row| [row.pipeline.id.get().into(), row.pipeline.version]));
    versions.extend(merge_requests.items.iter().map(|found| i64::from(found.iid.get())));
    let etag = conditional::etag(&frame, &versions, active);
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let link = |before: &str| address(&path, &[("target", chosen_target), ("before", before)]);
    let page = CommitPage {
        frame: &frame,
        repository: by.repository(),
        sha,
        rows: found.items.iter().map(CommitRow::of).collect(),
        gates: gate_cards,
        merge_requests: &merge_requests.items,
        has_rules: gates.iter().any(has_rules),
        target: target.unwrap_or_default(),
        etag: &etag,
        notice,
        pager: pager(before, found.next, link),
        past: None,
    };
    Ok(html(page.html()).header("etag", &etag))
}

/// The page of a commit as it was.
async fn past(ctx: &Context<WithRole<Reads>>, sha: &str, target: Option<&str>, as_of: AsOf) -> Result<Reply> {
    let (app, request, by) = (&ctx.edge.app, &ctx.request, &ctx.proof);
    let before = before(request)?;
    let PastCommit { page: found, moment } = as_of::commit(app, by, sha, as_of, before).await?;
    if request.wants_json {
        let list = list(&found.items, found.next);
        return Reply::json(&PastPipelines { list, as_of: translate::as_of::moment(&moment) });
    }
    let gates = as_of::gates_of_commit(app, by, sha, target, as_of).await?;
    let mut frame = frame(&ctx.edge, request, by);
    // Durations end at the moment.
    frame.now = moment.at;
    let kept_since = gates.iter().fold(moment.kept_since, |since, gate| since.max(gate.moment.kept_since));
    let moment = Moment { kept_since, ..moment };
    let past = Past { as_of, moment: &moment };
    let path = format!("/repositories/{}/commits/{sha}", by.repository().id);
    let link = |before: &str| {
        let query = [("target", target.unwrap_or_default()), ("before", before)];
        Past::address(Some(&past), &path, &query)
    };
    let page = CommitPage {
        frame: &frame,
        repository: by.repository(),
        sha,
        rows: found.items.iter().map(CommitRow::of).collect(),
        gates: past_cards(&frame, by.repository(), &gates),
        merge_requests: &[],
        has_rules: gates.iter().any(|past| has_rules(&past.gate)),
        target: target.unwrap_or_default(),
        etag: "",
        notice: None,
        pager: pager(before, found.next, link),
        past: Some(past),
    };
    Ok(html(page.html()))
}

/// The links to other pages of pipelines. `link` gives the address of the page before a pipeline; empty: the newest.
fn pager(before: Option<PipelineId>, next: Option<i32>, link: impl Fn(&str) -> String) -> Pager {
    Pager { before: before.map(|_| link("")), after: next.map(|id| link(&id.to_string())), by_time: true }
}

fn before(request: &IncomingRequest) -> Result<Option<PipelineId>> {
    let before = request.query.get("before")?.map(PipelineId::parse).transpose();
    Ok(before.map_err(|error| Invalid::new("before", error.problem))?)
}

fn list(pipelines: &[CommitPipeline], next: Option<i32>) -> PipelineList {
    PipelineList {
        pipelines: pipelines.iter().map(|state| translate::pipeline(&state.pipeline)).collect(),
        next_before: next,
        total: None,
    }
}

fn has_rules(gate: &Gate) -> bool {
    gate.record.rules.as_ref().is_some_and(|rules| !rules.set.rules.is_empty())
}
