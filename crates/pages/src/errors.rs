//! The page of an error.

use crate::Frame;
use crate::messages::common as w;
use askama::Template;

/// What went wrong, in words.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The HTTP status.
    pub status: u16,
    /// The code of the catalogue.
    pub code: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What to do.
    pub advice: &'a str,
    /// What the log calls the request.
    pub request_id: &'a str,
}

impl ErrorPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// A page that asks for itself once more. A link from another site comes without the session's cookie, which is for this site alone; what
/// a page of this site asks for comes with it.
#[derive(Debug, Template)]
#[template(path = "again.html")]
struct Again<'a> {
    frame: &'a Frame,
}

/// The page that asks for itself once more.
pub fn again(frame: &Frame) -> String {
    crate::render(&Again { frame })
}
