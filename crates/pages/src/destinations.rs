//! The pages of destinations: the list, and one with its forwarded states.

use crate::accounts::Notice;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::links::address;
use crate::messages::{Text, destinations as msg};
use crate::times::absolute;
use crate::{Frame, Html, icons, sanitize};
use askama::Template;
use domain::model::destinations::{Choice, Destination, ForgeKind};
use domain::model::forwarded_states::{Progress, StopReason, WaitReason};
use domain::model::repositories::Repository;
use domain::model::status::Status;
use domain::ports::{DestinationOverview, ListedState};
use domain::{SignedDuration, Timestamp};

/// How soon an attempt must be due for a page to be reloaded often.
const SOON: SignedDuration = SignedDuration::from_secs(10);

/// The list of destinations, with the form that adds one.
#[derive(Debug, Template)]
#[template(path = "destinations.html")]
pub struct Destinations<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The destinations, oldest first.
    pub rows: &'a [DestinationOverview],
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// One destination.
#[derive(Debug, Template)]
#[template(path = "destination.html")]
pub struct DestinationPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The destination.
    pub destination: &'a Destination,
    /// The states, newest first.
    pub states: &'a [ListedState],
    /// The progress of the states that are listed; `None`: any.
    pub progress: Option<&'static str>,
    /// The id before which the next page starts.
    pub next_before: Option<i64>,
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// The path of the list.
fn list_path(repository: &Repository) -> String {
    format!("/repositories/{}/settings/destinations", repository.id)
}

const fn kind_name(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::GitHub => "GitHub",
        ForgeKind::GitLab => "GitLab",
        ForgeKind::Gitea => "Gitea / Forgejo",
        ForgeKind::Bitbucket => "Bitbucket",
    }
}

fn choice_text(name: &str) -> Text {
    match name {
        "jobs" => msg::CHOICE_JOBS,
        "gate" => msg::CHOICE_GATE,
        _ => msg::CHOICE_PIPELINE,
    }
}

/// Whether a destination works, in words.
fn health(frame: &Frame, destination: &Destination) -> String {
    let at = |at| absolute(at, &frame.zone);
    let mut parts =
        vec![frame.text(if destination.enabled { msg::ENABLED } else { msg::DISABLED }).to_owned()];
    parts.extend(destination.failing_since.map(|since| frame.format(msg::FAILING_SINCE, at(since))));
    let paused = destination.paused_until.filter(|until| *until > frame.now);
    parts.extend(paused.map(|until| frame.format(msg::PAUSED_UNTIL, at(until))));
    parts.join(" · ")
}

/// Whether an attempt that is due at `next_at` is made soon, so that the page is about to change.
fn sends_soon(frame: &Frame, destination: &Destination, next_at: Timestamp) -> bool {
    let soon = frame.now.checked_add(SOON).unwrap_or(frame.now);
    let next_at = destination.paused_until.map_or(next_at, |until| next_at.max(until));
    destination.enabled && next_at <= soon
}

/// The progress of a state, with an icon.
fn progress(frame: &Frame, state: &ListedState) -> Html {
    let (status, text) = match state.state.progress {
        Progress::Pending(..) => (Status::Pending, msg::PENDING),
        Progress::Sent => (Status::Success, msg::SENT),
        Progress::Stopped(_) => (Status::Failed, msg::STOPPED),
    };
    icons::named(status, frame.text(text))
}

/// Why a state waits or is stopped, and when the next attempt is.
fn why(frame: &Frame, state: &ListedState) -> String {
    let reason = match state.state.progress {
        Progress::Pending(_, Some(WaitReason::Failing)) => Some(msg::FAILING),
        Progress::Pending(_, Some(WaitReason::RateLimited)) => Some(msg::RATE_LIMITED),
        Progress::Stopped(StopReason::Refused) => Some(msg::REFUSED),
        Progress::Stopped(StopReason::Exhausted) => Some(msg::EXHAUSTED),
        Progress::Pending(_, None) | Progress::Sent => None,
    };
    let next = state.state.progress.next_at().filter(|next| *next > frame.now);
    let next = next.map(|next| frame.format(msg::NEXT_ATTEMPT, absolute(next, &frame.zone)));
    let parts: Vec<String> = reason.map(|text| frame.text(text).to_owned()).into_iter().chain(next).collect();
    parts.join(" · ")
}

