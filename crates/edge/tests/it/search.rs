//! The search: what it finds, for whom, and where a page leads.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// Two repositories with the same names, of which a member of the first may read only that one.
async fn stocked() -> (TestServer, i64, i64, String) {
    let server = TestServer::start().await;
    let one = server.repository("acme/one", "private").await;
    let two = server.repository("acme/two", "private").await;
    let member = server.user("member").await;
    let role = server.root(Method::PUT, &format!("/native/v1/repositories/{one}/members/member"));
    assert_eq!(role.json(&json!({"role": "read"})).send().await.status, 204);
    for id in [one, two] {
        for fields in [
            json!({"ref": "main", "stage": "test", "name": "unit", "third_build_id": "77"}),
            json!({"ref": "main", "stage": "test", "name": "unit-slow", "third_build_id": "78"}),
            json!({"ref": "refs/tags/v1", "stage": "test", "name": "e2e"}),
        ] {
            assert_eq!(report(&server, id, fields).await.status, 201);
        }
    }
    (server, one, two, member)
}

async fn search(server: &TestServer, token: &str, query: &str) -> Value {
    let asked = server.ask(Method::GET, &format!("/native/v1/search?{query}")).token(token);
    let found = asked.send().await;
    assert_eq!(found.status, 200, "{found:?}");
    found.json()
}

/// The hits, each as `kind repository`.
fn kinds(found: &Value) -> Vec<String> {
    let hits = found["results"].as_array().unwrap();
    hits.iter().map(|hit| format!("{} {}", hit["kind"], hit["repository"]).replace('"', "")).collect()
}

#[tokio::test]
async fn a_search_finds_what_the_caller_may_read_and_nothing_else() {
    let (server, one, two, member) = stocked().await;
    for (query, wanted) in [
        ("q=1c46c505", vec!["commit acme/one"]),
        ("q=%23001", vec!["pipeline acme/one"]),
        ("q=main", vec!["ref acme/one"]),
        ("q=AI", vec!["ref acme/one"]),
        ("q=v1", vec!["ref acme/one"]),
        ("q=unit", vec!["job acme/one", "job acme/one"]),
        ("q=Slow", vec!["job acme/one"]),
        ("q=repo:ACME/one%20slow", vec!["job acme/one"]),
        ("q=unit%20repo:acme/two", vec![]),
        ("q=repo:acme/absent%20unit", vec![]),
        ("q=repo:acme/one%20%231", vec!["pipeline acme/one"]),
        ("q=77", vec!["build acme/one"]),
        ("q=acme/one", vec!["repository acme/one"]),
        ("q=acme/one%232", vec!["pipeline acme/one"]),
        ("q=acme/two%232", vec![]),
        ("q=acme/two", vec![]),
        ("q=absent", vec![]),
    ] {
        assert_eq!(kinds(&search(&server, &member, query).await), wanted, "{query}");
    }
    let all = search(&server, testkit::ROOT, "q=unit").await;
    assert_eq!(kinds(&all).len(), 4);
    assert_eq!((&all["direct"], &all["truncated"], &all["more"]), (&Value::Null, &json!(false), &json!([])));
    let first = &all["results"][0];
    assert_eq!(
        (&first["exact"], &first["stage"], &first["name"], &first["source"]),
        (&json!(true), &json!("test"), &json!("unit"), &json!("external"))
    );
    assert_eq!(all["incomplete"], json!(false));

    // The repository of the page is first, and one that the caller may not read is as one that does not exist.
    let here = search(&server, testkit::ROOT, &format!("q=%231&repository={two}")).await;
    assert_eq!(kinds(&here), ["pipeline acme/two"]);
    assert_eq!(here["direct"], json!(format!("/repositories/{two}/pipelines/1")));
    let hidden = search(&server, &member, &format!("q=%231&repository={two}")).await;
    assert_eq!(hidden, search(&server, &member, "q=%231&repository=2147483000").await);
    assert_eq!(hidden["direct"], json!(format!("/repositories/{one}/pipelines/1")));

    // A token is limited to its repositories.
    let limited = server.token("root", json!({"name": "t", "scope": "read", "repositories": [two]})).await;
    assert_eq!(kinds(&search(&server, &limited, "q=77").await), ["build acme/two"]);
}

#[tokio::test]
async fn a_text_without_meaning_is_refused() {
    let (server, ..) = stocked().await;
    for query in ["", "?q=", "?q=%20", "?q=a%0Ab", "?q=unit&repository=x", &format!("?q={}", "x".repeat(256))]
    {
        assert_eq!(server.get(&format!("/native/v1/search{query}")).await.status, 400, "{query}");
    }
    assert_eq!(server.get("/search.json").await.status, 400);
    assert_eq!(server.ask(Method::GET, "/native/v1/search?q=unit").send().await.status, 401);
}

