//! What tests of several crates need: a clock that stands still, quick secrets, a store to throw away, a server in process, a PostgreSQL of their own.
//! Only ever a dev-dependency.

pub mod postgres;
mod server;
mod world;

pub use server::{Asked, Listening, ROOT, TestResponse, TestServer};
pub use world::{FixedClock, QuickSecrets, app, at, report};
