//! Operations that are in progress when the server ends, beside the reports of the writers: reports of every
//! form with and without an idempotency key, statuses of the GitLab API, imports, merge requests and closings.
//! Each has its own commit, so that its result can be read later.

use super::Stopped;
use super::writers::Random;
use crate::http::{Connection, JSON, Response};
use serde_json::{Value, json};

/// The repository of the operations.
pub const REPOSITORY: &str = "78";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Report,
    /// A JSON array.
    Batch,
    /// NDJSON.
    Lines,
    /// A status of the GitLab API.
    Status,
    Import,
    MergeRequest,
    /// The jobs of the commit are closed.
    Closing,
}

/// A request that changes something, and what it changes.
#[derive(Debug, Clone)]
pub struct Operation {
    pub kind: Kind,
    sha: String,
    method: &'static str,
    path: String,
    headers: String,
    body: String,
    /// Whether a repetition gets the first response.
    keyed: bool,
    /// The names of the jobs that it creates.
    jobs: Vec<String>,
}

/// What the server has of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Everything,
}

impl Operation {
    /// A random operation. `number` is different for every one.
    pub fn random(number: u64, random: &mut Random) -> Self {
        let kind = match random.within(0, 10) {
            0..3 => Kind::Report,
            3..5 => Kind::Batch,
            5 => Kind::Lines,
            6..8 => Kind::Status,
            8 => Kind::Import,
            _ => Kind::MergeRequest,
        };
        let count = match kind {
            Kind::Batch | Kind::Lines | Kind::Import => random.within(2, 7),
            Kind::MergeRequest => 0,
            _ => 1,
        };
        let keyed = match kind {
            Kind::Report | Kind::Batch | Kind::Lines => random.within(0, 4) > 0,
            kind => kind == Kind::MergeRequest,
        };
        let sha = format!("{number:040x}");
        let jobs: Vec<String> = (0..count).map(|job| format!("job-{job}")).collect();
        let status = if random.within(0, 2) == 0 { "running" } else { "success" };
        let reports = jobs.iter().map(
            |name| json!({"sha": sha, "ref": "main", "name": name, "third_build_id": "1", "status": status}),
        );
        let native = format!("/native/v1/repositories/{REPOSITORY}");
        let mut method = "POST";
        let (path, content_type, body) = match kind {
            Kind::Report => {
                (format!("{native}/reports"), JSON, reports.map(|report| report.to_string()).collect())
            }
            Kind::Batch => (format!("{native}/reports"), JSON, Value::from_iter(reports).to_string()),
            Kind::Lines => {
                let lines = reports.map(|report| format!("{report}\n")).collect();
                (format!("{native}/reports"), "Content-Type: application/x-ndjson\r\n", lines)
            }
            Kind::Status => {
                let url = format!("https://ci.example.com/{number}");
                let body = json!({"state": status, "name": "job-0", "ref": "main", "target_url": url});
                (format!("/api/v4/projects/{REPOSITORY}/statuses/{sha}"), JSON, body.to_string())
            }
            Kind::Import => {
                let repository: i64 = REPOSITORY.parse().unwrap();
                let jobs: Vec<Value> = jobs
                    .iter()
                    .map(|name| json!({"name": name, "status": "success", "created_at": "2025-05-17T11:02:25Z"}))
                    .collect();
                let stages = json!([{"name": "external", "jobs": jobs}]);
                let line = json!({"type": "pipeline", "repository_id": repository, "sha": sha, "ref": "main",
                                  "stages": stages});
                ("/native/v1/import".to_owned(), "Content-Type: application/x-ndjson\r\n", line.to_string())
            }
            Kind::MergeRequest | Kind::Closing => {
                method = "PUT";
                let body = json!({"source_branch": "feature", "target_branch": "main", "head_sha": sha});
                (format!("{native}/merge-requests/{}", number % 2_147_483_646 + 1), JSON, body.to_string())
            }
        };
        let key = if keyed { format!("Idempotency-Key: key-{number}\r\n") } else { String::new() };
        Self { kind, sha, method, path, headers: format!("{content_type}{key}"), body, keyed, jobs }
    }

    /// The closing of the job that a report has created; `None` if this is not a report.
    pub fn closing(&self) -> Option<Self> {
        let body = json!({"sha": self.sha, "status": "canceled", "reason": "the machine is gone"});
        (self.kind == Kind::Report && self.body.contains("running")).then(|| Self {
            kind: Kind::Closing,
            path: format!("/native/v1/repositories/{REPOSITORY}/closings"),
            headers: JSON.to_owned(),
            body: body.to_string(),
            keyed: false,
            ..self.clone()
        })
    }

