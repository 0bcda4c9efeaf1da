//! What makes a valid request a wrong or an unusual one.

use super::request::{Body, Message, Request};
use super::values::{hostile, hostile_text, one_of};
use crate::crash::writers::Random;
use serde_json::Value;

/// Damages one part of a request before it is written.
pub fn structure(request: &mut Request, random: &mut Random) {
    match random.within(0, 10) {
        0..2 => replace(&mut request.query, random),
        2 => replace(&mut request.path, random),
        3 => replace(&mut request.headers, random),
        4 => {
            let twice = match request.query.last() {
                Some((name, _)) => (name.clone(), hostile_text(random)),
                None => (hostile_text(random), hostile_text(random)),
            };
            request.query.push(twice);
        }
        _ => match &mut request.body {
            Body::None if random.within(0, 2) == 0 => request.body = Body::Json(hostile(random)),
            Body::None => {}
            Body::Json(value) => json(value, random),
            Body::Lines(lines) => {
                for line in lines {
                    json(line, random);
                }
            }
            Body::Form(fields) | Body::Multipart(fields) => match random.within(0, 4) {
                0 => fields.push((hostile_text(random), hostile_text(random))),
                1 => fields.extend(fields.clone()),
                _ => replace(fields, random),
            },
        },
    }
}

fn replace(values: &mut [(String, String)], random: &mut Random) {
    if !values.is_empty() {
        let at = random.within(0, values.len() as u64) as usize;
        values[at].1 = hostile_text(random);
    }
}

/// Replaces, adds or removes a value somewhere in JSON.
fn json(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(fields) if !fields.is_empty() && random.within(0, 8) > 0 => {
            let at = random.within(0, fields.len() as u64) as usize;
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            match random.within(0, 6) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(hostile_text(random), hostile(random))),
                _ => json(&mut fields[&name], random),
            }
        }
        Value::Array(items) if !items.is_empty() && random.within(0, 8) > 0 => {
            let at = random.within(0, items.len() as u64) as usize;
            json(&mut items[at], random);
        }
        other => *other = hostile(random),
    }
}

/// Damages a message that is ready to be sent. Signed ones are signed already.
pub fn message(message: &mut Message, random: &mut Random) {
    match random.within(0, 16) {
        0 => {
            let methods = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "GET", "POST", "TRACE", "QUERY"];
            (*one_of(&methods, random)).clone_into(&mut message.method);
            message.intact = false;
        }
        1 => target(message, random),
        2 => query(message, random),
        3 => body(message, random),
        4 => {
            let kinds = [
                "",
                "text/plain",
                "application/json; charset=utf-16",
                "application/xml",
                "application/JSON",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "application/x-www-form-urlencoded",
                "application/x-ndjson",
                "\u{ff}",
                "application/json, text/plain",
                "application/json;",
            ];
            set(message, "content-type", &bytes(kinds[random.within(0, 12) as usize]));
        }
        5 => {
            let kinds = ["text/html", "*/*", "application/json", "image/png", ""];
            set(message, "accept", one_of(&kinds, random).as_bytes());
        }
        6 => {
            let headers = [
                ("idempotency-key", ["", "one key", "\u{ff}", &"k".repeat(300)]),
                ("last-event-id", ["", "-1", "9223372036854775808", "\u{c3}"]),
                ("if-none-match", ["*", "\"x\"", "W/\"", ""]),
                ("range", ["bytes=0-", "bytes=-1", "x", ""]),
                ("x-language", ["en-us", "zh-cn", "\u{e4}", ""]),
                ("accept-encoding", ["gzip", "br;q=1", "gzip;q=0", "*"]),
                ("x-request-id", ["", "mine", "\u{ff}\u{fe}", &"r".repeat(300)]),
                ("x-forwarded-proto", ["https", "http, https", "", "\u{ff}"]),
                ("x-forwarded-for", ["10.0.0.1", "::1", "x", ""]),
                ("content-encoding", ["gzip", "identity", "deflate", ""]),
                ("cookie", ["stagepost=x", "=", "stagepost", "a=b; stagepost=\u{ff}"]),
            ];
            let (name, values) = one_of(&headers, random);
            set(message, name, &bytes(values[random.within(0, 4) as usize]));
        }
        7 => {
            // A second credential.
            let (name, value) = *one_of(
                &[("x-auth-token", "spt_0"), ("private-token", "x"), ("authorization", "Bearer x")],
                random,
            );
            message.headers.push((name.into(), value.into()));
        }
        8 => {
            if !message.headers.is_empty() {
                let at = random.within(0, message.headers.len() as u64) as usize;
                let (name, _) = message.headers.remove(at);
                message.intact &= name != "host";
            }
        }
        9 => {
            let origins = ["null", "https://evil.example", "http://", ""];
            set(message, "origin", one_of(&origins, random).as_bytes());
        }
        10..13 => signature(message, random),
        13 => message.headers.extend((0..random.within(1, 120)).map(|n| (format!("x-a{n}"), b"b".to_vec()))),
        14 => message.headers.push(("x-long".into(), vec![b'a'; *one_of(&[1_000, 7_000, 20_000], random)])),
        _ => message.chunked = !message.chunked,
    }
}

