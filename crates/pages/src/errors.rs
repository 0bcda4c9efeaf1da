//! The error page.

use crate::Frame;
use crate::messages::common as msg;
use askama::Template;

/// The error page.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The HTTP status.
    pub status: u16,
    /// The code from the error catalogue.
    pub code: &'a str,
    /// The error message.
    pub message: &'a str,
    /// The suggested solution.
    pub advice: &'a str,
    /// The request id, as in the log of the server.
    pub request_id: &'a str,
}

impl ErrorPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// A page that reloads itself. A request that follows a link from another site has no session cookie, because
/// the cookie is `SameSite=Strict`; a request from a page of this site has it.
#[derive(Debug, Template)]
#[template(path = "reload.html")]
struct ReloadPage<'a> {
    frame: &'a Frame,
    /// The address to load instead.
    to: Option<&'a str>,
}

/// The page that reloads itself.
pub fn reload_page(frame: &Frame) -> String {
    crate::render(&ReloadPage { frame, to: None })
}

/// The page that loads a path of this server. Unlike a redirect, its request has the session cookie also after a visit
/// of another site.
pub fn forward_page(frame: &Frame, to: &str) -> String {
    crate::render(&ReloadPage { frame, to: Some(&format!("{}{to}", frame.base)) })
}

/// The page that loads an address of another site. Browsers do not follow a redirect of a form there, because pages
/// send forms to this site only.
pub fn leave_page(frame: &Frame, to: &str) -> String {
    crate::render(&ReloadPage { frame, to: Some(to) })
}
