//! The pages of destinations and their forwarded states, for users who manage the repository.

use super::forms;
use super::frame::frame;
use super::response::reply;
use super::settings::{Managed, path as settings_path};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::destinations::{id, log};
use crate::native::forwarded_states::filter;
use crate::native::translate::destinations as translate;
use domain::actions::{destinations, forwarded_states};
use domain::error::{Error, Result};
use domain::model::destinations::{DestinationChange, DestinationInput};
use domain::model::ids::DestinationId;
use domain::ports::DestinationOverview;
use pages::forms::SubmittedForm;
use pages::{DestinationPage, Destinations, Notice};
use serde::Serialize;
use wire::native::destinations::{ForwardedState, ForwardedStateList};

/// The fields of the forms that an error may be about.
const KNOWN: &[&str] = &["kind", "url", "project", "token", "choice", "jobs", "except_sources"];

fn list_path(ctx: &Managed) -> String {
    format!("{}/destinations", settings_path(ctx))
}

fn path(ctx: &Managed) -> String {
    format!("{}/{}", list_path(ctx), ctx.request.param(DestinationId::FIELD))
}

pub async fn list(ctx: Managed) -> Result<Reply> {
    list_page(&ctx, &SubmittedForm::default()).await
}

async fn list_page(ctx: &Managed, submitted: &SubmittedForm) -> Result<Reply> {
    let rows = forwarded_states::overviews(&ctx.edge.app, &ctx.proof).await?;
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let repository = ctx.proof.repository();
    let native = || DestinationsWithStates { destinations: rows.iter().map(with_states).collect() };
    let page = || {
        Destinations { frame: &frame, repository, can_manage: true, rows: &rows, submitted, notice }.html()
    };
    reply(&ctx.request, native, page)
}

/// The destinations of the native API, each with the states that the page shows.
#[derive(Serialize)]
struct DestinationsWithStates {
    destinations: Vec<DestinationWithStates>,
}

#[derive(Serialize)]
struct DestinationWithStates {
    #[serde(flatten)]
    destination: wire::native::destinations::Destination,
    sent: Option<ForwardedState>,
    waiting: Vec<ForwardedState>,
}

fn with_states(row: &DestinationOverview) -> DestinationWithStates {
    DestinationWithStates {
        destination: translate::destination(&row.destination),
        sent: row.sent.as_ref().map(translate::state),
        waiting: row.unsent.iter().map(translate::state).collect(),
    }
}

/// The common part of the forms.
struct Fields {
    url: String,
    project: String,
    token: Option<String>,
    choice: Option<String>,
    /// Patterns are used only if jobs are chosen.
    jobs: Option<Vec<String>>,
    except_sources: Vec<String>,
}

fn read(fields: &Query) -> Result<Fields> {
    let lines = |name: &str| -> Result<Vec<String>> {
        let text = forms::text(fields, name)?.unwrap_or_default();
        Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    };
    let choice = forms::text(fields, "choice")?;
    let jobs = lines("jobs")?;
    Ok(Fields {
        url: forms::text(fields, "url")?.unwrap_or_default(),
        project: forms::text(fields, "project")?.unwrap_or_default(),
        token: forms::text(fields, "token")?,
        jobs: (choice.as_deref() == Some("jobs")).then_some(jobs),
        choice,
        except_sources: lines("except_sources")?,
    })
}

pub async fn create(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let added = async {
        let Fields { url, project, token, choice, jobs, except_sources } = read(&fields)?;
        let kind = forms::text(&fields, "kind")?.unwrap_or_default();
        let token = token.unwrap_or_default();
        let new = DestinationInput { kind, url, project, token, choice, jobs, except_sources, enabled: true };
        destinations::add(app, &ctx.proof, allowed, new).await
    };
    match added.await {
        Ok(destination) => {
            log(&ctx, destination.id, "added a destination");
            Ok(forms::done(&format!("{}/{}", list_path(&ctx), destination.id), Notice::Created))
        }
        Err(error) => {
            let submitted = forms::with_error("destination", KNOWN, &fields, &error, &ctx.request)?;
            Ok(list_page(&ctx, &submitted).await?.status(400))
        }
    }
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    page(&ctx, &SubmittedForm::default()).await
}

async fn page(ctx: &Managed, submitted: &SubmittedForm) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let destination = destinations::show(app, by, id(ctx)?).await?;
    let (filter, limit) = filter(&ctx.request.query)?;
    let progress = filter.progress;
    let mut states = forwarded_states::list(app, by, destination.id, filter).await?;
    let more = states.len() > limit as usize;
    states.truncate(limit as usize);
    let next_before = states.last().filter(|_| more).map(|last| last.state.id);
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, by);
    let native = || ForwardedStateList { states: states.iter().map(translate::state).collect(), next_before };
    let page = || {
        let (repository, destination, states) = (by.repository(), &destination, &states[..]);
        DestinationPage {
            frame: &frame,
            repository,
            can_manage: true,
            destination,
            states,
            progress,
            next_before,
            submitted,
            notice,
        }
        .html()
    };
    reply(&ctx.request, native, page)
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let fields = forms::fields(&ctx.request)?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let changed = async {
        let Fields { url, project, token, choice, jobs, except_sources } = read(&fields)?;
        let change = DestinationChange {
            url: Some(url),
            project: Some(project),
            token,
            choice,
            jobs,
            except_sources: Some(except_sources),
            enabled: None,
        };
        destinations::change(app, &ctx.proof, allowed, id, change).await
    };
    match changed.await {
        Ok(_) => {
            log(&ctx, id, "changed a destination");
            Ok(forms::done(&path(&ctx), Notice::Saved))
        }
        // A destination that does not exist is an error of the page, not of the form.
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, "change", &fields, &error).await,
    }
}

/// The page again, with an error of a form.
async fn with_error(ctx: &Managed, form: &str, fields: &Query, error: &Error) -> Result<Reply> {
    let submitted = forms::with_error(form, KNOWN, fields, error, &ctx.request)?;
    Ok(page(ctx, &submitted).await?.status(400))
}

pub async fn switch(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let enabled = forms::fields(&ctx.request)?.flag("enabled")?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let change = DestinationChange { enabled, ..DestinationChange::default() };
    destinations::change(app, &ctx.proof, allowed, id, change).await?;
    log(&ctx, id, "changed a destination");
    Ok(forms::done(&path(&ctx), Notice::Saved))
}

pub async fn delete(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    destinations::remove(&ctx.edge.app, &ctx.proof, id).await?;
    log(&ctx, id, "removed a destination");
    Ok(forms::done(&list_path(&ctx), Notice::Removed))
}

pub async fn test(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    match forwarded_states::test(&ctx.edge.app, &ctx.proof, id(&ctx)?).await {
        Ok(_) => Ok(forms::done(&path(&ctx), Notice::Queued)),
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, "actions", &fields, &error).await,
    }
}

pub async fn retry(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    match forwarded_states::retry(&ctx.edge.app, &ctx.proof, id(&ctx)?).await {
        Ok(_) => Ok(forms::done(&path(&ctx), Notice::Queued)),
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, "actions", &fields, &error).await,
    }
}
