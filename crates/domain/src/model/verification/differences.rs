//! Compares a stored pipeline with the rebuilt one, field by field.

use super::super::attempts::Attempt;
use super::super::ids::{StageId, hex};
use super::super::jobs::Job;
use super::super::pipelines::{Pipeline, PipelineState};
use super::super::reports::{FieldSet, Reason};
use super::super::status::Status;
use super::{Difference, EntityKind, StoredReport};
use jiff::Timestamp;
use std::sync::Arc;

/// The text of a value in a difference.
trait DisplayValue {
    fn display_value(&self) -> Option<String>;
}

impl DisplayValue for String {
    fn display_value(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: DisplayValue> DisplayValue for Option<T> {
    fn display_value(&self) -> Option<String> {
        self.as_ref().and_then(DisplayValue::display_value)
    }
}

macro_rules! impl_display_value {
    ($($type:ty),*) => { $(
        impl DisplayValue for $type {
            fn display_value(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )* };
}
impl_display_value!(i64, i32, u32, bool, Timestamp, StageId);

impl DisplayValue for Status {
    fn display_value(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

/// The differences found so far.
pub(super) struct Differences(pub(super) Vec<Difference>);

/// Compares fields of two values of one type. `field as "name"` reports a difference of `field` under another
/// name.
macro_rules! compare {
    (
        $differences:expr, $kind:expr, $id:expr, $stored:expr, $rebuilt:expr,
        $($field:ident $(as $name:literal)?),*
    ) => { $(
        if $stored.$field != $rebuilt.$field {
            let (stored, rebuilt) = ($stored.$field.display_value(), $rebuilt.$field.display_value());
            let name = [$($name,)? stringify!($field)][0];
            $differences.differ($kind, $id, name, stored.as_deref(), rebuilt.as_deref());
        }
    )* };
}

impl Differences {
    pub(super) fn differ(
        &mut self,
        noun: EntityKind,
        id: i64,
        field: &str,
        stored: Option<&str>,
        rebuilt: Option<&str>,
    ) {
        let (stored, rebuilt) = (stored.map(str::to_owned), rebuilt.map(str::to_owned));
        self.0.push(Difference { kind: noun, id, field: field.to_owned(), stored, rebuilt });
    }

    pub(super) fn report(
        &mut self,
        report: &StoredReport,
        field: &str,
        stored: Option<&str>,
        rebuilt: Option<&str>,
    ) {
        self.differ(EntityKind::Report, report.entry.report_id, field, stored, rebuilt);
    }

    /// Compares the pipeline in the row of a report with the pipeline of its attempt.
    pub(super) fn pipeline_id(&mut self, stored: &PipelineState, report: &StoredReport) {
        let (actual, expected) = (report.pipeline_id, stored.pipeline.id);
        if actual != expected {
            self.report(report, "pipeline_id", Some(&actual.to_string()), Some(&expected.to_string()));
        }
    }

    /// Compares the recorded result of a report with the rebuilt one.
    pub(super) fn results(
        &mut self,
        report: &StoredReport,
        reason: Reason,
        changed: FieldSet,
        status_after: Status,
    ) {
        let entry = &report.entry;
        let effect = reason.effect();
        // A report of an older version has no recorded reason: its reason is the derived one.
        let derived = || Reason::derive(&entry.state, entry.effect, entry.changed, entry.status_after);
        if entry.effect != effect {
            self.report(report, "effect", Some(entry.effect.as_str()), Some(effect.as_str()));
        } else if entry.reason != reason && entry.reason != derived() {
            self.report(report, "reason", Some(entry.reason.as_str()), Some(reason.as_str()));
        }
        if entry.changed != changed {
            let names = |fields: FieldSet| fields.names().collect::<Vec<_>>().join(",");
            self.report(report, "changed", Some(&names(entry.changed)), Some(&names(changed)));
        }
        if let Some(stored) = entry.status_after
            && stored != status_after
        {
            self.report(report, "stood", Some(stored.as_str()), Some(status_after.as_str()));
        }
    }

    pub(super) fn pipelines(&mut self, stored: &Pipeline, rebuilt: &Pipeline, is_import: bool) {
        let id = stored.id.get().into();
        compare!(
            self,
            EntityKind::Pipeline,
            id,
            stored,
            rebuilt,
            status,
            web_url,
            trigger_user,
            created_at,
            started_at,
            finished_at,
            job_count
        );
        let (times, rebuilt_times) = (stored.label_times, rebuilt.label_times);
        compare!(
            self,
            EntityKind::Pipeline,
            id,
            times,
            rebuilt_times,
            web_url as "time of web_url",
            trigger_user as "time of trigger_user"
        );
        if !is_import {
            compare!(self, EntityKind::Pipeline, id, stored, rebuilt, updated_at, version);
        } else if stored.updated_at < rebuilt.updated_at {
            // The imported value of a job that changed later is unknown.
            compare!(self, EntityKind::Pipeline, id, stored, rebuilt, updated_at);
        }
    }

    pub(super) fn stages(&mut self, stored: &PipelineState, rebuilt: &PipelineState, is_import: bool) {
        for stage in &stored.stages {
            let id = stage.id.get().into();
            let Some(rebuilt) = rebuilt.stages.iter().find(|rebuilt| rebuilt.id == stage.id) else {
                self.differ(EntityKind::Stage, id, "name", Some(&stage.name), None);
                continue;
            };
            compare!(self, EntityKind::Stage, id, stage, rebuilt, name, status);
            // The imported position of a stage is unknown when no report gives one.
            if !is_import || stage.sort_id_reported || rebuilt.sort_id_reported {
                compare!(self, EntityKind::Stage, id, stage, rebuilt, sort_id, sort_id_reported as "sort_said");
            }
        }
    }

    pub(super) fn jobs(&mut self, stored: &[Arc<Job>], rebuilt: &PipelineState) {
        for job in stored {
            let Some(rebuilt) = rebuilt.job(job.id) else {
                self.differ(EntityKind::Job, job.id.get().into(), "reports", None, None);
                continue;
            };
            let id = job.id.get().into();
            let kind = EntityKind::Job;
            compare!(self, kind, id, job, rebuilt, stage_id, name, attempt_number as "number", newest, updated_at);
            self.attempts(id, &job.attempt, &rebuilt.attempt);
        }
    }

    pub(super) fn attempts(&mut self, id: i64, stored: &Attempt, rebuilt: &Attempt) {
        if stored == rebuilt {
            return;
        }
        for ((name, stored), (_, rebuilt)) in stored.values().zip(rebuilt.values()) {
            if stored != rebuilt {
                self.differ(EntityKind::Job, id, name, stored.as_deref(), rebuilt.as_deref());
            }
        }
        if stored.evidence != rebuilt.evidence {
            let bytes = |attempt: &Attempt| {
                hex(&attempt.evidence.to_bytes(attempt.created_at, attempt.target_url.as_deref()))
            };
            let (actual, expected) = (bytes(stored), bytes(rebuilt));
            self.differ(EntityKind::Job, id, "evidence", Some(&actual), Some(&expected));
        }
    }
}
