//! The server is killed while it sends: the forge gets the last of every state, and nothing older after it.
//! `STAGEPOST_FORWARD_KILLS` changes the number of kills, `STAGEPOST_FORWARD_STATES` that of the states.

use super::forge::{Answer, Forge, Handled};
use super::{ALLOW, create, start};
use crate::crash::{from_env, writers::Random};
use crate::http::Connection;
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

const KILLS: u64 = 3;
const STATES: u64 = 8;
/// The maximum of jobs of a commit that have a state each.
const JOBS: u64 = 20;
/// The reports before a kill, each of at most this many states.
const REPORTS: u64 = 6;
const REPORTED_MAX: u64 = 50;
/// The most reports of one request.
const BATCH: usize = 500;
/// How long the last states may take. The forge limits the rate again and again.
const DRAIN: Duration = Duration::from_secs(900);

/// The commit and the job of a state.
fn names(state: u64, states: u64) -> (String, String) {
    let commits = states.div_ceil(JOBS).max(states.min(STATES));
    (format!("{:040x}", state % commits + 1), format!("job {}", state / commits))
}

/// The commit and context of a request, and the number in the description.
fn sent(request: &Handled) -> Option<((String, String), u64)> {
    let number = request.text("description").split_once(": ")?.1.parse().ok()?;
    let sha = request.line.rsplit_once('/')?.1;
    Some(((sha.to_owned(), request.text("context").to_owned()), number))
}

/// Mostly accepts, sometimes slowly, and refuses to serve some requests. With more states, refusals are rarer, because
/// each of them stops all requests for a second.
fn respond(n: usize, states: u64) -> Answer {
    let (slow, seldom) = match states > 100 {
        true => (40, 1_009),
        false => (4, 29),
    };
    match n % seldom {
        7 => Answer { headers: "Retry-After: 1\r\n", ..Answer::new(429) },
        19 => Answer::new(502),
        rest if rest % slow == 0 => Answer { delay: Duration::from_millis(200), ..Answer::new(201) },
        _ => Answer::new(201),
    }
}

/// Reports a new attempt of the job of each of these states.
fn report(connection: &mut Connection, number: u64, states: &[(String, String)]) {
    let status = if number.is_multiple_of(2) { "success" } else { "failed" };
    for batch in states.chunks(BATCH) {
        let reports = batch.iter().map(|(sha, name)| {
            json!({
                "sha": sha,
                "ref": "main",
                "stage": "build",
                "name": name,
                "third_build_id": number.to_string(),
                "status": status,
                "description": number.to_string(),
            })
        });
        let body = Value::from_iter(reports).to_string();
        let response = connection.request("POST", "/native/v1/repositories/1/reports", &body).unwrap();
        assert_eq!(response.status, 200, "{}", response.body);
        let receipts: Value = serde_json::from_str(&response.body).unwrap();
        assert!(receipts.as_array().unwrap().iter().all(|one| one["code"] == 201), "{receipts}");
    }
}

/// The states that are not sent, at most 100.
fn unsent(server: &Server, destination: i64) -> Vec<Value> {
    let mut connection = Connection::open(server.address());
    let mut found = Vec::new();
    for progress in ["pending", "stopped"] {
        let path = format!(
            "/native/v1/repositories/1/destinations/{destination}/states?progress={progress}&limit=100"
        );
        let response = connection.request("GET", &path, "").unwrap();
        let body: Value = serde_json::from_str(&response.body).unwrap();
        found.extend(body["states"].as_array().unwrap_or_else(|| panic!("{body}")).clone());
    }
    found
}

#[test]
fn the_last_state_arrives_after_kills_and_nothing_older_after_it() {
    let kills = from_env("STAGEPOST_FORWARD_KILLS").unwrap_or(KILLS);
    let states = from_env("STAGEPOST_FORWARD_STATES").unwrap_or(STATES).max(1);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!(
        "STAGEPOST_CRASH_SEED={seed} STAGEPOST_FORWARD_KILLS={kills} STAGEPOST_FORWARD_STATES={states}"
    );
    let mut random = Random::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let forge = Forge::start(move |n, _| respond(n, states));
    let mut server = start(data, "t");
    let destination = create(data, "github", &forge.url(), "acme/demo", " --job *");
    let (mut number, mut acknowledged) = (0, HashMap::new());
    for kill in 0..=kills {
        let mut connection = Connection::open(server.address());
        for _ in 0..REPORTS {
            number += 1;
            let changed: BTreeSet<u64> = match number == 1 || states <= REPORTED_MAX {
                true => (0..states).collect(),
                false => (0..REPORTED_MAX).map(|_| random.within(0, states)).collect(),
            };
            let changed: Vec<_> = changed.into_iter().map(|state| names(state, states)).collect();
            report(&mut connection, number, &changed);
            acknowledged.extend(
                changed
                    .into_iter()
                    .map(|(sha, job)| ((sha, format!("stagepost/external/build/{job}")), number)),
            );
        }
        if kill < kills {
            let sent = forge.count();
            // With many states, the kills are spread over the sending of all of them.
            let of_kill = 2 * states / kills;
            let more = usize::try_from(random.within(0, 12 + of_kill)).unwrap();
            // A forge that was killed during all of them may wait for the end of their claims.
            let until = Instant::now() + Duration::from_millis(random.within(20, 700 + 10 * of_kill));
            server.wait_until("requests", || forge.count() >= sent + more || Instant::now() >= until);
            server.kill();
            server = Server::ready_with(data, &ALLOW);
        }
    }
    let end = Instant::now() + DRAIN;
    server.wait_until_then("the last states", end, || unsent(&server, destination).is_empty());
    let mut arrived: HashMap<(String, String), Vec<(u64, u16)>> = HashMap::new();
    let handled = forge.handled();
    for request in &handled {
        if let Some((state, number)) = sent(request) {
            arrived.entry(state).or_default().push((number, request.status));
        }
    }
    for (state, last) in &acknowledged {
        let numbers = arrived.remove(state).unwrap_or_default();
        assert!(numbers.is_sorted_by_key(|(number, _)| *number), "seed {seed}, {state:?}: {numbers:?}");
        let accepted = numbers.iter().rfind(|(_, status)| *status == 201);
        assert_eq!(accepted.map(|(number, _)| *number), Some(*last), "seed {seed}, {state:?}");
    }
    assert_eq!((acknowledged.len() as u64, arrived.len()), (states, 0), "seed {seed}");
    println!("{kills} kills, {states} states, seed {seed}: {} requests for {number} rounds", handled.len());
    assert_eq!(server.terminate(), Some(0));
}
