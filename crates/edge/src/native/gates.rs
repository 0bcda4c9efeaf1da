//! Merge gates: their rules, announcements, overrides, and the verdict of a commit, optionally after waiting for a
//! change. `docs/gates.md` documents them.

use super::dialect::NATIVE;
use super::filters;
use super::pipelines::{Wait, read_wait};
use super::translate::gates as translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{AccessRecheck, Context, WithRole};
use domain::Timestamp;
use domain::actions::access::{Manages, Reads, Reporting};
use domain::actions::gates::{self, Gate};
use domain::actions::verdicts;
use domain::error::{Invalid, Problem, Result};
use domain::model::gates::OverrideInput;
use domain::model::ids::integer;
use domain::model::page::Page;
use domain::model::trusted_time::TrustedTime;
use domain::ports::RecordRange;
use std::mem;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use wire::native::gates::{GateExpectation, NewGateOverride, NewGateRules};

/// How often a request that waits looks for changes without an event. A change of the rules or facts has one only when
/// a changed verdict is recorded.
const POLL: Duration = Duration::from_secs(2);
/// The least time between two reads of a request that waits.
const PAUSE: Duration = Duration::from_millis(200);

pub async fn rules(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let version = ctx.request.query.get("version")?.map(|text| integer("version", text)).transpose()?;
    let known = gates::rules(&ctx.edge.app, &ctx.proof, version).await?;
    Reply::json(&translate::rules(known.as_ref()))
}

pub async fn set_rules(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let new: NewGateRules = json::read_strictly("gates", ctx.request.body()?)?;
    let (dry_run, input) = (new.dry_run, translate::read_rules(new));
    let (app, proof) = (&ctx.edge.app, &ctx.proof);
    if dry_run {
        return Reply::json(&translate::rules(Some(&gates::preview_rules(app, proof, input).await?)));
    }
    let known = gates::set_rules(app, proof, input).await?;
    Reply::json(&translate::rules(Some(&known)))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let language = ctx.request.language;
    let query = &ctx.request.query;
    if let Some(as_of) = filters::as_of(query, ctx.edge.app.clock.now())? {
        let (app, sha, target) = (&ctx.edge.app, ctx.request.param("sha"), query.get("target")?);
        let past = domain::actions::as_of::gate(app, &ctx.proof, sha, target, as_of).await?;
        return Reply::json(&translate::past_gate(&past, language));
    }
    let gate = match read_wait(&ctx.request.query)? {
        Some(wait) => wait_for_change(ctx, wait).await?,
        None => {
            let target = ctx.request.query.get("target")?;
            gates::show(&ctx.edge.app, &ctx.proof, ctx.request.param("sha"), target).await?
        }
    };
    Reply::json(&translate::gate(&gate, language))
}

pub async fn verdicts(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let before = query.get("before")?.map(|text| integer("before", text)).transpose()?;
    let range = RecordRange { until: filters::time(query, "until")?, before, ..RecordRange::default() };
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let (sha, target) = (ctx.request.param("sha"), query.get("target")?);
    let page = verdicts::list(&ctx.edge.app, &ctx.proof, sha, target, range, limit).await?;
    Reply::json(&translate::recorded(&page, ctx.request.language))
}

/// The gate when its version exceeds the given one, or at the end of the wait.
async fn wait_for_change(ctx: Context<WithRole<Reads>>, (time, after): Wait) -> Result<Gate> {
    let Context { edge, proof, request } = ctx;
    let end = Instant::now() + time;
    let target = request.query.get("target")?;
    // The subscription comes before the read, so that no change committed between the two is missed.
    let mut events = edge.events.subscribe(&edge.app, proof.caller().user.id, proof.repository().id).await?;
    let sha = request.param("sha");
    // Before the gate: a later change is then noticed.
    let mut changes = gates::changes(&edge.app, &proof, sha).await?;
    let mut gate = gates::show(&edge.app, &proof, sha, target).await?;
    let (mut version, mut due) = progress(&gate);
    let after = after.unwrap_or(version);
    let stopping = request.stopping.clone();
    let mut access = AccessRecheck::new(&NATIVE, &request, &proof);
    while version <= after {
        let now = Instant::now();
        let ends = tokio::select! {
            () = events.change_of_commit(sha) => false,
            () = sleep_until(now + until_next_look(due, &edge.app.trusted_time())) => false,
            () = sleep_until(end) => true,
            () = stopping.wait() => true,
        };
        if !ends {
            sleep_until((now + PAUSE).min(end)).await;
        }
        // The caller's access may have changed in the meantime.
        let proof = access.proof(&edge).await?;
        let before = mem::replace(&mut changes, gates::changes(&edge.app, &proof, sha).await?);
        let is_due = due.is_some_and(|due| due <= edge.app.trusted_time().wall());
        if ends || is_due || changes != before {
            gate = gates::show(&edge.app, &proof, sha, target).await?;
            (version, due) = progress(&gate);
        }
        if ends {
            break;
        }
    }
    Ok(gate)
}

/// The version of the gate, and the next end of a period.
fn progress(gate: &Gate) -> (i64, Option<Timestamp>) {
    let evaluation = gate.evaluation();
    (evaluation.version, evaluation.next_due)
}

/// At the end of the next period, at the latest after [`POLL`].
fn until_next_look(due: Option<Timestamp>, time: &TrustedTime) -> Duration {
    let until_due = due.map(|due| Duration::try_from(due.duration_since(time.wall())).unwrap_or_default());
    until_due.map_or(POLL, |until_due| until_due.min(POLL))
}

pub async fn expect(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let new: GateExpectation = json::read("expectation", ctx.request.body()?)?;
    let input = translate::read_expectation(new);
    let known = gates::expect(&ctx.edge.app, &ctx.proof, ctx.request.param("sha"), input).await?;
    Ok(Reply::json(&translate::expectation(&known))?.status(201))
}

pub async fn add_override(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let new: NewGateOverride = json::read("override", ctx.request.body()?)?;
    let input = OverrideInput { requirement: new.requirement, reason: new.reason };
    let (app, sha) = (&ctx.edge.app, ctx.request.param("sha"));
    let decision = gates::add_override(app, &ctx.proof, sha, new.target.as_deref(), input).await?;
    Ok(Reply::json(&translate::decision(&decision))?.status(201))
}

pub async fn withdraw_override(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let number = integer("override_id", ctx.request.param("override_id"))?;
    if number < 1 {
        return Err(Invalid::new("override_id", Problem::OutOfRange { min: 1, max: i64::MAX }).into());
    }
    let (app, sha) = (&ctx.edge.app, ctx.request.param("sha"));
    gates::withdraw_override(app, &ctx.proof, sha, number).await?;
    Ok(Reply::no_content())
}
