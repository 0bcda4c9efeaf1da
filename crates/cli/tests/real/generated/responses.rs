//! What every response must be.

use super::clients::Response;
use super::operations::dialect;
use super::request::Request;
use super::world::SECRET;
use serde_json::Value;
use std::fmt;

/// Checks a response.
///
/// # Errors
/// What is wrong.
pub fn check(request: &Request, response: &Response) -> Result<(), String> {
    let Some(message) = &request.message else { return Ok(()) };
    let status = response.status;
    if !(200..500).contains(&status) && status != 503 {
        return Err(format!("status {status}"));
    }
    if response.headers.iter().any(|(name, _)| name == "x-injected") {
        return Err("a value of the request became a header".into());
    }
    if !message.reads_marked && contains(&response.body, SECRET) {
        return Err("the caller reads what is private".into());
    }
    let id = response.header("x-request-id");
    if id.is_none() && response.body.is_empty() && [400, 414, 431].contains(&status) {
        // The message is no HTTP request: it is refused before it is one.
        return Ok(());
    }
    let id = id.ok_or("no X-Request-Id")?;
    if message.intact && !message.signs_in && status < 300 && !request.operation.admits.contains("anybody") {
        return Err(format!("{} is required, and nobody is admitted", request.operation.admits));
    }
    if status < 400 || message.method == "HEAD" {
        let kind = response.header("content-type").unwrap_or_default();
        let json = kind.contains("json") && !kind.contains("ndjson") && message.method != "HEAD";
        if json && status != 304 {
            parse(response)?;
        }
        return Ok(());
    }
    error(message.target.as_slice(), response, id)
}

fn parse(response: &Response) -> Result<Value, String> {
    serde_json::from_slice(&response.body).map_err(|e| format!("the body is not JSON: {e}"))
}

/// The body of an error has the form of the API that the path belongs to.
fn error(target: &[u8], response: &Response, id: &str) -> Result<(), String> {
    let kind = response.header("content-type").unwrap_or_default();
    let path = String::from_utf8_lossy(target);
    let path = path.split('?').next().unwrap_or_default();
    let normal = !path.contains("//") && !path.contains('%') && !path.contains("/.");
    let dialect = if normal { dialect(path) } else { "any" };
    if kind.starts_with("text/html") && ["person", "any"].contains(&dialect) {
        let text = String::from_utf8_lossy(&response.body);
        return if text.contains("<title>") { Ok(()) } else { Err("the page has no title".into()) };
    }
    if kind.starts_with("text/plain") && ["operations", "any"].contains(&dialect) {
        return Ok(());
    }
    if response.body.is_empty() && ["person", "any"].contains(&dialect) {
        return Ok(());
    }
    let body = parse(response)?;
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let native = kind == "application/problem+json"
        && ["type", "title", "detail", "code"].iter().all(|name| text(&body[*name]))
        && body["status"] == response.status
        && body["request_id"] == id;
    let flat = text(&body["error_code"]) && text(&body["error_msg"]);
    let nested =
        text(&body["error"]["code"]) && text(&body["error"]["message"]) && body["status"] == "failed";
    let keystone = body["error"]["code"] == response.status
        && text(&body["error"]["message"])
        && text(&body["error"]["title"]);
    let gitlab = text(&body["message"]) || body["message"].is_object() || text(&body["error"]);
    let bitbucket = text(&body["errors"][0]["message"]);
    let right = match dialect {
        "native" => native,
        "codearts" => flat,
        "codearts-v2" => nested || flat,
        "iam" => keystone || flat,
        "gitlab" => gitlab || (!path.starts_with("/api/v4/") && flat),
        "github" => text(&body["message"]) && text(&body["documentation_url"]),
        "gitea" => text(&body["message"]) && text(&body["url"]),
        "bitbucket" => bitbucket,
        "operations" => flat,
        "person" => native || flat,
        _ => native || flat || nested || keystone || gitlab || bitbucket,
    };
    if right { Ok(()) } else { Err(format!("this is not an error of {dialect}")) }
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|part| part == text.as_bytes())
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "response {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "{}", String::from_utf8_lossy(&self.body).chars().take(2_000).collect::<String>())
    }
}
