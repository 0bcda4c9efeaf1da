//! Values of parameters and fields: those that a schema allows, and those that it does not.

use crate::crash::writers::Random;
use serde_json::{Value, json};

/// One of these.
pub fn one_of<'a, T>(choices: &'a [T], random: &mut Random) -> &'a T {
    &choices[random.within(0, choices.len() as u64) as usize]
}

/// A commit that several requests name.
pub fn sha(random: &mut Random) -> String {
    format!("{:040x}", 0xabc0_u64 + random.within(0, 12))
}

/// A value that fits a schema, mostly one that other requests use as well.
pub fn valid(name: &str, schema: &Value, random: &mut Random) -> Value {
    // A long poll takes as long as it says: up to a minute by the schema.
    if let Some(value) = known(name, random).filter(|_| name == "wait" || random.within(0, 8) > 0) {
        return value;
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(schemas) = schema[choice].as_array() {
            return valid(name, one_of(schemas, random), random);
        }
    }
    if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
        return one_of(values, random).clone();
    }
    if let Some(examples) = schema["examples"].as_array().filter(|all| !all.is_empty())
        && random.within(0, 3) > 0
    {
        return one_of(examples, random).clone();
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => vec!["string"],
    };
    match *one_of(&kinds, random) {
        "integer" => {
            let (min, max) = (schema["minimum"].as_i64().unwrap_or(0), schema["maximum"].as_i64());
            json!(*one_of(&[min, min + 1, min + 7, max.unwrap_or(1_000)], random))
        }
        "number" => json!(random.within(0, 1_000) as f64 / 10.0),
        "boolean" => json!(random.within(0, 2) == 0),
        "null" => Value::Null,
        "array" => (0..random.within(0, 4)).map(|_| valid(name, &schema["items"], random)).collect(),
        "object" => object(schema, random),
        _ => text(schema, random).into(),
    }
}

/// An object with all required fields and some others.
fn object(schema: &Value, random: &mut Random) -> Value {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut object = serde_json::Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        // One field refers to a pipeline that mostly is another one.
        let rare = if name == "pipeline_id" { 40 } else { 5 };
        if required.contains(&name.as_str()) || random.within(0, rare) == 0 {
            object.insert(name.clone(), valid(name, field, random));
        }
    }
    object.into()
}

fn text(schema: &Value, random: &mut Random) -> String {
    match schema["format"].as_str() {
        Some("date-time") => {
            return (*one_of(&["2026-11-24T00:00:00Z", "2025-05-17T11:02:25.123+08:00"], random)).to_owned();
        }
        Some("uri") => return "https://ci.example.com/builds/7".to_owned(),
        _ => {}
    }
    let min = schema["minLength"].as_u64().unwrap_or(1);
    let max = schema["maxLength"].as_u64().unwrap_or(min + 40).min(2_048);
    let length = *one_of(&[min, min.max(7).min(max), max], random) as usize;
    one_of(&["a", "任", "é"], random).repeat(length)
}

/// Values that several requests share, so that they meet.
fn known(name: &str, random: &mut Random) -> Option<Value> {
    let texts: &[&str] = match name {
        "sha" | "head_sha" => return Some(sha(random).into()),
        "pipeline_id" | "stage_id" | "job_id" | "webhook_id" | "destination_id" | "state_id"
        | "merge_request_iid" | "id" | "iid" | "before" | "after" => {
            return Some(random.within(1, 24).into());
        }
        "repositories" => return Some(json!([super::world::OPEN])),
        "ref" | "default_branch" => &["main", "dev", "refs/heads/main", "refs/tags/v1", "feature/ünï", "a b"],
        "name" | "context" => &["build", "test", "任务1", "deploy: eu", "lint/js"],
        "stage" => &["build", "test", "部署"],
        "as_of" => &["2026-11-24T00:00:00Z", "report:1", "report:99", "report:0", "x", ""],
        "wait" => &["0s", "10ms", "-1s", "x", ""],
        "user" => &["victim", "victim", "nobody", "victim2"],
        "access" => &["AKOFNOBODY", "AK0"],
        "url" => &["https://nowhere.invalid/hook", "http://127.0.0.1:9/"],
        "status" => &["pending", "running", "success", "failed", "canceled", "skipped", "timedout"],
        "role" => &["read", "report", "manage"],
        "scope" => &["feeds", "read", "report", "full"],
        "events" if random.within(0, 2) == 0 => return Some(json!(["pipeline", "job"])),
        "events" => &["job", "pipeline"],
        "password" => &["a password of victim"],
        "operation" => &["ListPipelineJobs", "Report", "none"],
        "provider" => &["sso", "none"],
        "document" => &["codearts.json", "native.json", "none.json"],
        "days" => &["7", "30", "90", "8"],
        "type" => &["repository", "pipeline"],
        "path" => &["acme/made", "acme/made2", "acme/open"],
        "visibility" => &["private", "internal", "public"],
        "keep_for" | "silence_limit" => &["3600", "1h", ""],
        _ => return None,
    };
    Some((*one_of(texts, random)).into())
}

/// A text that few fields allow.
pub fn hostile_text(random: &mut Random) -> String {
    let texts: [&str; 56] = [
        "",
        " ",
        "\0",
        "\u{feff}",
        "\u{feff}main",
        "a\nb",
        "a\r\nX-Injected: 1",
        "\u{202e}txt",
        "\u{7f}",
        "💥💥",
        "é",
        "e\u{301}",
        "%00",
        "%2e%2e%2f",
        "../../../etc/passwd",
        "..",
        ".",
        "/",
        "//",
        "\\",
        "'",
        "' OR 1=1 --",
        "\"",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "-1",
        "0",
        "-0",
        "1",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
        "NaN",
        "0x10",
        "１２",
        "+5",
        "05",
        "5 ",
        "1.0",
        "true",
        "null",
        "[]",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "99999999999999999999h",
        "1h30m",
        "http://[::1",
        "javascript:alert(1)",
        "HEAD",
        "refs/heads/",
    ];
    match random.within(0, 8) {
        0 => one_of(&["a", "任", "💥", " ", "/", "%"], random)
            .repeat(*one_of(&[255, 256, 1_025, 2_049, 9_000], random)),
        1 => {
            let length = *one_of(&[7, 39, 40, 41, 64, 65], random);
            (0..length).map(|_| *one_of(&['0', 'a', 'F', 'g'], random)).collect()
        }
        2 => (0..random.within(1, 12))
            .filter_map(|_| char::from_u32(random.within(0, 0x11_0000) as u32))
            .collect(),
        _ => (*one_of(&texts, random)).to_owned(),
    }
}

/// A JSON value that few fields allow.
pub fn hostile(random: &mut Random) -> Value {
    match random.within(0, 12) {
        0 => Value::Null,
        1 => json!(random.within(0, 2) == 0),
        2 => json!(*one_of(&[i64::MIN, -1, 0, 1, 2_147_483_647, 2_147_483_648, i64::MAX], random)),
        3 => json!(*one_of(&[-0.0, 0.5, 1e-300, 1e300, 100.000_001], random)),
        4 => json!(u64::MAX),
        5 => json!([]),
        6 => json!({}),
        7 => {
            let depth = *one_of(&[2, 20, 120, 200], random);
            (0..depth)
                .fold(Value::Null, |inner, _| if depth > 20 { json!([inner]) } else { json!({"a": inner}) })
        }
        8 => vec![Value::Null; *one_of(&[3, 1_001], random)].into(),
        _ => hostile_text(random).into(),
    }
}
