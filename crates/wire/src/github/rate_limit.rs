//! `GET /api/v3/rate_limit`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The limits of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimits {
    /// The limits by kind of request.
    #[schemars(extend("zh" = "各类请求的限额。"))]
    pub resources: Resources,
    /// The limit of most requests.
    #[schemars(extend("zh" = "一般请求的限额。"))]
    pub rate: RateLimit,
}

/// The limits by kind of request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// The limit of most requests.
    #[schemars(extend("zh" = "一般请求的限额。"))]
    pub core: RateLimit,
    /// The limit of searches.
    #[schemars(extend("zh" = "搜索的限额。"))]
    pub search: RateLimit,
}

/// A limit. Requests are not counted, so all of them are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// The number of requests.
    #[schemars(extend("zh" = "请求数。"))]
    pub limit: i32,
    /// The number of requests that are left.
    #[schemars(extend("zh" = "剩余的请求数。"))]
    pub remaining: i32,
    /// The end of the period, in seconds since 1970.
    #[schemars(extend("zh" = "周期的结束时间，自 1970 年起的秒数。"))]
    pub reset: i64,
    /// The number of requests that were made.
    #[schemars(extend("zh" = "已用的请求数。"))]
    pub used: i32,
}
