//! Plumbing without a dialect.

pub mod compress;
pub mod listen;
pub mod tls;
