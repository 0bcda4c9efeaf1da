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
use domain::model::pipelines::Stage;
use domain::model::status::Status;
use std::fmt::Write as _;
use std::ops::Range;

/// Up to this number of jobs, rows have names. With more jobs, rows are thin and have no names.
const NAMED_MAX: usize = 200;
/// Maximum number of rows. Each stage has the same share.
pub const ROWS_MAX: usize = 2_000;
/// Minimum number of rows of a stage.
const STAGE_ROWS_MIN: usize = 10;
/// Up to this number of jobs, the timeline is one chart. With more jobs, it has a collapsed chart for each stage.
const FLAT_MAX: usize = 100;
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

/// The timeline as HTML; empty without jobs. `link` returns the address of the page of a stage, which has all its
/// jobs.
pub fn timeline(frame: &Frame, columns: &[Column<'_>], link: &dyn Fn(&Stage) -> String) -> Html {
    let chart = Chart::new(frame, columns);
    let count: usize = columns.iter().map(|column| column.jobs.len()).sum();
    let html =
        chart.map(|chart| if count <= FLAT_MAX { chart.draw() } else { chart.draw_stages(columns, link) });
    Html(html.unwrap_or_default())
}

struct Chart<'a> {
    frame: &'a Frame,
    /// Stage name and attempts of each job. The attempt that counts is first.
    rows: Vec<(&'a str, Vec<&'a Job>)>,
    /// The rows of each stage.
    stages: Vec<Range<usize>>,
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
        let (mut stages, mut hidden) = (Vec::with_capacity(columns.len()), 0);
        let stage_max = (ROWS_MAX / columns.len().max(1)).max(STAGE_ROWS_MIN);
        for column in columns {
            let first = rows.len();
            for job in &column.jobs {
                let attempts = std::iter::once(job.newest).chain(job.older.iter().copied()).collect();
                rows.push((column.stage.name.as_str(), attempts));
            }
            rows[first..].sort_by_key(|(_, attempts): &(_, Vec<&Job>)| {
                (attempts.iter().map(|job| job.attempt.created_at).min(), attempts[0].id)
            });
            hidden += column.jobs.len().saturating_sub(stage_max);
            rows.truncate(first + stage_max);
            stages.push(first..rows.len());
        }
        let attempts = || rows.iter().flat_map(|(_, attempts)| attempts).map(|job| &job.attempt);
        let begin = attempts().map(|a| a.created_at.min(a.started_at.unwrap_or(a.created_at))).min()?;
        let end = attempts().map(|a| a.finished_at.unwrap_or(frame.now)).max()?;
        let pitch = if rows.len() <= NAMED_MAX { 22 } else { 5 };
        let mut chart = Self { frame, rows, stages, hidden, begin, span: 0, pitch };
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

    /// One chart of all rows.
    fn draw(&self) -> String {
        let mut html = String::with_capacity(self.rows.len() * 300 + 1_024);
        self.chart(
            &mut html,
            0..self.rows.len(),
            &format!("{}: {}", self.frame.text(msg::TIMELINE), self.summary()),
        );
        html
    }

    /// A collapsed chart for each stage. All have the same time axis.
    fn draw_stages(&self, columns: &[Column<'_>], link: &dyn Fn(&Stage) -> String) -> String {
        let mut html = String::with_capacity(self.rows.len() * 300 + 1_024);
        // Writing into a string does not fail, here and below.
        let _ = write!(html, "<p class=\"muted\">{}</p>", self.summary());
        for (column, rows) in columns.iter().zip(&self.stages) {
            let (stage, name) = (column.stage, escape(&sanitize(&column.stage.name)));
            let _ = write!(
                html,
                r#"<details class="stage-times" data-key="times-{}"><summary><span>{} {name} <small class="muted">{}</small></span>"#,
                stage.id,
                icon(stage.status),
                job_count(self.frame, column.jobs.len())
            );
            self.stage_bar(&mut html, stage.status, rows.clone());
            html.push_str("</summary>");
            self.chart(&mut html, rows.clone(), &format!("{}: {name}", self.frame.text(msg::TIMELINE)));
            let left_out = column.jobs.len() - rows.len();
            if left_out > 0 {
                let text =
                    if left_out == 1 { msg::TIMELINE_STAGE_MORE_ONE } else { msg::TIMELINE_STAGE_MORE };
                let text = self.frame.format(text, left_out);
                let all = self.frame.text(msg::STAGE_ALL);
                let address = escape(&format!("{}{}", self.frame.base, link(stage)));
                let _ = write!(html, "<p class=\"muted\">{text} <a href=\"{address}\">{all}</a></p>");
            }
            html.push_str("</details>");
        }
        html
    }

    /// The time from the first start to the last end of a stage, as one bar.
    fn stage_bar(&self, html: &mut String, status: Status, rows: Range<usize>) {
        let attempts =
            || self.rows[rows.clone()].iter().flat_map(|(_, attempts)| attempts).map(|job| &job.attempt);
        let from =
            attempts().map(|a| self.offset(a.created_at.min(a.started_at.unwrap_or(a.created_at)))).min();
        let to = attempts().map(|a| self.offset(a.finished_at.unwrap_or(self.frame.now))).max();
        let class = format!("status-{}", status.as_str());
        html.push_str("<svg aria-hidden=\"true\" width=\"100%\" height=\"10\">");
        self.bar(html, &class, (from.unwrap_or_default(), to.unwrap_or_default()), (0, 10));
        html.push_str("</svg>");
    }

    /// The chart of some rows, which screen readers read as `label`.
    fn chart(&self, html: &mut String, rows: Range<usize>, label: &str) {
        let height = AXIS + self.pitch * rows.len();
        let class = if self.pitch > 10 { "timeline named" } else { "timeline" };
        let _ = write!(html, r#"<div class="{class}">"#);
        if self.pitch > 10 {
            self.names(html, rows.clone());
        }
        let _ = write!(html, r#"<svg role="img" aria-label="{label}" width="100%" height="{height}">"#);
        self.axis(html, height);
        for (at, (stage, attempts)) in self.rows[rows].iter().enumerate() {
            self.row(html, AXIS + at * self.pitch, stage, attempts);
        }
        html.push_str("</svg></div>");
    }

    /// The description of the chart in one sentence.
    fn summary(&self) -> String {
        let total = duration(SignedDuration::from_millis(self.span));
        let jobs = job_count(self.frame, self.rows.len() + self.hidden);
        let mut summary = self.frame.format2(msg::TIMELINE_SUMMARY, jobs, total);
        let run_time =
            |job: &'a Job| queue_and_run_time(&job.attempt, self.frame.now).1.map(|time| (time, &job.name));
        if let Some((time, name)) = self.rows.iter().filter_map(|(_, attempts)| run_time(attempts[0])).max() {
            summary += &self.frame.format2(msg::TIMELINE_LONGEST, escape(&sanitize(name)), duration(time));
        }
        if self.hidden > 0 {
            let text = if self.hidden == 1 { msg::TIMELINE_MORE_ONE } else { msg::TIMELINE_MORE };
            summary += &self.frame.format(text, self.hidden);
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
        let height = self.pitch - self.pitch / 4 - 1;
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
                self.bar(svg, "queue", (created, start), (y, height));
            }
            if is_run {
                self.bar(svg, "run", (start, end), (y, height));
            }
            svg.push_str("</g>");
        }
    }

    fn bar(&self, svg: &mut String, class: &str, (from, to): (i64, i64), (y, height): (usize, usize)) {
        let width = self.percent(to - from).max(BAR_WIDTH_MIN);
        let x = self.percent(from).min(100.0 - width);
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
    fn names(&self, html: &mut String, rows: Range<usize>) {
        html.push_str(r#"<ol aria-hidden="true">"#);
        for (_, attempts) in &self.rows[rows] {
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
