//! The output of `watch`: a live table on a terminal, one line per change otherwise, or JSON lines.

use super::job_table::JobTable;
use super::live_lines::LiveLines;
use crate::exit::{Failure, reason};
use crate::messages::Text;
use crate::output::Output;
use crate::terminal::sanitize;
use stagepost_client::follow::Change;
use std::io::IsTerminal as _;

/// The output of the changes.
pub struct View {
    table: JobTable,
    output: Output,
    /// The live table; `None` for lines.
    live_table: Option<LiveLines>,
    /// The message about an outage was printed.
    outage_shown: bool,
}

impl View {
    pub fn new(output: Output) -> Self {
        let is_live = output.terminal && !output.dumb && !output.json && std::io::stderr().is_terminal();
        let live_table = is_live.then(LiveLines::default);
        Self { table: JobTable::default(), output, live_table, outage_shown: false }
    }

    /// Shows a change, unless nothing visible has changed.
    pub fn change(&mut self, change: &Change) -> Result<(), Failure> {
        if !self.table.apply(change) {
            return Ok(());
        }
        if self.output.json {
            return self.output.text(&format!("{}\n", json(change)?));
        }
        if self.live_table.is_some() {
            self.draw(None);
            return Ok(());
        }
        self.output.text(&change_text(self.output, change))
    }

    /// Updates durations and the outage message. Called once per second.
    pub fn tick(&mut self, outage: Option<&stagepost_client::Error>) {
        let message = |error| Text::RetryingConnection.with(&[("reason", &reason(error))]);
        if self.live_table.is_some() {
            self.draw(outage.map(message));
            return;
        }
        match outage {
            Some(error) if !self.outage_shown => eprintln!("{}", sanitize(&message(error))),
            None if self.outage_shown => eprintln!("{}", Text::Reconnected),
            _ => {}
        }
        self.outage_shown = outage.is_some();
    }

    /// Prints the final table on the terminal.
    pub fn finish(&mut self) {
        if let Some(mut live) = self.live_table.take() {
            live.clear();
            for line in self.table.lines(self.output, now()) {
                // An error means that the terminal is closed.
                let _ = self.output.text(&format!("{line}\n"));
            }
        }
    }

    fn draw(&mut self, message: Option<String>) {
        let Some(live) = &mut self.live_table else { return };
        let (finished, total) = self.table.progress();
        if total == 0 && message.is_none() {
            return;
        }
        let mut lines = self.table.lines(self.output, now());
        lines.extend(message.map(|message| sanitize(&message)));
        lines.push(bar(finished, total));
        live.draw(&lines);
    }
}

impl Drop for View {
    /// Ctrl-C and a timeout also end the live table.
    fn drop(&mut self) {
        self.finish();
    }
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(stagepost_client::system_clock()).unwrap_or_default()
}

/// The progress as a bar and as numbers.
fn bar(finished: usize, total: usize) -> String {
    const WIDTH: usize = 40;
    let filled = finished * WIDTH / total.max(1);
    format!("{}{} {finished}/{total}", "█".repeat(filled), "░".repeat(WIDTH - filled))
}

/// The changed job or pipeline in the format of the API, with its type.
fn json(change: &Change) -> Result<String, Failure> {
    let (kind, value) = match change {
        Change::Job(job) => ("job", serde_json::to_value(job)),
        Change::Pipeline(pipeline) => ("pipeline", serde_json::to_value(pipeline)),
    };
    let value = value.map_err(Failure::error)?;
    serde_json::to_string(&serde_json::json!({ "type": kind, kind: value })).map_err(Failure::error)
}

/// Type, id, status and further columns, or a readable line on a terminal.
fn change_text(output: Output, change: &Change) -> String {
    let (kind, id, status, columns) = match change {
        Change::Job(job) => {
            ("job", job.id, &job.status, [job.stage.clone(), job.name.clone(), job.attempt.to_string()])
        }
        Change::Pipeline(p) => {
            ("pipeline", p.id, &p.status, [p.sha.clone(), p.git_ref.clone(), p.job_count.to_string()])
        }
    };
    let [first, second, third] = columns.map(|text| sanitize(&text));
    if output.terminal {
        let status = output.status(status);
        return match change {
            Change::Job(_) => format!("{status}  {first} / {second}\n"),
            Change::Pipeline(_) => format!("{status}  {} {id}\n", Text::Pipeline),
        };
    }
    format!("{kind}\t{id}\t{status}\t{first}\t{second}\t{third}\n")
}
