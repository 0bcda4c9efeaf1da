//! The dialect as a value.

use super::{error, response};
use crate::auth::Accepts;
use crate::auth::cookie::SessionCookie;
use crate::dialect::{Dialect, general_headers, general_unknown_route, repository_by_id};

/// The dialect of pages. It has every path that no other dialect has.
pub static PAGES: Dialect = Dialect {
    name: "person",
    title: ("页面", "Pages"),
    prefixes: &[""],
    serves_pages: true,
    accepts: Accepts {
        x_auth_token: true,
        private_token: true,
        bearer: true,
        basic: false,
        signature: true,
        query: &[],
        cookie: SessionCookie::Forms,
    },
    repository: repository_by_id,
    error: error::reply,
    unknown_route: error::unknown_route,
    complete: response::complete,
};

/// The paths of assets. An unknown one is no page.
pub static ASSETS: Dialect =
    Dialect { prefixes: &["/assets/"], serves_pages: false, unknown_route: general_unknown_route, ..PAGES };

/// Feeds, which programs read: they get no redirect to the sign-in page, and send a token as a password, in a header or
/// in the address.
pub static FEEDS: Dialect = Dialect {
    prefixes: &["/cctray.xml", "/feed.atom", "/account/subscriptions.atom"],
    serves_pages: false,
    accepts: Accepts { basic: true, ..PAGES.accepts },
    error: error::reply_to_program,
    unknown_route: general_unknown_route,
    complete: general_headers,
    ..PAGES
};
