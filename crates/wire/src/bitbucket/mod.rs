//! Bodies of the REST API of Bitbucket Server and Data Center, limited to the build statuses of commits. Times are
//! milliseconds since 1970.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod builds;
pub mod capabilities;
pub mod error;
