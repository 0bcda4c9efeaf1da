//! The edge in process: each dialect as its callers see it, on a temporary store.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, may fail loudly")]

mod accounts;
mod adjustments;
mod as_of;
mod audit;
mod authorization;
mod bad_bodies;
mod bad_input;
mod bitbucket;
mod bodies;
mod cached_lists;
mod chat;
mod code_hosts;
mod codearts;
mod codearts_merge_requests;
mod codearts_refs;
mod connect;
mod credential_limits;
mod credentials;
mod destinations;
mod details;
mod events;
mod explanations;
mod explorer;
mod feeds;
mod first_start;
mod gate_badges;
mod gates;
mod gitea;
mod github;
mod gitlab;
mod gitlab_bad_input;
mod gitlab_headers;
mod gitlab_lists;
mod gitlab_objects;
mod gitlab_projects;
mod gitlab_refs;
mod history;
mod iam;
mod identities;
mod insights;
mod job_closings;
mod job_runs;
mod layers;
mod lists;
mod merge_requests;
mod native;
mod openapi;
mod pages;
mod pages_destinations;
mod pages_gate_rules;
mod pages_gates;
mod pages_run;
mod policies;
mod proxies;
mod public_url;
mod rate_limits;
mod reads_after_reports;
mod refs;
mod replays;
mod report_credentials;
mod repository_health;
mod retention;
mod route_table;
mod scopes;
mod search;
mod settings;
mod signatures;
mod subscriptions;
mod temporary_keys;
mod text_encoding;
mod trusted_header;
mod webhooks;

use testkit::{TestResponse, TestServer};

/// Posts a report as the administrator.
pub async fn report(server: &TestServer, repository: i64, mut fields: serde_json::Value) -> TestResponse {
    for (name, value) in [
        ("sha", "1c46c505c84853887efe2ea9ea02a1333bae2237"),
        ("ref", "dev"),
        ("name", "build"),
        ("status", "running"),
    ] {
        if fields.get(name).is_none() {
            fields[name] = value.into();
        }
    }
    server.post(&format!("/native/v1/repositories/{repository}/reports"), fields).await
}
