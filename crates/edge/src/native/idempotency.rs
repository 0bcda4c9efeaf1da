//! The `Idempotency-Key` of a request.

use crate::request::IncomingRequest;
use domain::App;
use domain::error::{Invalid, Problem};
use domain::ports::Idempotency;

/// The `Idempotency-Key` of a request, with the digest of `content`, which a repetition must have again.
pub fn idempotency(
    app: &App,
    request: &IncomingRequest,
    content: &[&[u8]],
) -> Result<Option<Idempotency>, Invalid> {
    let Some(key) = request.headers.get("idempotency-key") else { return Ok(None) };
    let bad = |_| Invalid::new("Idempotency-Key", Problem::NotUtf8);
    let key = std::str::from_utf8(key.as_bytes()).map_err(bad)?.to_owned();
    Ok(Some(Idempotency { key, digest: app.secrets.digest(&content.concat()) }))
}
