//! The timeline of a pipeline: for each job its name, a bar of its waiting and a bar of its run, as inline SVG without any style of its own.
//! Must not know what is around it on the page.

use crate::columns::Column;
use crate::icons::icon;
use crate::messages::pipeline as w;
use crate::times::duration;
use crate::{Frame, Html, escape, plain};
use domain::SignedDuration;
use domain::Timestamp;
use domain::model::attempts::Attempt;
use domain::model::jobs::Job;
use domain::model::status::Status;
use std::fmt::Write as _;

/// Up to so many rows have names; more are thin.
const NAMED_MAX: usize = 200;
/// Rows at most.
const ROWS_MAX: usize = 2_000;
/// Height of the axis, in pixels.
const AXIS: usize = 20;
/// Distances of the marks on the axis, in seconds.
const STEPS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400,
    604_800, 2_592_000,
];
/// At most so many marks after the first; on a narrow screen every second one is left out.
const MARKS_MAX: i64 = 5;
/// The least width of a bar, in percent: what took no time can be seen, too.
const LEAST: f64 = 0.25;

/// How long an attempt waited and how long it ran so far; `None`: it did not.
pub fn waited_and_ran(attempt: &Attempt, now: Timestamp) -> (Option<SignedDuration>, Option<SignedDuration>) {
    let end = attempt.finished_at.unwrap_or(now);
    let between = |from: Timestamp, to: Timestamp| Some(to.duration_since(from).max(SignedDuration::ZERO));
    match attempt.started_at {
        Some(started) => {
            let waited = between(attempt.created_at, started).filter(|time| time.as_secs() > 0);
            (waited, between(started, end))
        }
        None if attempt.status == Status::Running => (None, between(attempt.created_at, end)),
        None => (between(attempt.created_at, end), None),
    }
}

/// The picture; empty without jobs.
pub fn timeline(frame: &Frame, columns: &[Column<'_>]) -> Html {
    Html(Picture::of(frame, columns).map(|picture| picture.draw()).unwrap_or_default())
}

struct Picture<'a> {
    frame: &'a Frame,
    /// The stage, and each job's attempts, the one that counts first.
    rows: Vec<(&'a str, Vec<&'a Job>)>,
    /// Jobs that have no row.
    left_out: usize,
    begin: Timestamp,
    /// Milliseconds from begin to end.
    span: i64,
    /// Pixels from row to row.
    pitch: usize,
}

