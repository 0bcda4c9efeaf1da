//! The page with the settings that connect a build system to a repository, and the form that creates a token or an
//! access key for them.

use super::accounts::confirmed;
use super::dialect::PAGES;
use super::forms;
use super::frame::frame;
use super::response::{html, reply, secret};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::translate::build_systems::settings;
use crate::routes::{Authenticated, Context, WithRole};
use domain::SignedDuration;
use domain::actions::access::{self, Granted, Reads, Reporting, SignedIn};
use domain::actions::{keys, pipelines, tokens};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::RepositoryId;
use domain::model::page::{Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::repositories::RepositoryKey;
use domain::model::roles::{Role, Scope};
use domain::ports::App;
use pages::build_systems::{self, BuildSystem, Connection, NAMES};
use pages::forms::SubmittedForm;
use pages::{ConnectPage, Frame, Notice};

/// The lifetime of a token that is created here.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);
/// The id of the form.
const FORM: &str = "connect";

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let system = system(&ctx.request.query)?;
    let last = last_pipeline(&ctx.edge.app, &ctx.proof).await?;
    let signed_in = ctx.edge.auth.sign_in(&ctx.edge.app, PAGES.accepts, &ctx.request).await?;
    let notice = forms::notice(&ctx.request)?;
    let connection = Connection {
        server: ctx.request.public_url(),
        path: ctx.proof.repository().path.clone(),
        token: None,
    };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        let submitted = &SubmittedForm::default();
        let page = page(&frame, &ctx.proof, system, &connection, submitted);
        ConnectPage { confirm: signed_in.ends_at().is_some(), last: last.as_ref(), notice, ..page }.html()
    };
    reply(&ctx.request, || settings(system, &connection, ctx.request.language), page)
}

fn page<'a>(
    frame: &'a Frame,
    by: &'a Granted<Reads>,
    system: &'static BuildSystem,
    connection: &'a Connection,
    submitted: &'a SubmittedForm,
) -> ConnectPage<'a> {
    ConnectPage {
        frame,
        repository: by.repository(),
        can_manage: by.role() == Role::Manage,
        can_report: by.role() >= Role::Report,
        system,
        connection,
        key: None,
        confirm: false,
        last: None,
        submitted,
        notice: None,
    }
}

/// The build system that a query or a form names; the first by default.
fn system(fields: &Query) -> Result<&'static BuildSystem> {
    let name = fields.get("system")?.unwrap_or(NAMES[0]);
    let unknown = || Invalid::new("system", Problem::NotOneOf { allowed: &NAMES });
    Ok(build_systems::find(name).ok_or_else(unknown)?)
}

/// The newest pipeline of the repository.
async fn last_pipeline(app: &App, by: &Granted<Reads>) -> Result<Option<Pipeline>> {
    let window = Window { order: PipelineOrder::Id, descending: true, start: Start::After(None), limit: 1 };
    Ok(pipelines::find(app, by, PipelineFilter::default(), window).await?.items.into_iter().next())
}

/// Creates a token for reports to a repository, or an access key for a client that reads, and shows the settings with
/// it. The form names the repository and the build system.
pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let system = system(&fields)?;
    let id = RepositoryId::parse(fields.get("repository")?.unwrap_or_default())?;
    let (key, version) = (RepositoryKey::Id(id), ctx.request.versions.access);
    let access = ctx.edge.auth.repository_access(&ctx.edge.app, &ctx.proof, &key, version).await?;
    if !system.reads {
        access::grant::<Reporting>(ctx.proof.clone(), access.clone())?;
    }
    let granted = access::grant::<Reads>(ctx.proof.clone(), access)?;
    let path = pages::links::address(&format!("/repositories/{id}/connect"), &[("system", system.name)]);
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(&path, Notice::Repeated));
    };
    let created = async {
        let by = confirmed(&ctx, &fields).await?;
        credential(&ctx.edge.app, &by, system, &granted).await
    };
    let (connection, key, submitted) = match created.await {
        Ok(created) => {
            claim.keep();
            (created.connection(&ctx, &granted), created.key, SubmittedForm::default())
        }
        Err(error) => {
            let submitted = forms::with_error(FORM, &[forms::CONFIRMATION], &fields, &error, &ctx.request)?;
            let none = Created { token: None, key: None };
            (none.connection(&ctx, &granted), None, submitted)
        }
    };
    let last = last_pipeline(&ctx.edge.app, &granted).await?;
    let frame = Frame { address: path, ..frame(&ctx.edge, &ctx.request, &ctx.proof) };
    let key = key.as_ref().map(|(access, secret)| (access.as_str(), secret.as_str()));
    let page = page(&frame, &granted, system, &connection, &submitted);
    let confirm = ctx.proof.ends_at().is_some();
    let text = ConnectPage { key, confirm, last: last.as_ref(), ..page }.html();
    Ok(if submitted.error.is_some() { html(text).status(400) } else { secret(text) })
}

/// The created credential: a token, or AK and SK.
struct Created {
    token: Option<String>,
    key: Option<(String, String)>,
}

impl Created {
    fn connection(&self, ctx: &Context<Authenticated>, by: &Granted<Reads>) -> Connection {
        Connection {
            server: ctx.request.public_url(),
            path: by.repository().path.clone(),
            token: self.token.clone(),
        }
    }
}

async fn credential(
    app: &App,
    by: &SignedIn,
    system: &BuildSystem,
    granted: &Granted<Reads>,
) -> Result<Created, Error> {
    let user = &by.caller().user.name;
    if system.reads {
        let new = keys::NewKey { description: Some(system.name.to_owned()), ..keys::NewKey::default() };
        let key = keys::create(app, by, user, new).await?;
        return Ok(Created { token: None, key: Some((key.access, key.secret)) });
    }
    let new = tokens::NewPersonalToken {
        name: system.name.to_owned(),
        scope: Scope::Report,
        repositories: vec![granted.repository().id],
        expires_at: app.clock.now().checked_add(TOKEN_LIFETIME).ok(),
        token: None,
    };
    Ok(Created { token: Some(tokens::create(app, by, user, new).await?.0), key: None })
}
