//! The cost of a signature check, and whether the time of a refusal shows that an access key exists: `cargo
//! bench -p edge --bench signatures`. The reference of every ratio is the same request by a token (costs) or
//! by a key that exists (refusals), in turns.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

use domain::ports::Clock as _;
use http::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::TestServer;
use wire::signing::{Algorithm, SdkDate, SignedRequest, sign};

const AK: &str = "AKEXAMPLE0000000001";
const SK: &str = "SKexample000000000000000000000000000000001";
const TARGET: &str = "/native/v1/whoami";
/// Pairs of requests for each line.
const ROUNDS: usize = 4_000;

/// A signed request, and whom it is by.
struct Signed {
    date: String,
    authorization: String,
}

impl Signed {
    fn new(server: &TestServer, algorithm: Algorithm, access: &str, secret: &str) -> Self {
        let request =
            SignedRequest { method: "GET", target: TARGET.as_bytes(), headers: &[("host", b"h")], body: b"" };
        let now = SdkDate::from_unix_seconds(server.clock.now().as_second());
        let made = sign(algorithm, access, secret.as_bytes(), &request, now).unwrap();
        Self { date: made.x_sdk_date, authorization: made.authorization }
    }

    /// Sends it from the `n`th address, so that no lock ends the measurement.
    async fn time(&self, server: &TestServer, n: usize, status: u16) -> Duration {
        let from = format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
        let asked = server.ask(Method::GET, TARGET).from(&from).header("host", "h");
        let asked = asked.header("x-sdk-date", &self.date).header("authorization", &self.authorization);
        let began = Instant::now();
        let answer = asked.send().await;
        let took = began.elapsed();
        assert_eq!(answer.status, status);
        took
    }
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = TestServer::start().await;
        server.post("/native/v1/users/root/keys", json!({"access": AK, "secret": SK})).await;
        println!("{ROUNDS} requests each, medians in microseconds");
        println!(
            "{:<24} {:>10} {:>10} {:>8} | {:>10} {:>10} {:>8}",
            "", "token", "signed", "ratio", "known", "unknown", "ratio"
        );
        let mut n = 0;
        for algorithm in [
            Algorithm::SdkHmacSha256,
            Algorithm::SdkHmacSm3,
            Algorithm::SdkEcdsaP256Sha256,
            Algorithm::SdkSm2Sm3,
        ] {
            let good = Signed::new(&server, algorithm, AK, SK);
            let known = Signed::new(&server, algorithm, AK, "SKwrong0000000000000000000000000000000001");
            let unknown = Signed::new(&server, algorithm, "AKNOBODY00000000000", SK);
            let mut times: [Vec<Duration>; 4] = Default::default();
            for _ in 0..ROUNDS {
                n += 1;
                let began = Instant::now();
                assert_eq!(server.get(TARGET).await.status, 200);
                times[0].push(began.elapsed());
                times[1].push(good.time(&server, n, 200).await);
                times[2].push(known.time(&server, n, 401).await);
                times[3].push(unknown.time(&server, n, 401).await);
            }
            let [token, signed, known, unknown] = times.each_mut().map(|times| median(times));
            println!(
                "{:<24} {token:>10.1} {signed:>10.1} {:>8.2} | {known:>10.1} {unknown:>10.1} {:>8.3}",
                algorithm.name(),
                signed / token,
                unknown / known
            );
        }
    });
}