impl<'a> Picture<'a> {
    fn of(frame: &'a Frame, columns: &[Column<'a>]) -> Option<Self> {
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
        let left_out = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        let attempts = || rows.iter().flat_map(|(_, attempts)| attempts).map(|job| &job.attempt);
        let begin = attempts().map(|a| a.created_at.min(a.started_at.unwrap_or(a.created_at))).min()?;
        let end = attempts().map(|a| a.finished_at.unwrap_or(frame.now)).max()?;
        let pitch = if rows.len() <= NAMED_MAX { 22 } else { 5 };
        let mut picture = Self { frame, rows, left_out, begin, span: 0, pitch };
        picture.span = picture.since(end).max(1_000);
        Some(picture)
    }

    fn since(&self, at: Timestamp) -> i64 {
        i64::try_from(at.duration_since(self.begin).as_millis()).unwrap_or(i64::MAX).max(0)
    }

    /// Where a time is, in percent.
    #[expect(clippy::cast_precision_loss, reason = "tenths of a percent are drawn")]
    fn percent(&self, milliseconds: i64) -> f64 {
        milliseconds as f64 * 100.0 / self.span as f64
    }

    fn draw(&self) -> String {
        let height = AXIS + self.pitch * self.rows.len();
        let mut svg = String::with_capacity(self.rows.len() * 300 + 1_024);
        let (title, told) = (self.frame.say(w::TIMELINE), self.told());
        let class = if self.pitch > 10 { "timeline named" } else { "timeline" };
        // Writing into a string does not fail, here and below.
        let _ = write!(svg, r#"<div class="{class}">"#);
        if self.pitch > 10 {
            self.names(&mut svg);
        }
        let _ = write!(
            svg,
            r#"<svg role="img" aria-labelledby="timeline-title timeline-told" width="100%" height="{height}"><title id="timeline-title">{title}</title><desc id="timeline-told">{told}</desc>"#
        );
        self.axis(&mut svg, height);
        for (at, (stage, attempts)) in self.rows.iter().enumerate() {
            self.row(&mut svg, AXIS + at * self.pitch, stage, attempts);
        }
        svg.push_str("</svg></div>");
        svg
    }

    /// What the picture shows, in one sentence.
    fn told(&self) -> String {
        let all = duration(SignedDuration::from_millis(self.span));
        let jobs = jobs(self.frame, self.rows.len());
        let mut told = self.frame.fill2(w::TIMELINE_TOLD, jobs, all);
        let ran = |job: &'a Job| waited_and_ran(&job.attempt, self.frame.now).1.map(|time| (time, &job.name));
        if let Some((time, name)) = self.rows.iter().filter_map(|(_, attempts)| ran(attempts[0])).max() {
            told += &self.frame.fill2(w::TIMELINE_LONGEST, escape(&plain(name)), duration(time));
        }
        if self.left_out > 0 {
            told += &self.frame.fill(w::TIMELINE_MORE, self.left_out);
        }
        told
    }

    fn axis(&self, svg: &mut String, height: usize) {
        let seconds = self.span / 1_000;
        let step = STEPS.into_iter().find(|step| seconds / step <= MARKS_MAX).unwrap_or(seconds);
        for (place, at) in (0..=seconds).step_by(usize::try_from(step).unwrap_or(1).max(1)).enumerate() {
            let x = self.percent(at * 1_000);
            // In the middle of the first and the last mark half of the text would stand outside.
            let anchor = match at {
                0 => "start",
                _ if x > 90.0 => "end",
                _ => "middle",
            };
            let label = duration(SignedDuration::from_secs(at));
            let odd = if place % 2 == 1 { r#" class="odd""# } else { "" };
            let _ = write!(
                svg,
                r#"<line x1="{x:.2}%" x2="{x:.2}%" y1="{AXIS}" y2="{height}"/><text{odd} x="{x:.2}%" y="12" text-anchor="{anchor}">{label}</text>"#
            );
        }
    }

    fn row(&self, svg: &mut String, y: usize, stage: &str, attempts: &[&Job]) {
        for (place, job) in attempts.iter().enumerate().rev() {
            let attempt = &job.attempt;
            let ended = self.since(attempt.finished_at.unwrap_or(self.frame.now));
            let created = self.since(attempt.created_at);
            let runs = attempt.started_at.is_some() || attempt.status == Status::Running;
            let started = attempt.started_at.map_or(if runs { created } else { ended }, |at| self.since(at));
            let (status, id, hint) = (attempt.status.as_str(), job.id, self.hint(stage, job));
            let old = if place > 0 { " old" } else { "" };
            let _ =
                write!(svg, r#"<g class="status-{status}{old}" data-key="bar-{id}"><title>{hint}</title>"#);
            if started > created || !runs {
                self.bar(svg, "queue", (created, started), y);
            }
            if runs {
                self.bar(svg, "run", (started, ended), y);
            }
            svg.push_str("</g>");
        }
    }

    fn bar(&self, svg: &mut String, class: &str, (from, to): (i64, i64), y: usize) {
        let width = self.percent(to - from).max(LEAST);
        let x = self.percent(from).min(100.0 - width);
        let thick = self.pitch - self.pitch / 4 - 1;
        let _ = write!(
            svg,
            r#"<rect class="{class}" x="{x:.2}%" y="{y}" width="{width:.2}%" height="{thick}"/>"#
        );
    }

    /// What a bar says when somebody points at it.
    fn hint(&self, stage: &str, job: &Job) -> String {
        let frame = self.frame;
        let (waited, ran) = waited_and_ran(&job.attempt, frame.now);
        let mut hint = format!("{} / {}", escape(&plain(stage)), escape(&plain(&job.name)));
        if job.attempt_number > 1 || !job.newest {
            hint += &frame.fill(w::ATTEMPT, job.attempt_number);
        }
        for (time, text) in [(waited, w::QUEUED), (ran, w::RAN)] {
            if let Some(time) = time {
                hint += &frame.fill(text, duration(time));
            }
        }
        hint
    }

    /// The names beside the rows; read out they are the board's and the table's.
    fn names(&self, html: &mut String) {
        html.push_str(r#"<ol aria-hidden="true">"#);
        for (_, attempts) in &self.rows {
            let (job, status) = (attempts[0], attempts[0].attempt.status);
            let (word, name, shape) = (status.as_str(), escape(&plain(&job.name)), icon(status));
            let _ = write!(
                html,
                r#"<li class="status-{word}" data-key="name-{}">{shape}<span title="{name}">{name}</span></li>"#,
                job.id
            );
        }
        html.push_str("</ol>");
    }
}

/// So many jobs, in words.
pub fn jobs(frame: &Frame, count: usize) -> String {
    frame.fill(if count == 1 { w::JOBS_ONE } else { w::JOBS }, count)
}

#[cfg(test)]
mod tests;
