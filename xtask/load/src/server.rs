//! Starts and ends the servers that are measured, as processes.

use crate::Outcome;
use crate::http::{Response, once, request};
use crate::reports::PATH;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The administrator's token.
pub const TOKEN: &str = "spt_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// The administrator's access key.
pub const ACCESS_KEY: &str = "LOADMEASUREMENTKEY01";
/// Its secret.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

/// A server that accepts connections; killed when dropped.
pub struct Started {
    child: Child,
    /// Whether it has its own processes, which end when it is asked to end, and not when it is killed.
    has_children: bool,
    /// The address it listens on.
    pub address: SocketAddr,
}

impl Started {
    /// Starts the product on the store in `data`, or in the database at a URL.
    ///
    /// # Errors
    /// With what it printed, when it ends.
    pub fn stagepost(binary: &Path, data: &Path, database: Option<&str>) -> Outcome<Self> {
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--tls-listen", "none", "--data"]).arg(data);
        // The events of a data set that was made days ago are not deleted while it is measured.
        command.args(["--events-kept", "365d"]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.env("STAGEPOST_ADMIN_TOKEN", TOKEN);
        command.env("STAGEPOST_ADMIN_AK", ACCESS_KEY).env("STAGEPOST_ADMIN_SK", SECRET);
        Self::start(&mut command)
    }

    /// Starts a command that prints its address to stderr.
    ///
    /// # Errors
    /// With what it printed, when it ends.
    pub fn start(command: &mut Command) -> Outcome<Self> {
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
                return Ok(Self { child, has_children: false, address });
            }
            printed = printed + &line + "\n";
        }
        let ended = child.wait().map_err(|e| e.to_string())?;
        Err(format!("{}: {ended}\n{printed}", command.get_program().display()))
    }

    /// A process with children that listens on an address already.
    pub fn listening(child: Child, address: SocketAddr) -> Self {
        Self { child, has_children: true, address }
    }

    /// The process id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends one GET of the administrator.
    ///
    /// # Errors
    /// Without a response of 2xx.
    pub fn get(&self, path: &str) -> Outcome<Response> {
        let request = request("GET", path, &[("X-Auth-Token", TOKEN)], "");
        once(self.address, &request)?.success().map_err(|e| format!("GET {path}: {e}"))
    }

    /// Sends one POST of the administrator.
    ///
    /// # Errors
    /// Without a response of 2xx.
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Response> {
        let request = request("POST", path, &[("X-Auth-Token", TOKEN)], &body.to_string());
        once(self.address, &request)?.success().map_err(|e| format!("POST {path}: {e}"))
    }

    /// Creates a repository with this id.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn create_repository(&self, id: u64) -> Outcome {
        let repository = serde_json::json!({"id": id, "path": format!("{PATH}{id}")});
        self.post("/native/v1/repositories", &repository).map(drop)
    }

    /// The writes that wait in the server: the sum of the gauges in `/metrics` that count them.
    ///
    /// # Errors
    /// When `/metrics` does not respond.
    pub fn waiting(&self) -> Outcome<f64> {
        let response = self.get("/metrics")?;
        Ok(waiting(&String::from_utf8_lossy(&response.body)))
    }

    /// Ends it with SIGKILL.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self) -> Outcome {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|e| e.to_string())
    }

    /// Sends SIGTERM, and waits for exit code 0.
    ///
    /// # Errors
    /// With any other exit code.
    pub fn stop(mut self) -> Outcome {
        self.terminate()?;
        let ended = self.child.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("after SIGTERM: {ended}")) }
    }

    fn terminate(&self) -> Outcome {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).map_err(|e| e.to_string())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        if !self.has_children || self.terminate().is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The sum of the gauges of a Prometheus text that count what is not completed yet.
fn waiting(metrics: &str) -> f64 {
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    let samples = samples.filter_map(|line| line.rsplit_once(' '));
    let gauges = samples.filter(|(name, _)| {
        let name = name.split('{').next().unwrap_or_default();
        name == "stagepost_store_queue_writes" || name.ends_with("_pending") || name.ends_with("_backlog")
    });
    gauges.filter_map(|(_, value)| value.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_writes_are_summed_and_other_metrics_are_not() {
        let metrics = "# TYPE stagepost_store_queue_writes gauge\nstagepost_store_queue_writes 3\n\
            stagepost_store_queue_bytes 900\nstagepost_reports_pending{store=\"log\"} 4\n";
        assert_eq!(waiting(metrics), 7.0);
    }
}
