//! What is seen of a pipeline that is watched: a live picture on a terminal, a line for each change elsewhere, or JSON lines.

use super::board::Board;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::{Output, clean};
use indicatif::{ProgressBar, ProgressStyle};
use stagepost_client::follow::Change;
use std::io::IsTerminal as _;

/// Where the changes go.
pub struct View {
    board: Board,
    output: Output,
    /// The live picture; `None`: lines.
    live: Option<ProgressBar>,
    /// That the server is away was said.
    away: bool,
}

impl View {
    pub fn new(output: Output) -> Self {
        let live = output.terminal && !output.json && std::io::stderr().is_terminal();
        Self { board: Board::default(), output, live: live.then(bar), away: false }
    }

    /// Shows a change, unless it was shown before.
    pub fn change(&mut self, change: &Change) -> Result<(), Failure> {
        if !self.board.note(change) {
            return Ok(());
        }
        if self.output.json {
            return self.output.text(&format!("{}\n", json(change)?));
        }
        if self.live.is_some() {
            self.draw(None);
            return Ok(());
        }
        self.output.text(&line(self.output, change))
    }

    /// Once a second: time passes, and the server may be away.
    pub fn tick(&mut self, outage: Option<&stagepost_client::Error>) {
        let say = |error| Text::WatchOutage.with(&[("why", error)]);
        if self.live.is_some() {
            self.draw(outage.map(|error| say(error)));
            return;
        }
        match outage {
            Some(error) if !self.away => eprintln!("{}", clean(&say(error))),
            None if self.away => eprintln!("{}", Text::WatchBack),
            _ => {}
        }
        self.away = outage.is_some();
    }

    /// Leaves the last picture on the terminal.
    pub fn finish(&mut self) {
        if let Some(bar) = self.live.take() {
            bar.finish_and_clear();
            for line in self.board.lines(self.output, now()) {
                // Whoever closed the terminal does not read it.
                let _ = self.output.text(&format!("{line}\n"));
            }
        }
    }

    fn draw(&self, note: Option<String>) {
        let Some(bar) = &self.live else { return };
        let (ended, all) = self.board.progress();
        if all == 0 && note.is_none() {
            return;
        }
        let mut lines = self.board.lines(self.output, now());
        lines.extend(note.map(|note| clean(&note)));
        bar.set_length(all);
        bar.set_position(ended);
        bar.set_message(lines.join("\n"));
    }
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(stagepost_client::system_clock()).unwrap_or_default()
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg}\n{bar:40} {pos}/{len}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The change as the API has it, with what it is of.
fn json(change: &Change) -> Result<String, Failure> {
    let (kind, value) = match change {
        Change::Job(job) => ("job", serde_json::to_value(job)),
        Change::Pipeline(pipeline) => ("pipeline", serde_json::to_value(pipeline)),
    };
    let value = value.map_err(Failure::error)?;
    serde_json::to_string(&serde_json::json!({ "type": kind, kind: value })).map_err(Failure::error)
}

/// Kind, id, status, and what it is: columns for machines, in words for a person.
fn line(output: Output, change: &Change) -> String {
    let (kind, id, status, of) = match change {
        Change::Job(job) => {
            ("job", job.id, &job.status, [job.stage.clone(), job.name.clone(), job.attempt.to_string()])
        }
        Change::Pipeline(p) => {
            ("pipeline", p.id, &p.status, [p.sha.clone(), p.git_ref.clone(), p.job_count.to_string()])
        }
    };
    let [first, second, third] = of.map(|text| clean(&text));
    if output.terminal {
        let sign = output.status(status);
        return match change {
            Change::Job(_) => format!("{sign}  {first} / {second}\n"),
            Change::Pipeline(_) => format!("{sign}  {} {id}\n", Text::Pipeline),
        };
    }
    format!("{kind}\t{id}\t{status}\t{first}\t{second}\t{third}\n")
}
