//! Requests that are generated from the OpenAPI documents and the table of routes, valid and damaged, over
//! HTTP/1.1 and HTTP/2, by callers with every right: the server never fails, every error has the form of its
//! API, a refused request changes nothing, no user reads data without permission, and little memory is used
//! afterwards.
//!
//! The requests depend on a seed that is always the same; `STAGEPOST_GENERATED_SEED` sets another one,
//! `STAGEPOST_GENERATED_REQUESTS` changes the number.

mod clients;
mod damage;
mod operations;
mod request;
mod responses;
mod values;
mod world;

use crate::crash::from_env;
use crate::crash::writers::Random;
use clients::Client;
use operations::Operation;
use request::{Ids, Request};
use std::collections::BTreeMap;
use std::sync::Mutex;
use values::one_of;
use world::{Caller, World};

const SEED: u64 = 20_261_129;
const REQUESTS: u64 = 4_000;
/// Requests of a round. After those that run at the same time, some run alone.
const ROUND: u64 = 500;
/// Requests of a round that run alone, and whose effect is checked.
const ALONE: u64 = 20;
const THREADS: u64 = 4;
/// Resident memory that no file backs after the last request, in KiB.
const MEMORY: u64 = 96 * 1_024;

/// What the responses were, for the summary.
type Statuses = BTreeMap<u16, u64>;

#[test]
fn generated_requests_are_answered_as_documented_and_refused_without_effect() {
    let requests = from_env("STAGEPOST_GENERATED_REQUESTS").unwrap_or(REQUESTS);
    let seed = from_env("STAGEPOST_GENERATED_SEED").unwrap_or(SEED);
    eprintln!("STAGEPOST_GENERATED_SEED={seed} STAGEPOST_GENERATED_REQUESTS={requests}");
    let mut world = World::create();
    let operations = operations::read(world.server.address());
    assert!(operations.len() > 120, "only {} operations", operations.len());
    let mut clients: Vec<Client> = (0..THREADS).map(|_| Client::new(world.server.address())).collect();
    let statuses = Mutex::new(Statuses::new());
    let mut unchanged = 0;
    for round in 0..requests.div_ceil(ROUND) {
        world.renew_tokens();
        let source = Source { operations: &operations, callers: &world.callers, host: &world.host };
        let share = (ROUND - ALONE) / THREADS;
        let random = |thread: u64| Random::new(Random::new(seed ^ (round << 8) ^ thread).next());
        let errors = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let (source, statuses, errors) = (&source, &statuses, &errors);
            for (thread, client) in (1..).zip(&mut clients) {
                let mut random = random(thread);
                scope.spawn(move || {
                    for _ in 0..share {
                        let request = source.request(&mut random);
                        match check(&request, client) {
                            Ok(status) => *statuses.lock().unwrap().entry(status).or_default() += 1,
                            Err(error) => return errors.lock().unwrap().push(error),
                        }
                    }
                });
            }
        });
        let mut random = random(0);
        for _ in 0..ALONE {
            let request = source.request(&mut random);
            let before = world.state();
            match check(&request, &mut clients[0]) {
                Ok(status) if status >= 400 => {
                    let after = world.state();
                    assert_eq!(before, after, "{status}, but it changed something: {request}");
                    unchanged += 1;
                }
                Ok(_) => {}
                Err(error) => errors.lock().unwrap().push(error),
            }
        }
        if let Some(error) = errors.into_inner().unwrap().first() {
            panic!("round {round}: {error}\n{}", world.server.log());
        }
    }
    let memory = world.server.anonymous();
    let statuses = statuses.into_inner().unwrap();
    println!(
        "{requests} requests to {} operations, seed {seed}: {statuses:?}; {unchanged} refused requests changed \
         nothing; {} MiB in use",
        operations.len(),
        memory / 1_024
    );
    let succeeded: u64 = statuses.range(200..300).map(|(_, count)| count).sum();
    assert!(succeeded * 8 > requests, "only {succeeded} requests succeeded: too few for a valid test");
    assert!(memory < MEMORY, "{memory} KiB of anonymous memory in use");
    world.close();
}

/// What requests are generated from.
struct Source<'a> {
    operations: &'a [Operation],
    callers: &'a [Caller],
    host: &'a str,
}

impl Source<'_> {
    fn request(&self, random: &mut Random) -> Request {
        // Half of the requests are by callers who may change something.
        let reporting = self.callers.iter().filter(|caller| caller.reports).collect::<Vec<_>>();
        let caller =
            if random.within(0, 2) == 0 { one_of(&reporting, random) } else { one_of(self.callers, random) };
        let operation = loop {
            let operation = one_of(self.operations, random);
            // Hashing a password takes long: it would take most of the time.
            if !operation.hashes || random.within(0, 8) == 0 {
                break operation;
            }
        };
        let ids = Ids { marked: !(caller.writes && operation.method != "GET") };
        let mut request = Request::valid(operation, &ids, random);
        for _ in 0..*one_of(&[0, 0, 0, 1, 1, 2, 3], random) {
            damage::structure(&mut request, random);
        }
        let mut message = request.encode(caller, self.host, random);
        for _ in 0..*one_of(&[0, 0, 0, 0, 1, 1, 2], random) {
            damage::message(&mut message, random);
        }
        request.message = Some(message);
        request
    }
}

/// Sends a request and checks the response. Returns its status.
fn check(request: &Request, client: &mut Client) -> Result<u16, String> {
    let Some(message) = &request.message else { return Err("a request that is not encoded".into()) };
    let response = client.send(message).map_err(|error| format!("no response: {error}\n{request}"))?;
    responses::check(request, &response).map_err(|error| format!("{error}\n{request}\n{response}"))?;
    Ok(response.status)
}
