//! The frame of a page: the user, language, theme and time zone of a request.

use super::preferences::{THEME, ZONE};
use crate::auth::IN_QUERY;
use crate::http::cookies;
use crate::http::query::decode;
use crate::request::IncomingRequest;
use crate::state::Edge;
use domain::Timestamp;
use domain::actions::access::{Granted, RequiredRole, SignedIn};
use domain::model::access::Caller;
use http::Method;
use jiff::tz::TimeZone;
use pages::{Frame, Person, Theme, zones};

/// A proof that may name the caller.
pub trait HasCaller {
    /// The caller.
    fn caller(&self) -> Option<&Caller>;
}

impl HasCaller for () {
    fn caller(&self) -> Option<&Caller> {
        None
    }
}

impl HasCaller for SignedIn {
    fn caller(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

impl HasCaller for domain::actions::access::Administrator {
    fn caller(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

impl<N: RequiredRole> HasCaller for Granted<N> {
    fn caller(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

/// The optional user of a public page.
impl HasCaller for Option<SignedIn> {
    fn caller(&self) -> Option<&Caller> {
        self.as_ref().map(SignedIn::caller)
    }
}

/// The path of the page that contains a form, from the path that the form is submitted to. The switches of
/// language, theme and zone return to it.
fn page_of_form(path: &str) -> &str {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let segments = match parts[..] {
        ["account", "subscriptions", ..] => 2,
        ["account", ..] => 1,
        ["administration", "users"] => 1,
        ["administration", "users", ..] => 3,
        ["repositories", _, "settings", "webhooks", _, ..] => 5,
        ["repositories", _, "settings", "destinations", id, ..] if !id.is_empty() => 5,
        ["repositories", _, "settings", _, ..] => 4,
        ["repositories", _, "commits", _, ..] => 4,
        ["repositories", _, "pipelines", _, "jobs", _, "close"] => 6,
        ["repositories", _, "settings", ..] => 3,
        ["sign-out" | "preferences"] => return "/repositories",
        _ => return path,
    };
    let Some(segments) = parts.get(..segments) else { return path };
    let length: usize = segments.iter().map(|part| part.len() + 1).sum();
    path.get(..length).unwrap_or(path)
}

/// The address of a page without the parameters that hold a credential: pages and links repeat it.
fn without_credentials(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let is_credential = |pair: &str| {
        let name = decode(pair.split('=').next().unwrap_or_default().as_bytes(), true);
        name.is_ok_and(|name| IN_QUERY.contains(&name.as_str()))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_credential(pair)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// The frame of the response to a request.
pub fn frame(edge: &Edge, request: &IncomingRequest, proof: &impl HasCaller) -> Frame {
    let form_id = edge.app.random().map(|bytes: [u8; 16]| bytes.iter().map(|b| format!("{b:02x}")).collect());
    Frame {
        person: proof.caller().map(person),
        now: edge.app.clock.now(),
        // Without random bytes, a form can be submitted again.
        form_id: form_id.unwrap_or_default(),
        ..frame_without_time(request)
    }
}

fn person(caller: &Caller) -> Person {
    Person { name: caller.user.name.clone(), admin: caller.is_administrator() }
}

/// The frame of a page without times, for the visitor of the request.
pub fn frame_without_time(request: &IncomingRequest) -> Frame {
    let read_only = matches!(request.method, Method::GET | Method::HEAD);
    let address = match request.target.path_and_query() {
        Some(target) if read_only => without_credentials(target.as_str()),
        _ => page_of_form(request.target.path()).to_owned(),
    };
    Frame {
        language: request.language,
        theme: cookies::get(&request.headers, THEME).and_then(Theme::parse).unwrap_or_default(),
        zone: cookies::get(&request.headers, ZONE)
            .and_then(zones::parse)
            .unwrap_or_else(|| TimeZone::fixed(request.home_zone)),
        server_zone: request.home_zone,
        now: Timestamp::UNIX_EPOCH,
        person: request.visitor.get().map(person),
        address,
        base: request.base_path().to_owned(),
        fragment: request.headers.contains_key("x-fragment"),
        form_id: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{page_of_form, without_credentials};

    #[test]
    fn an_address_is_repeated_without_its_token() {
        for (target, repeated) in [
            ("/wall", "/wall"),
            ("/wall?token=spf_1", "/wall"),
            ("/wall?q=a%2Fb&token=spf_1&limit=9", "/wall?q=a%2Fb&limit=9"),
            ("/wall?%74oken=spf_1&access_token=x", "/wall"),
            ("/wall?tokens=1&", "/wall?tokens=1&"),
        ] {
            assert_eq!(without_credentials(target), repeated, "{target}");
        }
    }

    #[test]
    fn a_form_belongs_to_a_page() {
        for (form, page) in [
            ("/account/tokens", "/account"),
            ("/account/keys/AK/delete", "/account"),
            ("/account/subscriptions/3/delete", "/account/subscriptions"),
            ("/administration/users", "/administration"),
            ("/administration/users/lin/tokens", "/administration/users/lin"),
            ("/administration/users/lin", "/administration/users/lin"),
            ("/repositories/7/settings/members/lin/remove", "/repositories/7/settings/members"),
            ("/repositories/7/settings/webhooks", "/repositories/7/settings/webhooks"),
            ("/repositories/7/settings/webhooks/3/secret", "/repositories/7/settings/webhooks/3"),
            ("/repositories/7/settings/prune", "/repositories/7/settings/prune"),
            ("/repositories/7/settings/destinations", "/repositories/7/settings/destinations"),
            ("/repositories/7/settings/destinations/3/test", "/repositories/7/settings/destinations/3"),
            ("/repositories/7/settings/gates", "/repositories/7/settings/gates"),
            ("/repositories/7/commits/abcd/overrides/1/withdraw", "/repositories/7/commits/abcd"),
            ("/repositories/7/commits/abcd", "/repositories/7/commits/abcd"),
            ("/repositories/7/pipelines/6/jobs/3/close", "/repositories/7/pipelines/6/jobs/3"),
            // Paths of no form.
            ("/repositories/7/commits", "/repositories/7/commits"),
            ("/repositories/7/commits/", "/repositories/7/commits/"),
            ("/repositories/7/settings/webhooks/", "/repositories/7/settings/webhooks/"),
            ("/administration/users/", "/administration/users/"),
            ("/account", "/account"),
            ("/", "/"),
            ("", ""),
            ("//", "//"),
            ("/sign-in", "/sign-in"),
            ("/preferences", "/repositories"),
        ] {
            assert_eq!(page_of_form(form), page);
        }
    }
}
