//! The repositories a person may see.

use crate::Frame;
use crate::messages::repositories as w;
use crate::paging::Pager;
use askama::Template;
use domain::model::repositories::{RepositoryOverview, Visibility};
use domain::model::status::Status;

/// The list.
#[derive(Debug, Template)]
#[template(path = "repositories.html")]
pub struct Repositories<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What was searched for.
    pub q: &'a str,
    /// This page of them.
    pub rows: &'a [RepositoryOverview],
    /// How many fit.
    pub total: u64,
    /// The pages around this one.
    pub pager: Pager,
}

impl Repositories<'_> {
    fn visibility(&self, row: &RepositoryOverview) -> &'static str {
        self.frame.say(match row.repository.visibility {
            Visibility::Private => w::PRIVATE,
            Visibility::Internal => w::INTERNAL,
            Visibility::Public => w::PUBLIC,
        })
    }

    /// The oldest first, as a line of time is read.
    fn bars(&self, row: &RepositoryOverview) -> Vec<(usize, Status)> {
        row.last_pipelines.iter().rev().map(|pipeline| pipeline.status).enumerate().collect()
    }

    fn results_text(&self, row: &RepositoryOverview) -> String {
        let good = row.last_pipelines.iter().filter(|pipeline| pipeline.status == Status::Success).count();
        self.frame.fill2(w::RESULTS_TEXT, row.last_pipelines.len(), good)
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}
