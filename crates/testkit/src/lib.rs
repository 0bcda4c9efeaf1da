//! What tests of several crates need: a clock that stands still, quick secrets, a store to throw away, a server in process.
//! Only ever a dev-dependency.

mod server;
mod world;

pub use server::{Answer, Asked, Listening, ROOT, TestServer};
pub use world::{FixedClock, QuickSecrets, app, at, report};
