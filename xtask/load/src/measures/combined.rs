//! The combined status of a commit in the GitHub API.

use super::reports::create;
use crate::Outcome;
use crate::batches::BATCH;
use crate::bench::{Bench, Kind};
use crate::generator::{Load, Requests};
use crate::http::request;
use crate::reports::{PATH, sha};
use crate::requests::{Template, unique};
use crate::server::TOKEN;
use serde_json::json;

/// The status of a commit with 1,000 contexts. The address of each request is new, so no response is from the cache.
pub fn status(bench: &mut Bench, name: &'static str) -> Outcome {
    let repository = create(bench, 1)?.first;
    let sha = sha(repository, 0);
    let report = |context| {
        let target_url = format!("https://ci.example.com/builds/{context}");
        let name = format!("context-{context:04}");
        json!({"sha": sha, "ref": "main", "name": name, "status": "success", "target_url": target_url})
    };
    let reports = (0..BATCH).map(report).collect();
    let path = format!("/api/v3/repos/{PATH}{repository}/commits/{sha}/status?per_page=100&unique={:032}", 0);
    for product in &bench.products {
        product.server.post(&format!("/native/v1/repositories/{repository}/reports"), &reports)?;
        let status = product.server.get(&path)?.json()?;
        if status["total_count"] != BATCH {
            return Err(format!("the commit has {} statuses", status["total_count"]));
        }
    }
    let bytes = request("GET", &path, &[("X-Auth-Token", TOKEN)], "");
    let load = || -> Load {
        let bytes = bytes.clone();
        Box::new(move || Box::new(UniqueAddresses::new(bytes.clone())))
    };
    // One connection: the figure is how long the response takes, and not how many others are in front of it.
    bench.compare(&Kind { measure: name, connections: 1, counts_reports: false, load: &load, before: None })
}

/// One request, each time with another number at the end of its address.
struct UniqueAddresses {
    template: Template,
    at: usize,
    connection: u64,
    count: u64,
}

impl UniqueAddresses {
    fn new(bytes: Vec<u8>) -> Self {
        let template = Template::new(bytes);
        let at = template.after("&unique=");
        Self { template, at, connection: unique(), count: 0 }
    }
}

impl Requests for UniqueAddresses {
    fn advance(&mut self) -> bool {
        self.count += 1;
        self.template.hex(self.at, 16, self.connection);
        self.template.hex(self.at + 16, 16, self.count);
        true
    }

    fn bytes(&self) -> &[u8] {
        self.template.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_requests_have_the_same_address() {
        let bytes = request("GET", &format!("/status?per_page=100&unique={:032}", 0), &[], "");
        let mut addresses = HashSet::new();
        for _ in 0..2 {
            let mut requests = UniqueAddresses::new(bytes.clone());
            for _ in 0..3 {
                assert!(requests.advance());
                assert!(addresses.insert(requests.bytes().to_vec()));
            }
        }
    }
}
