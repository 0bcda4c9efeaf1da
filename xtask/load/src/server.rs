//! Starts the servers that are measured, as processes, and records responses of the product.

use crate::generator::{once, request};
use crate::{JOBS, Outcome};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The administrator's token.
pub const TOKEN: &str = "spt_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A server that accepts connections; killed when dropped.
pub struct Started {
    child: Child,
    /// The address it listens on.
    pub address: SocketAddr,
}

impl Started {
    /// Starts the product on an empty store in `data`, or in the database at a URL.
    pub fn stagepost(binary: &Path, data: &Path, database: Option<&str>) -> Outcome<Self> {
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--tls-listen", "none", "--data"]).arg(data);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.env("STAGEPOST_ADMIN_TOKEN", TOKEN);
        Self::start(&mut command)
    }

    /// Starts the server that responds with recorded bytes.
    pub fn baseline(program: &Path, work: &Path, capture: &Capture) -> Outcome<Self> {
        let (list, receipt) = (work.join("list"), work.join("receipt"));
        std::fs::write(&list, &capture.list)
            .and_then(|()| std::fs::write(&receipt, &capture.receipt))
            .map_err(|e| e.to_string())?;
        Self::start(Command::new(program).arg("baseline").arg(list).arg(receipt))
    }

    fn start(command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        let mut lines = child.stderr.take().map(|stderr| BufReader::new(stderr).lines());
        let mut printed = String::new();
        for line in lines.iter_mut().flatten().map_while(Result::ok) {
            if let Some(address) =
                line.split_once("listening on http://").and_then(|(_, at)| at.trim().parse().ok())
            {
                // Reads to the end: a full pipe would block the server.
                std::thread::spawn(move || lines.into_iter().flatten().map_while(Result::ok).for_each(drop));
                return Ok(Self { child, address });
            }
            printed = printed + &line + "\n";
        }
        let ended = child.wait().map_err(|e| e.to_string())?;
        Err(format!("{}: {ended}\n{printed}", command.get_program().display()))
    }

    /// Sends SIGTERM, and waits for exit code 0.
    pub fn stop(mut self) -> Outcome {
        let sent = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        );
        sent.map_err(|e| e.to_string())?;
        let ended = self.child.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("after SIGTERM: {ended}")) }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A pipeline in the product, and its responses about it.
pub struct Capture {
    /// The id of the repository.
    pub repository: i64,
    pipeline: i64,
    list: Vec<u8>,
    list_body: usize,
    receipt: Vec<u8>,
}

impl Capture {
    /// Creates a repository with one pipeline, and records one response of each kind.
    pub async fn record(address: SocketAddr) -> Outcome<Self> {
        let created = call(address, "/native/v1/repositories", &json!({"path": "load/test"})).await?;
        let repository = number(&json(&created)?, "id")?;
        let reports = format!("/native/v1/repositories/{repository}/reports");
        let job = |n: u64| {
            json!({
                "sha": "1c46c505c84853887efe2ea9ea02a1333bae2237", "ref": "dev", "stage": "external", "name": format!("任务{n}"),
                "status": "success", "third_build_id": format!("{n:032x}"),
                "target_url": format!("https://example.com/cicd/project/72271b5446614062a01b8be944c9f372/pipeline/detail/{n:032x}"),
            })
        };
        for n in 1..JOBS {
            call(address, &reports, &job(n)).await?;
        }
        let receipt = call(address, &reports, &job(JOBS)).await?;
        let pipeline = number(&json(&receipt)?, "pipeline_id")?;
        let mut capture =
            Self { repository, pipeline, list: Vec::new(), list_body: 0, receipt: receipt.concat() };
        let list = once(address, &capture.list_request()).await.map_err(|e| e.to_string())?;
        let jobs: Value = serde_json::from_slice(&list.1).map_err(|e| format!("the list: {e}"))?;
        if jobs.as_array().map(Vec::len) != Some(JOBS as usize) {
            return Err(format!("not a list of {JOBS} jobs: {jobs}"));
        }
        capture.list_body = list.1.len();
        capture.list = [list.0, list.1].concat();
        Ok(capture)
    }

    /// The request that is measured.
    pub fn list_request(&self) -> Vec<u8> {
        request("GET", &format!("/v4/repositories/{}/pipelines/{}/jobs", self.repository, self.pipeline), "")
    }

    /// The size of its response body in bytes.
    pub fn list_body_len(&self) -> usize {
        self.list_body
    }
}

async fn call(address: SocketAddr, path: &str, body: &Value) -> Outcome<[Vec<u8>; 2]> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let (head, body) =
        once(address, &request("POST", path, &text)).await.map_err(|e| format!("{path}: {e}"))?;
    if head.get(9) == Some(&b'2') {
        return Ok([head, body]);
    }
    Err(format!("{path}: {}{}", String::from_utf8_lossy(&head), String::from_utf8_lossy(&body)))
}

fn json(response: &[Vec<u8>; 2]) -> Outcome<Value> {
    serde_json::from_slice(&response[1]).map_err(|e| e.to_string())
}

fn number(value: &Value, field: &str) -> Outcome<i64> {
    value[field].as_i64().ok_or_else(|| format!("no {field} in {value}"))
}
