//! Writers who do not give up: what is answered 503 is of unknown fate, and is sent again under its key until it is acknowledged. Each
//! report is then there once.

use crate::crash::REPOSITORY;
use crate::crash::ledger::Ledger;
use crate::crash::writers::{Random, Run, body, report};
use crate::http::Connection;
use crate::server::Server;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A load that makes no progress for this long hangs.
const HANGS: Duration = Duration::from_secs(60);
/// What a client waits before it repeats.
const PAUSE: Duration = Duration::from_millis(20);
const WRITERS: u64 = 16;
const READERS: usize = 4;

/// What came of it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sums {
    /// Reports that were acknowledged: each of them once.
    pub acknowledged: u64,
    /// Answers that left it open.
    pub unknown: u64,
    /// Lists that were read.
    pub read: u64,
    /// Lists that were not answered.
    pub unread: u64,
}

#[derive(Default)]
struct State {
    sums: Sums,
    wrong: Option<String>,
}

/// The load while it runs.
#[derive(Default)]
pub struct Load {
    state: Mutex<State>,
    moved: Condvar,
    stop: AtomicBool,
}

impl Load {
    /// Writes and reads through these nodes while `meanwhile` runs; what came of it, and of that.
    pub fn during<T>(
        ledger: &Ledger,
        nodes: &[Server],
        cycle: u64,
        seed: u64,
        meanwhile: impl FnOnce(&Self) -> T,
    ) -> (Sums, T) {
        let load = Self::default();
        let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
        let did = std::thread::scope(|scope| {
            for (writer, address) in (0..WRITERS).zip(addresses.iter().cycle()) {
                let (load, run) = (&load, Run { cycle, seed, stop_after: 0, by_sent: false });
                scope.spawn(move || load.note(load.write(ledger, run, writer, *address)));
            }
            for address in addresses.iter().cycle().take(READERS) {
                let load = &load;
                scope.spawn(move || load.note(load.read(*address)));
            }
            // Whatever becomes of it, the writers stop.
            let _stop = Stop(&load.stop);
            meanwhile(&load)
        });
        let state = load.state.into_inner().unwrap();
        if let Some(wrong) = state.wrong {
            let said: Vec<String> = nodes.iter().map(Server::said).collect();
            panic!("{wrong}\n{}", said.join("\n\n"));
        }
        (state.sums, did)
    }

    /// Waits until so many more reports are acknowledged than now.
    pub fn wait_for(&self, more: u64) {
        let mut state = self.state.lock().unwrap();
        let wanted = state.sums.acknowledged + more;
        while state.sums.acknowledged < wanted && state.wrong.is_none() {
            let (next, timeout) = self.moved.wait_timeout(state, HANGS).unwrap();
            state = next;
            if timeout.timed_out() {
                let sums = state.sums;
                state.wrong.get_or_insert(format!("no progress: {sums:?}"));
            }
        }
    }

    fn sum(&self, add: impl FnOnce(&mut Sums)) {
        add(&mut self.state.lock().unwrap().sums);
        self.moved.notify_all();
    }

    fn note(&self, ended: Result<(), String>) {
        if let Err(wrong) = ended {
            self.stop.store(true, Ordering::SeqCst);
            self.state.lock().unwrap().wrong.get_or_insert(wrong);
            self.moved.notify_all();
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn write(&self, ledger: &Ledger, run: Run, writer: u64, address: SocketAddr) -> Result<(), String> {
        let mut random = Random::new(run.seed ^ writer.wrapping_mul(0x0123_4567_89ab_cdef));
        let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
        let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
        let mut number = 0;
        while !self.stopped() {
            number += 1;
            let key = format!("{}-{writer}-{number}", run.cycle);
            let said = report(run, writer, &mut random);
            let body = body(&said).to_string();
            ledger.sent(&said);
            // To the end, even when it is time to stop: no report stays unknown.
            loop {
                let answer = connection.post_once(&path, &key, &body);
                let answer = answer.map_err(|e| format!("{key}: the answer was cut off: {e}"))?;
                match answer.status {
                    201 => {
                        ledger.acknowledged(&said, &answer.body)?;
                        self.sum(|sums| sums.acknowledged += 1);
                        break;
                    }
                    503 => {
                        ledger.cut_off(1);
                        self.sum(|sums| sums.unknown += 1);
                        std::thread::sleep(PAUSE);
                    }
                    other => return Err(format!("{key}: answered {other} {}", answer.body)),
                }
            }
        }
        Ok(())
    }

    fn read(&self, address: SocketAddr) -> Result<(), String> {
        let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
        let path = format!("/native/v1/repositories/{REPOSITORY}/pipelines?limit=5");
        while !self.stopped() {
            let answer =
                connection.request("GET", &path, "").map_err(|e| format!("a list was cut off: {e}"))?;
            match answer.status {
                200 => self.sum(|sums| sums.read += 1),
                503 => self.sum(|sums| sums.unread += 1),
                other => return Err(format!("a list was answered {other} {}", answer.body)),
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
