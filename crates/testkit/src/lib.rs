//! Fixtures for the tests of several crates: a fixed clock, fast secrets, a temporary store, an in-process
//! server, a private PostgreSQL. It is a dev-dependency only.

mod fakes;
pub mod postgres;
mod server;
pub mod sqlite;

pub use fakes::{FixedClock, QuickSecrets, app, at, report, with_details};
pub use server::{ROOT, RunningServer, TestRequest, TestResponse, TestServer};
