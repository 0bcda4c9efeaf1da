//! The repositories a person may see.

use crate::Frame;
use crate::paging::Pager;
use crate::words::repositories as w;
use askama::Template;
use domain::model::pipelines::Pipeline;
use domain::model::repositories::{Repository, Visibility};
use domain::model::status::Status;

/// A repository with what happened last on its default branch.
#[derive(Debug, Clone)]
pub struct RepositoryRow {
    /// The repository.
    pub repository: Repository,
    /// The newest pipeline of its default branch.
    pub last: Option<Pipeline>,
    /// How its last pipelines there stand, the newest first.
    pub results: Vec<Status>,
}

impl RepositoryRow {
    fn visibility(&self, frame: &Frame) -> &'static str {
        frame.say(match self.repository.visibility {
            Visibility::Private => w::PRIVATE,
            Visibility::Internal => w::INTERNAL,
            Visibility::Public => w::PUBLIC,
        })
    }

    /// The oldest first, as a line of time is read.
    fn bars(&self) -> impl Iterator<Item = (usize, &Status)> {
        self.results.iter().rev().enumerate()
    }

    fn results_text(&self, frame: &Frame) -> String {
        let good = self.results.iter().filter(|status| **status == Status::Success).count();
        frame.fill2(w::RESULTS_TEXT, self.results.len(), good)
    }
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "repositories.html")]
pub struct Repositories<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What was searched for.
    pub q: &'a str,
    /// This page of them.
    pub rows: Vec<RepositoryRow>,
    /// How many fit.
    pub total: u64,
    /// The pages around this one.
    pub pager: Pager,
}

impl Repositories<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}
