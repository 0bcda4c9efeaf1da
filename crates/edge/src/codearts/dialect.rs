//! The dialect as a value: one for v4, one for v1 and v2.

use super::error;
use crate::auth::Accepts;
use crate::dialect::{
    Dialect, Text, general_headers, general_unknown_route, repository_by_id, repository_by_uuid,
};

const ACCEPTS: Accepts = Accepts { x_auth_token: true, signature: true, ..Accepts::NONE };
const TITLE: Text = ("CodeArts Repo 接口", "CodeArts Repo API");

/// v4: flat error bodies.
pub static V4: Dialect = Dialect {
    name: "codearts",
    title: TITLE,
    prefixes: &["/v4/"],
    serves_pages: false,
    accepts: ACCEPTS,
    repository: repository_by_id,
    error: error::flat,
    unknown_route: general_unknown_route,
    complete: general_headers,
};
/// v1 and v2: error bodies in an envelope.
pub static V2: Dialect = Dialect {
    name: "codearts-v2",
    title: TITLE,
    prefixes: &["/v1/", "/v2/"],
    serves_pages: false,
    accepts: ACCEPTS,
    repository: repository_by_uuid,
    error: error::nested,
    unknown_route: general_unknown_route,
    complete: general_headers,
};
