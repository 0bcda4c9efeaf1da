//! The two error bodies of CodeArts: flat in v4, in an envelope in v1 and v2 (wire fact 2.1).

use crate::catalogue::{
    self, Described, INVALID, INVALID_OLD, REPOSITORY_NOT_FOUND, REPOSITORY_NOT_FOUND_OLD,
};
use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::Error;
use http::StatusCode;
use wire::codearts::error::{Envelope, ErrorBody};

pub fn flat(error: &Error, request: &IncomingRequest) -> Reply {
    let Described { entry, mut message, .. } = catalogue::describe(error, request.language);
    if *error == Error::PipelineNotFound {
        // The published text of this code, which names no object.
        message = entry.text(request.language).to_owned();
    }
    // Only the errors of the gateway have the request id in the body.
    let body = if entry.code.starts_with("APIGW.") {
        ErrorBody::gateway(entry.code, message, request.request_id.as_str())
    } else {
        ErrorBody::new(entry.code, message)
    };
    send(serde_json::to_vec(&body), entry.status)
}

pub fn nested(error: &Error, request: &IncomingRequest) -> Reply {
    let described = catalogue::describe(error, request.language);
    // The errors of the gateway are flat in all versions.
    if described.entry.code.starts_with("APIGW.") {
        return flat(error, request);
    }
    let (code, message) = match described.entry.code {
        code if code == INVALID.code => (INVALID_OLD.code, described.message),
        code if code == REPOSITORY_NOT_FOUND.code => {
            (REPOSITORY_NOT_FOUND_OLD.code, REPOSITORY_NOT_FOUND_OLD.text(request.language).to_owned())
        }
        code => (code, described.message),
    };
    send(serde_json::to_vec(&Envelope::<()>::failed(code, message)), described.entry.status)
}

fn send(body: serde_json::Result<Vec<u8>>, status: u16) -> Reply {
    Reply::new(StatusCode::OK, JSON, body.unwrap_or_default()).status(status)
}
