//! One client that works beside fifty connections of another one that send as fast as they can: lists that are no
//! lookups, and reports. The servers of the comparison have no clients, so only the product is measured.

use super::lists::{FEW, codearts, pool};
use super::reports::create;
use crate::Outcome;
use crate::bench::Bench;
use crate::data_set::DataSet;
use crate::generator::{self, Load, Requests, Tally};
use crate::http::request;
use crate::reports::{Dialect, Repositories, single};
use crate::requests::{Pool, random, unique};
use crate::results::ratio;
use crate::server::{Started, TOKEN};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Connections of the other client.
const OTHERS: usize = 50;
/// How much longer the others send, so that the client is never alone.
const LONGER: Duration = Duration::from_millis(300);
/// The greatest 99th percentile of the client's durations, in milliseconds.
const GOAL: f64 = 50.0;
/// Different reports of the client; afterwards they repeat themselves.
const REPORTS: u64 = 2_000;

/// The 99th percentile of one client beside the others, and alone.
pub fn one_client(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 2)?;
    let time = Duration::from_secs_f64(bench.options.write_seconds);
    let set = DataSet::of(bench.options.jobs);
    for product in &bench.products {
        let address = product.server.address;
        let client = client(&product.server, repositories.first + 1)?;
        let run = || -> Outcome<Tally> { generator::run(address, &random(&client), 1, Some(time)) };
        let alone = run()?;
        let beside = std::thread::scope(|scope| {
            let others = scope.spawn(move || {
                let one = Repositories { count: 1, ..repositories };
                generator::run(address, &others(set, one), OTHERS, Some(time + LONGER))
            });
            let beside = run();
            others.join().map_err(|_| "a thread panicked".to_owned())??;
            beside
        })?;
        for tally in [&alone, &beside] {
            if let Some(error) = &tally.error {
                return Err(error.clone());
            }
        }
        let [alone, beside] = [alone, beside].map(|tally| tally.latency.percentile(99.0).unwrap_or(0.0));
        eprintln!(
            "{name:<20} {:<16} {beside:>12.2} ms beside others, {alone:.2} ms alone",
            product.engine.name()
        );
        let figures = [
            product.figure(
                format!("{name}, p99 of a client beside {OTHERS} connections, ms"),
                beside,
                Some(GOAL),
            ),
            product.figure(
                format!("{name}, the same divided by that without them"),
                ratio(beside, alone).unwrap_or(0.0),
                None,
            ),
        ];
        bench.results.figures.extend(figures);
    }
    Ok(())
}

/// Creates a user with a token, and its requests: lists of jobs, and reports to the repository.
fn client(server: &Started, repository: u64) -> Outcome<Pool> {
    let name = format!("client-{}", unique());
    server.post("/native/v1/users", &json!({"name": name, "password": "correct horse battery staple"}))?;
    let token = json!({"name": "load", "scope": "report"});
    let token = server.post(&format!("/native/v1/users/{name}/tokens"), &token)?;
    let token: serde_json::Value = serde_json::from_slice(&token.body).map_err(|e| e.to_string())?;
    let token = token["token"].as_str().ok_or("a token without its text")?.to_owned();
    let member = request(
        "PUT",
        &format!("/native/v1/repositories/{repository}/members/{name}"),
        &[("X-Auth-Token", TOKEN)],
        r#"{"role":"report"}"#,
    );
    crate::http::once(server.address, &member)?.success()?;
    let list = format!("/native/v1/repositories/{repository}/jobs");
    let reports = format!("/native/v1/repositories/{repository}/reports");
    let requests = (0..REPORTS).flat_map(|n| {
        let body = json!({"sha": format!("{n:040x}"), "ref": "main", "stage": "build", "name": "job", "status": "success"});
        let headers = [("X-Auth-Token", token.as_str())];
        [request("GET", &list, &headers, ""), request("POST", &reports, &headers, &body.to_string())]
    });
    Ok(Arc::new(requests.map(Vec::into_boxed_slice).collect()))
}

/// The requests of the other client: half of its connections lists of jobs, the other half reports.
fn others(set: DataSet, repositories: Repositories) -> Load {
    let repository = repositories.first;
    // A list with a filter, which is no lookup, and lists of pipelines.
    let filtered = format!("/native/v1/repositories/{repository}/jobs?status=success&name=job&limit=100");
    let filtered = request("GET", &filtered, &[("X-Auth-Token", TOKEN)], "").into_boxed_slice();
    let lists = pool(set, FEW, codearts);
    let lists: Pool =
        Arc::new(lists.iter().cloned().chain(std::iter::repeat_n(filtered, lists.len())).collect());
    let (lists, reports) = (random(&lists), single(Dialect::Native, repositories, OTHERS as u64, false));
    Box::new(move || -> Box<dyn Requests> {
        if unique().is_multiple_of(2) { lists() } else { reports() }
    })
}
