//! The domain of Stagepost: its types, its rules, and its permissions.
//!
//! `model` has pure types and decisions. `actions` has the use cases: each takes a proof of the rights of its
//! caller, uses the model, and passes the decision to the [`ports::Store`]. Nothing here depends on HTTP,
//! SQL, JSON or the wall clock.
//!
//! The path of a report: a dialect parses it into a [`model::reports::ReportInput`] and checks that;
//! [`actions::reports::record`] passes it to the store; the store, in its transaction, calls
//! [`model::pipelines::PipelineState::apply`], which finds the attempt with [`model::jobs::match_attempt`]
//! and computes its new state with [`model::attempts::Attempt::reduce`].

pub mod actions;
pub mod error;
pub mod language;
pub mod model;
pub mod ports;

pub use error::{Error, Invalid, Problem, Result};
pub use jiff::{SignedDuration, Timestamp};
pub use language::{Language, Text};
pub use ports::App;
