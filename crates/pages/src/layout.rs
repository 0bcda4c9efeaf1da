//! The frame around every page: who sees it, in which language, theme and zone, and what its template asks.

use crate::messages::{Lang, Text, common as w};
use crate::{Html, icons, links, times, zones};
use domain::Timestamp;
use domain::model::status::Status;
use jiff::tz::{Offset, TimeZone};
use std::borrow::Borrow;
use std::fmt::Display;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The three, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in `data-theme` and in the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads one of the three words.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }

    pub(crate) const fn text(self) -> Text {
        match self {
            Self::System => w::THEME_SYSTEM,
            Self::Light => w::THEME_LIGHT,
            Self::Dark => w::THEME_DARK,
        }
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Sees the administration.
    pub admin: bool,
}

/// What every page has around it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language of its texts.
    pub lang: Lang,
    /// Light or dark.
    pub theme: Theme,
    /// The zone of its times.
    pub zone: TimeZone,
    /// The zone that this server says by itself, offered beside UTC.
    pub home_zone: Offset,
    /// When it was made.
    pub now: Timestamp,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Its own address, path and query: where the switches come back to.
    pub address: String,
    /// Only what is inside `<main>` is wanted.
    pub fragment: bool,
}

impl Frame {
    /// A text.
    pub fn say(&self, text: Text) -> &'static str {
        text.in_language(self.lang)
    }

    /// A text with its place `{0}` filled.
    pub fn fill(&self, text: Text, value: impl Display) -> String {
        fill(self.say(text), &[&value])
    }

    /// A text with its places `{0}` and `{1}` filled.
    pub fn fill2(&self, text: Text, first: impl Display, second: impl Display) -> String {
        fill(self.say(text), &[&first, &second])
    }

    /// A text from outside; see [`plain`](crate::plain).
    pub fn plain(&self, text: impl AsRef<str>) -> String {
        crate::plain(text.as_ref())
    }

    /// A time: relative text made here, the time itself on hover and by a click.
    pub fn time(&self, at: impl Borrow<Timestamp>) -> Html {
        times::time(self, *at.borrow())
    }

    /// The words of [`time`](Self::time), for the script that goes on with them.
    pub(crate) fn ago(&self) -> String {
        times::AGO.map(|text| self.say(text)).join("|")
    }

    /// A status's shape and word.
    pub fn badge(&self, status: impl Borrow<Status>) -> Html {
        icons::badge(self, *status.borrow())
    }

    /// A status's shape alone, where the word stands beside it or in a label around it.
    pub fn icon(&self, status: impl Borrow<Status>) -> Html {
        icons::icon(*status.borrow())
    }

    /// A status's word.
    pub fn status(&self, status: impl Borrow<Status>) -> &'static str {
        self.say(status_text(*status.borrow()))
    }

    /// A link to an address from outside; see [`links::external`].
    pub fn external(&self, url: impl AsRef<str>, text: impl AsRef<str>) -> Html {
        links::external(url.as_ref(), text.as_ref())
    }

    /// The area of the navigation that this page is in.
    pub fn area(&self) -> &str {
        let path = self.address.split('?').next().unwrap_or_default();
        path.split('/').nth(1).unwrap_or_default()
    }

    /// `aria-current` of a link of the navigation.
    pub(crate) fn current(&self, area: &str) -> Html {
        Html(if self.area() == area { " aria-current=\"page\"".into() } else { String::new() })
    }

    /// The zones to choose from, with the chosen one.
    pub(crate) fn zones(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in [zones::offset_label(self.home_zone), "UTC".to_owned(), self.zone_label()] {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    pub(crate) fn zone_label(&self) -> String {
        zones::label(&self.zone)
    }
}

/// Fills `{0}`, `{1}`...; what a value holds is not read again.
pub fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let Some((place, after)) = after.split_once('}') else { break };
        if let Some(value) = place.parse().ok().and_then(|at: usize| values.get(at)) {
            out += &value.to_string();
        }
        rest = after;
    }
    out + rest
}

/// The word of a status in both languages.
pub const fn status_text(status: Status) -> Text {
    match status {
        Status::Pending => w::PENDING,
        Status::Running => w::RUNNING,
        Status::Success => w::SUCCESS,
        Status::Failed => w::FAILED,
        Status::Canceled => w::CANCELED,
        Status::Skipped => w::SKIPPED,
        Status::TimedOut => w::TIMED_OUT,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A frame for tests: English, `+08:00`, 2026-11-24 08:00 UTC.
    pub(crate) fn frame() -> Frame {
        Frame {
            lang: Lang::English,
            theme: Theme::System,
            zone: TimeZone::fixed(Offset::constant(8)),
            home_zone: Offset::constant(8),
            now: "2026-11-24T08:00:00Z".parse().unwrap(),
            person: Some(Person { name: "root".into(), admin: true }),
            address: "/repositories?q=x".into(),
            fragment: false,
        }
    }

    #[test]
    fn places_are_filled_once() {
        assert_eq!(fill("{1} of {0}", &[&"{1}", &2]), "2 of {1}");
        assert_eq!(fill("plain", &[]), "plain");
    }

    #[test]
    fn the_area_is_the_first_part_of_the_path() {
        assert_eq!(frame().area(), "repositories");
        assert_eq!(frame().current("repositories").to_string(), " aria-current=\"page\"");
        assert_eq!(frame().current("errors").to_string(), "");
    }
}
