//! Invalid input of the GitLab dialect: GitLab's texts in GitLab's order, without partial writes.

use crate::gitlab::{SHA, get, post, post_on, server};
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

async fn nothing_is_left(server: &TestServer, id: i64) {
    let native = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(native["pipelines"], json!([]));
}

#[tokio::test]
async fn every_bad_report_gets_gitlabs_words_and_leaves_nothing() {
    let (server, id) = server().await;
    let error = |text: &str| json!({"error": text});
    let field = |name: &str, text: &str| json!({"message": {name: [text]}});
    let long = "x".repeat(256);
    let too_long = "is too long (maximum is 255 characters)";
    let no_pipeline = || json!({"message": "404 Pipeline for pipeline_id, sha and ref Not Found"});
    for (fields, status, body) in [
        (json!({}), 400, error("state is missing, state does not have a valid value")),
        (json!({"state": null}), 400, error("state is missing, state does not have a valid value")),
        (json!({"state": ""}), 400, error("state is missing, state does not have a valid value")),
        (json!({"state": "bogus"}), 400, error("state does not have a valid value")),
        (json!({"state": "timedout"}), 400, error("state does not have a valid value")),
        (json!({"state": "Success"}), 400, error("state does not have a valid value")),
        (json!({"state": ["success"]}), 400, error("state is invalid")),
        (json!({"state": {"a": 1}}), 400, error("state is invalid")),
        (json!({"state": "success", "name": {}}), 400, error("name is invalid")),
        (json!({"state": "success", "name": long}), 400, field("name", too_long)),
        (json!({"state": "success", "context": long}), 400, field("context", too_long)),
        (json!({"state": "success", "name": " "}), 400, field("name", "can't be blank")),
        (
            json!({"state": "success", "name": "a\u{1b}[2J"}),
            400,
            field("name", "must not contain control characters"),
        ),
        (json!({"state": "success", "ref": long}), 400, field("ref", too_long)),
        (json!({"state": "success", "pipeline_id": "abc"}), 400, error("pipeline_id is invalid")),
        (json!({"state": "success", "pipeline_id": 1.5}), 400, error("pipeline_id is invalid")),
        (json!({"state": "success", "pipeline_id": []}), 400, error("pipeline_id is invalid")),
        (json!({"state": "success", "pipeline_id": 1}), 404, no_pipeline()),
        (json!({"state": "success", "pipeline_id": 0}), 404, no_pipeline()),
        (json!({"state": "success", "pipeline_id": -1}), 404, no_pipeline()),
        (json!({"state": "success", "pipeline_id": 2147483648_i64}), 404, no_pipeline()),
        (json!({"state": "success", "pipeline_id": 1e30}), 400, json!({"error": "pipeline_id is invalid"})),
    ] {
        let answer = post(&server, fields.clone()).await;
        assert_eq!((answer.status, answer.json()), (status, body), "{fields}");
    }
    for sha in ["not-hex", "main", "abc", "abcdef", &"g".repeat(40), &"a".repeat(41), &"a".repeat(65)] {
        let answer = post_on(&server, sha, json!({"state": "success"})).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"message": "404 Commit Not Found"})),
            "{sha}"
        );
        let read = get(&server, &format!("/repository/commits/{sha}")).await;
        assert_eq!((read.status, read.json()), (404, json!({"message": "404 Commit Not Found"})), "{sha}");
    }
    nothing_is_left(&server, id).await;
}

