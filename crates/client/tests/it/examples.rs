//! Runs the examples against a real server.

use crate::follow::{client, report};
use http::Method;
use serde_json::json;
use stagepost_client::{Client, Credentials};
use std::time::Duration;
use testkit::TestServer;

/// Includes an example as a module. Its `main` is not called.
macro_rules! example {
    ($name:ident, $path:literal) => {
        #[path = $path]
        #[expect(dead_code, reason = "`main` is not called")]
        mod $name;
    };
}
example!(report_example, "../../examples/report.rs");
example!(list_jobs, "../../examples/list_jobs.rs");
example!(follow_example, "../../examples/follow.rs");
example!(signed, "../../examples/signed.rs");

#[tokio::test]
async fn the_examples_work() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let client = client(&listener.url);

    let receipt = report_example::run(&client, id).await.unwrap();
    assert_eq!((receipt.attempt, receipt.status.as_str()), (1, "success"));
    let pipeline = receipt.pipeline_id;
    report(&client, id, "lint", "failed").await;
    assert_eq!(list_jobs::run(&client, id, pipeline).await.unwrap(), ["lint"]);
    let changes = client.follow_pipeline(id, pipeline).poll_interval(Duration::from_millis(10));
    assert_eq!(follow_example::run(changes).await.unwrap(), "failed");

    let key =
        json!({"access": "AKEXAMPLE0000000001", "secret": "SKexample000000000000000000000000000000001"});
    assert_eq!(server.root(Method::POST, "/native/v1/users/root/keys").json(&key).send().await.status, 201);
    let credentials =
        Credentials::access_key("AKEXAMPLE0000000001", "SKexample000000000000000000000000000000001");
    // The server's clock is fixed.
    let signing =
        Client::builder(&listener.url).credentials(credentials).clock(|| 1_795_478_400).build().unwrap();
    assert_eq!(signed::run(&signing, id, pipeline).await.unwrap(), Some(2));
    listener.stop().await;
}
