//! The chart of the durations of previous runs of a job: inline SVG without styles.

use crate::layout::fill_placeholders;
use crate::messages::jobs as msg;
use crate::times::duration;
use crate::{Frame, Html};
use domain::SignedDuration;
use domain::model::insights::percentile;
use domain::model::status::Status;
use std::fmt::Write as _;

/// Height of the chart, in pixels.
const HEIGHT: i64 = 96;
/// Minimum number of bars that the width is divided into, so that few bars are not wide.
const BARS_MIN: usize = 20;

/// A finished run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunDuration {
    /// The id of the attempt.
    pub id: i32,
    /// The final status.
    pub status: Status,
    /// The run time in seconds.
    pub seconds: i64,
}

/// The median of the runs in seconds, by the rule of insights: of the runs that succeeded, failed or timed out, by
/// the nearest rank.
pub fn median(runs: &[RunDuration]) -> Option<i64> {
    let counted = runs.iter().filter(|run| run.status == Status::Success || run.status.is_bad());
    let mut seconds: Vec<i64> = counted.map(|run| run.seconds).collect();
    seconds.sort_unstable();
    percentile(&seconds, 50)
}

/// A chart with a bar for each run, oldest first. `current` is the id of the run that the page shows. Empty
/// if there are fewer than two runs.
pub fn durations(frame: &Frame, runs: &[RunDuration], current: i32) -> Html {
    let Some(median) = median(runs).filter(|_| runs.len() > 1) else { return Html::default() };
    let longest = runs.iter().map(|run| run.seconds).max().unwrap_or_default().max(1);
    let top = |seconds: i64| HEIGHT - (seconds.max(0) * (HEIGHT - 4) / longest).max(2);
    let pitch = 100.0 / f64::from(u32::try_from(runs.len().max(BARS_MIN)).unwrap_or(u32::MAX));
    let title = frame.text(msg::DURATIONS);
    let summary = fill_placeholders(
        frame.text(msg::DURATIONS_SUMMARY),
        &[&runs.len(), &format_seconds(median), &format_seconds(longest)],
    );
    let mut svg = format!(
        r#"<svg class="durations" role="img" aria-labelledby="durations-title durations-summary" width="100%" height="{HEIGHT}"><title id="durations-title">{title}</title><desc id="durations-summary">{summary}</desc>"#
    );
    let mut x = 0.0;
    for run in runs {
        let (y, status) = (top(run.seconds), run.status.as_str());
        let class = if run.id == current { " current" } else { "" };
        // Writing into a string does not fail.
        let _ = write!(
            svg,
            r#"<rect class="status-{status}{class}" x="{x:.2}%" y="{y}" width="{:.2}%" height="{}"><title>#{} {} {}</title></rect>"#,
            pitch * 0.8,
            HEIGHT - y,
            run.id,
            frame.status(run.status),
            format_seconds(run.seconds),
        );
        x += pitch;
    }
    let y = top(median);
    let _ = write!(svg, r#"<line x1="0" x2="100%" y1="{y}" y2="{y}"/></svg>"#);
    Html(svg)
}

/// Formats a number of seconds; see [`duration`].
pub fn format_seconds(seconds: i64) -> String {
    duration(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(seconds: &[i64]) -> Vec<RunDuration> {
        let run = |(id, s): (i32, &i64)| RunDuration {
            id,
            status: if *s > 100 { Status::TimedOut } else { Status::Success },
            seconds: *s,
        };
        (1..).zip(seconds).map(run).collect()
    }

    #[test]
    fn the_median_is_that_of_insights() {
        assert_eq!(median(&runs(&[10, 30, 20, 900, 900])), Some(30));
        assert_eq!(median(&runs(&[10, 20])), Some(10), "the nearest rank");
        let canceled = RunDuration { id: 9, status: Status::Canceled, seconds: 1 };
        assert_eq!(median(&[canceled]), None, "a canceled run is not counted");
    }

    #[test]
    fn every_run_has_a_bar_and_the_current_run_is_marked() {
        let frame = crate::layout::tests::frame();
        let svg = durations(&frame, &runs(&[10, 20, 40]), 3).to_string();
        assert_eq!(svg.matches("<rect ").count(), 3);
        assert!(svg.contains(r#"<rect class="status-success current" x="10.00%" y="4""#), "{svg}");
        assert!(svg.contains("Latest 3 runs: median 0:20, longest 0:40"));
        assert!(!svg.contains("style="));
        assert_eq!(durations(&frame, &runs(&[10]), 1).to_string(), "", "fewer than two runs");
        assert!(!durations(&frame, &runs(&[0, 0]), 1).to_string().contains("NaN"));
    }
}
