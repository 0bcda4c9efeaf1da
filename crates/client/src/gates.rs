//! Merge gates: their rules, announcements, overrides, and the verdict of a commit.

use crate::error::Error;
use crate::pipelines::LONG_POLL_MARGIN;
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
use std::time::Duration;
pub use wire::native::gates::{
    Gate, GateAnnouncedJob, GateExpectation, GateJob, GateMergeQueue, GateOverride, GateOverriders,
    GateReporter, GateRequirement, GateResult, GateRule, GateRules, GateRulesFile, GateVerdict, GateVerdicts,
    NewGateOverride, NewGateRules, RequirementChange,
};

/// The largest page of recorded verdicts, set by the server.
const VERDICTS_MAX: usize = 100;

impl Client {
    /// A version of the rules; without `version` the last one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn gate_rules(&self, repository: i32, version: Option<i64>) -> Result<GateRules, Error> {
        let query = [("version", version.map(|version| version.to_string()))];
        self.get(self.gate_url(repository, &[], &query)).await
    }

    /// Replaces all rules, or only checks them with `dry_run`. Returns the rules as they are, or would be.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn set_gate_rules(&self, repository: i32, rules: &NewGateRules) -> Result<GateRules, Error> {
        self.call(&Request::json(Method::PUT, self.gate_url(repository, &[], &[]), rules)?).await
    }

    /// The verdict of a commit. Without `target`, the server chooses the target branch.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn gate(&self, repository: i32, sha: &str, target: Option<&str>) -> Result<Gate, Error> {
        let query = [("target", target.map(str::to_owned))];
        self.get(self.gate_url(repository, &[sha], &query)).await
    }

    /// The verdict of a commit as it was at a moment: an RFC 3339 time, or `report:` and the id of a report.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn gate_as_of(
        &self,
        repository: i32,
        sha: &str,
        target: Option<&str>,
        as_of: &str,
    ) -> Result<Gate, Error> {
        let query = [("target", target.map(str::to_owned)), ("as_of", Some(as_of.to_owned()))];
        self.get(self.gate_url(repository, &[sha], &query)).await
    }

    /// A page of the recorded verdicts of a commit, the last first. `until`: only those until this RFC 3339 time,
    /// `before`: only those before this number, `limit`: 1 to 100.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn gate_verdicts(
        &self,
        repository: i32,
        sha: &str,
        target: Option<&str>,
        until: Option<&str>,
        (before, limit): (Option<i64>, usize),
    ) -> Result<GateVerdicts, Error> {
        let query = [
            ("target", target.map(str::to_owned)),
            ("until", until.map(str::to_owned)),
            ("before", before.map(|number| number.to_string())),
            ("limit", Some(limit.clamp(1, VERDICTS_MAX).to_string())),
        ];
        self.get(self.gate_url(repository, &[sha, "verdicts"], &query)).await
    }

    /// Long poll: the verdict of a commit as soon as its version is greater than `after`. Returns the unchanged verdict
    /// after `wait` (at most 60 s) or when the server stops.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn changed_gate(
        &self,
        repository: i32,
        sha: &str,
        target: Option<&str>,
        after: i64,
        wait: Duration,
    ) -> Result<Gate, Error> {
        let seconds = wait.as_secs().min(60);
        let query = [
            ("target", target.map(str::to_owned)),
            ("after", Some(after.to_string())),
            ("wait", Some(format!("{seconds}s"))),
        ];
        let timeout = Some(Duration::from_secs(seconds) + LONG_POLL_MARGIN);
        let url = self.gate_url(repository, &[sha], &query);
        self.call(&Request { timeout, ..Request::new(Method::GET, url) }).await
    }

    /// Announces the jobs of a commit. The call may be repeated.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn expect_jobs(
        &self,
        repository: i32,
        sha: &str,
        expectation: &GateExpectation,
    ) -> Result<GateExpectation, Error> {
        let url = self.gate_url(repository, &[sha, "expect"], &[]);
        self.call(&Request::json(Method::POST, url, expectation)?).await
    }

    /// Overrides a requirement, or the whole gate, for a commit.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn override_gate(
        &self,
        repository: i32,
        sha: &str,
        new: &NewGateOverride,
    ) -> Result<GateOverride, Error> {
        let url = self.gate_url(repository, &[sha, "overrides"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Withdraws an override.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn withdraw_gate_override(&self, repository: i32, sha: &str, id: i64) -> Result<(), Error> {
        let url = self.gate_url(repository, &[sha, "overrides", &id.to_string()], &[]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }

    fn gate_url(&self, repository: i32, rest: &[&str], query: &[(&str, Option<String>)]) -> Url {
        let repository = repository.to_string();
        let mut path = vec!["native", "v1", "repositories", &repository, "gates"];
        path.extend(rest);
        self.url(&path, query)
    }
}
