//! The client against a server that answers what it is told to: what travels, what is tried again, and what an
//! answer becomes.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, may fail loudly")]

mod calls;
mod lists;
mod retries;
mod signing;
mod stub;