#[tokio::test]
async fn the_page_leads_to_the_only_exact_hit() {
    let (server, one, two, member) = stocked().await;
    let open = async |target: &str| {
        let asked = server.ask(Method::GET, target).token(&member).header("accept", "text/html");
        asked.send().await
    };
    for (text, location) in [
        (SHA.to_owned(), format!("/repositories/{one}/commits/{SHA}")),
        ("%231".to_owned(), format!("/repositories/{one}/pipelines/1")),
        ("main".to_owned(), format!("/repositories/{one}/pipelines?ref=main")),
        ("unit".to_owned(), format!("/repositories/{one}/jobs?stage=test&name=unit")),
        ("78".to_owned(), format!("/repositories/{one}/pipelines/1/jobs/2")),
        ("acme/one".to_owned(), format!("/repositories/{one}/pipelines")),
    ] {
        let page = open(&format!("/search?q={text}")).await;
        assert_eq!((page.status, page.header("location")), (303, location.as_str()), "{text}");
    }
    let several = open("/search?q=uni").await;
    let html = String::from_utf8_lossy(&several.body).into_owned();
    assert_eq!(several.status, 200);
    assert!(html.contains("test / unit-slow") && !html.contains("acme/two"), "{html}");
    assert!(!html.contains(&format!("/repositories/{two}")));
    // The list of the palette, and the form alone.
    let palette =
        server.ask(Method::GET, "/search?q=main").token(&member).header("x-fragment", "1").send().await;
    assert_eq!(palette.status, 200);
    assert!(String::from_utf8_lossy(&palette.body).contains("pipelines?ref=main"));
    assert_eq!(open("/search").await.status, 200);
    // A page of a repository names it to the search.
    let page = open(&format!("/repositories/{one}/pipelines")).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains(&format!(r#"<input type="hidden" name="repository" value="{one}">"#)), "{html}");
}

#[tokio::test]
async fn jobs_of_one_name_have_their_own_pages() {
    let server = TestServer::start().await;
    let id = server.repository("acme/jobs", "private").await;
    for fields in [
        json!({"stage": "test", "name": "build", "source": "jenkins"}),
        json!({"stage": "test", "name": "build", "source": "buildbot"}),
        json!({"stage": "lint", "name": "build", "source": "jenkins"}),
    ] {
        assert_eq!(report(&server, id, fields).await.status, 201);
    }
    let found = search(&server, testkit::ROOT, "q=build").await;
    let mut pages: Vec<_> =
        found["results"].as_array().unwrap().iter().map(|hit| hit["page"].as_str().unwrap()).collect();
    pages.sort_unstable();
    let start = format!("/repositories/{id}/jobs?");
    assert_eq!(
        pages,
        [
            format!("{start}stage=lint&name=build"),
            format!("{start}stage=test&name=build&source=buildbot"),
            format!("{start}stage=test&name=build&source=jenkins"),
        ]
    );
    for page in pages {
        let page = page.replace("/jobs?", "/jobs.json?");
        let shown = server.get(&page).await.json();
        assert_eq!(shown["jobs"].as_array().map(Vec::len), Some(1), "{page}: {shown}");
    }
}

#[tokio::test]
async fn a_url_of_a_build_leads_to_its_job() {
    let server = TestServer::start().await;
    let id = server.repository("acme/urls", "private").await;
    let url = "https://ci.example.com/job/demo/77/";
    for (name, target_url) in [("unit", url), ("other", "https://ci.example.com/job/other/77/")] {
        let fields = json!({"stage": "test", "name": name, "third_build_id": "77", "target_url": target_url});
        assert_eq!(report(&server, id, fields).await.status, 201);
    }
    let asked = server.root(Method::GET, &format!("/search?q={url}console")).header("accept", "text/html");
    let page = asked.send().await;
    let wanted = format!("/repositories/{id}/pipelines/1/jobs/1");
    assert_eq!((page.status, page.header("location")), (303, wanted.as_str()));
}

#[tokio::test]
async fn a_search_of_too_many_repositories_says_so_and_can_be_limited_to_one() {
    let server = TestServer::start().await;
    let quiet = server.repository("acme/quiet", "private").await;
    let active = server.repository("acme/active", "private").await;
    let job = json!({"stage": "test", "name": "backend-unit-tests"});
    assert_eq!(report(&server, quiet, job.clone()).await.status, 201);
    server.clock.advance(SignedDuration::from_secs(60));
    for number in 0..499 {
        server.repository(&format!("acme/r-{number}"), "private").await;
    }
    assert_eq!(search(&server, testkit::ROOT, "q=unit").await["truncated"], json!(true), "501 repositories");
    assert_eq!(report(&server, active, job).await.status, 201);
    let found = search(&server, testkit::ROOT, "q=unit").await;
    assert_eq!((kinds(&found), &found["truncated"]), (vec!["job acme/active".to_owned()], &json!(true)));
    let only = search(&server, testkit::ROOT, "q=repo:acme/quiet%20unit").await;
    assert_eq!((kinds(&only), &only["truncated"]), (vec!["job acme/quiet".to_owned()], &json!(false)));
    let here = search(&server, testkit::ROOT, &format!("q=unit&repository={quiet}")).await;
    assert_eq!(kinds(&here), ["job acme/quiet", "job acme/active"]);
    let asked =
        server.root(Method::GET, &format!("/search?q=unit&repository={quiet}")).header("x-fragment", "1");
    let page = asked.header("accept-language", "en").send().await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains("Not everything was searched"), "{html}");
    assert!(html.contains("/search?q=repo%3Aacme%2Fquiet%20unit"), "{html}");
}

#[tokio::test]
async fn a_path_in_a_search_is_exactly_this_one_or_else_the_one_in_another_case() {
    let server = TestServer::start().await;
    let job = json!({"stage": "test", "name": "unit"});
    for path in ["acme/demo", "Acme/Demo", "Acme/Other"] {
        let id = server.repository(path, "private").await;
        assert_eq!(report(&server, id, job.clone()).await.status, 201);
    }
    for (path, wanted) in [
        ("acme/demo", vec!["job acme/demo"]),
        ("Acme/Demo", vec!["job Acme/Demo"]),
        ("ACME/demo", vec!["job acme/demo"]),
        ("acme/other", vec!["job Acme/Other"]),
    ] {
        let found = search(&server, testkit::ROOT, &format!("q=repo:{path}%20unit")).await;
        assert_eq!(kinds(&found), wanted, "{path}");
    }
}
