//! The list of the repositories that a user can view.

use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::messages::{Text, repositories as msg, settings};
use crate::paging::Pager;
use crate::settings::VISIBILITIES;
use crate::{Frame, Html};
use askama::Template;
use domain::model::repositories::{RepositoryOverview, Visibility};
use domain::model::status::Status;

/// The page.
#[derive(Debug, Template)]
#[template(path = "repositories.html")]
pub struct Repositories<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The search text.
    pub q: &'a str,
    /// The repositories of this page.
    pub rows: &'a [RepositoryOverview],
    /// The number of matching repositories.
    pub total: u64,
    /// The links to the previous and the next page.
    pub pager: Pager,
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
    /// The list of the pipelines of a ref.
    fn ref_address(&self, row: &RepositoryOverview, git_ref: &str) -> String {
        let path = format!("/repositories/{}/pipelines", row.repository.id);
        crate::links::address(&path, &[("ref", git_ref)])
    }

    /// Whether the user may create repositories.
    fn may_create(&self) -> bool {
        self.frame.person.as_ref().is_some_and(|person| person.admin)
    }

    fn visibility(&self, row: &RepositoryOverview) -> &'static str {
        self.frame.text(match row.repository.visibility {
            Visibility::Private => msg::PRIVATE,
            Visibility::Internal => msg::INTERNAL,
            Visibility::Public => msg::PUBLIC,
        })
    }

    /// The last pipelines, oldest first: index and status.
    fn bars(&self, row: &RepositoryOverview) -> Vec<(usize, Status)> {
        row.last_pipelines.iter().rev().map(|pipeline| pipeline.status).enumerate().collect()
    }

    fn results_text(&self, row: &RepositoryOverview) -> String {
        let passed = row.last_pipelines.iter().filter(|pipeline| pipeline.status == Status::Success).count();
        self.frame.format2(msg::RESULTS_TEXT, row.last_pipelines.len(), passed)
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}
