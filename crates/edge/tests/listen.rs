//! The listener as a peer sees it: raw sockets against a minimal router with short limits.
//! Must not know any dialect.

#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails here fails the test")]

#[path = "listen/ambiguous.rs"]
mod ambiguous;
#[path = "listen/budgets.rs"]
mod budgets;
#[path = "listen/caps.rs"]
mod caps;
#[path = "listen/ending.rs"]
mod ending;
#[path = "listen/http1.rs"]
mod http1;
#[path = "listen/http2.rs"]
mod http2;
#[path = "listen/self_made.rs"]
mod self_made;
#[path = "listen/support.rs"]
mod support;
#[path = "listen/tls.rs"]
mod tls;
#[path = "listen/waits.rs"]
mod waits;
