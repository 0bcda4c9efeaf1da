//! The examples, run against a real server on a real socket: what the documents show is what runs here.

use crate::follow::{client, report};
use http::Method;
use serde_json::json;
use stagepost_client::{Client, Credentials};
use std::time::Duration;
use testkit::TestServer;

/// An example as a module: its `main` is for people.
macro_rules! example {
    ($name:ident, $path:literal) => {
        #[path = $path]
        #[expect(dead_code, reason = "main is for people")]
        mod $name;
    };
}
example!(report_example, "../../examples/report.rs");
example!(list_jobs, "../../examples/list_jobs.rs");
example!(follow_example, "../../examples/follow.rs");
example!(signed, "../../examples/signed.rs");

#[tokio::test]
async fn the_examples_do_what_they_say() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let client = client(&listening.url);

    let receipt = report_example::run(&client, id).await.unwrap();
    assert_eq!((receipt.attempt, receipt.status.as_str()), (1, "success"));
    let pipeline = receipt.pipeline_id;
    report(&client, id, "lint", "failed").await;
    assert_eq!(list_jobs::run(&client, id, pipeline).await.unwrap(), ["lint"]);
    let changes = client.follow_pipeline(id, pipeline).every(Duration::from_millis(10));
    assert_eq!(follow_example::run(changes).await.unwrap(), "failed");

    let key =
        json!({"access": "AKEXAMPLE0000000001", "secret": "SKexample000000000000000000000000000000001"});
    assert_eq!(server.root(Method::POST, "/native/v1/users/root/keys").json(&key).send().await.status, 201);
    let credentials =
        Credentials::access_key("AKEXAMPLE0000000001", "SKexample000000000000000000000000000000001");
    // The server's clock stands still.
    let signing =
        Client::builder(&listening.url).credentials(credentials).clock(|| 1_795_478_400).build().unwrap();
    assert_eq!(signed::run(&signing, id, pipeline).await.unwrap(), Some(2));
    listening.stop().await;
}
