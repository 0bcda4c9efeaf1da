//! What is true in Stagepost: the words, the rules, and what may be done by whom.
//!
//! `model` is pure: types and decisions. `actions` are the verbs: each takes a proof of what its caller may do, asks the
//! model, and hands the decision to the [`ports::Store`]. Nothing here knows HTTP, SQL, JSON or the time of day.
//!
//! A report takes this path: a dialect reads it into [`model::reports::ReportFields`], which checks itself;
//! [`actions::reports::record`] hands it to the store; the store, inside its transaction, asks
//! [`model::pipelines::Run::apply`], which asks [`model::jobs::belongs`] for the attempt and
//! [`model::attempts::Attempt::reduce`] for its new state.

pub mod actions;
pub mod error;
pub mod language;
pub mod model;
pub mod ports;

pub use error::{Error, Invalid, Problem, Result};
pub use jiff::{SignedDuration, Timestamp};
pub use language::{Language, Text};
pub use ports::App;
