//! The page of an error. Who is not signed in is sent to sign in.

use super::frame::{bare, visitor};
use super::html;
use crate::Edge;
use crate::catalogue::{Described, UNKNOWN_ROUTE, describe};
use crate::http::reply::Reply;
use crate::language::Language;
use crate::native;
use crate::routes::Incoming;
use domain::error::Error;
use http::Method;
use pages::{ErrorPage, Frame, links};

pub fn reply(error: &Error, request: &Incoming) -> Reply {
    if request.wants_json {
        return native::error::reply(error, request);
    }
    if matches!(error, Error::Unauthenticated(_)) {
        return sign_in(request);
    }
    page(&bare(request), &describe(error, request.language), request.language, &request.request_id)
}

fn sign_in(request: &Incoming) -> Reply {
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    let from_elsewhere =
        request.header("sec-fetch-site").is_some_and(|site| ["cross-site", "same-site"].contains(&site));
    if reads && from_elsewhere && request.header("sec-fetch-mode") == Some("navigate") {
        // Followed from another site the session's cookie stayed away. What this page asks for comes with it.
        return html(pages::reload_page(&bare(request)));
    }
    let next = if reads { bare(request).address } else { String::new() };
    Reply::see_other(&links::address("/sign-in", &[("next", &next)]))
}

fn page(frame: &Frame, described: &Described, language: Language, request_id: &str) -> Reply {
    let entry = described.entry;
    let page = ErrorPage {
        frame,
        status: entry.status,
        code: entry.code,
        message: &described.message,
        advice: language.pick(entry.do_zh, entry.do_en),
        request_id,
    };
    html(page.html()).status(entry.status)
}

/// For a path that no route has, when a browser asks. `None`: it is not for a page.
pub async fn unknown_route(edge: &Edge, request: &Incoming) -> Option<Reply> {
    let accepts_html = request.header("accept").is_some_and(|accept| accept.contains("text/html"));
    if !accepts_html || !super::may_be_page(request.target.path()) {
        return None;
    }
    // Whoever it is, the page is the same but for the name on it.
    let _ = visitor(edge, request).await;
    let message = request.language.pick("该地址不存在。", "This address does not exist.").to_owned();
    let described = Described { entry: UNKNOWN_ROUTE, message, field: None };
    Some(page(&bare(request), &described, request.language, &request.request_id))
}
