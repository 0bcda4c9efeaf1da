//! Every request body that a server refuses for one value: the error names the field and says what is wrong with it.

use http::Method;
use serde_json::Value;
use testkit::TestServer;

/// The content that `bad_bodies.txt` should have, from the current responses of the server.
async fn actual(table: &str) -> String {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await.to_string();
    let (mut call, mut actual) = ("", String::new());
    for line in table.lines() {
        let Some((body, _)) = line.strip_prefix("  ").and_then(|row| row.split_once(" => ")) else {
            call = line;
            actual += &format!("{line}\n");
            continue;
        };
        let (method, path) = call.split_once(' ').unwrap();
        let request = server.root(Method::from_bytes(method.as_bytes()).unwrap(), &path.replace("{id}", &id));
        let request = request.header("x-language", "en-us").header("accept-language", "en");
        let response = request.body(body.replace("{id}", &id)).send().await;
        let json = response.json();
        // The errors of an import line and of CodeArts v1 are nested in an object.
        let error = json.get("error").filter(|error| error.is_object()).unwrap_or(&json);
        let message = error["detail"].as_str().or(error["message"].as_str());
        let message = message.unwrap_or_else(|| panic!("{call} {body}: {response:?}"));
        if let Some(field) = error["field"].as_str() {
            assert!(message.starts_with(&format!("'{field}': ")), "{call} {body}: {error}");
        }
        assert_eq!(status(&response, error), 400, "{call} {body}: {response:?}");
        actual += &format!("  {body} => {message}\n");
    }
    actual
}

/// The HTTP status; for a line of an import, the status in its error.
fn status(response: &testkit::TestResponse, error: &Value) -> u64 {
    error["status"].as_u64().unwrap_or(response.status.into())
}

#[tokio::test]
async fn every_bad_body_is_refused_with_its_field_and_a_reason() {
    let table = include_str!("bad_bodies.txt");
    let actual = actual(table).await;
    for (expected, actual) in table.lines().zip(actual.lines()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual, table);
}
