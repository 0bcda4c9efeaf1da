//! The limits of requests, which some clients read before they work. Requests are not counted.

use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::error::Result;
use wire::github::rate_limit::{RateLimit, RateLimits, Resources};

/// The number of requests that a client reads as left, in each period of this many seconds.
const REQUESTS: i32 = 1_000_000;
const PERIOD: i64 = 3_600;

pub async fn show(ctx: Context<Authenticated>) -> Result<Reply> {
    let reset = ctx.edge.app.clock.now().as_second() + PERIOD;
    let rate = RateLimit { limit: REQUESTS, remaining: REQUESTS, reset, used: 0 };
    Reply::json(&RateLimits { resources: Resources { core: rate, search: rate }, rate })
}
