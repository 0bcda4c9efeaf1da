//! The dialect of persons: pages. Every page answers the native API's JSON where that is asked for, at the same address.

mod accounts;
mod assets;
mod badges;
mod catalogue;
mod commits;
mod conditional;
pub mod error;
mod explorer;
mod forms;
mod frame;
mod insights;
mod jobs;
mod pipeline;
mod pipelines;
mod preferences;
mod repositories;
mod sessions;
mod settings;
mod webhooks;

use crate::auth::Accepts;
use crate::auth::cookie::Cookie;
use crate::http::reply::Reply;
use crate::routes::{
    AnAdministrator, Anybody, Ctx, Dialect, Incoming, Requirement, Routes, SomeUser, repository,
};
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
    routes.add(on, Method::GET, JOB, "PageJob", jobs::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/commits/{sha}", "PageCommit", commits::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/badge.svg", "PageBadge", badges::show);
    routes.add(on, Method::GET, "/explorer", "PageExplorer", explorer::list);
    routes.add(on, Method::GET, "/explorer/{operation}", "PageOperation", explorer::show);
    routes.add(on, Method::POST, "/explorer/token", "CreateExplorerToken", explorer::token);
    routes.add(on, Method::GET, STAGE, "PageFirstFailed", pipelines::first_failed);
    routes.add(on, Method::GET, "/repositories/{repository_id}/insights", "PageInsights", insights::show);
    routes.add(on, Method::GET, "/errors", "PageErrors", catalogue::show);
    accounts(routes);
    settings(routes);
}

fn accounts(routes: &mut Routes) {
    const USER: &str = "/administration/users/{user}";
    let on = &PAGES;
    routes.add(on, Method::GET, "/administration", "PageUsers", accounts::list);
    routes.add(on, Method::POST, "/administration/users", "AddUser", accounts::create);
    routes.add(on, Method::GET, USER, "PageUser", accounts::show::<AnAdministrator>);
    routes.add(on, Method::POST, USER, "EditUser", accounts::change);
    routes.add(on, Method::GET, "/account", "PageAccount", accounts::show::<SomeUser>);
    routes.add(on, Method::POST, "/account/password", "ChangeOwnPassword", accounts::change_own_password);
    credentials::<SomeUser>(
        routes,
        ["/account/tokens", "/account/tokens/{id}/delete", "/account/keys", "/account/keys/{access}/delete"],
    );
    credentials::<AnAdministrator>(
        routes,
        [
            "/administration/users/{user}/tokens",
            "/administration/users/{user}/tokens/{id}/delete",
            "/administration/users/{user}/keys",
            "/administration/users/{user}/keys/{access}/delete",
        ],
    );
}

fn credentials<N: Requirement<Proof: accounts::OwnsCredentials>>(
    routes: &mut Routes,
    paths: [&'static str; 4],
) {
    let (on, [tokens, token, keys, key]) = (&PAGES, paths);
    routes.add(on, Method::POST, tokens, "AddToken", accounts::create_token::<N>);
    routes.add(on, Method::POST, token, "RevokeToken", accounts::delete_token::<N>);
    routes.add(on, Method::POST, keys, "AddKey", accounts::create_key::<N>);
    routes.add(on, Method::POST, key, "RevokeKey", accounts::delete_key::<N>);
}

fn settings(routes: &mut Routes) {
    const SETTINGS: &str = "/repositories/{repository_id}/settings";
    const MEMBERS: &str = "/repositories/{repository_id}/settings/members";
    const MEMBER: &str = "/repositories/{repository_id}/settings/members/{user}/remove";
    const POLICIES: &str = "/repositories/{repository_id}/settings/policies";
    const PRUNE: &str = "/repositories/{repository_id}/settings/prune";
    const WEBHOOKS: &str = "/repositories/{repository_id}/settings/webhooks";
    const WEBHOOK: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}";
    const TEST: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/test";
    const SWITCH: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/switch";
    const SECRET: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/secret";
    const DELETE: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/delete";
    const REDELIVER: &str =
        "/repositories/{repository_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver";
    let on = &PAGES;
    routes.add(on, Method::GET, SETTINGS, "PageSettings", settings::show);
    routes.add(on, Method::POST, SETTINGS, "EditRepository", settings::change);
    routes.add(on, Method::POST, MEMBERS, "EditMember", settings::set_member);
    routes.add(on, Method::POST, MEMBER, "RemoveMemberByForm", settings::remove_member);
    routes.add(on, Method::POST, POLICIES, "EditPolicies", settings::set_policies);
    routes.add(on, Method::GET, PRUNE, "PagePrune", settings::look_before_pruning);
    routes.add(on, Method::POST, PRUNE, "PruneByForm", settings::prune);
    routes.add(on, Method::POST, WEBHOOKS, "AddWebhook", webhooks::create);
    routes.add(on, Method::GET, WEBHOOK, "PageWebhook", webhooks::show);
    routes.add(on, Method::POST, WEBHOOK, "EditWebhook", webhooks::change);
    routes.add(on, Method::POST, TEST, "TestWebhookByForm", webhooks::test);
    routes.add(on, Method::POST, SWITCH, "SwitchWebhook", webhooks::switch);
    routes.add(on, Method::POST, SECRET, "RotateSecretByForm", webhooks::rotate);
    routes.add(on, Method::POST, DELETE, "RemoveWebhook", webhooks::delete);
    routes.add(on, Method::POST, REDELIVER, "RedeliverByForm", webhooks::redeliver);
}

async fn home(_: Ctx<Anybody>) -> Result<Reply> {
    Ok(Reply::see_other("/repositories"))
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page. It is compressed, so it must not hold a fresh secret.
pub fn html(text: String) -> Reply {
    as_page(Reply::new(StatusCode::OK, HTML, text))
}

/// A page that holds a fresh secret. It is never compressed: how long it became would tell of what it holds.
pub fn secret(text: String) -> Reply {
    as_page(Reply::streamed(HTML, http_body_util::Full::from(text)))
}

/// With the headers of every page.
fn as_page(reply: Reply) -> Reply {
    reply.header("content-security-policy", POLICY).header("referrer-policy", "same-origin")
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
