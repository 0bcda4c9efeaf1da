//! Verifying a whole store: every pipeline is built again from its reports and compared, in bounded memory.
//! It is done on the store itself, beside a server or without one, so there is no caller.

use crate::error::{Error, Result};
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::pipelines::Counters;
use crate::model::verification::{Difference, EntityKind, verify};
use crate::ports::Verification;

/// Pipelines and attempts that are in memory at once: about so many, and at least one pipeline.
const PIPELINES_AT_ONCE: u32 = 200;
const JOBS_AT_ONCE: u32 = 5_000;

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerificationSummary {
    /// Repositories.
    pub repositories: u64,
    /// Pipelines.
    pub pipelines: u64,
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// What is not as it should be.
    pub differences: u64,
}

/// What is told on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding<'a> {
    /// So far, of about so many pipelines.
    Progress(VerificationSummary, u64),
    /// Something differs.
    Differs {
        /// Where.
        repository: RepositoryId,
        /// In which pipeline; `None`: in the repository.
        pipeline: Option<PipelineId>,
        /// What.
        difference: &'a Difference,
    },
    /// The engine finds its own files damaged.
    Damaged(&'a str),
}

/// Called with every finding.
pub type FindingCallback<'a> = dyn FnMut(Finding<'_>) + Send + 'a;

/// Compares everything, and tells what is found.
///
/// # Errors
/// [`Error::Unavailable`] when the store cannot be read.
pub async fn verify_all(
    store: &dyn Verification,
    tell: &mut FindingCallback<'_>,
) -> Result<VerificationSummary> {
    let mut verified = VerificationSummary::default();
    for damage in store.engine_damage().await? {
        verified.differences += 1;
        tell(Finding::Damaged(&damage));
    }
    let extents = store.pipeline_counts().await?;
    let total = extents.iter().map(|(_, pipelines)| pipelines).sum();
    for (repository, _) in extents {
        let mut walk = Walk { store, repository, total, verified: &mut verified, tell: &mut *tell };
        let last = walk.pipelines().await?;
        walk.sums(last).await?;
        verified.repositories += 1;
        tell(Finding::Progress(verified, total));
    }
    Ok(verified)
}

/// The way through one repository.
struct Walk<'a, 'b> {
    store: &'a dyn Verification,
    repository: RepositoryId,
    total: u64,
    verified: &'a mut VerificationSummary,
    tell: &'a mut FindingCallback<'b>,
}

impl Walk<'_, '_> {
    fn differs(&mut self, pipeline: Option<PipelineId>, difference: &Difference) {
        self.verified.differences += 1;
        (self.tell)(Finding::Differs { repository: self.repository, pipeline, difference });
    }

    /// Every pipeline. Answers the greatest ids and numbers that are there.
    async fn pipelines(&mut self) -> Result<Counters> {
        let (mut last, mut after) = (Counters::default(), 0);
        loop {
            let next = self.store.pipelines_after(self.repository, after, PIPELINES_AT_ONCE).await?;
            let mut jobs = 0_u32;
            let fits = |(_, count): &&(PipelineId, u32)| {
                jobs = jobs.saturating_add(*count);
                jobs <= JOBS_AT_ONCE
            };
            let some = next.iter().take_while(fits).count().max(1);
            let ids: Vec<PipelineId> = next.iter().take(some).map(|(id, _)| *id).collect();
            let Some(to) = ids.last() else { return Ok(last) };
            after = to.get().into();
            if !self.records(ids[0], *to, &mut last, ids.len() == 1).await? {
                // One of them cannot be read: which one?
                for id in &ids {
                    self.records(*id, *id, &mut last, true).await?;
                }
            }
            (self.tell)(Finding::Progress(*self.verified, self.total));
        }
    }

    /// Some pipelines. False, unless they are `alone`, when they cannot be read.
    async fn records(
        &mut self,
        from: PipelineId,
        to: PipelineId,
        last: &mut Counters,
        alone: bool,
    ) -> Result<bool> {
        let records = match self.store.pipelines_with_reports(self.repository, from, to).await {
            Err(Error::Internal(why)) if alone => {
                let (noun, id, field) = (EntityKind::Pipeline, from.get().into(), "row".to_owned());
                self.differs(
                    Some(from),
                    &Difference { kind: noun, id, field, stored: Some(why), rebuilt: None },
                );
                return Ok(true);
            }
            Err(Error::Internal(_)) => return Ok(false),
            records => records?,
        };
        for (run, reports) in &records {
            self.verified.pipelines += 1;
            self.verified.jobs += run.jobs.len() as u64;
            self.verified.reports += reports.len() as u64;
            last.pipeline = last.pipeline.max(run.pipeline.id.get());
            last.stage = run.stages.iter().map(|stage| stage.id.get()).fold(last.stage, i32::max);
            last.job = run.jobs.iter().map(|job| job.id.get()).fold(last.job, i32::max);
            last.report = reports.iter().map(|report| report.entry.report_id).fold(last.report, i64::max);
            for difference in verify(run, reports) {
                self.differs(Some(run.pipeline.id), &difference);
            }
        }
        Ok(true)
    }

    /// What is counted, and the counters, which are never behind what is there.
    async fn sums(&mut self, last: Counters) -> Result<()> {
        for difference in self.store.check_counts(self.repository).await? {
            self.differs(None, &difference);
        }
        let counters = self.store.counters(self.repository).await?.unwrap_or_default();
        let all = [
            ("pipeline", counters.pipeline.into(), last.pipeline.into()),
            ("stage", counters.stage.into(), last.stage.into()),
            ("job", counters.job.into(), last.job.into()),
            ("report", counters.report, last.report),
        ];
        for (name, counted, greatest) in all.into_iter().filter(|(_, counted, greatest)| counted < greatest) {
            let id = self.repository.get().into();
            let (stored, rebuilt): (i64, i64) = (counted, greatest);
            let difference = Difference {
                kind: EntityKind::Repository,
                id,
                field: format!("counter of {name}s"),
                stored: Some(stored.to_string()),
                rebuilt: Some(rebuilt.to_string()),
            };
            self.differs(None, &difference);
        }
        Ok(())
    }
}
