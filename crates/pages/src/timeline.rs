//! The timeline of a pipeline: for each job its name, a bar for its queue time and a bar for its run time.
//! Inline SVG without styles. Must not know the rest of the page.

use crate::columns::Column;
use crate::icons::icon;
use crate::messages::pipeline as msg;
use crate::times::duration;
use crate::{Frame, Html, escape, sanitize};
use domain::SignedDuration;
use domain::Timestamp;
use domain::model::attempts::Attempt;
use domain::model::jobs::Job;
use domain::model::status::Status;
use std::fmt::Write as _;

/// Up to this number of jobs, rows have names. With more jobs, rows are thin and have no names.
const NAMED_MAX: usize = 200;
/// Maximum number of rows.
const ROWS_MAX: usize = 2_000;
/// Height of the axis, in pixels.
const AXIS: usize = 20;
/// Distances between two ticks of the axis, in seconds.
const TICK_STEPS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400,
    604_800, 2_592_000,
];
/// Maximum number of ticks after the first. Narrow screens hide every second label.
const TICKS_MAX: i64 = 5;
/// Minimum width of a bar in percent, so that a job without duration is visible.
const BAR_WIDTH_MIN: f64 = 0.25;

/// The queue time and the run time of an attempt up to now; `None` if it was not queued or did not run.
pub fn queue_and_run_time(
    attempt: &Attempt,
    now: Timestamp,
) -> (Option<SignedDuration>, Option<SignedDuration>) {
    let end = attempt.finished_at.unwrap_or(now);
    let between = |from: Timestamp, to: Timestamp| Some(to.duration_since(from).max(SignedDuration::ZERO));
    match attempt.started_at {
        Some(started) => {
            let queued = between(attempt.created_at, started).filter(|time| time.as_secs() > 0);
            (queued, between(started, end))
        }
        None if attempt.status == Status::Running => (None, between(attempt.created_at, end)),
        None => (between(attempt.created_at, end), None),
    }
}

/// The timeline as HTML; empty without jobs.
pub fn timeline(frame: &Frame, columns: &[Column<'_>]) -> Html {
    Html(Chart::new(frame, columns).map(|chart| chart.draw()).unwrap_or_default())
}

struct Chart<'a> {
    frame: &'a Frame,
    /// Stage name and attempts of each job. The attempt that counts is first.
    rows: Vec<(&'a str, Vec<&'a Job>)>,
    /// Number of jobs without a row.
    hidden: usize,
    begin: Timestamp,
    /// Duration of the pipeline in milliseconds, at least one second.
    span: i64,
    /// Height of a row in pixels.
    pitch: usize,
}

