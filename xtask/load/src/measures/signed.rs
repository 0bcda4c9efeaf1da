//! The list with a signature by an access key instead of a token.

use super::lists::{FEW, codearts_path};
use crate::Outcome;
use crate::bench::{Bench, Kind};
use crate::data_set::DataSet;
use crate::generator::{Load, Requests};
use crate::http::{HOST, request};
use crate::server::{ACCESS_KEY, SECRET};
use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};
use wire::signing::{Algorithm, SdkDate, SignedRequest, sign};

/// The most signatures of a round. Each request has another one, until all have been sent.
const MOST: u64 = 400_000;
/// Requests per second that signatures are prepared for.
const RATE: f64 = 80_000.0;
/// The oldest time of signing in seconds: the server accepts 15 minutes, and a round takes a part of them.
const OLDEST: u64 = 300;

/// The jobs of a few pipelines in the CodeArts API.
pub fn list(bench: &mut Bench, name: &'static str) -> Outcome {
    let set = DataSet::of(bench.options.jobs);
    let connections = bench.options.connections;
    let pipelines = set.pipelines().min(FEW);
    let needed = (bench.options.round(false).as_secs_f64().max(0.1) * RATE) as u64;
    let count = needed.min(MOST).min(pipelines * OLDEST) / connections as u64;
    let load = || -> Load {
        let next = Cell::new(0);
        Box::new(move || {
            let first = next.replace(next.get() + count);
            // Signed here, before the time is measured. No two requests of a round have the same signature.
            let requests = (first..first + count.max(1)).map(|number| {
                let path = codearts_path(&set.pipeline(number % pipelines));
                signed(&path, number / pipelines % OLDEST)
            });
            Box::new(SignedRequests { requests: requests.collect(), at: 0 })
        })
    };
    bench.compare(&Kind { measure: name, connections, counts_reports: false, load: &load, before: None })
}

struct SignedRequests {
    requests: Vec<Vec<u8>>,
    at: usize,
}

impl Requests for SignedRequests {
    fn advance(&mut self) -> bool {
        self.at = (self.at + 1) % self.requests.len();
        true
    }

    fn bytes(&self) -> &[u8] {
        &self.requests[self.at]
    }
}

/// A request that was signed some seconds ago.
fn signed(path: &str, seconds: u64) -> Vec<u8> {
    let date = SdkDate::from_unix_seconds(now() - seconds as i64);
    let headers = [("host", HOST.as_bytes())];
    let unsigned = SignedRequest { method: "GET", target: path.as_bytes(), headers: &headers, body: b"" };
    let (date, authorization) =
        match sign(Algorithm::SdkHmacSha256, ACCESS_KEY, SECRET.as_bytes(), &unsigned, date) {
            Ok(signed) => (signed.x_sdk_date, signed.authorization),
            // The server refuses it, and the measure shows that.
            Err(e) => (String::new(), e.to_string()),
        };
    request("GET", path, &[("X-Sdk-Date", &date), ("Authorization", &authorization)], "")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signature is valid at the time of the server, which is another process"
)]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}
