//! Feeds: the health of branches as CCTray XML, and finished pipelines as Atom. Rights are checked for each request.

use super::conditional;
use super::repositories::health_filter;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::language::Language;
use crate::native::filters;
use crate::request::IncomingRequest;
use crate::routes::{Context, FeedReader, FeedReaderOfRepository};
use crate::state::Edge;
use domain::actions::{pipelines, repository_health, subscriptions};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{PipelineId, hex};
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::repository_health::{RANKED_MAX, latest_finished};
use domain::model::status::Status;
use http::{HeaderValue, StatusCode};
use pages::{AtomEntry, AtomFeed, CctrayProject, FeedSubject, cctray, links};

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const ATOM: HeaderValue = HeaderValue::from_static("application/atom+xml; charset=utf-8");
/// Most entries of a feed, and their number without `limit`.
const ENTRIES_MAX: u32 = 50;
/// The default branches of all readable repositories, as many as are ordered by health.
const ALL: Page = Page { offset: 0, limit: RANKED_MAX };

/// The default branches of repositories as CCTray XML.
pub async fn all_cctray(ctx: Context<FeedReader>) -> Result<Reply> {
    let filter = health_filter(&ctx.request.query)?;
    let list = repository_health::list(&ctx.edge.app, &ctx.proof, filter, ALL).await?;
    let repositories = list.repositories.iter();
    let projects: Vec<_> = repositories
        .map(|of| CctrayProject { repository: &of.repository, git_ref: None, branch: &of.branch })
        .collect();
    Ok(send(&ctx.edge, &ctx.request, XML, cctray(&ctx.request.public_url(), &projects)))
}

/// A branch of a repository as CCTray XML; without `ref`, the default branch.
pub async fn cctray_of_repository(ctx: Context<FeedReaderOfRepository>) -> Result<Reply> {
    let asked = filters::text(&ctx.request.query, "ref")?;
    let (git_ref, branch) = repository_health::of_ref(&ctx.edge.app, &ctx.proof, asked.as_deref()).await?;
    let repository = ctx.proof.repository();
    let git_ref = Some(git_ref.as_str()).filter(|git_ref| *git_ref != repository.default_branch);
    let project = CctrayProject { repository, git_ref, branch: &branch };
    Ok(send(&ctx.edge, &ctx.request, XML, cctray(&ctx.request.public_url(), &[project])))
}

/// The pipelines of the default branches that ended last, as Atom.
pub async fn all_atom(ctx: Context<FeedReader>) -> Result<Reply> {
    let (request, query) = (&ctx.request, &ctx.request.query);
    let (limit, language) = (filters::limit(query, ENTRIES_MAX)?, language(request)?);
    let list = repository_health::list(&ctx.edge.app, &ctx.proof, health_filter(query)?, ALL).await?;
    let latest = latest_finished(&list.repositories, limit as usize);
    let entries: Vec<_> = latest
        .into_iter()
        .map(|(repository, pipeline)| AtomEntry {
            repository,
            git_ref: &repository.default_branch,
            pipeline: pipeline.clone(),
            job: None,
        })
        .collect();
    let (base, own) = (request.public_url(), address(request, "/feed.atom", None));
    let subject = FeedSubject::All;
    let feed = AtomFeed { language, base: &base, subject, address: &own, next: None, entries: &entries };
    Ok(send(&ctx.edge, request, ATOM, feed.xml()))
}

