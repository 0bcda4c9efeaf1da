//! The list of pipelines of a repository.

use crate::links::address;
use crate::messages::pipelines as msg;
use crate::paging::Pager;
use crate::times::{duration, elapsed};
use crate::{Frame, sanitize};
use askama::Template;
use domain::model::ids::MergeRequestIid;
use domain::model::merge_requests::iid_from_any_ref;
use domain::model::pipelines::{Pipeline, Stage};
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// Maximum number of stage dots of one pipeline, unless more stages failed.
const DOTS_MAX: usize = 8;

/// The filter of the list, as in the query of the address.
#[derive(Debug, Clone, Default)]
pub struct PipelinesFilter {
    /// Statuses; empty for all.
    pub statuses: Vec<Status>,
    /// Git ref; empty for all.
    pub git_ref: String,
    /// Search text; empty for none.
    pub q: String,
    /// Source; empty for all.
    pub source: String,
    /// Prefix of the commit id; empty for all.
    pub sha: String,
    /// Page size, if it is in the address; else empty.
    pub limit: String,
}

impl PipelinesFilter {
    /// Whether nothing is filtered. The page size is no filter.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
            && self.git_ref.is_empty()
            && self.q.is_empty()
            && self.source.is_empty()
            && self.sha.is_empty()
    }

    /// The address with this filter and one additional query parameter.
    pub fn address(&self, path: &str, parameter: (&str, &str)) -> String {
        let statuses: Vec<_> = self.statuses.iter().map(|status| status.as_str()).collect();
        let query = [
            ("status", statuses.join(",")),
            ("ref", self.git_ref.clone()),
            ("q", self.q.clone()),
            ("source", self.source.clone()),
            ("sha", self.sha.clone()),
            ("limit", self.limit.clone()),
        ];
        let mut query: Vec<(&str, &str)> =
            query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        query.push(parameter);
        address(path, &query)
    }
}

/// A pipeline with its stages.
#[derive(Debug, Clone)]
pub struct PipelineRow {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The stages in display order.
    pub stages: Vec<Stage>,
}

impl PipelineRow {
    /// The merge request whose ref the pipeline has.
    fn merge_request(&self) -> Option<MergeRequestIid> {
        iid_from_any_ref(&self.pipeline.identity.git_ref)
    }

    /// The stages that are shown as dots, in order: all stages, or, of more than [`DOTS_MAX`], all failed
    /// stages and the first of the others.
    fn dots(&self) -> Vec<&Stage> {
        if self.stages.len() <= DOTS_MAX {
            return self.stages.iter().collect();
        }
        let bad = |stage: &&Stage| stage.status.is_bad();
        let mut left = DOTS_MAX.saturating_sub(self.stages.iter().filter(bad).count());
        let shown = self.stages.iter().filter(|stage| {
            let has_room = !stage.status.is_bad() && left > 0;
            left -= usize::from(has_room);
            has_room || stage.status.is_bad()
        });
        shown.collect()
    }

    fn hidden_stages(&self) -> usize {
        self.stages.len() - self.dots().len()
    }

    /// The target of a dot: for a failed stage its first failed job, which the server looks up when the link
    /// is followed.
    fn dot_address(&self, stage: &Stage) -> String {
        let path = self.path();
        if stage.status.is_bad() {
            format!("{path}/stages/{}", stage.id)
        } else {
            format!("{path}#stage-{}", stage.id)
        }
    }

    fn dot_title(&self, frame: &Frame, stage: &Stage) -> String {
        frame.format2(msg::STAGE_TITLE, sanitize(&stage.name), frame.status(stage.status))
    }

    fn path(&self) -> String {
        format!("/repositories/{}/pipelines/{}", self.pipeline.repository_id, self.pipeline.id)
    }

    /// An unfiltered list that contains the pipeline. The script gets the row from it when the pipeline has
    /// left the current list.
    fn list_address(&self) -> String {
        let pipeline = &self.pipeline;
        let before = i64::from(pipeline.id.get()) + 1;
        format!("/repositories/{}/pipelines?before={before}&limit=100", pipeline.repository_id)
    }

