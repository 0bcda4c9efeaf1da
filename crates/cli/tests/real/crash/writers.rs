//! The load: writers that send single reports and small batches until the server is killed.

use super::REPOSITORY;
use super::ledger::{AttemptKey, Ledger, Progress, SentReport};
use crate::http::Connection;
use crate::server::{End, Server};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many times a writer reports after another node was killed.
const REPORTS_AFTER_KILL: usize = 10;

/// One round of load.
#[derive(Clone, Copy)]
pub struct LoadSettings {
    pub cycle: u64,
    pub seed: u64,
    /// The number of reports, sent or acknowledged, after which the server is killed.
    pub stop_after: u64,
    pub by_sent: bool,
    pub end: End,
}

/// A seeded random generator (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, excluding `to`.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }
}

/// Runs the writers, does `work` in the midst of it, and ends the server then. Writers to other nodes are not
/// affected; each sends a few more reports and stops.
pub fn run_during_load(
    settings: LoadSettings,
    ledger: &Ledger,
    (server, others): (&mut Server, &[Server]),
    writers: u64,
    work: impl FnOnce(&Progress) -> Result<(), String>,
) {
    let progress = Progress::default();
    let killed = AtomicBool::new(false);
    let addresses: Vec<SocketAddr> =
        std::iter::once(&*server).chain(others).map(|node| node.address()).collect();
    std::thread::scope(|scope| {
        for (writer, node) in (0..writers).zip((0..addresses.len()).cycle()) {
            let (progress, killed, address) = (&progress, &killed, addresses[node]);
            scope.spawn(move || {
                let mut remaining = REPORTS_AFTER_KILL;
                let should_continue = || {
                    remaining -= usize::from(node > 0 && killed.load(Ordering::SeqCst));
                    remaining > 0
                };
                let result = write(settings, writer, address, ledger, progress, should_continue);
                if let Err(error) = result
                    && !(node == 0 && killed.load(Ordering::SeqCst))
                {
                    progress.fail(format!("writer {writer} to a running node: {error}"));
                }
            });
        }
        let reached = progress.wait(settings).and_then(|()| work(&progress));
        killed.store(true, Ordering::SeqCst);
        let exited = server.has_exited();
        let ended = server.end(if reached.is_ok() { settings.end } else { End::Kill });
        if let Err(error) = reached.and(ended) {
            panic!("cycle {}: {error}\n{}", settings.cycle, server.log());
        }
        assert!(!exited, "cycle {}: the server exited before its end\n{}", settings.cycle, server.log());
    });
    // An error with a complete response is reported even if it came after the kill.
    if let Some(error) = progress.failure() {
        panic!("cycle {}: {error}\n{}", settings.cycle, server.log());
    }
}

/// Sends reports while `should_continue` returns true. A broken connection is an error.
fn write(
    settings: LoadSettings,
    writer: u64,
    address: SocketAddr,
    ledger: &Ledger,
    progress: &Progress,
    mut should_continue: impl FnMut() -> bool,
) -> Result<(), String> {
    let mut random = Random::new(settings.seed ^ writer.wrapping_mul(0x0123_4567_89ab_cdef));
    let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
    let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
    while should_continue() {
        let batch: Vec<SentReport> = if random.within(0, 4) == 0 {
            (0..random.within(2, 9)).map(|_| report(settings, writer, &mut random)).collect()
        } else {
            vec![report(settings, writer, &mut random)]
        };
        let body = match batch.as_slice() {
            [one] => body(one),
            many => Value::Array(many.iter().map(body).collect()),
        };
        for report in &batch {
            ledger.sent(report);
        }
        progress.sent(batch.len());
        let response = match connection.request("POST", &path, &body.to_string()) {
            Ok(response) => response,
            Err(e) => {
                ledger.unanswered(batch.len());
                return Err(e.to_string());
            }
        };
        let recorded = match (batch.as_slice(), response.status) {
            ([one], 201) => ledger.acknowledged(one, &response.body),
            ([_, _, ..], 200) => ledger.batch_acknowledged(&batch, &response.body),
            _ => Err(format!("status {}", response.status)),
        };
        match recorded {
            Ok(()) => progress.acknowledged(batch.len()),
            Err(error) => {
                let error = format!("{error}: request {body}, response {}", response.body);
                progress.fail(error.clone());
                return Err(error);
            }
        }
    }
    Ok(())
}

/// A random report of this cycle. One job in eight is shared by all writers. Each job has up to two attempts,
/// reported in any order and with repeats.
pub fn report(settings: LoadSettings, writer: u64, random: &mut Random) -> SentReport {
    let job = random.within(0, 40);
    let pipeline = random.within(0, 3);
    let name = if job.is_multiple_of(8) { format!("shared-{job}") } else { format!("job-{writer}-{job}") };
    let key = AttemptKey {
        cycle: settings.cycle,
        pipeline,
        stage: format!("stage-{}", job % 3),
        name,
        build: random.within(0, 2).to_string(),
    };
    let status = match random.within(0, 4) {
        0 => "pending",
        1 => "running",
        _ => key.final_status(),
    };
    SentReport { key, status }
}

/// The JSON body of a report. Every other attempt has details, which several reports repeat.
pub fn body(report: &SentReport) -> Value {
    let SentReport { key, status } = report;
    let mut body = json!({
        "sha": key.sha(), "ref": "main", "stage": key.stage, "name": key.name,
        "third_build_id": key.build, "status": status,
    });
    if key.build == "1" {
        let annotation = json!({"path": key.name, "start_line": 1, "level": "notice", "message": status});
        body["details"] = json!({"title": key.stage, "annotations": [annotation]});
    }
    body
}
