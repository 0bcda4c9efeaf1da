//! The labels of a pipeline: its link and the user who started it.

use super::super::super::reports::{Arrival, FieldSet, Report, Rules, truncate_to_millis};
use super::super::Pipeline;
use super::PipelineState;

impl PipelineState {
    /// Whether a report has a position or a label other than the current ones.
    pub(super) fn differs(&self, stage: usize, report: &Report) -> bool {
        let other = |reported: &Option<String>, label| reported.is_some() && reported != label;
        report.stage_order.is_some_and(|order| order != self.stages[stage].sort_id)
            || other(&report.web_url, &self.pipeline.web_url)
            || other(&report.trigger_user, &self.pipeline.trigger_user)
    }

    /// Keeps the link and the user that were reported last, by the time of the reporter, else of receipt.
    /// Returns which of the two changed.
    pub(super) fn merge_labels(&mut self, report: &Report, arrival: Arrival) -> FieldSet {
        let at = report.state.occurred_at.unwrap_or(truncate_to_millis(arrival.received_at));
        let Pipeline { web_url, trigger_user, label_times, .. } = &mut self.pipeline;
        let mut changed = FieldSet::default();
        for (field, label, time, reported) in [
            (FieldSet::WEB_URL, web_url, &mut label_times.web_url, &report.web_url),
            (FieldSet::TRIGGER_USER, trigger_user, &mut label_times.trigger_user, &report.trigger_user),
        ] {
            let wins = match report.state.rules {
                // The greatest label.
                Rules::First => *reported > *label,
                Rules::Second | Rules::Third => reported.is_some() && Some(at) >= *time,
            };
            if wins {
                changed.set(field, label != reported);
                label.clone_from(reported);
                *time = Some(at).filter(|_| report.state.rules != Rules::First);
            }
        }
        changed
    }
}
