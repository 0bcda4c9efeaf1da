//! The dialect as a value.

use super::error;
use crate::auth::Accepts;
use crate::code_hosts;
use crate::dialect::{Dialect, general_headers};

/// The dialect of Gitea and Forgejo.
pub static GITEA: Dialect = Dialect {
    name: "gitea",
    title: ("Gitea 兼容接口", "Gitea-compatible API"),
    prefixes: &["/api/v1"],
    serves_pages: false,
    accepts: Accepts {
        x_auth_token: true,
        bearer: true,
        basic: true,
        query: &["token", "access_token"],
        ..Accepts::NONE
    },
    repository: code_hosts::repository,
    error: error::reply,
    unknown_route: |request| Some(error::unknown_route(request)),
    complete: general_headers,
};
