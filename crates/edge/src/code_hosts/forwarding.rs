//! Requests to the APIs of code hosts, as their dialects write them.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A request to a forge. Its headers have the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The headers, with the credential.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body of a `POST`.
    pub body: Option<String>,
}

/// The characters of a part of a path that stay.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl ForgeRequest {
    /// Reads something.
    pub fn get(url: String, credential: (&'static str, String)) -> Self {
        let headers = vec![credential, ("accept", "application/json".to_owned())];
        Self { method: Method::GET, url, headers, body: None }
    }

    /// Sends a status.
    pub fn post(url: String, credential: (&'static str, String), body: &Value) -> Self {
        let mut request = Self::get(url, credential);
        request.headers.push(("content-type", "application/json".to_owned()));
        Self { method: Method::POST, body: Some(body.to_string()), ..request }
    }
}

/// A text as one part of a path: `/` is encoded too.
pub fn path_part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// The parts of a path, without the `/` between them being encoded.
pub fn path_parts(path: &str) -> String {
    path.split('/').map(path_part).collect::<Vec<_>>().join("/")
}

/// The base URL of an API with this usual path, which the setting may lack.
pub fn with_path(url: &str, usual: &str) -> String {
    if url.ends_with(usual) { url.to_owned() } else { format!("{url}{usual}") }
}
