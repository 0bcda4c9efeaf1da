//! Pipelines are deleted while the server ends: each is there completely or not at all, and a deleted one
//! does not come back. Retention keeps the newest pipeline of each ref.

use super::Stopped;
use super::operations::{get, read};
use super::writers::Random;
use crate::http::Connection;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The repository of these pipelines.
pub const REPOSITORY: &str = "79";
const REFS: [&str; 3] = ["main", "dev", "refs/tags/v1"];
/// Jobs of a pipeline.
const JOBS: usize = 2;

/// The pipelines of the current cycle.
#[derive(Default)]
pub struct Removals(Mutex<State>);

#[derive(Default)]
struct State {
    number: u64,
    pipelines: Vec<Pipeline>,
    /// A deletion without a response.
    interrupted: bool,
    deleted: usize,
}

struct Pipeline {
    id: i64,
    git_ref: &'static str,
    /// An acknowledged deletion included it.
    deleted: bool,
}

impl Removals {
    /// Sets the retention of the repository.
    ///
    /// # Panics
    /// When it is refused.
    pub fn configure(address: SocketAddr) {
        let path = format!("/native/v1/repositories/{REPOSITORY}/policies");
        let set = Connection::open(address).request("PUT", &path, &json!({"keep_per_ref": 1}).to_string());
        assert_eq!(set.unwrap().status, 200);
    }

    /// Creates and deletes pipelines until the server ends.
    ///
    /// # Errors
    /// The connection is lost, or a response is wrong.
    pub fn run(&self, address: SocketAddr, mut random: Random, ending: &AtomicBool) -> Result<(), Stopped> {
        let mut connection = Connection::try_open(address)?;
        // The newest pipeline of each ref is one that this cycle knows.
        for git_ref in REFS {
            self.create(git_ref, &mut connection)?;
        }
        while !ending.load(Ordering::SeqCst) {
            if random.within(0, 3) > 0 {
                self.create(REFS[random.within(0, 3) as usize], &mut connection)?;
            } else {
                self.prune(&mut connection)?;
            }
        }
        Ok(())
    }

    fn create(&self, git_ref: &'static str, connection: &mut Connection) -> Result<(), Stopped> {
        let number = {
            let mut state = self.0.lock().unwrap();
            state.number += 1;
            state.number
        };
        let reports = (0..JOBS).map(|job| {
            json!({"sha": format!("{number:040x}"), "ref": git_ref, "name": format!("job-{job}"),
                   "status": "success"})
        });
        let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
        let response = connection.request("POST", &path, &Value::from_iter(reports).to_string())?;
        let results: Value = serde_json::from_str(&response.body).unwrap_or_default();
        let id = results[0]["receipt"]["pipeline_id"].as_i64();
        let id = id.ok_or_else(|| Stopped::wrong(format!("no pipeline: {response:?}")))?;
        self.0.lock().unwrap().pipelines.push(Pipeline { id, git_ref, deleted: false });
        Ok(())
    }

    fn prune(&self, connection: &mut Connection) -> Result<(), Stopped> {
        let path = format!("/native/v1/repositories/{REPOSITORY}/prune");
        loop {
            self.0.lock().unwrap().interrupted = true;
            let response = connection.request("POST", &path, "{}")?;
            self.0.lock().unwrap().interrupted = false;
            if response.status != 200 {
                return Err(Stopped::wrong(format!("{path}: {response:?}")));
            }
            if response.body.contains("\"more\":false") {
                break;
            }
        }
        let mut state = self.0.lock().unwrap();
        let newest = state.newest();
        for pipeline in &mut state.pipelines {
            pipeline.deleted |= !newest.contains(&pipeline.id);
        }
        Ok(())
    }

    /// Checks the pipelines of the cycle, and drops them. Returns the number of deleted ones so far.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_cycle(&self, address: SocketAddr) -> Result<usize, Stopped> {
        let mut state = self.0.lock().unwrap();
        let newest = state.newest();
        let mut connection = Connection::try_open(address)?;
        for Pipeline { id, deleted, git_ref } in std::mem::take(&mut state.pipelines) {
            let base = format!("/native/v1/repositories/{REPOSITORY}");
            let pipeline = get(&mut connection, &format!("{base}/pipelines/{id}"))?.status;
            let jobs = read(&mut connection, &format!("{base}/jobs?pipeline_id={id}"))?;
            let jobs = jobs["jobs"].as_array().map_or(0, Vec::len);
            let may_be_deleted = deleted || (state.interrupted && !newest.contains(&id));
            match (pipeline, jobs) {
                (200, JOBS) if !deleted => {}
                (404, 0) if may_be_deleted => {}
                _ => {
                    let interrupted = state.interrupted;
                    return Err(Stopped::wrong(format!(
                        "pipeline {id} of {git_ref}: {pipeline}, {jobs} jobs; deleted: {deleted}, {interrupted}"
                    )));
                }
            }
            state.deleted += usize::from(deleted);
        }
        state.interrupted = false;
        Ok(state.deleted)
    }
}

impl State {
    /// The newest pipeline of each ref.
    fn newest(&self) -> Vec<i64> {
        let of_ref = |git_ref| self.pipelines.iter().filter(move |one| one.git_ref == git_ref);
        REFS.iter().filter_map(|git_ref| of_ref(*git_ref).map(|one| one.id).max()).collect()
    }
}
