//! What tests of several crates need: a clock that stands still, quick secrets, a store to throw away, a server in process, a PostgreSQL of their own.
//! Only ever a dev-dependency.

mod fakes;
pub mod postgres;
mod server;

pub use fakes::{FixedClock, QuickSecrets, app, at, report};
pub use server::{ROOT, RunningServer, TestRequest, TestResponse, TestServer};
