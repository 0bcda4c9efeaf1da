//! Signing in.

use crate::Frame;
use crate::messages::{Text, sessions as w};
use askama::Template;

/// The form to sign in.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Where to go then.
    pub next: &'a str,
    /// The name as it was tried.
    pub name: &'a str,
    /// A token was tried, no name.
    pub by_token: bool,
    /// Why it did not work.
    pub wrong: Option<Text>,
}

impl SignIn<'_> {
    fn wrong_text(&self) -> Option<&'static str> {
        self.wrong.map(|text| self.frame.say(text))
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// The question of a link that signs in once: nothing signs in by being looked at.
#[derive(Debug, Template)]
#[template(path = "sign_in_once.html")]
pub struct SignInOnce<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Where to go then.
    pub next: &'a str,
    /// The word of the link.
    pub word: &'a str,
}

impl SignInOnce<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}