/// The response to the last attempt, or its error.
fn response(state: &ListedState) -> String {
    let Some(last) = &state.state.last else { return String::new() };
    let status = last.status.map(|status| status.to_string()).unwrap_or_default();
    let detail = last.error.as_deref().or(last.response_body.as_deref()).unwrap_or_default();
    sanitize(format!("{status} {detail}").trim())
}

/// The fields of a form. `of`: the destination that is changed; `None`: a new one.
struct Fields<'a> {
    frame: &'a Frame,
    submitted: &'a SubmittedForm,
    of: Option<&'a Destination>,
}

impl Fields<'_> {
    const fn form(&self) -> &'static str {
        if self.of.is_some() { "change" } else { "destination" }
    }

    fn text(&self, name: &str) -> Html {
        let (kind, label, hint, initial) = match name {
            "url" => ("url", msg::URL, msg::URL_HINT, self.of.map(|of| of.url.as_str())),
            "token" if self.of.is_some() => ("password", msg::TOKEN, msg::TOKEN_CHANGE_HINT, None),
            "token" => ("password", msg::TOKEN, msg::TOKEN_HINT, None),
            _ => ("text", msg::PROJECT_FIELD, msg::PROJECT_HINT, self.of.map(|of| of.project.as_str())),
        };
        let input = TextInput {
            form: self.form(),
            name,
            kind,
            label: self.frame.text(label),
            initial: initial.unwrap_or_default(),
            hint: self.frame.text(hint),
            required: name != "token" || self.of.is_none(),
        };
        text_input(self.frame, self.submitted, input)
    }

    fn is_kind(&self, kind: &ForgeKind) -> bool {
        self.submitted.is_selected(self.form(), "kind", kind.as_str(), *kind == ForgeKind::GitHub)
    }

    fn choices(&self) -> Vec<(&'static str, &'static str, bool)> {
        let current = self.of.map_or("pipeline", |of| of.selection.choice.as_str());
        let choice = |name: &&'static str| {
            let selected = self.submitted.is_selected(self.form(), "choice", name, *name == current);
            (*name, self.frame.text(choice_text(name)), selected)
        };
        Choice::NAMES.iter().map(choice).collect()
    }

    fn lines(&self, name: &str) -> String {
        let lines = self.of.map(|of| match name {
            "jobs" => of.selection.choice.patterns(),
            _ => of.selection.except_sources.as_slice(),
        });
        let initial = lines.unwrap_or_default().join("\n");
        self.submitted.value(self.form(), name, &initial).to_owned()
    }
}

impl Destinations<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        list_path(self.repository)
    }

    fn fields(&self) -> Fields<'_> {
        Fields { frame: self.frame, submitted: self.submitted, of: None }
    }

    fn is_active(&self) -> bool {
        let mut due = self.rows.iter().filter_map(|row| Some((&row.destination, row.next_at?)));
        due.any(|(destination, next_at)| sends_soon(self.frame, destination, next_at))
    }
}

impl DestinationPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn list_path(&self) -> String {
        list_path(self.repository)
    }

    fn path(&self) -> String {
        format!("{}/{}", list_path(self.repository), self.destination.id)
    }

    fn fields(&self) -> Fields<'_> {
        Fields { frame: self.frame, submitted: self.submitted, of: Some(self.destination) }
    }

    fn is_active(&self) -> bool {
        let mut due = self.states.iter().filter_map(|state| state.state.progress.next_at());
        due.any(|next_at| sends_soon(self.frame, self.destination, next_at))
    }

    fn filters(&self) -> Vec<(String, &'static str, bool)> {
        let texts = [
            ("", msg::ANY_PROGRESS),
            ("pending", msg::PENDING),
            ("sent", msg::SENT),
            ("stopped", msg::STOPPED),
        ];
        let filter = |(name, text): (&str, Text)| {
            let link = address(&self.path(), &[("progress", name)]);
            (format!("{link}#states"), self.frame.text(text), self.progress.unwrap_or_default() == name)
        };
        texts.map(filter).into()
    }

    fn older(&self) -> Option<String> {
        let before = self.next_before?.to_string();
        Some(address(&self.path(), &[("progress", self.progress.unwrap_or_default()), ("before", &before)]))
    }
}
