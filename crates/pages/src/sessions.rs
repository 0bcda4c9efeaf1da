//! The sign-in pages.

use crate::Frame;
use crate::messages::{Text, sessions as msg};
use askama::Template;

/// The sign-in form.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The address to go to after signing in.
    pub next: &'a str,
    /// The user name of the failed attempt, else empty.
    pub name: &'a str,
    /// Whether a token was submitted.
    pub by_token: bool,
    /// The error of the failed attempt.
    pub error: Option<Text>,
    /// The request id of the failed attempt, as in the log of the server.
    pub request_id: Option<&'a str>,
    /// The identity providers.
    pub providers: &'a [ProviderLink],
    /// Whether passwords are accepted.
    pub passwords: bool,
}

/// The link to an identity provider.
#[derive(Debug)]
pub struct ProviderLink {
    /// The name of the provider.
    pub name: String,
    /// The address of this server that leads to it, without the base path.
    pub address: String,
}

impl SignIn<'_> {
    /// Whether the focus is on the user name: until a name was submitted, and then on the password.
    fn focus_name(&self) -> bool {
        !self.by_token && self.name.is_empty()
    }

    fn error_text(&self) -> Option<&'static str> {
        self.error.map(|text| self.frame.text(text))
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// The confirmation page of a one-time sign-in link. Opening the link does not sign in, so link previews
/// cannot use it up.
#[derive(Debug, Template)]
#[template(path = "sign_in_link.html")]
pub struct SignInLink<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The address to go to after signing in.
    pub next: &'a str,
    /// The token of the link.
    pub token: &'a str,
    /// Whether the user chooses a password.
    pub invited: bool,
    /// The error of the chosen password.
    pub error: Option<String>,
}

impl SignInLink<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}