    /// Sends the request.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn send(&self, connection: &mut Connection) -> Result<Response, Stopped> {
        Ok(connection.request_with(self.method, &self.path, &self.headers, &self.body)?)
    }

    /// Checks that the server accepted the operation. `repeated`: it was sent before.
    ///
    /// # Errors
    /// A refusal.
    pub fn accepted(&self, response: &Response, repeated: bool) -> Result<(), Stopped> {
        let Response { status, body } = response;
        let results = |code: &str| body.matches(code).count() == self.jobs.len();
        let right = match self.kind {
            Kind::Report | Kind::Status => *status == 201,
            Kind::Batch | Kind::Lines => *status == 200 && results("\"code\":201"),
            Kind::Import => {
                let known = body.contains("\"result\":\"known\"");
                *status == 200 && (body.contains("\"result\":\"added\"") || (repeated && known))
            }
            Kind::MergeRequest | Kind::Closing => *status == 200,
        };
        if right { Ok(()) } else { Err(Stopped::wrong(format!("{self:?} got {status} {body}"))) }
    }

    /// Reads what the server has of the operation.
    ///
    /// # Errors
    /// It has a part of it, or more than it.
    pub fn find(&self, connection: &mut Connection) -> Result<Found, Stopped> {
        if self.kind == Kind::MergeRequest {
            let response = get(connection, &self.path)?;
            return match response.status {
                404 => Ok(Found::Nothing),
                200 if response.body.contains(&self.sha) => Ok(Found::Everything),
                _ => Err(Stopped::wrong(format!("{self:?} is {response:?}"))),
            };
        }
        let path = format!("/native/v1/repositories/{REPOSITORY}/jobs?limit=100&sha={}", self.sha);
        let list = read(connection, &path)?;
        let jobs = list["jobs"].as_array().ok_or_else(|| Stopped::wrong(format!("no jobs: {list}")))?;
        if self.kind == Kind::Closing {
            return match jobs.as_slice() {
                [job] if job["status"] == "canceled" => Ok(Found::Everything),
                [job] if job["status"] == "running" => Ok(Found::Nothing),
                _ => Err(Stopped::wrong(format!("{self:?} left {list}"))),
            };
        }
        let mut names: Vec<&str> = jobs.iter().filter_map(|job| job["name"].as_str()).collect();
        names.sort_unstable();
        if names == self.jobs {
            return self.reported_once(jobs, connection).map(|()| Found::Everything);
        }
        let path = format!("/native/v1/repositories/{REPOSITORY}/pipelines?sha={}", self.sha);
        let pipelines = read(connection, &path)?;
        if names.is_empty() && pipelines["pipelines"] == json!([]) {
            return Ok(Found::Nothing);
        }
        Err(Stopped::wrong(format!("{self:?} left {list} in {pipelines}")))
    }

    /// A repetition with the key is no second report.
    fn reported_once(&self, jobs: &[Value], connection: &mut Connection) -> Result<(), Stopped> {
        if !self.keyed {
            return Ok(());
        }
        for job in jobs {
            let path = format!("/native/v1/repositories/{REPOSITORY}/jobs/{}/history", job["id"]);
            let history = read(connection, &path)?;
            let reports = history["history"]
                .as_array()
                .map_or(0, |all| all.iter().filter(|report| report["authority"] == "reporter").count());
            if reports != 1 {
                return Err(Stopped::wrong(format!("{self:?} was recorded {reports} times: {history}")));
            }
        }
        Ok(())
    }

    /// Checks the operation after a restart, with the response that it got before. Repeats it if a repetition
    /// is safe. Returns whether it did.
    ///
    /// # Errors
    /// An acknowledged operation is lost, one without a response is there in part, or a repetition gets
    /// another response than the first one.
    pub fn check(&self, answered: Option<&Response>, connection: &mut Connection) -> Result<bool, Stopped> {
        if self.find(connection)? == Found::Nothing && answered.is_some() {
            return Err(Stopped::wrong(format!("lost: {self:?} got {answered:?}")));
        }
        if !self.keyed && matches!(self.kind, Kind::Report | Kind::Batch | Kind::Lines) {
            return Ok(false);
        }
        let again = self.send(connection)?;
        self.accepted(&again, true)?;
        let same = self.keyed || self.kind == Kind::Status;
        if let Some(first) = answered.filter(|first| same && **first != again) {
            return Err(Stopped::wrong(format!("{self:?} got {first:?}, and again {again:?}")));
        }
        match self.find(connection)? {
            Found::Everything => Ok(true),
            Found::Nothing => Err(Stopped::wrong(format!("{self:?} was repeated without effect: {again:?}"))),
        }
    }
}

/// Sends a `GET` request.
///
/// # Errors
/// The connection is lost.
pub fn get(connection: &mut Connection, path: &str) -> Result<Response, Stopped> {
    Ok(connection.request("GET", path, "")?)
}

/// Reads JSON.
///
/// # Errors
/// Any response but 200 with JSON.
pub fn read(connection: &mut Connection, path: &str) -> Result<Value, Stopped> {
    let response = get(connection, path)?;
    if response.status != 200 {
        return Err(Stopped::wrong(format!("{path}: {response:?}")));
    }
    serde_json::from_str(&response.body)
        .map_err(|e| Stopped::wrong(format!("{path}: {e}: {}", response.body)))
}
