//! Plumbing without a dialect.

pub mod compress;
pub mod cookies;
pub mod fields;
pub mod conditional;
pub mod listen;
pub mod query;
pub mod reply;
pub mod request_id;
pub mod tls;
