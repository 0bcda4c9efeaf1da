//! The pages of merge requests: the list, and one with its gate, its heads and its pipelines.

use crate::accounts::Notice;
use crate::gates::GateCard;
use crate::messages::merge_requests as msg;
use crate::paging::Pager;
use crate::pipeline::{pipeline_path, pipelines_of_ref, short_sha};
use crate::{Frame, Html};
use askama::Template;
use domain::model::merge_requests::{MergeRequest, MergeRequestHistory, PastHead};
use domain::model::pipelines::Pipeline;
use domain::model::repositories::Repository;

/// The list.
#[derive(Debug, Template)]
#[template(path = "merge_requests.html")]
pub struct MergeRequests<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Whether the settings are shown among the tabs.
    pub can_manage: bool,
    /// The merge requests, greatest iid first.
    pub rows: &'a [MergeRequest],
    /// The links to the previous and the next page.
    pub pager: Pager,
}

impl MergeRequests<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn is_active(&self) -> bool {
        let pipelines = self.rows.iter().filter_map(|row| row.pipeline.as_ref());
        pipelines.into_iter().any(|pipeline| !pipeline.status.is_finished())
    }

    fn path(&self, pipeline: &Pipeline) -> String {
        pipeline_path(self.repository, pipeline.id)
    }

    fn branches(&self, merge_request: &MergeRequest) -> Html {
        branches(self.frame, self.repository, merge_request)
    }

    fn short_sha<'b>(&self, sha: &'b str) -> &'b str {
        short_sha(sha)
    }
}

/// One merge request.
#[derive(Debug, Template)]
#[template(path = "merge_request.html")]
pub struct MergeRequestPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The merge request with its heads and pipelines.
    pub history: &'a MergeRequestHistory,
    /// The gates of its head: that of its target branch, or if that is not known, those that apply.
    pub gates: Vec<GateCard<'a>>,
    /// The entity tag of the page.
    pub etag: &'a str,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

impl MergeRequestPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn of(&self) -> &MergeRequest {
        &self.history.merge_request
    }

    fn title(&self) -> String {
        self.frame.format(msg::TITLE, self.of().iid)
    }

    fn is_active(&self) -> bool {
        self.history.pipelines.iter().any(|pipeline| !pipeline.status.is_finished())
            || self.gates.iter().any(GateCard::is_pending)
    }

    /// A page with a rejected form is not updated, so that the form keeps its values.
    fn is_rejected(&self) -> bool {
        self.gates.iter().any(GateCard::is_rejected)
    }

    fn summary(&self) -> String {
        let gates = self.gates.iter().filter(|gate| gate.has_rules()).map(GateCard::summary);
        let status = self.of().head_pipeline().map(|pipeline| self.frame.status(pipeline.status).to_owned());
        let parts: Vec<String> = gates.chain(status).collect();
        parts.join(self.frame.text(crate::messages::pipeline::COMMA))
    }

    fn branches(&self) -> Html {
        branches(self.frame, self.repository, self.of())
    }

    fn is_current(&self, head: &PastHead) -> bool {
        head.sha == self.of().head_sha
    }

    fn pipelines_of(&self, sha: &str) -> Vec<&Pipeline> {
        self.history.pipelines.iter().filter(|pipeline| pipeline.identity.sha == sha).collect()
    }

    /// The pipelines of commits that are in no row.
    fn other_pipelines(&self) -> Vec<&Pipeline> {
        let is_head =
            |pipeline: &&Pipeline| self.history.heads.iter().any(|head| head.sha == pipeline.identity.sha);
        self.history.pipelines.iter().filter(|pipeline| !is_head(pipeline)).collect()
    }

    fn path(&self, pipeline: &Pipeline) -> String {
        pipeline_path(self.repository, pipeline.id)
    }

    fn short_sha<'b>(&self, sha: &'b str) -> &'b str {
        short_sha(sha)
    }
}

/// Source and target branch of a merge request.
fn branches(frame: &Frame, repository: &Repository, merge_request: &MergeRequest) -> Html {
    let link = |name: &String| {
        let href = crate::escape(&format!("{}{}", frame.base, pipelines_of_ref(repository, name)));
        format!("<a class=\"ref\" href=\"{href}\">{}</a>", crate::escape(&frame.sanitize(name)))
    };
    Html(match &merge_request.branches {
        Some((source, target)) => format!("<span class=\"mono\">{} → {}</span>", link(source), link(target)),
        None => format!("<span class=\"muted\">{}</span>", frame.text(msg::UNKNOWN_BRANCHES)),
    })
}
