//! The load: writers that report single reports and small batches until the server is killed under them.

use super::REPOSITORY;
use super::ledger::{Key, Ledger, Progress, Said};
use crate::http::Connection;
use crate::server::Server;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// How often a writer reports after another node was killed.
const AFTER_THE_KILL: usize = 10;

/// One round of load.
#[derive(Clone, Copy)]
pub struct Run {
    pub cycle: u64,
    pub seed: u64,
    /// How many reports, sent or acknowledged, the kill waits for.
    pub stop_after: u64,
    pub by_sent: bool,
}

/// Repeatable numbers (SplitMix64).
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

    /// `from` up to, not including, `to`.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }
}

/// Runs the writers, and kills the server in the midst of it. Those that write to other nodes of the same database notice nothing: each
/// reports a few times more, and stops.
pub fn until_killed(run: Run, ledger: &Ledger, server: &mut Server, others: &[Server], writers: u64) {
    meanwhile(run, ledger, (server, others), writers, |_| Ok(()));
}

/// Runs the writers, does `work` in the midst of it, and kills the server then.
pub fn meanwhile(
    run: Run,
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
                let mut left = AFTER_THE_KILL;
                let goes_on = || {
                    left -= usize::from(node > 0 && killed.load(Ordering::SeqCst));
                    left > 0
                };
                let ended = write(run, writer, address, ledger, progress, goes_on);
                if let Err(ended) = ended
                    && !(node == 0 && killed.load(Ordering::SeqCst))
                {
                    progress.fail(format!("writer {writer}, to a node that lives: {ended}"));
                }
            });
        }
        let reached = progress.wait(run).and_then(|()| work(&progress));
        killed.store(true, Ordering::SeqCst);
        let died = server.is_gone();
        server.kill();
        if let Err(wrong) = reached {
            panic!("cycle {}: {wrong}\n{}", run.cycle, server.said());
        }
        assert!(!died, "cycle {}: the server ended by itself\n{}", run.cycle, server.said());
    });
    // What went wrong after the kill was set, but with a whole answer, counts all the same.
    if let Some(wrong) = progress.failure() {
        panic!("cycle {}: {wrong}\n{}", run.cycle, server.said());
    }
}

/// Reports until the connection breaks, which it says, or as long as it `goes_on`.
fn write(
    run: Run,
    writer: u64,
    address: SocketAddr,
    ledger: &Ledger,
    progress: &Progress,
    mut goes_on: impl FnMut() -> bool,
) -> Result<(), String> {
    let mut random = Random::new(run.seed ^ writer.wrapping_mul(0x0123_4567_89ab_cdef));
    let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
    let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
    while goes_on() {
        let batch: Vec<Said> = if random.within(0, 4) == 0 {
            (0..random.within(2, 9)).map(|_| report(run, writer, &mut random)).collect()
        } else {
            vec![report(run, writer, &mut random)]
        };
        let body = match batch.as_slice() {
            [one] => body(one),
            many => Value::Array(many.iter().map(body).collect()),
        };
        for said in &batch {
            ledger.sent(said);
        }
        progress.sent(batch.len());
        let answer = match connection.request("POST", &path, &body.to_string()) {
            Ok(answer) => answer,
            Err(e) => {
                ledger.cut_off(batch.len());
                return Err(e.to_string());
            }
        };
        let noted = match (batch.as_slice(), answer.status) {
            ([one], 201) => ledger.acknowledged(one, &answer.body),
            ([_, _, ..], 200) => ledger.batch_acknowledged(&batch, &answer.body),
            _ => Err(format!("answered {}", answer.status)),
        };
        match noted {
            Ok(()) => progress.acknowledged(batch.len()),
            Err(wrong) => {
                let wrong = format!("{wrong}: {body} was answered {}", answer.body);
                progress.fail(wrong.clone());
                return Err(wrong);
            }
        }
    }
    Ok(())
}

/// A report of this cycle. One job in eight is reported by every writer at once, the others by one; each has up to two attempts,
/// told in any order, with repeats.
pub fn report(run: Run, writer: u64, random: &mut Random) -> Said {
    let job = random.within(0, 40);
    let pipeline = random.within(0, 3);
    let name = if job.is_multiple_of(8) { format!("shared-{job}") } else { format!("job-{writer}-{job}") };
    let key = Key {
        cycle: run.cycle,
        pipeline,
        stage: format!("stage-{}", job % 3),
        name,
        build: random.within(0, 2).to_string(),
    };
    let status = match random.within(0, 4) {
        0 => "pending",
        1 => "running",
        _ => key.end(),
    };
    Said { key, status }
}

/// As it is sent.
pub fn body(said: &Said) -> Value {
    let Said { key, status } = said;
    json!({
        "sha": key.sha(), "ref": "main", "stage": key.stage, "name": key.name,
        "third_build_id": key.build, "status": status,
    })
}
