//! The server is killed while it sends: the forge gets the last state of every commit, and nothing older after it.
//! `STAGEPOST_FORWARD_KILLS` changes the number of kills.

use super::forge::{Answer, Forge, Handled};
use super::{ALLOW, create, sha, start};
use crate::crash::{from_env, writers::Random};
use crate::http::Connection;
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

const KILLS: u64 = 3;
/// The commits, of which all change their state again and again.
const COMMITS: [char; 8] = ['0', '1', '2', '3', '4', '5', '6', '7'];
/// The reports of each commit before a kill.
const REPORTS: u64 = 6;

/// The number in the description of a status.
fn number(request: &Handled) -> Option<u64> {
    request.text("description").split_once(": ")?.1.parse().ok()
}

/// Mostly accepts, sometimes slowly, and refuses to serve some requests.
fn respond(n: usize) -> Answer {
    match n % 29 {
        7 => Answer { headers: "Retry-After: 1\r\n", ..Answer::new(429) },
        19 => Answer::new(502),
        rest if rest % 4 == 0 => Answer { delay: Duration::from_millis(200), ..Answer::new(201) },
        _ => Answer::new(201),
    }
}

/// Reports a new attempt of a job of each commit. Returns false when the connection is lost.
fn report(connection: &mut Connection, number: u64, acknowledged: &mut HashMap<char, u64>) -> bool {
    for digit in COMMITS {
        let body = json!({
            "sha": sha(digit),
            "ref": "main",
            "name": "build",
            "third_build_id": number.to_string(),
            "status": if number.is_multiple_of(2) { "success" } else { "failed" },
            "description": number.to_string(),
        });
        match connection.request("POST", "/native/v1/repositories/1/reports", &body.to_string()) {
            Ok(response) if response.status == 200 || response.status == 201 => {
                acknowledged.insert(digit, number);
            }
            _ => return false,
        }
    }
    true
}

fn listed(server: &Server, destination: i64) -> Vec<Value> {
    let path = format!("/native/v1/repositories/1/destinations/{destination}/states");
    let response = Connection::open(server.address()).request("GET", &path, "").unwrap();
    let body: Value = serde_json::from_str(&response.body).unwrap();
    body["states"].as_array().unwrap_or_else(|| panic!("{body}")).clone()
}

#[test]
fn the_last_state_arrives_after_kills_and_nothing_older_after_it() {
    let kills = from_env("STAGEPOST_FORWARD_KILLS").unwrap_or(KILLS);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_FORWARD_KILLS={kills}");
    let mut random = Random::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let forge = Forge::start(|n, _| respond(n));
    let mut server = start(data, "t");
    let destination = create(data, "github", &forge.url(), "acme/demo", " --job *");
    let (mut reported, mut acknowledged) = (0, HashMap::new());
    for kill in 0..=kills {
        let mut connection = Connection::open(server.address());
        for _ in 0..REPORTS {
            reported += 1;
            assert!(report(&mut connection, reported, &mut acknowledged), "{}", server.log());
        }
        if kill < kills {
            let sent = forge.handled().len();
            let more = usize::try_from(random.within(0, 12)).unwrap();
            // A forge that was killed during all of them may wait for the end of their claims.
            let until = std::time::Instant::now() + Duration::from_millis(random.within(20, 700));
            server.wait_until("requests", || {
                forge.handled().len() >= sent + more || std::time::Instant::now() >= until
            });
            server.kill();
            server = Server::ready_with(data, &ALLOW);
        }
    }
    server.wait_until("the last states", || {
        let states = listed(&server, destination);
        states.len() == COMMITS.len() && states.iter().all(|state| state["progress"] == "sent")
    });
    let handled = forge.handled();
    for digit in COMMITS {
        let of_commit: Vec<&Handled> =
            handled.iter().filter(|request| request.line.ends_with(&sha(digit))).collect();
        let numbers: Vec<u64> = of_commit.iter().filter_map(|request| number(request)).collect();
        assert!(numbers.is_sorted(), "seed {seed}, {digit}: {numbers:?}");
        let accepted = of_commit.iter().rev().find(|request| request.status == 201);
        assert_eq!(
            accepted.and_then(|request| number(request)),
            Some(acknowledged[&digit]),
            "seed {seed}, {digit}"
        );
    }
    println!("{kills} kills, seed {seed}: {} requests for {reported} states of each commit", handled.len());
    assert_eq!(server.terminate(), Some(0));
}
