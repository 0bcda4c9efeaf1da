//! The two servers that are measured, as processes, and what is in the real one.

use super::JOBS;
use super::generator::{once, request};
use crate::Outcome;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The administrator's token.
pub const TOKEN: &str = "spt_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A server that is ready; killed when dropped.
pub struct Started {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Started {
    /// The real one, on an empty store in `data`, or in the database at a URL.
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

    /// The one that does nothing.
    pub fn bare(program: &Path, work: &Path, subject: &Subject) -> Outcome<Self> {
        let (list, receipt) = (work.join("list"), work.join("receipt"));
        std::fs::write(&list, &subject.list)
            .and_then(|()| std::fs::write(&receipt, &subject.receipt))
            .map_err(|e| e.to_string())?;
        Self::start(Command::new(program).args(["bare", "--list"]).arg(list).arg("--receipt").arg(receipt))
    }

    fn start(command: &mut Command) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        let mut lines = child.stderr.take().map(|stderr| BufReader::new(stderr).lines());
        let mut said = String::new();
        for line in lines.iter_mut().flatten().map_while(Result::ok) {
            if let Some(address) =
                line.split_once("listening on http://").and_then(|(_, at)| at.trim().parse().ok())
            {
                // Read to the end, or a full pipe would stop the server.
                std::thread::spawn(move || lines.into_iter().flatten().map_while(Result::ok).for_each(drop));
                return Ok(Self { child, address });
            }
            said = said + &line + "\n";
        }
        let ended = child.wait().map_err(|e| e.to_string())?;
        Err(format!("{}: {ended}\n{said}", command.get_program().display()))
    }

    /// Ends it in good order.
    pub fn stop(mut self) -> Outcome {
        let asked = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        );
        asked.map_err(|e| e.to_string())?;
        let ended = self.child.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("after SIGTERM: {ended}")) }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is in the real server, and its answers to it.
pub struct Subject {
    /// The repository.
    pub repository: i64,
    pipeline: i64,
    list: Vec<u8>,
    list_body: usize,
    receipt: Vec<u8>,
}

impl Subject {
    /// Makes a repository with one pipeline, and captures one answer of each kind.
    pub async fn prepare(address: SocketAddr) -> Outcome<Self> {
        let made = call(address, "/native/v1/repositories", &json!({"path": "load/test"})).await?;
        let repository = number(&body(&made)?, "id")?;
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
        let pipeline = number(&body(&receipt)?, "pipeline_id")?;
        let mut subject =
            Self { repository, pipeline, list: Vec::new(), list_body: 0, receipt: receipt.concat() };
        let list = once(address, &subject.list_request()).await.map_err(|e| e.to_string())?;
        let jobs: Value = serde_json::from_slice(&list.1).map_err(|e| format!("the list: {e}"))?;
        if jobs.as_array().map(Vec::len) != Some(JOBS as usize) {
            return Err(format!("not a list of {JOBS} jobs: {jobs}"));
        }
        subject.list_body = list.1.len();
        subject.list = [list.0, list.1].concat();
        Ok(subject)
    }

    /// The request whose answer is measured.
    pub fn list_request(&self) -> Vec<u8> {
        request("GET", &format!("/v4/repositories/{}/pipelines/{}/jobs", self.repository, self.pipeline), "")
    }

    /// The size of its answer's body.
    pub fn list_body_len(&self) -> usize {
        self.list_body
    }
}

async fn call(address: SocketAddr, path: &str, body: &Value) -> Outcome<[Vec<u8>; 2]> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let (head, answer) =
        once(address, &request("POST", path, &text)).await.map_err(|e| format!("{path}: {e}"))?;
    if head.get(9) == Some(&b'2') {
        return Ok([head, answer]);
    }
    Err(format!("{path}: {}{}", String::from_utf8_lossy(&head), String::from_utf8_lossy(&answer)))
}

fn body(answer: &[Vec<u8>; 2]) -> Outcome<Value> {
    serde_json::from_slice(&answer[1]).map_err(|e| e.to_string())
}

fn number(value: &Value, field: &str) -> Outcome<i64> {
    value[field].as_i64().ok_or_else(|| format!("no {field} in {value}"))
}
