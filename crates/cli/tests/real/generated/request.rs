//! A request: first its parts, then the message as it is sent.

use super::operations::Operation;
use super::values::{self, one_of};
use super::world::{Caller, MARKED, OPEN};
use crate::crash::writers::Random;
use serde_json::Value;
use std::fmt;
use wire::signing::{Algorithm, SdkDate, SignedRequest, sign};

/// Which repositories a request may name.
pub struct Ids {
    /// Whether the private one may be among them.
    pub marked: bool,
}

/// The parts of a request.
pub struct Request {
    pub operation: Operation,
    pub path: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub message: Option<Message>,
}

pub enum Body {
    None,
    Json(Value),
    /// A value in each line.
    Lines(Vec<Value>),
    Form(Vec<(String, String)>),
    Multipart(Vec<(String, String)>),
}

/// What is sent.
pub struct Message {
    pub method: String,
    pub target: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub http2: bool,
    /// The body is sent in chunks (HTTP/1.1).
    pub chunked: bool,
    /// Whether the target is that of the operation with the caller's credential.
    pub intact: bool,
    pub caller: &'static str,
    pub signs_in: bool,
    pub reads_marked: bool,
}

impl Request {
    /// A request that the documents allow.
    pub fn valid(operation: &Operation, ids: &Ids, random: &mut Random) -> Self {
        let value = |name: &str, schema: &Value, random: &mut Random| match name {
            "repository_id" | "repository" | "project" | "repository_uuid" => repository(name, ids, random),
            _ => plain(&values::valid(name, schema, random)),
        };
        let path = operation.in_path.iter().map(|(name, schema)| (name.clone(), value(name, schema, random)));
        let path = path.collect();
        let mut query: Vec<(String, String)> = Vec::new();
        for (name, schema) in &operation.in_query {
            if name == "repository" || random.within(0, 4) == 0 {
                query.push((name.clone(), value(name, schema, random)));
            }
        }
        let mut headers = Vec::new();
        for (name, schema) in &operation.in_header {
            if random.within(0, 3) == 0 {
                headers.push((name.clone(), value(name, schema, random)));
            }
        }
        let body = match operation.bodies.as_slice() {
            [] => Body::None,
            bodies => {
                let (kind, schema) = one_of(bodies, random);
                body(kind, schema, ids, random)
            }
        };
        Self { operation: operation.clone(), path, query, headers, body, message: None }
    }

    /// The message with the caller's credential.
    pub fn encode(&self, caller: &Caller, host: &str, random: &mut Random) -> Message {
        let mut target = self.operation.path.clone();
        for (name, value) in &self.path {
            target = target.replace(&format!("{{{name}}}"), &encoded(value));
        }
        let query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        if !query.is_empty() {
            target = format!("{target}?{}", query.join("&"));
        }
        let (kind, body) = self.body.encode();
        let mut headers: Vec<(String, Vec<u8>)> = vec![("host".into(), host.into())];
        if let Some(kind) = kind {
            headers.push(("content-type".into(), kind.into()));
        }
        if random.within(0, 2) == 0 {
            headers.push((
                "accept-language".into(),
                one_of(&["en", "zh", "fr;q=0.5"], random).as_bytes().to_vec(),
            ));
        }
        for (name, value) in &self.headers {
            // A header cannot hold these at all.
            let value = value.bytes().filter(|byte| !byte.is_ascii_control()).collect();
            headers.push((name.to_lowercase(), value));
        }
        let mut message = Message {
            method: self.operation.method.clone(),
            target: target.into_bytes(),
            headers,
            body,
            http2: random.within(0, 3) == 0,
            chunked: random.within(0, 8) == 0,
            intact: true,
            caller: caller.name,
            signs_in: caller.signs_in,
            reads_marked: caller.reads_marked,
        };
        credential(&mut message, self.operation.dialect, caller, host, random);
        message
    }
}

