//! What a browser has already need not be sent again: names for what an answer shows, and the answer that it is the same.

use crate::http::conditional;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use pages::{Frame, zones};

/// How often a page changes by time alone while something on it goes on, in seconds.
const STEP: i64 = 10;

/// The name of what is inside `<main>`: of this state, for this reader; of what goes on, for some seconds only.
pub fn name(frame: &Frame, state: &[i64], active: bool) -> String {
    let state: Vec<String> = state.iter().map(i64::to_string).collect();
    let time = if active { frame.now.as_second() / STEP } else { 0 };
    format!("\"{}.{}.{}.{time}\"", state.join("."), frame.language.code(), zones::label(&frame.zone))
}

/// True when the browser says that it has what is called so.
pub fn has(request: &IncomingRequest, name: &str) -> bool {
    conditional::has(&request.headers, name)
}

/// That it has it.
pub fn same(name: &str) -> Reply {
    Reply::nothing().status(304).header("etag", name)
}
