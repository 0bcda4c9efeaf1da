//! The client against a stub server and a real server: requests, retries, and parsed responses.

#![expect(clippy::unwrap_used, reason = "test helpers may panic")]
#![expect(
    clippy::duplicate_mod,
    reason = "each example includes the support module, because it is also a program"
)]

mod calls;
mod destinations;
mod events;
mod examples;
mod follow;
mod gates;
mod lists;
mod retries;
mod signing;
mod stub;
mod webhooks;