    fn short_sha(&self) -> &str {
        self.pipeline.identity.sha.get(..8).unwrap_or(&self.pipeline.identity.sha)
    }

    fn duration(&self, frame: &Frame) -> String {
        let elapsed = elapsed(frame, self.pipeline.started_at, self.pipeline.finished_at);
        elapsed.map(duration).unwrap_or_default()
    }

    fn failed(&self) -> bool {
        self.pipeline.status.is_bad()
    }

    fn is_running(&self) -> bool {
        !self.pipeline.status.is_finished()
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pipelines.html")]
pub struct Pipelines<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Whether the user can change the settings of the repository.
    pub can_manage: bool,
    /// The filter.
    pub filter: &'a PipelinesFilter,
    /// The pipelines of this page, newest first.
    pub rows: Vec<PipelineRow>,
    /// Whether this is the first page, on which new pipelines appear.
    pub is_first_page: bool,
    /// The links to the previous and the next page.
    pub pager: Pager,
}

impl Pipelines<'_> {
    /// The list of the pipelines of a ref.
    fn ref_address(&self, row: &PipelineRow) -> String {
        address(&self.path(), &[("ref", &row.pipeline.identity.git_ref)])
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/pipelines", self.repository.id)
    }

    /// The address of the first page of the same list.
    fn first_address(&self) -> String {
        self.filter.address(&self.path(), ("", ""))
    }

    fn is_active(&self) -> bool {
        self.rows.iter().any(PipelineRow::is_running)
    }

    fn newest_id(&self) -> i32 {
        self.rows.first().map_or(0, |row| row.pipeline.id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::ids::{PipelineId, RepositoryId, StageId};
    use domain::model::pipelines::{LabelTimes, PipelineIdentity};

    fn row(statuses: &[Status]) -> PipelineRow {
        let identity = PipelineIdentity {
            sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
            git_ref: "main".into(),
            source: "external".into(),
            key: String::new(),
        };
        let at = domain::Timestamp::UNIX_EPOCH;
        let pipeline = Pipeline {
            id: PipelineId::new(6).unwrap(),
            repository_id: RepositoryId::new(1).unwrap(),
            identity: identity.into(),
            status: Status::Failed,
            web_url: None,
            trigger_user: None,
            label_times: LabelTimes::default(),
            created_at: at,
            updated_at: at,
            started_at: None,
            finished_at: None,
            job_count: 1,
            version: 1,
        };
        let stage = |(n, status): (usize, &Status)| Stage {
            id: StageId::new(n as i64 + 1).unwrap(),
            name: format!("s{n}"),
            sort_id: 1,
            sort_id_reported: false,
            status: *status,
        };
        PipelineRow { pipeline, stages: statuses.iter().enumerate().map(stage).collect() }
    }

    #[test]
    fn failed_stages_are_always_shown() {
        let mut statuses = vec![Status::Success; 12];
        assert_eq!((row(&statuses[..8]).dots().len(), row(&statuses[..8]).hidden_stages()), (8, 0));
        assert_eq!((row(&statuses).dots().len(), row(&statuses).hidden_stages()), (8, 4));
        (statuses[10], statuses[11]) = (Status::Failed, Status::TimedOut);
        let many = row(&statuses);
        let names: Vec<_> = many.dots().iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["s0", "s1", "s2", "s3", "s4", "s5", "s10", "s11"]);
        let bad = row(&[Status::Failed; 12]);
        assert_eq!((bad.dots().len(), bad.hidden_stages()), (12, 0));
    }

    #[test]
    fn the_address_contains_the_filter() {
        let filter = PipelinesFilter {
            statuses: vec![Status::Failed, Status::TimedOut],
            git_ref: "a/b".into(),
            ..PipelinesFilter::default()
        };
        assert_eq!(filter.address("/x", ("before", "7")), "/x?status=failed%2Ctimedout&ref=a%2Fb&before=7");
    }
}
