//! What the tests of all clients use.

pub mod server;
