//! The events of repositories, for every dialect that follows them: one reader for each repository, and
//! events as text.

pub mod frame;
pub mod hub;
pub mod translate;