/// The finished pipelines of a repository as Atom, newest first.
pub async fn atom_of_repository(ctx: Context<FeedReaderOfRepository>) -> Result<Reply> {
    let (request, repository) = (&ctx.request, ctx.proof.repository());
    let query = &request.query;
    let (limit, language) = (filters::limit(query, ENTRIES_MAX)?, language(request)?);
    let git_ref = filters::text(query, "ref")?;
    let before = query.get("before")?.map(PipelineId::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let filter = PipelineFilter { statuses: finished(query)?, git_ref, ..PipelineFilter::default() };
    let start = Start::After(before.map(PipelineId::get));
    let window = Window { order: PipelineOrder::Id, descending: true, start, limit };
    let found = pipelines::find(&ctx.edge.app, &ctx.proof, filter, window).await?;
    let entries: Vec<_> = found
        .items
        .iter()
        .map(|of| AtomEntry { repository, git_ref: &of.identity.git_ref, pipeline: of.into(), job: None })
        .collect();
    let path = format!("/repositories/{}/feed.atom", repository.id);
    // The reader of an address with a token cannot follow one without it, and no feed contains a token.
    let has_token = query.get("token")?.is_some();
    let next = found.next.filter(|_| !has_token).map(|id| address(request, &path, Some(&id.to_string())));
    let (base, own) = (request.public_url(), address(request, &path, None));
    let feed = AtomFeed {
        language,
        base: &base,
        subject: FeedSubject::Repository(repository),
        address: &own,
        next: next.as_deref(),
        entries: &entries,
    };
    Ok(send(&ctx.edge, request, ATOM, feed.xml()))
}

/// The failed and fixed pipelines and jobs that match the subscriptions of the caller, as Atom, latest first.
pub async fn atom_of_subscriptions(ctx: Context<FeedReader>) -> Result<Reply> {
    let (request, query) = (&ctx.request, &ctx.request.query);
    let (limit, language) = (filters::limit(query, ENTRIES_MAX)?, language(request)?);
    let results = subscriptions::results(&ctx.edge.app, &ctx.proof, limit as usize).await?;
    let entries: Vec<_> = results
        .iter()
        .map(|of| AtomEntry {
            repository: &of.repository,
            git_ref: &of.pipeline.identity.git_ref,
            pipeline: (&of.pipeline).into(),
            job: of.job.as_ref(),
        })
        .collect();
    let (base, own) = (request.public_url(), address(request, "/account/subscriptions.atom", None));
    let subject = FeedSubject::Subscriptions(&ctx.proof.caller().user);
    let feed = AtomFeed { language, base: &base, subject, address: &own, next: None, entries: &entries };
    Ok(send(&ctx.edge, request, ATOM, feed.xml()))
}

/// The statuses of the parameter `status`, which are finished ones; without it, all of those.
fn finished(query: &Query) -> Result<Vec<Status>, Invalid> {
    let asked = filters::statuses(query)?;
    if asked.iter().any(|status| !status.is_finished()) {
        return Err(Invalid::new("status", Problem::NotOneOf { allowed: Status::FINISHED_NAMES }));
    }
    let all = || Status::ALL.into_iter().filter(|status| status.is_finished()).collect();
    Ok(if asked.is_empty() { all() } else { asked })
}

/// The address of a feed with the parameters of the request, except the token; `before` instead of its own, if given.
fn address(request: &IncomingRequest, path: &str, before: Option<&str>) -> String {
    const KEPT: [&str; 6] = ["q", "health", "ref", "status", "limit", "language"];
    let is_kept = |name: &str| KEPT.contains(&name) || (name == "before" && before.is_none());
    let pairs = request.query.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = pairs.filter(|(name, _)| is_kept(name));
    let pairs: Vec<(&str, &str)> = kept.chain(before.map(|before| ("before", before))).collect();
    links::address(path, &pairs)
}

/// The language of the texts: as for other requests, but the parameter `language` has precedence, because feed readers
/// send no language.
fn language(request: &IncomingRequest) -> Result<Language, Invalid> {
    let Some(tag) = request.query.get("language")? else { return Ok(request.language) };
    let allowed = &["zh", "en"];
    Language::from_tag(tag).ok_or_else(|| Invalid::new("language", Problem::NotOneOf { allowed }))
}

/// A feed with its entity tag, or 304 if the reader has it.
fn send(edge: &Edge, request: &IncomingRequest, content_type: HeaderValue, xml: String) -> Reply {
    let etag = format!("\"{}\"", hex(&edge.app.secrets.digest(xml.as_bytes())[..12]));
    let reply = if conditional::has(request, &etag) {
        conditional::not_modified(&etag)
    } else {
        Reply::new(StatusCode::OK, content_type, xml)
    };
    reply
        .header("etag", &etag)
        .header("cache-control", "private, no-cache")
        .header("vary", "Accept-Language, Authorization, Cookie")
        .header("referrer-policy", "no-referrer")
        .header("content-security-policy", "default-src 'none'")
}