/// Each character as one byte.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}

fn set(message: &mut Message, name: &str, value: &[u8]) {
    match message.header(name) {
        Some(known) => value.clone_into(known),
        None => message.headers.push((name.into(), value.to_vec())),
    }
}

fn target(message: &mut Message, random: &mut Random) {
    message.intact = false;
    let target = &mut message.target;
    let parts: [&[u8]; 14] = [
        b"/",
        b"//",
        b"/.",
        b"/..",
        b"%2F",
        b"%00",
        b"%",
        b"%zz",
        b"%ff",
        b"%C3",
        b";x=1",
        b".json",
        b"?",
        b"%E4%BB%BB",
    ];
    let at = random.within(1, target.len() as u64 + 1) as usize;
    match random.within(0, 5) {
        0 => {
            // The same path, written in another way.
            let at = at.min(target.len() - 1);
            let encoded = format!("%{:02x}", target[at]);
            target.splice(at..=at, encoded.into_bytes());
        }
        1 => target.truncate(at),
        2 => target.extend(vec![b'a'; *one_of(&[300, 5_000], random)]),
        _ => drop(target.splice(at..at, one_of(&parts, random).iter().copied())),
    }
}

fn query(message: &mut Message, random: &mut Random) {
    let parts = [
        "limit=0",
        "limit=101",
        "limit=%31",
        "limit=1&limit=2",
        "offset=-1",
        "offset=2147483648",
        "page=0",
        "page=99999999999",
        "per_page=1000",
        "before=x",
        "after=%ff",
        "total=yes",
        "status=,",
        "status=running,running",
        "sha=%67",
        "sha=a",
        "since=2026-13-01T00:00:00Z",
        "q=%25%00",
        "q=%",
        "=",
        "&&",
        "a=b=c",
        "ref=%E4%BB",
        "ref=+",
        "private_token=x",
        "pagination=keyset&cursor=x",
        "order_by=id&sort=sideways",
        "scope[]=running&scope[]=none",
        "dry_run=maybe",
        "language=xx",
        "newest=2",
        "cursor=%7B%7D",
        "filter[name]=x",
        "page_size=0",
        "page_index=0",
    ];
    let separator = if message.target.contains(&b'?') { "&" } else { "?" };
    message.target.extend(separator.bytes().chain(one_of(&parts, random).bytes()));
    message.intact = false;
}

fn body(message: &mut Message, random: &mut Random) {
    let body = &mut message.body;
    let at = random.within(0, body.len() as u64 + 1) as usize;
    let inserted: [&[u8]; 9] =
        [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\0", b"\"", b"{", b"\n", b"\xef\xbb\xbf", b"\\ud800"];
    match random.within(0, 12) {
        0 => body.truncate(at),
        1 => drop(body.splice(0..0, *b"\xef\xbb\xbf")),
        2 => body.clear(),
        3 => body.extend(body.clone()),
        4 => {
            // One field twice.
            let twice = br#"{"name": "other", "#;
            if body.first() == Some(&b'{') {
                drop(body.splice(0..1, twice.iter().copied()));
            }
        }
        5 if random.within(0, 30) == 0 => body.resize((1 << 20) + 1, b' '),
        6 if random.within(0, 30) == 0 => *body = vec![b'['; 200_000],
        7 if !body.is_empty() => {
            let at = at.min(body.len() - 1);
            body[at] ^= 1 << random.within(0, 8);
        }
        _ => drop(body.splice(at..at, one_of(&inserted, random).iter().copied())),
    }
}

/// Changes what a signature covers, or the signature.
fn signature(message: &mut Message, random: &mut Random) {
    let Some(value) = message.header("authorization").filter(|value| !value.is_empty()) else {
        return set(
            message,
            "authorization",
            b"SDK-HMAC-SHA256 Access=AK0, SignedHeaders=host, Signature=00",
        );
    };
    match random.within(0, 6) {
        0 => *value.last_mut().unwrap() ^= 1,
        1 => value.truncate(random.within(0, value.len() as u64) as usize),
        2 => *value = String::from_utf8_lossy(value).replace("SHA256", "SHA512").into_bytes(),
        3 => *value = String::from_utf8_lossy(value).replace("host", "host;host").into_bytes(),
        4 => set(
            message,
            "x-sdk-date",
            one_of(&["20200101T000000Z", "x", "20991231T235959Z"], random).as_bytes(),
        ),
        _ => set(message, "x-sdk-content-sha256", one_of(&["UNSIGNED-PAYLOAD", "0", ""], random).as_bytes()),
    }
}