/// The repositories that exist, and others.
fn repository(name: &str, ids: &Ids, random: &mut Random) -> String {
    let marked = ids.marked && random.within(0, 6) == 0;
    let missing = random.within(0, 12) == 0;
    match name {
        "project" if marked => "secret/marked".into(),
        "project" if !missing && random.within(0, 2) == 0 => "acme/open".into(),
        "repository_uuid" if marked => "5".repeat(32),
        "repository_uuid" => if missing { "0" } else { "4" }.repeat(32),
        _ if marked => MARKED.to_string(),
        _ if missing => "2147483647".into(),
        _ => OPEN.to_string(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn body(kind: &str, schema: &Value, ids: &Ids, random: &mut Random) -> Body {
    if let Some(fields) = schema["fields"].as_array() {
        let fields = fields.iter().filter_map(Value::as_str);
        let mut form = Vec::new();
        for name in fields {
            if random.within(0, 3) == 0 {
                form.push((name.to_owned(), plain(&values::valid(name, &Value::Null, random))));
            }
        }
        return Body::Form(form);
    }
    let mut one = |schema: &Value| {
        let mut value = values::valid("", schema, random);
        // An import names its repository in the body.
        if let Some(id) = value.get_mut("repository_id") {
            *id = repository("repository_id", ids, random).parse::<i64>().unwrap_or(OPEN).into();
        }
        value
    };
    match kind {
        "application/x-ndjson" => Body::Lines((0..3).map(|_| one(&schema["x-stagepost-line"])).collect()),
        "application/json" => Body::Json(one(schema)),
        _ => {
            let fields = one(schema);
            let fields = fields.as_object().into_iter().flatten();
            let fields = fields.map(|(name, value)| (name.clone(), plain(value))).collect();
            if kind.starts_with("multipart") { Body::Multipart(fields) } else { Body::Form(fields) }
        }
    }
}

impl Body {
    fn encode(&self) -> (Option<&'static str>, Vec<u8>) {
        const BOUNDARY: &str = "----of-the-test";
        match self {
            Self::None => (None, Vec::new()),
            Self::Json(value) => (Some("application/json"), value.to_string().into_bytes()),
            Self::Lines(lines) => {
                let lines = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
                (Some("application/x-ndjson"), lines.into_bytes())
            }
            Self::Form(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
                    .collect();
                (Some("application/x-www-form-urlencoded"), fields.join("&").into_bytes())
            }
            Self::Multipart(fields) => {
                let mut text = String::new();
                for (name, value) in fields {
                    text += &format!(
                        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    );
                }
                text += &format!("--{BOUNDARY}--\r\n");
                (Some("multipart/form-data; boundary=----of-the-test"), text.into_bytes())
            }
        }
    }
}

/// Everything but letters and digits, percent-encoded.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

/// Adds the credential in one of the forms that the dialect accepts.
fn credential(message: &mut Message, dialect: &str, caller: &Caller, host: &str, random: &mut Random) {
    let Some(token) = &caller.token else { return };
    let mut header = |name: &str, value: String| message.headers.push((name.into(), value.into_bytes()));
    match (dialect, random.within(0, 4)) {
        ("gitlab", 0) => header("authorization", format!("Bearer {token}")),
        ("github" | "gitea" | "bitbucket", 0) => header("authorization", format!("token {token}")),
        ("github" | "gitea" | "bitbucket", 1) => header("authorization", format!("Bearer {token}")),
        ("gitlab", _) => header("private-token", token.clone()),
        ("person", 0..3) => {
            header("cookie", format!("stagepost={token}"));
            header("origin", format!("http://{host}"));
        }
        ("codearts" | "codearts-v2" | "iam" | "native", 0) if caller.key.is_some() => {
            message.sign(caller, random);
        }
        ("native", 1) => header("authorization", format!("Bearer {token}")),
        _ => header("x-auth-token", token.clone()),
    }
}

impl Message {
    fn sign(&mut self, caller: &Caller, random: &mut Random) {
        let Some((access, secret)) = &caller.key else { return };
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request =
            SignedRequest { method: &self.method, target: &self.target, headers: &headers, body: &self.body };
        let date = SdkDate::from_unix_seconds(stagepost_client::system_clock());
        let algorithms = [Algorithm::SdkHmacSha256, Algorithm::SdkHmacSm3];
        // A header that the signer refuses is sent without a credential.
        let signed = sign(*one_of(&algorithms, random), access, secret.as_bytes(), &request, date);
        if let Ok(signed) = signed {
            self.headers.push(("x-sdk-date".into(), signed.x_sdk_date.into_bytes()));
            self.headers.push(("authorization".into(), signed.authorization.into_bytes()));
        }
    }

    /// The value of a header.
    pub fn header(&mut self, name: &str) -> Option<&mut Vec<u8>> {
        self.headers.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(message) = &self.message else { return Ok(()) };
        let version = if message.http2 { 2 } else { 1 };
        let (method, target) = (&message.method, message.target.escape_ascii());
        writeln!(f, "HTTP/{version} by {}: {method} {target}", message.caller)?;
        for (name, value) in &message.headers {
            writeln!(f, "{name}: {}", value.escape_ascii())?;
        }
        let body = message.body.escape_ascii().to_string();
        writeln!(f, "{} bytes: {}", message.body.len(), body.chars().take(2_000).collect::<String>())
    }
}
