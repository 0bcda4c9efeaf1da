//! The first page: the repositories that a user can view, with the health of their default branches.

use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::messages::{Text, repositories as msg, settings};
use crate::paging::Pager;
use crate::settings::VISIBILITIES;
use crate::times::duration;
use crate::{Frame, Html, escape};
use askama::Template;
use domain::model::repositories::{RepositoryOverview, Visibility};
use domain::model::repository_health::{Health, HealthPage};
use domain::model::status::Status;

/// The page.
#[derive(Debug, Template)]
#[template(path = "repositories.html")]
pub struct Repositories<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The search text.
    pub q: &'a str,
    /// Only repositories with one of these healths; empty: all.
    pub only: &'a [Health],
    /// The repositories of this page.
    pub list: &'a HealthPage,
    /// The links to the previous and the next page.
    pub pager: Pager,
    /// The entity tag of the page.
    pub etag: &'a str,
}

/// The page that creates a repository.
#[derive(Debug, Template)]
#[template(path = "new_repository.html")]
pub struct NewRepositoryPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
}

impl NewRepositoryPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn field(&self, name: &str, label: Text, initial: &str, hint: Option<Text>) -> Html {
        let (label, hint) =
            (self.frame.text(label), hint.map(|hint| self.frame.text(hint)).unwrap_or_default());
        let required = name == "path";
        let input = TextInput { form: "repository", name, kind: "text", label, initial, hint, required };
        text_input(self.frame, self.submitted, input)
    }
}

impl Repositories<'_> {
    /// The list of the pipelines of the default branch.
    fn branch_address(&self, of: &RepositoryOverview) -> String {
        let path = format!("/repositories/{}/pipelines", of.repository.id);
        crate::links::address(&path, &[("ref", &of.repository.default_branch)])
    }

    /// The list of the unfinished pipelines.
    fn running_address(&self, of: &RepositoryOverview) -> String {
        let path = format!("/repositories/{}/pipelines", of.repository.id);
        crate::links::address(&path, &[("status", "pending,running")])
    }

    /// Each health that repositories have: its name, their number, and the address of the list of those alone, or
    /// of all if it is selected.
    fn counts(&self) -> Vec<(Health, String, String)> {
        let Some(counts) = self.list.counts else { return Vec::new() };
        let shown = Health::ALL.into_iter().filter(|health| counts.get(*health) > 0 || self.is_only(*health));
        let count = |health: Health| {
            let only = if self.is_only(health) { "" } else { health.as_str() };
            let address = crate::links::address("/repositories", &[("q", self.q), ("health", only)]);
            (health, count_text(self.frame, health, counts.get(health)), address)
        };
        shown.map(count).collect()
    }

    fn is_only(&self, health: impl std::borrow::Borrow<Health>) -> bool {
        self.only.contains(health.borrow())
    }

    /// Whether there is nothing to show because nothing was made yet.
    fn is_first_start(&self) -> bool {
        self.list.total == 0 && self.q.is_empty() && self.only.is_empty()
    }

    /// Whether the page changes by time alone.
    fn is_active(&self) -> bool {
        is_active(self.list)
    }

    /// What a screen reader announces when it changes.
    fn summary(&self) -> String {
        match self.list.counts {
            Some(_) => self.counts().into_iter().map(|(_, text, _)| text).collect::<Vec<_>>().join(", "),
            None => self.frame.format(msg::TOTAL, self.list.total),
        }
    }

    /// Whether the user may create repositories.
    fn may_create(&self) -> bool {
        self.frame.person.as_ref().is_some_and(|person| person.admin)
    }

    fn visibility(&self, of: &RepositoryOverview) -> &'static str {
        self.frame.text(match of.repository.visibility {
            Visibility::Private => msg::PRIVATE,
            Visibility::Internal => msg::INTERNAL,
            Visibility::Public => msg::PUBLIC,
        })
    }

    /// The last pipelines, oldest first: index and status.
    fn bars(&self, of: &RepositoryOverview) -> Vec<(usize, Status)> {
        of.branch.pipelines.iter().rev().map(|pipeline| pipeline.status).enumerate().collect()
    }

    fn results_text(&self, of: &RepositoryOverview) -> String {
        let passed = of.branch.pipelines.iter().filter(|pipeline| pipeline.status == Status::Success).count();
        self.frame.format2(msg::RESULTS_TEXT, of.branch.pipelines.len(), passed)
    }

    fn progress(&self, of: &RepositoryOverview) -> Html {
        progress(self.frame, of)
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// Whether a page of repositories changes by time alone, because a pipeline runs.
pub fn is_active(list: &HealthPage) -> bool {
    list.repositories.iter().any(|of| of.branch.current().is_some() || of.running_elsewhere > 0)
}

/// The number of repositories with a health: `2 failing`.
pub(crate) fn count_text(frame: &Frame, health: Health, count: usize) -> String {
    let text = match health {
        Health::Failing => msg::COUNT_FAILING,
        Health::Running => msg::COUNT_RUNNING,
        Health::Passing => msg::COUNT_PASSING,
        Health::Unknown => msg::COUNT_UNKNOWN,
        Health::Empty => msg::COUNT_EMPTY,
    };
    frame.format(text, count)
}

/// The time since the start of the current pipeline, and a bar of its part of the median. Empty before the start.
pub(crate) fn progress(frame: &Frame, of: &RepositoryOverview) -> Html {
    let started_at = of.branch.current().and_then(|current| current.started_at);
    let (Some(started_at), Some(progress)) = (started_at, of.branch.progress(frame.now)) else {
        return Html::default();
    };
    let elapsed = duration(progress.elapsed);
    let running = format!("<span data-running-since=\"{started_at:.3}\">{elapsed}</span>");
    let (Some(percent), Some(median)) = (progress.percent(), progress.median) else {
        return Html(format!("<span class=\"progress\">{running}</span>"));
    };
    let median = duration(median);
    let label = escape(&frame.format2(msg::PROGRESS, &elapsed, &median));
    Html(format!(
        "<span class=\"progress\" title=\"{label}\"><progress max=\"100\" value=\"{percent}\" aria-label=\"{label}\">{percent}%</progress> {running} / {median}</span>"
    ))
}

#[cfg(test)]
pub(crate) mod tests;
