//! The page of an error. A caller who is not signed in is redirected to the sign-in page.

use super::frame::frame_without_time;
use super::response::html;
use crate::catalogue::{Described, UNKNOWN_ROUTE, describe};
use crate::http::reply::Reply;
use crate::language::Language;
use crate::native;
use crate::request::IncomingRequest;
use domain::error::Error;
use http::Method;
use pages::{ErrorPage, Frame, links};

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    if request.wants_json {
        return native::error::reply(error, request);
    }
    if matches!(error, Error::Unauthenticated(_)) {
        return sign_in(request);
    }
    page(
        &frame_without_time(request),
        &describe(error, request.language),
        request.language,
        &request.request_id,
    )
}

/// The error for a program: that of the native API. A missing credential names Basic, which readers of feeds send.
pub fn reply_to_program(error: &Error, request: &IncomingRequest) -> Reply {
    let reply = native::error::reply(error, request);
    match error {
        Error::Unauthenticated(_) => {
            reply.header("www-authenticate", "Basic realm=\"Stagepost\", charset=\"UTF-8\"")
        }
        _ => reply,
    }
}

fn sign_in(request: &IncomingRequest) -> Reply {
    let read_only = matches!(request.method, Method::GET | Method::HEAD);
    let from_other_site =
        request.header("sec-fetch-site").is_some_and(|site| ["cross-site", "same-site"].contains(&site));
    if read_only && from_other_site && request.header("sec-fetch-mode") == Some("navigate") {
        // The browser sends no session cookie when a link of another site is followed. The page requests
        // itself again, with the cookie.
        return html(pages::reload_page(&frame_without_time(request)));
    }
    let next = if read_only { frame_without_time(request).address } else { String::new() };
    Reply::see_other(&links::address("/sign-in", &[("next", &next)]))
}

fn page(frame: &Frame, described: &Described, language: Language, request_id: &str) -> Reply {
    let entry = described.entry;
    let page = ErrorPage {
        frame,
        status: entry.status,
        code: entry.code,
        message: &described.message,
        advice: language.pick(entry.advice_zh, entry.advice_en),
        request_id,
    };
    html(page.html()).status(entry.status)
}

/// The response to a path that no route has: the error of the native API where the path ends in `.json`, a
/// page where the client accepts HTML, else none.
pub fn unknown_route(request: &IncomingRequest) -> Option<Reply> {
    if request.target.path().ends_with(".json") {
        return Some(native::error::unknown_route(request));
    }
    if !request.accepts_html() {
        return None;
    }
    let message = request.language.pick("该地址不存在。", "This address does not exist.").to_owned();
    let described = Described { entry: UNKNOWN_ROUTE, message, field: None };
    Some(page(&frame_without_time(request), &described, request.language, &request.request_id))
}
