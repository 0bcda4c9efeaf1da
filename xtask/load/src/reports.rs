//! The reports that are sent: each connection has its own pipelines and jobs.

use crate::JOBS;
use crate::generator::{Load, Requests};
use crate::http::request;
use crate::requests::{Template, unique};
use crate::server::TOKEN;
use std::cell::Cell;

/// The statuses of a job that is reported three times. All have seven letters, so they replace each other.
pub const STATUSES: [&str; 3] = ["pending", "running", "success"];

/// The page of a job in the build system, without its number.
const URL: &str = "https://ci.example.com/cicd/project/72271b5446614062a01b8be944c9f372/";

/// The text before its number in the page.
const PROJECT: &str = "72271b5446614062a01b8be944c9f372/";
/// The text before the id in the path of a repository.
pub const PATH: &str = "load/repository-";

/// The texts before the commit, the status, the name and the build in a report.
pub const PLACES: [&str; 4] = [r#""sha":""#, r#""status":""#, r#""name":"job-"#, r#""third_build_id":""#];

/// The body of a report in the native API, with zeros for what changes.
pub fn native_report() -> String {
    format!(
        r#"{{"sha":"{:040}","ref":"main","stage":"build","name":"job-0000","status":"success","third_build_id":"{:032}","target_url":"{URL}{:032}"}}"#,
        0, 0, 0
    )
}

/// The commit that is reported: the first digits identify the pipeline.
pub fn sha(owner: u64, pipeline: u64) -> String {
    format!("{owner:016x}{:08}{pipeline:016x}", 0)
}

/// How a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `POST /native/v1/repositories/{id}/reports`.
    Native,
    /// `POST /api/v4/projects/{id}/statuses/{sha}`.
    Gitlab,
    /// `POST /api/v3/repos/{owner}/{repo}/statuses/{sha}`. It has no status for a job that runs, but another
    /// description.
    Github,
}

/// Repositories with consecutive ids of the same number of digits.
#[derive(Debug, Clone, Copy)]
pub struct Repositories {
    /// The smallest id.
    pub first: u64,
    /// Their number.
    pub count: u64,
}

/// Single reports about jobs of repositories: one report of each job, or all three statuses of each. The repositories
/// are divided between `connections`; a connection reports to its part of them in turn.
pub fn single(dialect: Dialect, repositories: Repositories, connections: u64, three: bool) -> Load {
    let next = Cell::new(0);
    Box::new(move || {
        let template = SingleReport::new(dialect, repositories.first);
        let part = Part { repositories, start: next.replace(next.get() + 1), step: connections };
        Box::new(SingleReports { template, part, three, connection: unique(), count: 0 })
    })
}

/// The repositories of one connection: every nth, so that all connections together report to all of them.
#[derive(Clone, Copy)]
struct Part {
    repositories: Repositories,
    /// The position of the first repository, and the distance to the next.
    start: u64,
    step: u64,
}

impl Part {
    /// The repository of the nth job of the connection, and the number of the job among those of the connection in that
    /// repository. The first 20 of them are a pipeline.
    fn job(self, number: u64) -> (u64, u64) {
        let Repositories { first, count } = self.repositories;
        let size = count.div_ceil(self.step);
        let at = self.start + number % size * self.step;
        (first + at % count, number / size)
    }
}

/// The requests of one connection.
struct SingleReports {
    template: SingleReport,
    part: Part,
    three: bool,
    connection: u64,
    count: u64,
}

impl Requests for SingleReports {
    fn advance(&mut self) -> bool {
        let (number, status) = if self.three {
            (self.count / 3, STATUSES[(self.count % 3) as usize])
        } else {
            (self.count, "success")
        };
        let (repository, job) = self.part.job(number);
        self.template.fill(repository, self.connection, job, status);
        self.count += 1;
        true
    }

    fn bytes(&self) -> &[u8] {
        self.template.template.bytes()
    }

    fn reports(&self) -> u64 {
        1
    }
}

/// A report, and where its changing texts are.
struct SingleReport {
    template: Template,
    repository: (usize, usize),
    places: [usize; 4],
    /// The position at which the status is repeated as a text.
    description: Option<usize>,
}