impl<'a> Chart<'a> {
    fn new(frame: &'a Frame, columns: &[Column<'a>]) -> Option<Self> {
        let mut rows = Vec::new();
        for column in columns {
            let first = rows.len();
            for job in &column.jobs {
                let attempts = std::iter::once(job.newest).chain(job.older.iter().copied()).collect();
                rows.push((column.stage.name.as_str(), attempts));
            }
            rows[first..].sort_by_key(|(_, attempts): &(_, Vec<&Job>)| {
                (attempts.iter().map(|job| job.attempt.created_at).min(), attempts[0].id)
            });
        }
        let hidden = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        let attempts = || rows.iter().flat_map(|(_, attempts)| attempts).map(|job| &job.attempt);
        let begin = attempts().map(|a| a.created_at.min(a.started_at.unwrap_or(a.created_at))).min()?;
        let end = attempts().map(|a| a.finished_at.unwrap_or(frame.now)).max()?;
        let pitch = if rows.len() <= NAMED_MAX { 22 } else { 5 };
        let mut chart = Self { frame, rows, hidden, begin, span: 0, pitch };
        chart.span = chart.offset(end).max(1_000);
        Some(chart)
    }

    /// Milliseconds from the beginning of the chart to a time.
    fn offset(&self, at: Timestamp) -> i64 {
        i64::try_from(at.duration_since(self.begin).as_millis()).unwrap_or(i64::MAX).max(0)
    }

    /// The horizontal position of an offset, in percent.
    #[expect(clippy::cast_precision_loss, reason = "positions are drawn with two decimals")]
    fn percent(&self, milliseconds: i64) -> f64 {
        milliseconds as f64 * 100.0 / self.span as f64
    }

    fn draw(&self) -> String {
        let height = AXIS + self.pitch * self.rows.len();
        let mut svg = String::with_capacity(self.rows.len() * 300 + 1_024);
        let (title, summary) = (self.frame.text(msg::TIMELINE), self.summary());
        let class = if self.pitch > 10 { "timeline named" } else { "timeline" };
        // Writing into a string does not fail, here and below.
        let _ = write!(svg, r#"<div class="{class}">"#);
        if self.pitch > 10 {
            self.names(&mut svg);
        }
        let _ = write!(
            svg,
            r#"<svg role="img" aria-labelledby="timeline-title timeline-summary" width="100%" height="{height}"><title id="timeline-title">{title}</title><desc id="timeline-summary">{summary}</desc>"#
        );
        self.axis(&mut svg, height);
        for (at, (stage, attempts)) in self.rows.iter().enumerate() {
            self.row(&mut svg, AXIS + at * self.pitch, stage, attempts);
        }
        svg.push_str("</svg></div>");
        svg
    }

    /// The description of the chart in one sentence, for screen readers.
    fn summary(&self) -> String {
        let total = duration(SignedDuration::from_millis(self.span));
        let jobs = job_count(self.frame, self.rows.len());
        let mut summary = self.frame.format2(msg::TIMELINE_SUMMARY, jobs, total);
        let run_time =
            |job: &'a Job| queue_and_run_time(&job.attempt, self.frame.now).1.map(|time| (time, &job.name));
        if let Some((time, name)) = self.rows.iter().filter_map(|(_, attempts)| run_time(attempts[0])).max() {
            summary += &self.frame.format2(msg::TIMELINE_LONGEST, escape(&sanitize(name)), duration(time));
        }
        if self.hidden > 0 {
            summary += &self.frame.format(msg::TIMELINE_MORE, self.hidden);
        }
        summary
    }

    fn axis(&self, svg: &mut String, height: usize) {
        let seconds = self.span / 1_000;
        let step = TICK_STEPS.into_iter().find(|step| seconds / step <= TICKS_MAX).unwrap_or(seconds);
        for (index, at) in (0..=seconds).step_by(usize::try_from(step).unwrap_or(1).max(1)).enumerate() {
            let x = self.percent(at * 1_000);
            // A centred label of the first or last tick would extend beyond the chart.
            let anchor = match at {
                0 => "start",
                _ if x > 90.0 => "end",
                _ => "middle",
            };
            let label = duration(SignedDuration::from_secs(at));
            let odd = if index % 2 == 1 { r#" class="odd""# } else { "" };
            let _ = write!(
                svg,
                r#"<line x1="{x:.2}%" x2="{x:.2}%" y1="{AXIS}" y2="{height}"/><text{odd} x="{x:.2}%" y="12" text-anchor="{anchor}">{label}</text>"#
            );
        }
    }

    fn row(&self, svg: &mut String, y: usize, stage: &str, attempts: &[&Job]) {
        for (index, job) in attempts.iter().enumerate().rev() {
            let attempt = &job.attempt;
            let end = self.offset(attempt.finished_at.unwrap_or(self.frame.now));
            let created = self.offset(attempt.created_at);
            let is_run = attempt.started_at.is_some() || attempt.status == Status::Running;
            let start = attempt.started_at.map_or(if is_run { created } else { end }, |at| self.offset(at));
            let (status, id, hint) = (attempt.status.as_str(), job.id, self.hint(stage, job));
            let old = if index > 0 { " old" } else { "" };
            let _ =
                write!(svg, r#"<g class="status-{status}{old}" data-key="bar-{id}"><title>{hint}</title>"#);
            if start > created || !is_run {
                self.bar(svg, "queue", (created, start), y);
            }
            if is_run {
                self.bar(svg, "run", (start, end), y);
            }
            svg.push_str("</g>");
        }
    }

    fn bar(&self, svg: &mut String, class: &str, (from, to): (i64, i64), y: usize) {
        let width = self.percent(to - from).max(BAR_WIDTH_MIN);
        let x = self.percent(from).min(100.0 - width);
        let height = self.pitch - self.pitch / 4 - 1;
        let _ = write!(
            svg,
            r#"<rect class="{class}" x="{x:.2}%" y="{y}" width="{width:.2}%" height="{height}"/>"#
        );
    }

    /// The title of a bar.
    fn hint(&self, stage: &str, job: &Job) -> String {
        let frame = self.frame;
        let (queue_time, run_time) = queue_and_run_time(&job.attempt, frame.now);
        let mut hint = format!("{} / {}", escape(&sanitize(stage)), escape(&sanitize(&job.name)));
        if job.attempt_number > 1 || !job.newest {
            hint += &frame.format(msg::ATTEMPT, job.attempt_number);
        }
        for (time, text) in [(queue_time, msg::QUEUED), (run_time, msg::RAN)] {
            if let Some(time) = time {
                hint += &frame.format(text, duration(time));
            }
        }
        hint
    }

    /// The names beside the rows. Screen readers skip them, because the board and the table have them.
    fn names(&self, html: &mut String) {
        html.push_str(r#"<ol aria-hidden="true">"#);
        for (_, attempts) in &self.rows {
            let (job, status) = (attempts[0], attempts[0].attempt.status);
            let (status, name, icon) = (status.as_str(), escape(&sanitize(&job.name)), icon(status));
            let _ = write!(
                html,
                r#"<li class="status-{status}" data-key="name-{}">{icon}<span title="{name}">{name}</span></li>"#,
                job.id
            );
        }
        html.push_str("</ol>");
    }
}

/// The text for a number of jobs.
pub fn job_count(frame: &Frame, count: usize) -> String {
    frame.format(if count == 1 { msg::JOBS_ONE } else { msg::JOBS }, count)
}

#[cfg(test)]
mod tests;
