//! The error bodies of IAM: the nested one of Keystone, and for a wrong signature the flat one of the
//! gateway, so that the Go SDK shows a code (wire fact 4.3).

use crate::catalogue::{self, Described};
use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::{AuthFailure, Error};
use http::StatusCode;
use wire::codearts::error::ErrorBody as GatewayError;
use wire::iam::error::ErrorBody;

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    let Described { entry, message, .. } = catalogue::describe(error, request.language);
    let text = |zh: &str, en: &str| request.language.pick(zh, en).to_owned();
    let message = match error {
        Error::Unauthenticated(AuthFailure::Password) => {
            text("用户名或密码错误。", "The username or password is wrong.")
        }
        Error::Unauthenticated(AuthFailure::PasswordLocked { seconds }) => text(
            &format!("密码错误次数过多，请 {seconds} 秒后重试。"),
            &format!("Too many passwords were wrong; try again in {seconds} seconds."),
        ),
        Error::Unauthenticated(
            AuthFailure::Missing
            | AuthFailure::Token(_)
            | AuthFailure::TokenUnusable { .. }
            | AuthFailure::WrongKind,
        ) => text("请求需要有效的认证信息。", "The request you have made requires authentication."),
        Error::NotFound { noun: "token" } => {
            text("请求中的 X-Subject-Token 无效。", "X-Subject-Token is invalid in the request")
        }
        _ if entry.code.starts_with("APIGW.") => {
            let body = GatewayError::gateway(entry.code, message, request.request_id.as_str());
            return send(serde_json::to_vec(&body), entry.status);
        }
        _ => message,
    };
    send(serde_json::to_vec(&ErrorBody::new(entry.status, title(entry.status), message)), entry.status)
}

fn send(body: serde_json::Result<Vec<u8>>, status: u16) -> Reply {
    Reply::new(StatusCode::OK, JSON, body.unwrap_or_default()).status(status)
}

fn title(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_the_statuses() {
        assert_eq!((title(400), title(401), title(404)), ("Bad Request", "Unauthorized", "Not Found"));
    }
}
