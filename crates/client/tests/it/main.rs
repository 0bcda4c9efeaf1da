//! The client against a server that answers what it is told to: what travels, what is tried again, and what an
//! answer becomes.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, may fail loudly")]
#![expect(
    clippy::duplicate_mod,
    reason = "each example brings the support that it needs when it is a program of its own"
)]

mod calls;
mod events;
mod examples;
mod follow;
mod lists;
mod retries;
mod signing;
mod stub;
mod webhooks;
