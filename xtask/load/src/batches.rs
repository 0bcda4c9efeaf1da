//! Batches of reports about the pipelines of one repository.

use crate::JOBS;
use crate::generator::Requests;
use crate::http::request;
use crate::reports::{PLACES, STATUSES, fill, native_report};
use crate::requests::Template;
use crate::server::TOKEN;

/// Reports in a batch: the most that the server accepts.
pub const BATCH: u64 = 1_000;

/// Pipelines of one repository, whose reports are sent in batches.
#[derive(Debug, Clone, Copy)]
pub struct Batches {
    /// The repository.
    pub repository: u64,
    /// The first digits of the commits.
    pub owner: u64,
    /// The number of pipelines; the batches end with the last one.
    pub pipelines: u64,
    /// Whether each job is reported with its three statuses, in three batches, and not with the last one only.
    pub three: bool,
}

/// Batches of [`BATCH`] reports. The last one may be smaller.
pub fn batches(pipelines: Batches) -> Box<dyn Requests> {
    Box::new(BatchRequests { pipelines, template: None, next: 0, status: 0, reports: 0 })
}

struct BatchRequests {
    pipelines: Batches,
    template: Option<Batch>,
    /// The first pipeline of the next batch.
    next: u64,
    /// The next status of its jobs.
    status: usize,
    reports: u64,
}

impl Requests for BatchRequests {
    fn advance(&mut self) -> bool {
        let Batches { repository, owner, pipelines, three } = self.pipelines;
        let count = (pipelines - self.next).min(BATCH / JOBS);
        if count == 0 {
            return false;
        }
        if self.reports != count * JOBS {
            self.template = Some(Batch::new(repository, count * JOBS));
            self.reports = count * JOBS;
        }
        let status = if three { STATUSES[self.status] } else { "success" };
        if let Some(batch) = &mut self.template {
            batch.fill(owner, self.next, status);
        }
        self.status = (self.status + 1) % STATUSES.len();
        if !three || self.status == 0 {
            self.next += count;
        }
        true
    }

    fn bytes(&self) -> &[u8] {
        self.template.as_ref().map_or(&[], |batch| batch.template.bytes())
    }

    fn reports(&self) -> u64 {
        self.reports
    }
}

/// A request with several reports of the same length.
struct Batch {
    template: Template,
    reports: u64,
    length: usize,
    places: [usize; 4],
}

impl Batch {
    fn new(repository: u64, reports: u64) -> Self {
        let report = native_report() + ",";
        let body = format!("[{}]", report.repeat(reports as usize).trim_end_matches(','));
        let path = format!("/native/v1/repositories/{repository}/reports");
        let template = Template::new(request("POST", &path, &[("X-Auth-Token", TOKEN)], &body));
        let places = PLACES.map(|text| template.after(text));
        Self { template, reports, length: report.len(), places }
    }

    fn fill(&mut self, owner: u64, pipeline: u64, status: &str) {
        for report in 0..self.reports {
            let places = self.places.map(|at| at + report as usize * self.length);
            fill(&mut self.template, places, owner, pipeline * JOBS + report, status);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::sha;
    use crate::reports::tests::body;

    #[test]
    fn batches_contain_whole_pipelines_and_end_with_the_last() {
        let mut requests = batches(Batches { repository: 7, owner: 7, pipelines: 51, three: false });
        assert!(requests.advance());
        let first = body(requests.bytes());
        assert_eq!((first.as_array().unwrap().len() as u64, requests.reports()), (BATCH, BATCH));
        assert_eq!((&first[0]["sha"], &first[20]["sha"]), (&sha(7, 0).into(), &sha(7, 1).into()));
        assert_eq!((&first[0]["name"], &first[39]["name"]), (&"job-0000".into(), &"job-0013".into()));
        assert!(requests.advance());
        let last = body(requests.bytes());
        assert_eq!((last.as_array().unwrap().len() as u64, requests.reports()), (JOBS, JOBS));
        assert_eq!(last[0]["sha"], sha(7, 50));
        assert!(!requests.advance());
    }

    #[test]
    fn a_batch_is_repeated_with_each_status() {
        let mut requests = batches(Batches { repository: 7, owner: 7, pipelines: 100, three: true });
        let mut sent = Vec::new();
        while requests.advance() {
            let first = body(requests.bytes())[0].clone();
            sent.push((first["sha"].clone(), first["status"].clone()));
        }
        let expected = [
            (0, "pending"),
            (0, "running"),
            (0, "success"),
            (50, "pending"),
            (50, "running"),
            (50, "success"),
        ];
        assert_eq!(sent, expected.map(|(pipeline, status)| (sha(7, pipeline).into(), status.into())));
    }
}