impl SingleReport {
    fn new(dialect: Dialect, repository: u64) -> Self {
        let repository = repository.to_string();
        let (bytes, [at_id, at_sha, at_status, at_name, at_build]) = match dialect {
            Dialect::Native => {
                let path = format!("/native/v1/repositories/{repository}/reports");
                let [sha, status, name, build] = PLACES;
                let places = ["/repositories/", sha, status, name, build];
                (request("POST", &path, &[("X-Auth-Token", TOKEN)], &native_report()), places)
            }
            Dialect::Gitlab => {
                let path = format!("/api/v4/projects/{repository}/statuses/{:040}", 0);
                let body = format!(
                    r#"{{"state":"pending","ref":"main","name":"job-0000","target_url":"{URL}{:032}","description":"build"}}"#,
                    0
                );
                let places = ["/projects/", "/statuses/", r#""state":""#, r#""name":"job-"#, PROJECT];
                (request("POST", &path, &[("PRIVATE-TOKEN", TOKEN)], &body), places)
            }
            Dialect::Github => {
                let path = format!("/api/v3/repos/{PATH}{repository}/statuses/{:040}", 0);
                let body = format!(
                    r#"{{"state":"pending","context":"job-0000","target_url":"{URL}{:032}","description":"pending"}}"#,
                    0
                );
                let places = [PATH, "/statuses/", r#""state":""#, r#""context":"job-"#, PROJECT];
                (request("POST", &path, &[("X-Auth-Token", TOKEN)], &body), places)
            }
        };
        let template = Template::new(bytes);
        let places = [at_sha, at_status, at_name, at_build].map(|text| template.after(text));
        let id = template.after(at_id);
        let description = (dialect == Dialect::Github).then(|| template.after(r#""description":""#));
        Self { template, repository: (id, repository.len()), places, description }
    }

    fn fill(&mut self, repository: u64, connection: u64, job: u64, status: &str) {
        self.template.decimal(self.repository.0, self.repository.1, repository);
        let state = match self.description {
            Some(at) => {
                self.template.text(at, status);
                if status == "success" { status } else { "pending" }
            }
            None => status,
        };
        fill(&mut self.template, self.places, connection, job, state);
    }
}

/// A report that changes the description of a job of the data set.
pub struct ProgressReport {
    template: Template,
    repository: (usize, usize),
    places: [usize; 4],
    description: usize,
}

impl ProgressReport {
    /// A report to any repository whose id has as many digits as this one.
    pub fn new(repository: u64) -> Self {
        let repository = repository.to_string();
        let report = native_report();
        let body = format!(r#"{},"description":"step 0000000000000000"}}"#, report.trim_end_matches('}'));
        let path = format!("/native/v1/repositories/{repository}/reports");
        let template = Template::new(request("POST", &path, &[("X-Auth-Token", TOKEN)], &body));
        let places = PLACES.map(|text| template.after(text));
        let (id, description) = (template.after("/repositories/"), template.after(r#""description":"step "#));
        Self { template, repository: (id, repository.len()), places, description }
    }

    /// Makes it a report about a job of a pipeline, whose commits begin with the id of the repository.
    pub fn fill(&mut self, repository: u64, pipeline: u64, job: u64, step: u64) {
        let template = &mut self.template;
        template.decimal(self.repository.0, self.repository.1, repository);
        fill(template, self.places, repository, pipeline * JOBS + job, "success");
        template.hex(self.description, 16, step);
    }

    /// The request.
    pub fn bytes(&self) -> &[u8] {
        self.template.bytes()
    }
}

/// Requests that create every nth of some repositories.
pub struct NewRepositories {
    ids: std::iter::StepBy<std::ops::Range<u64>>,
    bytes: Vec<u8>,
}

impl NewRepositories {
    /// The repositories of one of several connections, which are numbered from 0.
    pub fn new(repositories: Repositories, connection: u64, connections: u64) -> Self {
        let ids = repositories.first + connection..repositories.first + repositories.count;
        Self { ids: ids.step_by(connections as usize), bytes: Vec::new() }
    }
}

impl Requests for NewRepositories {
    fn advance(&mut self) -> bool {
        let Some(id) = self.ids.next() else { return false };
        let body = format!(r#"{{"id":{id},"path":"{PATH}{id}"}}"#);
        self.bytes = request("POST", "/native/v1/repositories", &[("X-Auth-Token", TOKEN)], &body);
        true
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Writes which job is reported, and its status, at the places of [`PLACES`].
pub fn fill(
    template: &mut Template,
    [sha, at_status, name, build]: [usize; 4],
    owner: u64,
    job: u64,
    status: &str,
) {
    template.hex(sha, 16, owner);
    template.hex(sha + 24, 16, job / JOBS);
    template.text(at_status, status);
    template.hex(name, 4, job % JOBS);
    template.hex(build, 16, owner);
    template.hex(build + 16, 16, job);
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};

    const SEVEN: Repositories = Repositories { first: 7, count: 1 };

    /// The body of a request.
    pub fn body(bytes: &[u8]) -> Value {
        let text = std::str::from_utf8(bytes).unwrap();
        serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    #[test]
    fn a_job_is_reported_with_its_three_statuses() {
        let mut requests = single(Dialect::Native, SEVEN, 64, true)();
        let reports: Vec<Value> = (0..6)
            .map(|_| {
                assert!(requests.advance());
                body(requests.bytes())
            })
            .collect();
        let statuses: Vec<&str> = reports.iter().map(|report| report["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["pending", "running", "success", "pending", "running", "success"]);
        assert_eq!(reports[0]["third_build_id"], reports[2]["third_build_id"]);
        assert_ne!(reports[2]["third_build_id"], reports[3]["third_build_id"]);
        assert_eq!((&reports[0]["name"], &reports[3]["name"]), (&"job-0000".into(), &"job-0001".into()));
    }

    #[test]
    fn a_report_to_github_has_a_state_of_github_and_a_new_description() {
        let mut requests = single(Dialect::Github, SEVEN, 64, true)();
        for (state, description) in [("pending", "pending"), ("pending", "running"), ("success", "success")] {
            assert!(requests.advance());
            assert!(requests.bytes().starts_with(b"POST /api/v3/repos/load/repository-7/statuses/"));
            let body = body(requests.bytes());
            assert_eq!((&body["state"], &body["description"]), (&state.into(), &description.into()));
            assert_eq!(body["context"], "job-0000");
        }
    }

    #[test]
    fn twenty_jobs_make_a_pipeline_and_connections_share_none() {
        let load = single(Dialect::Gitlab, SEVEN, 64, false);
        let mut shas = Vec::new();
        for _ in 0..2 {
            let mut requests = load();
            for _ in 0..=JOBS {
                assert!(requests.advance());
                let text = String::from_utf8(requests.bytes().to_vec()).unwrap();
                let path = text.split(' ').nth(1).unwrap().to_owned();
                assert!(path.starts_with("/api/v4/projects/7/statuses/"), "{path}");
                shas.push(path);
            }
        }
        shas.dedup();
        assert_eq!(shas.len(), 4);
    }

    #[test]
    fn connections_report_to_all_repositories_in_turn() {
        let repositories = Repositories { first: 101, count: 7 };
        let load = single(Dialect::Native, repositories, 3, false);
        let mut pipelines = BTreeMap::<String, BTreeSet<String>>::new();
        for _ in 0..3 {
            let mut requests = load();
            for _ in 0..3 * 2 * JOBS {
                assert!(requests.advance());
                let text = String::from_utf8(requests.bytes().to_vec()).unwrap();
                let (path, sha) =
                    (text.split(' ').nth(1).unwrap(), body(requests.bytes())["sha"].to_string());
                pipelines.entry(path.to_owned()).or_default().insert(sha);
            }
        }
        // A part of three repositories has two pipelines in each; two of the nine are in two parts.
        assert_eq!(pipelines.len(), 7);
        assert_eq!(pipelines.values().map(BTreeSet::len).sum::<usize>(), 3 * 3 * 2);
    }

    #[test]
    fn progress_is_about_a_job_of_the_data_set() {
        let mut report = ProgressReport::new(1_001);
        report.fill(1_008, 7, 19, 3);
        let expected = serde_json::json!({
            "sha": sha(1_008, 7), "ref": "main", "stage": "build", "name": "job-0013", "status": "success",
            "third_build_id": format!("{:016x}{:016x}", 1_008, 7 * JOBS + 19), "target_url": format!("{URL}{:032}", 0),
            "description": "step 0000000000000003",
        });
        assert_eq!(body(report.bytes()), expected);
        assert!(report.bytes().starts_with(b"POST /native/v1/repositories/1008/reports "));
    }

    #[test]
    fn connections_share_the_repositories_that_are_created() {
        let repositories = Repositories { first: 101, count: 5 };
        let mut created = Vec::new();
        for connection in 0..2 {
            let mut requests = NewRepositories::new(repositories, connection, 2);
            while requests.advance() {
                created.push(body(requests.bytes())["id"].as_u64().unwrap());
            }
        }
        assert_eq!(created, [101, 103, 105, 102, 104]);
    }
}
