//! The dialect as a value.

use super::error;
use crate::auth::Accepts;
use crate::auth::cookie::SessionCookie;
use crate::dialect::{Dialect, general_headers, repository_by_id};

/// The native dialect.
pub static NATIVE: Dialect = Dialect {
    name: "native",
    title: ("Stagepost 原生接口", "Stagepost's native API"),
    prefixes: &["/native/"],
    serves_pages: false,
    accepts: Accepts {
        x_auth_token: true,
        private_token: true,
        bearer: true,
        basic: false,
        signature: true,
        query: &[],
        cookie: SessionCookie::ReadOnly,
    },
    repository: repository_by_id,
    error: error::reply,
    unknown_route: |request| Some(error::unknown_route(request)),
    complete: general_headers,
};
