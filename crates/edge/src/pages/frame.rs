//! The frame of a page: what the request says of who sees it and how.

use super::preferences::{THEME, ZONE};
use crate::http::cookies;
use crate::request::IncomingRequest;
use crate::state::Edge;
use domain::Timestamp;
use domain::actions::access::{Granted, RequiredRole, SignedIn};
use domain::model::access::Caller;
use http::Method;
use jiff::tz::TimeZone;
use pages::{Frame, Person, Theme, zones};

/// The proof of a page's route, as far as it says who looks.
pub trait HasCaller {
    /// Who.
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

/// Who looks at a page that anybody may see is only a name in its frame.
impl HasCaller for Option<SignedIn> {
    fn caller(&self) -> Option<&Caller> {
        self.as_ref().map(SignedIn::caller)
    }
}

/// The page that a form stands on, which is sent to an address of its own: where the switches of its answer come back to.
fn page_of_form(path: &str) -> &str {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let kept = match parts[..] {
        ["account", ..] => 1,
        ["administration", "users"] => 1,
        ["administration", "users", ..] => 3,
        ["repositories", _, "settings", "webhooks", _, ..] => 5,
        ["repositories", _, "settings", "prune"] => 4,
        ["repositories", _, "settings", ..] => 3,
        ["sign-out" | "preferences"] => return "/repositories",
        _ => return path,
    };
    let long: usize = parts[..kept].iter().map(|part| part.len() + 1).sum();
    &path[..long]
}

/// The frame of the answer to a request.
pub fn frame(edge: &Edge, request: &IncomingRequest, proof: &impl HasCaller) -> Frame {
    Frame { person: proof.caller().map(person), now: edge.app.clock.now(), ..bare(request) }
}

fn person(who: &Caller) -> Person {
    Person { name: who.user.name.clone(), admin: who.is_administrator() }
}

/// The frame of a page that shows no times, for who is known to have signed in.
pub fn bare(request: &IncomingRequest) -> Frame {
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    let address = match request.target.path_and_query() {
        Some(target) if reads => target.as_str(),
        _ => page_of_form(request.target.path()),
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
        address: address.to_owned(),
        fragment: request.headers.contains_key("x-fragment"),
    }
}

#[cfg(test)]
mod tests {
    use super::page_of_form;

    #[test]
    fn a_form_stands_on_a_page() {
        for (form, page) in [
            ("/account/tokens", "/account"),
            ("/account/keys/AK/delete", "/account"),
            ("/administration/users", "/administration"),
            ("/administration/users/lin/tokens", "/administration/users/lin"),
            ("/administration/users/lin", "/administration/users/lin"),
            ("/repositories/7/settings/members/lin/remove", "/repositories/7/settings"),
            ("/repositories/7/settings/webhooks", "/repositories/7/settings"),
            ("/repositories/7/settings/webhooks/3/secret", "/repositories/7/settings/webhooks/3"),
            ("/repositories/7/settings/prune", "/repositories/7/settings/prune"),
            ("/sign-in", "/sign-in"),
            ("/preferences", "/repositories"),
        ] {
            assert_eq!(page_of_form(form), page);
        }
    }
}
