//! The dialect of pages for people. Every page returns the JSON of the native API at the same address, where
//! that is asked for.

mod accounts;
mod assets;
mod badges;
mod catalogue;
mod commits;
mod conditional;
mod connect;
mod destinations;
mod dialect;
mod error;
mod explorer;
mod forms;
mod frame;
mod gate_rules;
mod gates;
mod identities;
mod insights;
mod jobs;
mod merge_requests;
mod pipeline;
mod pipelines;
mod preferences;
mod repositories;
mod response;
mod routes;
mod sessions;
mod settings;
mod visitor;
mod webhooks;

pub use dialect::{ASSETS, PAGES};
pub use routes::routes;