#[tokio::test]
async fn a_pipeline_that_does_not_fit_is_none() {
    let (server, _) = server().await;
    post(&server, json!({"state": "success", "ref": "main"})).await;
    let other = "ab".repeat(20);
    let wanted = json!({"message": "404 Pipeline for pipeline_id, sha and ref Not Found"});
    for (sha, fields) in [
        (other.as_str(), json!({"state": "success", "pipeline_id": 1})),
        (SHA, json!({"state": "success", "pipeline_id": 1, "ref": "dev"})),
        (SHA, json!({"state": "success", "pipeline_id": 2})),
    ] {
        let answer = post_on(&server, sha, fields.clone()).await;
        assert_eq!((answer.status, answer.json()), (404, wanted.clone()), "{sha} {fields}");
    }
    assert_eq!(get(&server, "/pipelines").await.header("x-total"), "1");
}

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let (server, id) = server().await;
    let multipart = "multipart/form-data; boundary=XX";
    let nested =
        "--XX\r\nContent-Disposition: form-data; name=\"state\"; filename=\"a\"\r\n\r\nsuccess\r\n--XX--\r\n";
    let twice = "state is invalid: it is given twice";
    let deep = "[".repeat(100_000);
    let json = "application/json";
    for (kind, body, query, status, text) in [
        (json, "{broken", "", 400, "message body does not match declared format: "),
        (json, "[]", "", 400, "message body does not match declared format: "),
        (json, "7", "", 400, "message body does not match declared format: "),
        (json, "{\"state\":\"success\"} x", "", 400, "message body does not match declared format: "),
        (json, deep.as_str(), "", 400, "message body does not match declared format: "),
        (json, r#"{"state":"success","state":"failed"}"#, "", 400, twice),
        (json, r#"{"state":"success","state":null}"#, "", 400, twice),
        (json, r#"{"state":"success"}"#, "state=a&state=b", 400, twice),
        ("", "state=success&state=success", "", 400, twice),
        ("", "state[]=success", "", 400, "state is invalid"),
        ("", "", "state[a]=success", 400, "state is invalid"),
        (multipart, "nothing", "", 400, "message body does not match declared format: "),
        (multipart, nested, "", 400, "state is invalid"),
        ("multipart/form-data", nested, "", 400, "message body does not match declared format: "),
        ("text/plain", "state=success", "", 415, "The provided content-type 'text/plain' is not supported."),
        (
            "application/xml",
            "<a/>",
            "state=success",
            415,
            "The provided content-type 'application/xml' is not supported.",
        ),
    ] {
        let target = format!("/api/v4/projects/{id}/statuses/{SHA}?{query}");
        let mut asked = server.gitlab(Method::POST, &target);
        if !kind.is_empty() {
            asked = asked.header("content-type", kind);
        }
        let answer = asked.body(body).send().await;
        assert_eq!(answer.status, status, "{kind} {query}: {answer:?}");
        assert!(answer.json()["error"].as_str().unwrap().starts_with(text), "{kind} {query}: {answer:?}");
    }
    let large = server.gitlab(Method::POST, &format!("/api/v4/projects/{id}/statuses/{SHA}"));
    let large = large.body(vec![b'x'; 2 << 20]).send().await;
    assert_eq!((large.status, large.json()), (413, json!({"message": "413 Request Entity Too Large"})));
    nothing_is_left(&server, id).await;
}

#[tokio::test]
async fn what_is_refused_first_is_who_asks_then_where_then_what() {
    let (server, id) = server().await;
    let [reader, stranger] = [server.user("reader").await, server.user("stranger").await];
    let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/reader"));
    assert_eq!(member.json(&json!({"role": "read"})).send().await.status, 204);
    let narrow = server.token("root", json!({"name": "narrow", "scope": "read"})).await;
    let unauthorized = json!({"message": "401 Unauthorized"});
    let not_found = json!({"message": "404 Project Not Found"});
    let forbidden = json!({"message": "403 Forbidden"});
    let scope = json!({"error": "insufficient_scope", "scope": "api",
        "error_description": "The request requires higher privileges than provided by the access token."});
    let missing = json!({"error": "state is missing, state does not have a valid value"});
    let commit = json!({"message": "404 Commit Not Found"});
    for (token, project, sha, body, status, wanted) in [
        ("wrong", "acme%2Fnothing", "x", "{broken", 401, &unauthorized),
        (&*stranger, "acme%2Fdemo", "x", "{broken", 404, &not_found),
        (&*stranger, "acme%2Fnothing", "x", "{broken", 404, &not_found),
        (&*reader, "acme%2Fdemo", "x", "{broken", 403, &forbidden),
        (&*narrow, "acme%2Fdemo", "x", "{broken", 403, &scope),
        ("", "acme%2Fdemo", "x", "{}", 400, &missing),
        ("", "acme%2Fdemo", "x", r#"{"state":"success"}"#, 404, &commit),
    ] {
        let target = format!("/api/v4/projects/{project}/statuses/{sha}");
        let asked = match token {
            "" => server.gitlab(Method::POST, &target),
            token => server.ask(Method::POST, &target).private_token(token),
        };
        let answer = asked.header("content-type", "application/json").body(body).send().await;
        assert_eq!((answer.status, &answer.json()), (status, wanted), "{project} {sha} {body}");
    }
    nothing_is_left(&server, id).await;
}

#[tokio::test]
async fn what_is_no_project_is_an_unknown_one() {
    let (server, _) = server().await;
    let long = "a".repeat(5_000);
    for project in [
        "0",
        "2147483648",
        "99999999999999999999",
        "-1",
        "acme",
        "demo",
        "acme%2F",
        "%2Facme%2Fdemo",
        "acme%2Fdemo%2F",
        "acme%2F%2Fdemo",
        "acme%2Fnothing",
        "acme%252Fdemo",
        "..",
        "acme%2F..%2Fdemo",
        "a%20b",
        "%F0%9F%92%A9",
        &long,
        "1.0",
        "١",
    ] {
        let project = project.replace('١', "%D9%A1");
        for more in ["", "/pipelines", "/jobs/x", "/repository/commits/x"] {
            let answer =
                server.gitlab(Method::GET, &format!("/api/v4/projects/{project}{more}")).send().await;
            assert_eq!(
                (answer.status, answer.json()),
                (404, json!({"message": "404 Project Not Found"})),
                "{project}{more}"
            );
        }
    }
    for target in [
        "/api/v4/nothing",
        "/api/v4/groups",
        "/api/v4/projects/acme/demo",
        "/api/v4/projects/acme%2Fdemo/nothing",
    ] {
        let answer = server.gitlab(Method::GET, target).send().await;
        assert_eq!((answer.status, answer.json()), (404, json!({"error": "404 Not Found"})), "{target}");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let method = server.gitlab(Method::DELETE, "/api/v4/projects/acme%2Fdemo").send().await;
    assert_eq!((method.status, method.json()), (404, json!({"error": "404 Not Found"})));
}

#[tokio::test]
async fn no_strange_request_is_a_fault_of_ours() {
    let (server, _) = server().await;
    post(&server, json!({"state": "success"})).await;
    let paths = [
        "",
        "/pipelines",
        "/pipelines/latest",
        "/pipelines/1",
        "/pipelines/1/jobs",
        "/jobs",
        "/jobs/1",
        "/repository/commits/1c46",
        "/repository/commits/1c46/statuses",
    ];
    let names = [
        "page",
        "per_page",
        "cursor",
        "pagination",
        "scope",
        "scope[]",
        "status",
        "ref",
        "sha",
        "name",
        "username",
        "source",
        "order_by",
        "sort",
        "updated_after",
        "created_before",
        "all",
        "pipeline_id",
        "include_retried",
        "stage",
        "yaml_errors",
    ];
    let long = "9".repeat(400);
    let values = [
        "",
        "%00",
        "%ff",
        "keyset",
        "desc",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "true",
        "id",
        "%25%27%22;--",
        "success",
        "%F0%9F%92%A9",
        "2026-11-24T00:00:00Z",
        "-262144-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "a=b",
        "[",
        &long,
    ];
    for path in paths {
        for name in names {
            for value in values {
                let target = format!("{path}?{name}={value}&per_page=2");
                let answer = get(&server, &target).await;
                assert!([200, 400, 404].contains(&answer.status), "{target} {answer:?}");
                let body: Value = answer.json();
                assert!(
                    answer.status == 200 || body.get("message").or(body.get("error")).is_some(),
                    "{target} {body}"
                );
            }
        }
    }
}
