//! The dialect of pages for people. Every page returns the JSON of the native API at the same address, where
//! that is asked for.

mod accounts;
mod assets;
mod audit;
mod badges;
mod catalogue;
mod commits;
mod comparisons;
mod conditional;
mod connect;
mod destinations;
mod dialect;
mod docs;
mod error;
mod explorer;
mod feeds;
mod forms;
mod frame;
mod gate_rules;
mod gates;
mod grid;
mod identities;
mod insights;
mod invitations;
mod job_runs;
mod jobs;
mod merge_requests;
mod pipeline;
mod pipelines;
mod preferences;
mod repositories;
mod response;
mod routes;
mod search;
mod sessions;
mod settings;
mod subscriptions;
mod token_repositories;
mod visitor;
mod wall;
mod webhooks;

pub use dialect::{ASSETS, FEEDS, PAGES};
pub use routes::routes;
