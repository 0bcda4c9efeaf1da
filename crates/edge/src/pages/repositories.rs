//! The first page: the repositories that the user may see, with the health of their default branches.

use super::frame::frame;
use super::response::html;
use super::{conditional, forms};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Admin, Authenticated, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repository_health::HealthFilter;
use domain::actions::{repositories, repository_health};
use domain::error::{Invalid, Problem, Result};
use domain::model::page::Page;
use domain::model::repositories::{NewRepository, Repository, Visibility};
use domain::model::repository_health::{Health, HealthPage};
use pages::forms::SubmittedForm;
use pages::paging::Pager;
use pages::{NewRepositoryPage, Notice, Repositories, links};

/// The repositories of a page unless the address has another number.
const ROWS: &str = "100";

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let query = &request.query;
    let page = Page::parse(query.get("offset")?, Some(query.get("limit")?.unwrap_or(ROWS)))?;
    let filter = health_filter(query)?;
    let (q, only) = (filter.search.clone().unwrap_or_default(), filter.only.clone());
    let list = repository_health::list(app, &ctx.proof, filter, page).await?;
    if request.wants_json {
        return Reply::json(&translate::repository_health::list(&list, app.clock.now()));
    }
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let is_admin = ctx.proof.caller().is_administrator();
    let etag = conditional::etag(&frame, &[digest(&list), is_admin.into()], pages::is_active(&list));
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let health: Vec<&str> = only.iter().map(|health| health.as_str()).collect();
    let (health, limit) = (health.join(","), query.get("limit")?.unwrap_or_default());
    let at = |offset: u32| {
        let offset = offset.to_string();
        let query = [("q", q.as_str()), ("health", &health), ("limit", limit), ("offset", &offset)];
        links::address("/repositories", &query)
    };
    let after = page.offset.saturating_add(page.limit);
    let pager = Pager {
        before: (page.offset > 0).then(|| at(page.offset.saturating_sub(page.limit))),
        after: (u64::from(after) < list.total).then(|| at(after)),
        by_time: false,
    };
    let view = Repositories { frame: &frame, q: &q, only: &only, list: &list, pager, etag: &etag };
    Ok(html(view.html()).header("etag", &etag))
}

/// The search and the filter by health in an address.
///
/// # Errors
/// [`Invalid`] on `health`.
pub fn health_filter(query: &Query) -> Result<HealthFilter, Invalid> {
    let search = query.get("q")?.unwrap_or_default().trim();
    let names = query.all("health").flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    let mut only = Vec::new();
    for name in names {
        let unknown = || Invalid::new("health", Problem::NotOneOf { allowed: Health::NAMES });
        let health = Health::parse(name).ok_or_else(unknown)?;
        if !only.contains(&health) {
            only.push(health);
        }
    }
    Ok(HealthFilter { search: Some(search.to_owned()).filter(|search| !search.is_empty()), only })
}

/// A digest of what the page shows, except times.
fn digest(list: &HealthPage) -> i64 {
    let counts = list.counts.map(|counts| Health::ALL.map(|health| counts.get(health)));
    let rows = list.repositories.iter().map(|of| {
        let Repository { id, path, description, default_branch, visibility, archived, .. } = &of.repository;
        let shown = (id, path, description, default_branch, visibility.as_str(), archived);
        let pipelines = of.branch.pipelines.iter().map(|pipeline| (pipeline.id, pipeline.version));
        (shown, of.running_elsewhere, pipelines.collect::<Vec<_>>())
    });
    conditional::digest_of(&(list.total, counts, rows.collect::<Vec<_>>()))
}

pub async fn show_new(ctx: Context<Admin>) -> Result<Reply> {
    new_page(&ctx, &SubmittedForm::default()).await
}

async fn new_page(ctx: &Context<Admin>, submitted: &SubmittedForm) -> Result<Reply> {
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    Ok(html(NewRepositoryPage { frame: &frame, submitted }.html()))
}

/// Creates a repository, and leads on to the settings that connect it.
pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let created = async {
        let name = forms::text(&fields, "visibility")?.unwrap_or_default();
        let unknown = || Invalid::new("visibility", Problem::NotOneOf { allowed: Visibility::NAMES });
        let new = NewRepository {
            path: forms::text(&fields, "path")?.unwrap_or_default(),
            description: forms::text(&fields, "description")?,
            default_branch: forms::text(&fields, "default_branch")?,
            visibility: Some(Visibility::parse(&name).ok_or_else(unknown)?),
            ..NewRepository::default()
        };
        repositories::create(&ctx.edge.app, &ctx.proof, new).await
    };
    match created.await {
        Ok(repository) => {
            Ok(forms::done(&format!("/repositories/{}/connect", repository.id), Notice::Created))
        }
        Err(error) => {
            const KNOWN: &[&str] = &["path", "description", "default_branch", "visibility"];
            let submitted = forms::with_error("repository", KNOWN, &fields, &error, &ctx.request)?;
            Ok(new_page(&ctx, &submitted).await?.status(400))
        }
    }
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = ctx.proof.repository();
    if ctx.request.wants_json {
        let current = repositories::show(&ctx.edge.app, &ctx.proof).await?;
        return Reply::json(&translate::repository(&current, Some(ctx.proof.role())));
    }
    Ok(Reply::see_other(&format!("/repositories/{}/pipelines", repository.id)))
}
