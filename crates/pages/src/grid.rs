//! The grid of a ref: jobs by pipelines. Every cell is a link whose title describes it.
//!
//! A grid may have 10,000 cells and more, so a cell is short: its address is relative to that of the page, and the
//! style sheet draws the shape of a status.

use crate::job_runs::job_runs_address;
use crate::layout::fill_placeholders;
use crate::links::address;
use crate::messages::{Text, grid as msg};
use crate::paging::Pager;
use crate::pipeline::short_sha;
use crate::timeline::job_count;
use crate::times::{absolute, duration};
use crate::{Frame, Html, escape, sanitize};
use askama::Template;
use domain::model::grid::{Grid, GridCell, GridFilter, GridRow, GridStage, RowHealth};
use domain::model::pipelines::Pipeline;
use domain::model::repositories::Repository;
use domain::model::status::Status;
use std::fmt::Write as _;

/// The page.
#[derive(Debug, Template)]
#[template(path = "grid.html")]
pub struct GridPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Whether the user can change the settings of the repository.
    pub can_manage: bool,
    /// The filter.
    pub filter: &'a GridFilter,
    /// The grid.
    pub grid: &'a Grid,
    /// The entity tag of the response.
    pub etag: &'a str,
}

impl GridPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/grid", self.repository.id)
    }

    fn address(&self, path: &str, before: &str) -> String {
        let source = self.source();
        address(path, &[("ref", &self.filter.git_ref), ("source", source), ("before", before)])
    }

    fn json_address(&self) -> String {
        let before = self.filter.before.map(|id| id.to_string()).unwrap_or_default();
        self.address(&format!("{}.json", self.path()), &before)
    }

    fn pager(&self) -> Html {
        let pager = Pager {
            before: self.filter.before.map(|_| self.address(&self.path(), "")),
            after: self.grid.next.map(|next| self.address(&self.path(), &next.to_string())),
            by_time: true,
        };
        pager.html(self.frame)
    }

    fn source(&self) -> &str {
        self.filter.source.as_deref().unwrap_or_default()
    }

    fn is_active(&self) -> bool {
        self.grid.pipelines.iter().any(|pipeline| !pipeline.status.is_finished())
    }

    fn rows(&self) -> impl Iterator<Item = &GridRow> {
        self.grid.stages.iter().flat_map(|stage| &stage.rows)
    }

    /// The number of failing jobs, which screen readers announce when it changes.
    fn failing_text(&self) -> String {
        match self.grid.failing_count {
            0 => self.frame.text(msg::NONE_FAILING).to_owned(),
            1 => self.frame.format(msg::FAILING_ONE, 1),
            count => self.frame.format(msg::FAILING_COUNT, count),
        }
    }

    fn summary(&self) -> String {
        let count = self.grid.pipelines.len();
        let text = if count == 1 { msg::PIPELINES_ONE } else { msg::PIPELINES };
        let pipelines = self.frame.format(text, count);
        self.frame.format2(msg::SUMMARY, job_count(self.frame, self.grid.row_count), pipelines)
    }

    fn more_jobs(&self) -> Option<String> {
        let (shown, all) = (self.rows().count(), self.grid.row_count);
        (all > shown).then(|| self.frame.format2(msg::MORE_JOBS, shown, all))
    }

    /// The headers of the columns.
    fn head(&self) -> Html {
        let mut out = String::new();
        for pipeline in &self.grid.pipelines {
            let (id, title) = (pipeline.id, escape(&self.column_title(pipeline)));
            let icon = self.frame.icon(pipeline.status);
            // Writing into a string does not fail.
            let _ = write!(
                out,
                "<th scope=col data-key=c{id} title=\"{title}\"><a href=pipelines/{id}>{icon}<span>#{id}</span></a></th>"
            );
        }
        Html(out)
    }

    /// `#175 · Failed · 1c46c505 · 2026-11-24 14:58:20 +08:00`.
    fn column_title(&self, pipeline: &Pipeline) -> String {
        let at = absolute(pipeline.created_at, &self.frame.zone);
        let status = self.frame.status(pipeline.status);
        format!("#{} · {status} · {} · {at}", pipeline.id, short_sha(&pipeline.identity.sha))
    }

    fn span(&self) -> usize {
        self.grid.pipelines.len() + 1
    }

    fn stage_rows(&self, stage: &GridStage) -> Html {
        let mut out = String::new();
        for row in &stage.rows {
            self.row(&mut out, &stage.name, row);
        }
        Html(out)
    }

    /// The source of the pipelines that have the job; empty if there are several.
    fn row_source(&self, row: &GridRow) -> &str {
        let with_job = self.grid.pipelines.iter().zip(&row.cells).filter(|(_, cell)| cell.is_some());
        let mut sources = with_job.map(|(pipeline, _)| pipeline.identity.source.as_str());
        let first = sources.next().unwrap_or_default();
        if sources.all(|source| source == first) { first } else { "" }
    }

    fn row(&self, out: &mut String, stage: &str, row: &GridRow) {
        let source = self.row_source(row);
        let jobs = job_runs_address(self.repository, stage, &row.name, &self.filter.git_ref, source);
        let jobs = format!("{}{jobs}", self.frame.base);
        let (health, name) = (row.health.as_str(), escape(&sanitize(&row.name)));
        let failed = if row.health == RowHealth::Failing { " data-failed" } else { "" };
        let (key, jobs) = (escape(&format!("{stage}/{}", row.name)), escape(&jobs));
        let _ = write!(
            out,
            "<tr data-key=\"{key}\" class={health}><th scope=row><a data-row{failed} href=\"{jobs}\" title=\"{name}\">{name}</a>"
        );
        if row.flaky_commits > 0 {
            let text = if row.flaky_commits == 1 { msg::FLAKY_HINT_ONE } else { msg::FLAKY_HINT };
            let hint = self.frame.format(text, row.flaky_commits);
            let flaky = self.frame.text(msg::FLAKY);
            let _ = write!(out, "<span class=chip title=\"{hint}\">{flaky}</span>");
        }
        out.push_str("</th>");
        // Scripts request fragments and move the focus by arrow keys. Without them, the Tab key reaches every cell.
        let tab = if self.frame.fragment { " tabindex=-1" } else { "" };
        for (pipeline, cell) in self.grid.pipelines.iter().zip(&row.cells) {
            let id = pipeline.id;
            let _ = write!(out, "<td data-key=c{id}>");
            if let Some(cell) = cell {
                let (class, title, job) = (class(cell), self.cell_title(cell), cell.id);
                let _ = write!(
                    out,
                    "<a class=\"{class}\"{tab} href=pipelines/{id}/jobs/{job} title=\"{title}\"></a>"
                );
            }
            out.push_str("</td>");
        }
        out.push_str("</tr>");
    }

    /// The text of a cell: `Failed, 2:05`.
    fn cell_title(&self, cell: &GridCell) -> String {
        let mut title = self.frame.status(cell.status).to_owned();
        let fill = |text: Text, first: &str, second: String| {
            fill_placeholders(self.frame.text(text), &[&first, &second])
        };
        if cell.status.is_bad() && cell.allow_failure {
            title = fill(msg::CELL_ALLOWED, &title, String::new());
        }
        if let Some(taken) = cell.duration {
            title = fill(msg::CELL_DURATION, &title, duration(taken));
        }
        if cell.attempts > 1 {
            title = fill(msg::CELL_ATTEMPTS, &title, cell.attempts.to_string());
        }
        if cell.flaky {
            title = fill(msg::CELL_FLAKY, &title, String::new());
        }
        title
    }

    /// A cell of each status, for the legend.
    fn legend(&self) -> Html {
        let one = |status: Status| {
            format!("<span><i class=\"status-{}\"></i> {}</span>", status.as_str(), self.frame.status(status))
        };
        Html(Status::ALL.map(one).join(" "))
    }
}

fn class(cell: &GridCell) -> String {
    let mut class = format!("status-{}", cell.status.as_str());
    if cell.status.is_bad() && cell.allow_failure {
        class += " allowed";
    }
    if cell.flaky {
        class += " flaky";
    }
    class
}

#[cfg(test)]
mod tests;
