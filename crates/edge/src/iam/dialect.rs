//! The dialect as a value.

use super::error;
use crate::auth::Accepts;
use crate::dialect::{Dialect, general_headers, general_unknown_route, repository_by_id};

/// The IAM dialect.
pub static IAM: Dialect = Dialect {
    name: "iam",
    title: ("统一身份认证（IAM）接口", "IAM API"),
    prefixes: &["/v3/"],
    serves_pages: false,
    accepts: Accepts { x_auth_token: true, signature: true, ..Accepts::NONE },
    repository: repository_by_id,
    error: error::reply,
    unknown_route: general_unknown_route,
    complete: general_headers,
};
