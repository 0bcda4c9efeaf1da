//! The dialect of persons: pages. Every page answers the native API's JSON where that is asked for, at the same address.

mod assets;
mod badges;
mod commits;
pub mod error;
mod explorer;
mod frame;
mod jobs;
mod kept;
mod pipeline;
mod pipelines;
mod preferences;
mod repositories;
mod sessions;

use crate::auth::Accepts;
use crate::auth::cookie::Cookie;
use crate::http::reply::Reply;
use crate::routes::{Anybody, Ctx, Dialect, Incoming, Routes, repository};
use domain::error::{Error, Result};
use frame::frame;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;

/// The dialect's name.
pub const NAME: &str = "person";

/// What a page may do in a browser: nothing but what comes from here, as a file of its own.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                          base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub static PAGES: Dialect = Dialect {
    name: NAME,
    accepts: Accepts {
        x_auth_token: true,
        private_token: true,
        bearer: true,
        signature: true,
        query: false,
        cookie: Cookie::Forms,
    },
    repository: repository::by_id,
    error: error::reply,
};

pub fn routes(routes: &mut Routes) {
    const PIPELINE: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}";
    const STAGE: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}/stages/{stage_id}";
    const JOB: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}/jobs/{job_id}";
    let on = &PAGES;
    routes.add(on, Method::GET, "/", "PageHome", home);
    routes.add(on, Method::GET, "/assets/{name}", "PageAsset", assets::show);
    routes.add(on, Method::GET, "/sign-in", "PageSignIn", sessions::show);
    routes.add(on, Method::POST, "/sign-in", "SignIn", sessions::create);
    routes.add(on, Method::POST, "/sign-out", "SignOut", sessions::end);
    routes.add(on, Method::POST, "/preferences", "SetPreferences", preferences::set);
    routes.add(on, Method::GET, "/repositories", "PageRepositories", repositories::list);
    routes.add(on, Method::GET, "/repositories/{repository_id}", "PageRepository", repositories::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/pipelines", "PagePipelines", pipelines::list);
    routes.add(on, Method::GET, PIPELINE, "PagePipeline", pipeline::show);
    routes.add(on, Method::GET, STAGE, "PageStage", pipeline::stage);
    routes.add(on, Method::GET, JOB, "PageJob", jobs::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/commits/{sha}", "PageCommit", commits::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/badge.svg", "PageBadge", badges::show);
    routes.add(on, Method::GET, "/explorer", "PageExplorer", explorer::list);
    routes.add(on, Method::GET, "/explorer/{operation}", "PageOperation", explorer::show);
    routes.add(on, Method::POST, "/explorer/token", "CreateExplorerToken", explorer::token);
}

async fn home(_: Ctx<Anybody>) -> Result<Reply> {
    Ok(Reply::see_other("/repositories"))
}

/// A page. Its headers are here and nowhere else. It is compressed, so it must not hold a fresh secret.
pub fn html(text: String) -> Reply {
    const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
    Reply::new(StatusCode::OK, HTML, text)
        .header("content-security-policy", POLICY)
        .header("referrer-policy", "same-origin")
}

/// What was asked for of the same data: the native JSON or the page.
pub fn reply<T: Serialize>(
    request: &Incoming,
    native: impl FnOnce() -> T,
    page: impl FnOnce() -> String,
) -> Result<Reply> {
    if request.wants_json { Reply::json(&native()) } else { Ok(html(page())) }
}

/// Where a page may be: whose endings of `.json` mean the native JSON.
pub fn may_be_page(path: &str) -> bool {
    !["/v1/", "/v2/", "/v3/", "/v4/", "/native/", "/api/", "/openapi/", "/assets/"]
        .iter()
        .any(|other| path.starts_with(other))
}

/// Refuses what a form of another site sent. Who names no origin is no browser.
fn own_form(request: &Incoming) -> Result<()> {
    match request.header("origin") {
        Some(origin) if !crate::auth::cookie::is_own(request, origin) => Err(Error::Forbidden),
        _ => Ok(()),
    }
}

/// Where to go on to: a path of this server, whatever was asked for.
fn next(wanted: &str) -> &str {
    let ours = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.contains('\\')
        && wanted.bytes().all(|b| b.is_ascii_graphic());
    if ours { wanted } else { "/repositories" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_stays_here() {
        for ours in ["/", "/repositories/1/pipelines?ref=a%2Fb", "/x?next=//y"] {
            assert_eq!(next(ours), ours);
        }
        for others in [
            "",
            "//evil",
            "https://evil",
            "/\\evil",
            "\\/evil",
            "evil",
            "/\tevil",
            "/a\r\nx: y",
            "javascript:x",
        ] {
            assert_eq!(next(others), "/repositories", "{others:?}");
        }
    }
}
