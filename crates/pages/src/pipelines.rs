//! The pipelines of a repository.

use crate::links::address;
use crate::messages::pipelines as w;
use crate::paging::Pager;
use crate::times::{duration, lasted};
use crate::{Frame, plain};
use askama::Template;
use domain::model::pipelines::{Pipeline, Stage};
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// Most dots of one pipeline.
const DOTS: usize = 8;

/// What the list was asked for, as it stands in the address.
#[derive(Debug, Clone, Default)]
pub struct PipelinesFilter {
    /// Of these statuses.
    pub statuses: Vec<Status>,
    /// Of this ref.
    pub git_ref: String,
    /// With this text.
    pub q: String,
    /// Of this source.
    pub source: String,
    /// Of commits that begin so.
    pub sha: String,
    /// How many on a page, where the address says it.
    pub limit: String,
}

impl PipelinesFilter {
    /// True when everything is asked for.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
            && self.git_ref.is_empty()
            && self.q.is_empty()
            && self.source.is_empty()
            && self.sha.is_empty()
    }

    /// Its address, with one more pair.
    pub fn address(&self, path: &str, more: (&str, &str)) -> String {
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
        query.push(more);
        address(path, &query)
    }
}

/// A pipeline with its stages.
#[derive(Debug, Clone)]
pub struct PipelineRow {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its stages, in the order they are shown.
    pub stages: Vec<Stage>,
}

impl PipelineRow {
    /// The stages that have a dot: all, or of more than [`DOTS`] those that failed and as many of the others as have room, in order.
    fn dots(&self) -> Vec<&Stage> {
        if self.stages.len() <= DOTS {
            return self.stages.iter().collect();
        }
        let bad = |stage: &&Stage| stage.status.is_bad();
        let room = DOTS.saturating_sub(self.stages.iter().filter(bad).count());
        let mut left = room;
        let shown = self.stages.iter().filter(|stage| {
            let fits = !stage.status.is_bad() && left > 0;
            left -= usize::from(fits);
            fits || stage.status.is_bad()
        });
        shown.collect()
    }

    fn hidden(&self) -> usize {
        self.stages.len() - self.dots().len()
    }

    /// Where a dot leads: the first failed job of its stage, which is looked for when somebody goes there.
    fn dot_address(&self, stage: &Stage) -> String {
        let path = self.path();
        if stage.status.is_bad() {
            format!("{path}/stages/{}", stage.id)
        } else {
            format!("{path}#stage-{}", stage.id)
        }
    }

    fn dot_title(&self, frame: &Frame, stage: &Stage) -> String {
        frame.fill2(w::STAGE_TITLE, plain(&stage.name), frame.status(stage.status))
    }

    fn path(&self) -> String {
        format!("/repositories/{}/pipelines/{}", self.pipeline.repository_id, self.pipeline.id)
    }

    /// A list that it stands in whatever else is asked for: where to look when it is no more in the one that is shown.
    fn alone(&self) -> String {
        let pipeline = &self.pipeline;
        let before = i64::from(pipeline.id.get()) + 1;
        format!("/repositories/{}/pipelines?before={before}&limit=100", pipeline.repository_id)
    }

    fn short_sha(&self) -> &str {
        self.pipeline.identity.sha.get(..8).unwrap_or(&self.pipeline.identity.sha)
    }

    fn duration(&self, frame: &Frame) -> String {
        let lasted = lasted(frame, self.pipeline.started_at, self.pipeline.finished_at);
        lasted.map(duration).unwrap_or_default()
    }

    fn failed(&self) -> bool {
        self.pipeline.status.is_bad()
    }

    fn is_running(&self) -> bool {
        !self.pipeline.status.is_finished()
    }
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "pipelines.html")]
pub struct Pipelines<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Whose they are.
    pub repository: &'a Repository,
    /// May change its settings.
    pub manages: bool,
    /// What was asked for.
    pub filter: &'a PipelinesFilter,
    /// This page of them, newest first.
    pub rows: Vec<PipelineRow>,
    /// True on the page that new ones would come to.
    pub first: bool,
    /// The pages around this one.
    pub pager: Pager,
}

impl Pipelines<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/pipelines", self.repository.id)
    }

    /// The same list from its beginning.
    fn first_address(&self) -> String {
        self.filter.address(&self.path(), ("", ""))
    }

    fn is_active(&self) -> bool {
        self.rows.iter().any(PipelineRow::is_running)
    }

    fn newest(&self) -> i32 {
        self.rows.first().map_or(0, |row| row.pipeline.id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::ids::{PipelineId, RepositoryId, StageId};
    use domain::model::pipelines::PipelineIdentity;

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
            identity,
            status: Status::Failed,
            web_url: None,
            trigger_user: None,
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
    fn of_many_stages_those_that_failed_are_always_shown_in_their_places() {
        let mut statuses = vec![Status::Success; 12];
        assert_eq!((row(&statuses[..8]).dots().len(), row(&statuses[..8]).hidden()), (8, 0));
        assert_eq!((row(&statuses).dots().len(), row(&statuses).hidden()), (8, 4));
        (statuses[10], statuses[11]) = (Status::Failed, Status::TimedOut);
        let many = row(&statuses);
        let names: Vec<_> = many.dots().iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["s0", "s1", "s2", "s3", "s4", "s5", "s10", "s11"]);
        let bad = row(&[Status::Failed; 12]);
        assert_eq!((bad.dots().len(), bad.hidden()), (12, 0));
    }

    #[test]
    fn an_address_keeps_the_filter() {
        let filter = PipelinesFilter {
            statuses: vec![Status::Failed, Status::TimedOut],
            git_ref: "a/b".into(),
            ..PipelinesFilter::default()
        };
        assert_eq!(filter.address("/x", ("before", "7")), "/x?status=failed%2Ctimedout&ref=a%2Fb&before=7");
    }
}
