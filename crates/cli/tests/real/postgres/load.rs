//! Writers that repeat a report with its idempotency key after 503 until it is acknowledged. Each report is
//! then stored once.

use crate::crash::REPOSITORY;
use crate::crash::ledger::Ledger;
use crate::crash::writers::{LoadSettings, Random, body, report};
use crate::http::Connection;
use crate::server::{End, Server};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// The timeout without progress.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The pause of a client before a repeat.
const PAUSE: Duration = Duration::from_millis(20);
const WRITERS: u64 = 16;
const READERS: usize = 4;

/// The results of the load.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    /// Acknowledged reports.
    pub acknowledged: u64,
    /// Responses with status 503: the report may be stored or not.
    pub unknown: u64,
    /// Lists read successfully.
    pub read: u64,
    /// Lists answered with 503.
    pub failed_reads: u64,
}

#[derive(Default)]
struct State {
    totals: Totals,
    error: Option<String>,
}

/// A running load.
#[derive(Default)]
pub struct Load {
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Load {
    /// Writes and reads through the nodes while `action` runs. Returns the totals and the result of the
    /// action.
    pub fn during<T>(
        ledger: &Ledger,
        nodes: &[Server],
        cycle: u64,
        seed: u64,
        action: impl FnOnce(&Self) -> T,
    ) -> (Totals, T) {
        let load = Self::default();
        let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
        let result = std::thread::scope(|scope| {
            for (writer, address) in (0..WRITERS).zip(addresses.iter().cycle()) {
                let (load, settings) =
                    (&load, LoadSettings { cycle, seed, stop_after: 0, by_sent: false, end: End::Kill });
                scope.spawn(move || load.record(load.write(ledger, settings, writer, *address)));
            }
            for address in addresses.iter().cycle().take(READERS) {
                let load = &load;
                scope.spawn(move || load.record(load.read(*address)));
            }
            // The writers also stop if the action panics.
            let _stop = StopOnDrop(&load.stop);
            action(&load)
        });
        let state = load.state.into_inner().unwrap();
        if let Some(error) = state.error {
            let logs: Vec<String> = nodes.iter().map(Server::log).collect();
            panic!("{error}\n{}", logs.join("\n\n"));
        }
        (state.totals, result)
    }

    /// Waits until this number of further reports is acknowledged.
    pub fn wait_for(&self, count: u64) {
        let mut state = self.state.lock().unwrap();
        let target = state.totals.acknowledged + count;
        while state.totals.acknowledged < target && state.error.is_none() {
            let (next, timeout) = self.changed.wait_timeout(state, TIMEOUT).unwrap();
            state = next;
            if timeout.timed_out() {
                let totals = state.totals;
                state.error.get_or_insert(format!("no progress: {totals:?}"));
            }
        }
    }

    fn add(&self, add: impl FnOnce(&mut Totals)) {
        add(&mut self.state.lock().unwrap().totals);
        self.changed.notify_all();
    }

    fn record(&self, result: Result<(), String>) {
        if let Err(error) = result {
            self.stop.store(true, Ordering::SeqCst);
            self.state.lock().unwrap().error.get_or_insert(error);
            self.changed.notify_all();
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn write(
        &self,
        ledger: &Ledger,
        settings: LoadSettings,
        writer: u64,
        address: SocketAddr,
    ) -> Result<(), String> {
        let mut random = Random::new(settings.seed ^ writer.wrapping_mul(0x0123_4567_89ab_cdef));
        let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
        let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
        let mut number = 0;
        while !self.stopped() {
            number += 1;
            let key = format!("{}-{writer}-{number}", settings.cycle);
            let report = report(settings, writer, &mut random);
            let body = body(&report).to_string();
            ledger.sent(&report);
            // Repeated until acknowledged even after the stop, so that every result is known.
            loop {
                let response = connection.post_idempotent(&path, &key, &body);
                let response = response.map_err(|e| format!("{key}: connection lost: {e}"))?;
                match response.status {
                    201 => {
                        ledger.acknowledged(&report, &response.body)?;
                        self.add(|totals| totals.acknowledged += 1);
                        break;
                    }
                    503 => {
                        ledger.unanswered(1);
                        self.add(|totals| totals.unknown += 1);
                        std::thread::sleep(PAUSE);
                    }
                    other => return Err(format!("{key}: status {other} {}", response.body)),
                }
            }
        }
        Ok(())
    }

    fn read(&self, address: SocketAddr) -> Result<(), String> {
        let mut connection = Connection::try_open(address).map_err(|e| e.to_string())?;
        let path = format!("/native/v1/repositories/{REPOSITORY}/pipelines?limit=5");
        while !self.stopped() {
            let response =
                connection.request("GET", &path, "").map_err(|e| format!("list: connection lost: {e}"))?;
            match response.status {
                200 => self.add(|totals| totals.read += 1),
                503 => self.add(|totals| totals.failed_reads += 1),
                other => return Err(format!("list: status {other} {}", response.body)),
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }
}

/// Stops the load when dropped.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
