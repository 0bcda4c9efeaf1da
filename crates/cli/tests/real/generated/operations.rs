//! The operations of the server: from its OpenAPI documents, and the pages from the table of routes.

use crate::http::Connection;
use serde_json::Value;
use std::net::SocketAddr;

const DOCUMENTS: [&str; 8] =
    ["codearts", "iam", "gitlab", "github", "gitea", "bitbucket", "native", "operations"];

/// An operation with what it takes.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    /// With parameters in braces.
    pub path: String,
    pub dialect: &'static str,
    pub admits: String,
    /// Name and schema of each parameter of the path, the query and the header.
    pub in_path: Vec<(String, Value)>,
    pub in_query: Vec<(String, Value)>,
    pub in_header: Vec<(String, Value)>,
    /// Media type and schema of each body.
    pub bodies: Vec<(String, Value)>,
    /// Whether it hashes a password.
    pub hashes: bool,
}

/// Operations that requests are about more often than others: they create what the others read.
const FREQUENT: [&str; 3] = ["/reports", "/statuses/{sha}", "/import"];
const FREQUENCY: usize = 10;

/// Reads the operations of a running server; frequent ones several times.
pub fn read(address: SocketAddr) -> Vec<Operation> {
    let mut operations = Vec::new();
    for name in DOCUMENTS {
        let path = format!("/openapi/{name}.json?language=en");
        let response = Connection::open(address).request("GET", &path, "").unwrap();
        let document: Value = serde_json::from_str(&response.body).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                operations.push(described(&document, method, path, operation));
            }
        }
    }
    for route in edge::route_table().iter().filter(|route| route.dialect == "person") {
        operations.push(page(&route.method, route.path, route.admits));
    }
    for operation in &mut operations {
        operation.dialect = dialect(&operation.path);
        let text = format!("{} {}", operation.method, operation.path);
        operation.hashes = ["POST /v3/auth/tokens", "POST /sign-in", "POST /account/password"]
            .contains(&&*text)
            || text.ends_with("/users")
            || text.ends_with("/users/{user}");
    }
    let is_frequent = |operation: &&Operation| FREQUENT.iter().any(|end| operation.path.ends_with(end));
    let frequent: Vec<Operation> = operations.iter().filter(is_frequent).cloned().collect();
    operations.extend(std::iter::repeat_n(frequent, FREQUENCY - 1).flatten());
    operations
}

fn described(document: &Value, method: &str, path: &str, operation: &Value) -> Operation {
    let resolved = resolve(document, operation, 0);
    let parameters = |place: &str| {
        let all = resolved["parameters"].as_array().into_iter().flatten();
        let named = |parameter: &Value| {
            let mut schema = parameter["schema"].clone();
            if let Some(example) = parameter.get("example") {
                schema["examples"] = Value::from_iter([example.clone()]);
            }
            (parameter["name"].as_str().unwrap().to_owned(), schema)
        };
        all.filter(|parameter| parameter["in"] == place).map(named).collect()
    };
    let bodies = resolved["requestBody"]["content"].as_object().into_iter().flatten();
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        dialect: "",
        admits: resolved["x-stagepost-admits"].as_str().unwrap().to_owned(),
        in_path: parameters("path"),
        in_query: parameters("query"),
        in_header: parameters("header"),
        bodies: bodies.map(|(kind, body)| (kind.clone(), body["schema"].clone())).collect(),
        hashes: false,
    }
}

/// Replaces references by what they refer to, to a depth that suffices for requests.
fn resolve(document: &Value, value: &Value, depth: u8) -> Value {
    if depth > 8 {
        return Value::Null;
    }
    match value {
        Value::Object(map) => match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let target = document.pointer(reference.trim_start_matches('#')).unwrap();
                resolve(document, target, depth + 1)
            }
            None => {
                // Responses are not generated.
                let fields = map.iter().filter(|(name, _)| *name != "responses");
                fields.map(|(name, value)| (name.clone(), resolve(document, value, depth))).collect()
            }
        },
        Value::Array(items) => items.iter().map(|item| resolve(document, item, depth)).collect(),
        other => other.clone(),
    }
}

/// A page or a form. Its fields are those of the forms of its kind.
fn page(method: &str, path: &str, admits: &str) -> Operation {
    let names = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let in_path: Vec<&str> =
        path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let query =
        ["page", "before", "status", "ref", "q", "sha", "since", "until", "days", "sort", "notice", "next"];
    let fields = [
        "name",
        "password",
        "user",
        "role",
        "url",
        "events",
        "description",
        "visibility",
        "default_branch",
        "scope",
        "life",
        "repositories",
        "confirm",
        "keep_for",
        "keep_per_ref",
        "silence_limit",
        "stage_limits",
        "admin",
        "disabled",
        "language",
        "theme",
        "next",
        "old",
        "new",
    ];
    let form = ("application/x-www-form-urlencoded".to_owned(), serde_json::json!({"fields": fields}));
    Operation {
        method: method.to_owned(),
        path: path.to_owned(),
        dialect: "",
        admits: admits.to_owned(),
        in_path: names(&in_path),
        in_query: names(if method == "GET" { &query } else { &[] }),
        in_header: Vec::new(),
        bodies: if method == "GET" { Vec::new() } else { vec![form] },
        hashes: false,
    }
}

/// The dialect whose errors a path has.
pub fn dialect(path: &str) -> &'static str {
    let prefixes = [
        ("/native/v1/", "native"),
        ("/api/v4", "gitlab"),
        ("/api/v3", "github"),
        ("/api/v1", "gitea"),
        ("/rest/", "bitbucket"),
        ("/repos/", "github"),
        ("/v4/", "codearts"),
        ("/v1/", "codearts-v2"),
        ("/v2/", "codearts-v2"),
        ("/v3", "iam"),
        ("/openapi", "operations"),
        ("/livez", "operations"),
        ("/readyz", "operations"),
        ("/healthz", "operations"),
        ("/metrics", "operations"),
    ];
    prefixes.iter().find(|(prefix, _)| path.starts_with(prefix)).map_or("person", |(_, dialect)| dialect)
}
