//! The frame of a page: what the request says of who sees it and how.

use super::PAGES;
use super::preferences::{THEME, ZONE};
use crate::Edge;
use crate::http::cookies;
use crate::language::Language;
use crate::routes::Incoming;
use domain::Timestamp;
use domain::actions::access::{Granted, Needs, SignedIn};
use domain::model::access::Caller;
use jiff::tz::TimeZone;
use pages::{Frame, Lang, Person, Theme, zones};

/// The proof of a page's route, as far as it says who looks.
pub trait Looks {
    /// Who.
    fn who(&self) -> Option<&Caller>;
}

impl Looks for () {
    fn who(&self) -> Option<&Caller> {
        None
    }
}

impl Looks for SignedIn {
    fn who(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

impl Looks for domain::actions::access::Administrator {
    fn who(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

impl<N: Needs> Looks for Granted<N> {
    fn who(&self) -> Option<&Caller> {
        Some(self.caller())
    }
}

/// Who looks at a page that anybody may see is only a name in its frame.
impl Looks for Option<SignedIn> {
    fn who(&self) -> Option<&Caller> {
        self.as_ref().map(SignedIn::caller)
    }
}

/// Whoever looks at a page that anybody may see, where they are signed in.
pub async fn visitor(edge: &Edge, request: &Incoming) -> Option<SignedIn> {
    edge.auth.sign_in(edge, PAGES.accepts, request).await.ok()
}

/// The language, as pages know it.
pub fn lang(language: Language) -> Lang {
    match language {
        Language::Chinese => Lang::Chinese,
        Language::English => Lang::English,
    }
}

/// The frame of the answer to a request.
pub fn frame(edge: &Edge, request: &Incoming, proof: &impl Looks) -> Frame {
    Frame { person: proof.who().map(person), now: edge.app.clock.now(), ..bare(request) }
}

fn person(who: &Caller) -> Person {
    Person { name: who.user.name.clone(), admin: who.is_administrator() }
}

/// The frame of a page that shows no times, for who is known to have signed in.
pub fn bare(request: &Incoming) -> Frame {
    let address = request.target.path_and_query().map_or("/", |target| target.as_str());
    Frame {
        lang: lang(request.language),
        theme: cookies::get(&request.headers, THEME).and_then(Theme::parse).unwrap_or_default(),
        zone: cookies::get(&request.headers, ZONE)
            .and_then(zones::parse)
            .unwrap_or_else(|| TimeZone::fixed(request.home_zone)),
        home_zone: request.home_zone,
        now: Timestamp::UNIX_EPOCH,
        person: request.visitor.get().map(person),
        address: address.to_owned(),
        fragment: request.headers.contains_key("x-fragment"),
    }
}
