//! The list of the repositories that a user can view.

use crate::Frame;
use crate::messages::repositories as msg;
use crate::paging::Pager;
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

impl Repositories<'_> {
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
