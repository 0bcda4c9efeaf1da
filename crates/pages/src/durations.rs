//! How long earlier runs of a job took, as a small chart: inline SVG without any style of its own.

use crate::layout::fill;
use crate::messages::jobs as w;
use crate::times::duration;
use crate::{Frame, Html};
use domain::SignedDuration;
use domain::model::status::Status;
use std::fmt::Write as _;

/// Height of the chart, in pixels.
const HEIGHT: i64 = 96;
/// Room for so many bars, so that few are not wide.
const PLACES: usize = 20;

/// One run of the job that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// The id of the attempt.
    pub id: i32,
    /// How it ended.
    pub status: Status,
    /// How long it ran, in seconds.
    pub seconds: i64,
}

/// The middle of the runs that ended well, in seconds; of all where none did.
pub fn median(runs: &[Earlier]) -> Option<i64> {
    let sorted = |good: bool| {
        let taken = runs.iter().filter(|run| !good || run.status == Status::Success);
        let mut seconds: Vec<i64> = taken.map(|run| run.seconds).collect();
        seconds.sort_unstable();
        seconds
    };
    let (good, all) = (sorted(true), sorted(false));
    let of = if good.is_empty() { all } else { good };
    of.get(of.len() / 2).copied()
}

/// A bar for each run, oldest first; `current` is the one the page is about. Empty where there is nothing to compare.
pub fn durations(frame: &Frame, runs: &[Earlier], current: i32) -> Html {
    let Some(median) = median(runs).filter(|_| runs.len() > 1) else { return Html::default() };
    let longest = runs.iter().map(|run| run.seconds).max().unwrap_or_default().max(1);
    let top = |seconds: i64| HEIGHT - (seconds.max(0) * (HEIGHT - 4) / longest).max(2);
    let pitch = 100.0 / f64::from(u32::try_from(runs.len().max(PLACES)).unwrap_or(u32::MAX));
    let title = frame.say(w::DURATIONS);
    let told = fill(frame.say(w::DURATIONS_TOLD), &[&runs.len(), &shown(median), &shown(longest)]);
    let mut svg = format!(
        r#"<svg class="durations" role="img" aria-labelledby="durations-title durations-told" width="100%" height="{HEIGHT}"><title id="durations-title">{title}</title><desc id="durations-told">{told}</desc>"#
    );
    let mut x = 0.0;
    for run in runs {
        let (y, status) = (top(run.seconds), run.status.as_str());
        let now = if run.id == current { " current" } else { "" };
        // Writing into a string does not fail.
        let _ = write!(
            svg,
            r#"<rect class="status-{status}{now}" x="{x:.2}%" y="{y}" width="{:.2}%" height="{}"><title>#{} {} {}</title></rect>"#,
            pitch * 0.8,
            HEIGHT - y,
            run.id,
            frame.status(run.status),
            shown(run.seconds),
        );
        x += pitch;
    }
    let y = top(median);
    let _ = write!(svg, r#"<line x1="0" x2="100%" y1="{y}" y2="{y}"/></svg>"#);
    Html(svg)
}

/// A duration as people read it.
pub fn shown(seconds: i64) -> String {
    duration(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(seconds: &[i64]) -> Vec<Earlier> {
        let run = |(id, s): (i32, &i64)| Earlier {
            id,
            status: if *s > 100 { Status::TimedOut } else { Status::Success },
            seconds: *s,
        };
        (1..).zip(seconds).map(run).collect()
    }

    #[test]
    fn what_ended_well_is_the_measure() {
        assert_eq!(median(&runs(&[10, 30, 20, 900, 900])), Some(20));
        assert_eq!(median(&runs(&[900, 300])), Some(900), "of all where nothing went well");
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn every_run_has_a_bar_and_this_one_stands_out() {
        let frame = crate::layout::tests::frame();
        let svg = durations(&frame, &runs(&[10, 20, 40]), 3).to_string();
        assert_eq!(svg.matches("<rect ").count(), 3);
        assert!(svg.contains(r#"<rect class="status-success current" x="10.00%" y="4""#), "{svg}");
        assert!(svg.contains("The last 3 runs: median 0:20, longest 0:40"));
        assert!(!svg.contains("style="));
        assert_eq!(durations(&frame, &runs(&[10]), 1).to_string(), "", "nothing to compare with");
        assert!(!durations(&frame, &runs(&[0, 0]), 1).to_string().contains("NaN"));
    }
}
