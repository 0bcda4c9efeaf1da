//! The frame of every page: the user, the language, the theme and the time zone, and the methods that
//! templates call.

use crate::messages::{Language, Text, common as msg};
use crate::{Html, icons, links, times, zones};
use domain::Timestamp;
use domain::model::status::Status;
use jiff::tz::{Offset, TimeZone};
use std::borrow::Borrow;
use std::fmt::Display;

/// The colour theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The theme of the operating system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All themes, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` and of the cookie.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a value that [`as_str`](Self::as_str) returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    pub(crate) const fn label(self) -> Text {
        match self {
            Self::System => msg::THEME_SYSTEM,
            Self::Light => msg::THEME_LIGHT,
            Self::Dark => msg::THEME_DARK,
        }
    }
}

/// The signed-in user.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user name.
    pub name: String,
    /// Whether the user is an administrator.
    pub admin: bool,
}

/// The field of [`Frame::form_id`].
pub const FORM_ID: &str = "form_id";

/// The common data of every page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language of the texts.
    pub language: Language,
    /// The colour theme.
    pub theme: Theme,
    /// The time zone of the times.
    pub zone: TimeZone,
    /// The default time zone of the server, offered in the menu beside UTC.
    pub server_zone: Offset,
    /// When the page is rendered.
    pub now: Timestamp,
    /// The signed-in user, if any.
    pub person: Option<Person>,
    /// Path and query of the page, without `base`. The preferences form returns to it.
    pub address: String,
    /// The path that the server has behind a reverse proxy: empty, or `/stagepost`. Paths in this crate are without it;
    /// templates write it before each.
    pub base: String,
    /// Whether only the content of `<main>` is requested.
    pub fragment: bool,
    /// The id of the forms of this page that create a credential; the server processes it once. Empty on pages
    /// without such a form.
    pub form_id: String,
}

impl Frame {
    /// A text in the language of the page.
    pub fn text(&self, text: Text) -> &'static str {
        text.in_language(self.language)
    }

    /// A text with a value for the placeholder `{0}`.
    pub fn format(&self, text: Text, value: impl Display) -> String {
        fill_placeholders(self.text(text), &[&value])
    }

    /// A text with values for the placeholders `{0}` and `{1}`.
    pub fn format2(&self, text: Text, first: impl Display, second: impl Display) -> String {
        fill_placeholders(self.text(text), &[&first, &second])
    }

    /// An external text; see [`sanitize`](crate::sanitize).
    pub fn sanitize(&self, text: impl AsRef<str>) -> String {
        crate::sanitize(text.as_ref())
    }

    /// A time: relative, with the absolute time in the title. The script switches between the two.
    pub fn time(&self, at: impl Borrow<Timestamp>) -> Html {
        times::time(self, *at.borrow())
    }

    /// The texts of relative times, separated by `|`, for the script that updates them.
    pub(crate) fn relative_texts(&self) -> String {
        times::RELATIVE_TEXTS.map(|text| self.text(text)).join("|")
    }

    /// The icon and the name of a status.
    pub fn badge(&self, status: impl Borrow<Status>) -> Html {
        icons::badge(self, *status.borrow())
    }

    /// The icon of a status, for places where the name is beside it or in a label.
    pub fn icon(&self, status: impl Borrow<Status>) -> Html {
        icons::icon(*status.borrow())
    }

    /// The name of a status.
    pub fn status(&self, status: impl Borrow<Status>) -> &'static str {
        self.text(status_text(*status.borrow()))
    }

    /// A link to an external URL; see [`links::external`].
    pub fn external(&self, url: impl AsRef<str>, text: impl AsRef<str>) -> Html {
        links::external(url.as_ref(), text.as_ref())
    }

    /// The field with the id of a form.
    pub(crate) fn form_id_field(&self) -> Html {
        let id = crate::escape(&self.form_id);
        Html(format!("<input type=\"hidden\" name=\"{FORM_ID}\" value=\"{id}\">"))
    }

    /// The area of the main navigation: the first segment of the path.
    pub fn area(&self) -> &str {
        let path = self.address.split('?').next().unwrap_or_default();
        path.split('/').nth(1).unwrap_or_default()
    }

    /// The attribute `aria-current` of a link in the main navigation.
    pub(crate) fn aria_current(&self, area: &str) -> Html {
        Html(if self.area() == area { " aria-current=\"page\"".into() } else { String::new() })
    }

    /// Whether the page is one of those in the menu of the API.
    pub(crate) fn is_in_api(&self) -> bool {
        ["explorer", "errors"].contains(&self.area())
    }

    /// The time zones of the menu, including the selected one.
    pub(crate) fn zones(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in [zones::offset_label(self.server_zone), "UTC".to_owned(), self.zone_label()] {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// The label of the selected time zone.
    pub(crate) fn zone_label(&self) -> String {
        zones::label(&self.zone)
    }
}

/// Fills the placeholders `{0}`, `{1}`... of a text. Placeholders inside a value are not filled.
pub fn fill_placeholders(text: &str, values: &[&dyn Display]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let Some((index, after)) = after.split_once('}') else { break };
        if let Some(value) = index.parse().ok().and_then(|index: usize| values.get(index)) {
            out += &value.to_string();
        }
        rest = after;
    }
    out + rest
}

/// The name of a status in both languages.
pub const fn status_text(status: Status) -> Text {
    match status {
        Status::Pending => msg::PENDING,
        Status::Running => msg::RUNNING,
        Status::Success => msg::SUCCESS,
        Status::Failed => msg::FAILED,
        Status::Canceled => msg::CANCELED,
        Status::Skipped => msg::SKIPPED,
        Status::TimedOut => msg::TIMED_OUT,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A frame for tests: English, `+08:00`, 2026-11-24 08:00 UTC.
    pub(crate) fn frame() -> Frame {
        Frame {
            language: Language::English,
            theme: Theme::System,
            zone: TimeZone::fixed(Offset::constant(8)),
            server_zone: Offset::constant(8),
            now: "2026-11-24T08:00:00Z".parse().unwrap(),
            person: Some(Person { name: "root".into(), admin: true }),
            address: "/repositories?q=x".into(),
            base: String::new(),
            fragment: false,
            form_id: String::new(),
        }
    }

    #[test]
    fn placeholders_are_filled_once() {
        assert_eq!(fill_placeholders("{1} of {0}", &[&"{1}", &2]), "2 of {1}");
        assert_eq!(fill_placeholders("plain", &[]), "plain");
    }

    #[test]
    fn the_area_is_the_first_part_of_the_path() {
        assert_eq!(frame().area(), "repositories");
        assert_eq!(frame().aria_current("repositories").to_string(), " aria-current=\"page\"");
        assert_eq!(frame().aria_current("errors").to_string(), "");
    }
}
