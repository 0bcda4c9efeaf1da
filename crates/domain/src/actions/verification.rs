//! Verifies a whole store: builds every pipeline again from its reports and compares it, in bounded memory.
//! It reads the store directly, with or without a running server, so it has no caller.

use crate::error::{Error, Result};
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::pipelines::Counters;
use crate::model::verification::{Difference, EntityKind, PipelineRecord, verify, verify_details};
use crate::ports::Verification;

/// Most pipelines in memory at a time.
const PIPELINES_MAX: u32 = 200;
/// About the most attempts in memory at a time; a single pipeline may have more.
const JOBS_MAX: u32 = 5_000;

/// The number of verified entities and of differences.
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
    /// Differences.
    pub differences: u64,
}

/// A progress report, a difference or a damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding<'a> {
    /// The counts so far, and the estimated number of all pipelines.
    Progress(VerificationSummary, u64),
    /// A stored value differs.
    Differs {
        /// The repository.
        repository: RepositoryId,
        /// The pipeline; `None`: the difference is in the repository itself.
        pipeline: Option<PipelineId>,
        /// The difference.
        difference: &'a Difference,
    },
    /// The engine found damage in its own files.
    Damaged(&'a str),
}

/// The callback for findings.
pub type FindingCallback<'a> = dyn FnMut(Finding<'_>) + Send + 'a;

/// Verifies all repositories, and calls `on_finding` with every finding.
///
/// # Errors
/// [`Error::Unavailable`] when the store cannot be read.
pub async fn verify_all(
    store: &dyn Verification,
    on_finding: &mut FindingCallback<'_>,
) -> Result<VerificationSummary> {
    let mut verified = VerificationSummary::default();
    for damage in store.engine_damage().await? {
        verified.differences += 1;
        on_finding(Finding::Damaged(&damage));
    }
    let repositories = store.pipeline_counts().await?;
    let total = repositories.iter().map(|(_, pipelines)| pipelines).sum();
    for (repository, _) in repositories {
        let mut verifier = RepositoryVerifier {
            store,
            repository,
            total,
            verified: &mut verified,
            on_finding: &mut *on_finding,
        };
        let last = verifier.pipelines().await?;
        verifier.counts(last).await?;
        verified.repositories += 1;
        on_finding(Finding::Progress(verified, total));
    }
    Ok(verified)
}

/// Verifies one repository.
struct RepositoryVerifier<'a, 'b> {
    store: &'a dyn Verification,
    repository: RepositoryId,
    total: u64,
    verified: &'a mut VerificationSummary,
    on_finding: &'a mut FindingCallback<'b>,
}

impl RepositoryVerifier<'_, '_> {
    fn differs(&mut self, pipeline: Option<PipelineId>, difference: &Difference) {
        self.verified.differences += 1;
        (self.on_finding)(Finding::Differs { repository: self.repository, pipeline, difference });
    }

    /// Verifies every pipeline. Returns the greatest ids and report numbers.
    async fn pipelines(&mut self) -> Result<Counters> {
        let (mut last, mut after) = (Counters::default(), 0);
        loop {
            let next = self.store.pipelines_after(self.repository, after, PIPELINES_MAX).await?;
            let mut jobs = 0_u32;
            let fits_in_memory = |(_, count): &&(PipelineId, u32)| {
                jobs = jobs.saturating_add(*count);
                jobs <= JOBS_MAX
            };
            let count = next.iter().take_while(fits_in_memory).count().max(1);
            let ids: Vec<PipelineId> = next.iter().take(count).map(|(id, _)| *id).collect();
            let Some(to) = ids.last() else { return Ok(last) };
            after = to.get().into();
            if !self.records(ids[0], *to, &mut last, ids.len() == 1).await? {
                // One of them cannot be read: read them one by one.
                for id in &ids {
                    self.records(*id, *id, &mut last, true).await?;
                }
            }
            (self.on_finding)(Finding::Progress(*self.verified, self.total));
        }
    }

    /// Verifies some pipelines. False when they cannot be read; a `single` pipeline that cannot be read is a
    /// difference.
    async fn records(
        &mut self,
        from: PipelineId,
        to: PipelineId,
        last: &mut Counters,
        single: bool,
    ) -> Result<bool> {
        let records = match self.store.pipelines_with_reports(self.repository, from, to).await {
            Err(Error::Internal(cause)) if single => {
                let (noun, id, field) = (EntityKind::Pipeline, from.get().into(), "row".to_owned());
                self.differs(
                    Some(from),
                    &Difference { kind: noun, id, field, stored: Some(cause), rebuilt: None },
                );
                return Ok(true);
            }
            Err(Error::Internal(_)) => return Ok(false),
            records => records?,
        };
        for PipelineRecord { state, reports, details } in &records {
            self.verified.pipelines += 1;
            self.verified.jobs += state.jobs.len() as u64;
            self.verified.reports += reports.len() as u64;
            last.pipeline = last.pipeline.max(state.pipeline.id.get());
            last.stage = state.stages.iter().map(|stage| stage.id.get()).fold(last.stage, i32::max);
            last.job = state.jobs.iter().map(|job| job.id.get()).fold(last.job, i32::max);
            last.report = reports.iter().map(|report| report.entry.report_id).fold(last.report, i64::max);
            for difference in verify(state, reports).into_iter().chain(verify_details(reports, details)) {
                self.differs(Some(state.pipeline.id), &difference);
            }
        }
        Ok(true)
    }

    /// Verifies the counts of rows, and the counters, which must not be less than the greatest ids.
    async fn counts(&mut self, last: Counters) -> Result<()> {
        for difference in self.store.check_counts(self.repository).await? {
            self.differs(None, &difference);
        }
        let counters = self.store.counters(self.repository).await?.unwrap_or_default();
        let counters = [
            ("pipeline", counters.pipeline.into(), last.pipeline.into()),
            ("stage", counters.stage.into(), last.stage.into()),
            ("job", counters.job.into(), last.job.into()),
            ("report", counters.report, last.report),
        ];
        for (name, counted, greatest) in
            counters.into_iter().filter(|(_, counted, greatest)| counted < greatest)
        {
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
