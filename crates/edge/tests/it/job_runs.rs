//! One job across pipelines, the grid of a ref, and what a pipeline changed.

use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

/// The number of seconds that a job takes unless a report says otherwise.
const SECONDS: i64 = 30;

/// Reports a job in the pipeline of this number, on its own commit, and returns the pipeline's id.
async fn done(server: &TestServer, id: i64, number: i64, job: &str, status: &str, more: Value) -> i64 {
    let (stage, name) = job.split_once('/').unwrap();
    let start: domain::Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    let start = start + domain::SignedDuration::from_mins(number);
    let end = start + domain::SignedDuration::from_secs(more["seconds"].as_i64().unwrap_or(SECONDS));
    let mut fields = json!({"sha": format!("{number:040x}"), "ref": "main", "stage": stage, "name": name,
        "status": status, "started_at": start.to_string(), "finished_at": end.to_string()});
    let mut more = more.as_object().unwrap().clone();
    more.remove("seconds");
    fields.as_object_mut().unwrap().extend(more);
    let answer = report(server, id, fields).await;
    assert!(answer.status == 201 || answer.status == 200, "{answer:?}");
    answer.json()["pipeline_id"].as_i64().unwrap()
}

/// Pipelines 1 to 5 of main and 6 of dev. `unit` fails since 3; it did both in 2. In 5, `e2e` is slower and `lint` is
/// fixed.
async fn stocked() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for number in 1..=5 {
        let lint = if number == 4 { "failed" } else { "success" };
        done(&server, id, number, "test/lint", lint, json!({})).await;
        let seconds = if number == 5 { 90 } else { SECONDS };
        done(&server, id, number, "test/e2e", "success", json!({"seconds": seconds})).await;
        if number == 2 {
            done(&server, id, number, "test/unit", "failed", json!({"third_build_id": "1"})).await;
        }
        let unit = if number >= 3 { "failed" } else { "success" };
        done(&server, id, number, "test/unit", unit, json!({"third_build_id": "2"})).await;
    }
    done(&server, id, 6, "test/unit", "success", json!({"ref": "dev"})).await;
    (server, id)
}

#[tokio::test]
async fn a_job_across_pipelines_says_whether_it_is_flaky() {
    let (server, id) = stocked().await;
    let runs = format!("/native/v1/repositories/{id}/job-runs?stage=test&name=unit");
    let found = server.get(&format!("{runs}&ref=main")).await.json();
    assert_eq!((&found["total"]["runs"], &found["total"]["success"]), (&json!(6), &json!(2)));
    assert_eq!(
        (&found["last_passed"]["pipeline_id"], &found["failing_since"]["pipeline_id"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        (&found["flaky_count"], &found["flaky_commits"][0]["sha"]),
        (&json!(1), &json!(format!("{:040x}", 2)))
    );
    assert_eq!((&found["median_ms"], &found["truncated"]), (&json!(30_000), &json!(false)));
    let pipelines = |found: &Value| {
        let jobs = found["jobs"].as_array().unwrap();
        jobs.iter().map(|job| job["pipeline_id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(pipelines(&found), [5, 4, 3, 2, 2, 1]);
    let all = server.get(&runs).await.json();
    assert_eq!((&all["failing_since"], &all["jobs"][0]["ref"]), (&Value::Null, &json!("dev")));

    // The page of the list, its JSON, and the links of the page keep the filters.
    let page = format!("/repositories/{id}/jobs?stage=test&name=unit&ref=main&status=failed&limit=2");
    let json = server.get(&page.replace("jobs?", "jobs.json?")).await.json();
    assert_eq!(
        (pipelines(&json), &json["total"]["runs"]),
        (vec![5, 4], &json!(6)),
        "numbers count every status"
    );
    let before = json["next_before"].as_i64().unwrap();
    let next = server.get(&format!("{runs}&ref=main&status=failed&before={before}")).await.json();
    assert_eq!((pipelines(&next), &next["next_before"]), (vec![3, 2], &Value::Null));
    let html = page_of(&server, &page).await;
    let older =
        format!("stage=test&#38;name=unit&#38;ref=main&#38;status=failed&#38;limit=2&#38;before={before}");
    assert!(html.contains(&older) && html.contains("33.3%"), "{html}");
}

#[tokio::test]
async fn the_job_of_the_page_may_have_any_name() {
    let (server, id) = stocked().await;
    for (number, name) in (10..).zip(["..", "a/b", "x.json", "100%", "任务 & <b>"]) {
        done(&server, id, number, &format!("测试/{name}"), "failed", json!({})).await;
        let query = serde_urlencoded(&[("stage", "测试"), ("name", name)]);
        let json = server.get(&format!("/repositories/{id}/jobs.json?{query}")).await.json();
        assert_eq!((&json["name"], &json["total"]["failed"]), (&json!(name), &json!(1)));
        let grid = page_of(&server, &format!("/repositories/{id}/grid?ref=main")).await;
        let href = format!("jobs?{}&amp;ref=main", query.replace('&', "&amp;"));
        assert!(grid.contains(&href), "{href} in {grid}");
    }
}

async fn page_of(server: &TestServer, path: &str) -> String {
    String::from_utf8(server.get(path).await.body).unwrap()
}

/// A query with every character encoded that may be.
fn serde_urlencoded(pairs: &[(&str, &str)]) -> String {
    pages::links::address("", pairs).trim_start_matches('?').to_owned()
}

#[tokio::test]
async fn a_grid_has_the_jobs_of_a_ref_by_pipeline() {
    let (server, id) = stocked().await;
    let grid = format!("/native/v1/repositories/{id}/grid");
    let found = server.get(&grid).await.json();
    assert_eq!(
        (&found["ref"], &found["job_count"], &found["next_before"]),
        (&json!("main"), &json!(3), &Value::Null)
    );
    let ids: Vec<_> =
        found["pipelines"].as_array().unwrap().iter().map(|p| p["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [5, 4, 3, 2, 1]);
    let unit = &found["stages"][0]["jobs"][0];
    assert_eq!(
        (&unit["name"], &unit["health"], &unit["flaky_commits"]),
        (&json!("unit"), &json!("failing"), &json!(1))
    );
    let cell = &unit["cells"][3];
    assert_eq!(
        (&cell["status"], &cell["attempts"], &cell["flaky"]),
        (&json!("success"), &json!(2), &json!(true))
    );
    let names: Vec<_> =
        found["stages"][0]["jobs"].as_array().unwrap().iter().map(|job| &job["name"]).collect();
    assert_eq!(names, ["unit", "lint", "e2e"], "failing, then unsteady, then steady");
    let page = server.get(&format!("{grid}?limit=2&before=4&source=external")).await.json();
    assert_eq!((&page["pipelines"][0]["id"], &page["next_before"]), (&json!(3), &json!(2)));
    assert_eq!(server.get(&format!("{grid}?ref=refs/heads/dev")).await.json()["pipelines"][0]["id"], 6);
    for (query, field) in
        [("limit=0", "limit"), ("limit=51", "limit"), ("before=x", "before"), ("ref=", "ref")]
    {
        let answer = server.get(&format!("{grid}?{query}")).await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn an_unchanged_grid_is_not_sent_again() {
    let (server, id) = stocked().await;
    let page = format!("/repositories/{id}/grid?ref=main");
    let etag = server.get(&page).await.header("etag").to_owned();
    let again = async || server.root(Method::GET, &page).header("if-none-match", &etag).send().await.status;
    assert_eq!(again().await, 304);
    done(&server, id, 6, "test/unit", "failed", json!({"ref": "dev", "third_build_id": "9"})).await;
    assert_eq!(again().await, 304, "another ref");
    done(&server, id, 3, "test/more", "success", json!({})).await;
    assert_eq!(again().await, 200);
}

#[tokio::test]
async fn the_page_of_a_job_is_of_one_source_and_not_sent_again_unchanged() {
    let (server, id) = stocked().await;
    done(&server, id, 7, "test/unit", "failed", json!({"source": "jenkins"})).await;
    let runs = format!("/native/v1/repositories/{id}/job-runs?stage=test&name=unit");
    let of = server.get(&format!("{runs}&source=jenkins")).await.json();
    let found = (&of["source"], &of["total"]["runs"], of["jobs"].as_array().unwrap().len());
    assert_eq!(found, (&json!("jenkins"), &json!(1), 1));
    let main = async |more: &str| server.get(&format!("{runs}&ref=main{more}")).await.json();
    assert_eq!(main("").await["failing_since"], Value::Null, "jobs of two sources are two jobs");
    assert_eq!(main("&source=external").await["failing_since"]["pipeline_id"], 3);
    assert_eq!(server.get(&format!("{runs}&source=")).await.json()["field"], "source");
    for (page, source) in [("grid?ref=main&source=jenkins", "jenkins"), ("pipelines/3", "external")] {
        let html = page_of(&server, &format!("/repositories/{id}/{page}")).await.replace("&#38;", "&amp;");
        let link = format!("jobs?stage=test&amp;name=unit&amp;ref=main&amp;source={source}\"");
        assert!(html.contains(&link), "{link} in {html}");
    }

    let page = format!("/repositories/{id}/jobs?stage=test&name=unit&ref=refs/heads/main&source=external");
    let shown = server.get(&page).await;
    let etag = shown.header("etag").to_owned();
    let html = String::from_utf8(shown.body).unwrap();
    for part in [
        "data-ref=\"main\" data-source=\"external\" data-stage=\"test\" data-job=\"unit\"",
        "name=\"source\" value=\"external\"",
        "&#38;source=external",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains(">jenkins</a>"), "{html}");
    let again = async || server.root(Method::GET, &page).header("if-none-match", &etag).send().await.status;
    assert_eq!(again().await, 304);
    done(&server, id, 8, "test/unit", "failed", json!({"source": "jenkins"})).await;
    done(&server, id, 5, "test/lint", "failed", json!({"third_build_id": "9"})).await;
    assert_eq!(again().await, 304, "another source, and another job");
    done(&server, id, 9, "test/unit", "success", json!({})).await;
    assert_eq!(again().await, 200);
}

/// Open pages ask again and again, so an unchanged one must cost nothing.
#[tokio::test]
async fn an_unchanged_page_is_confirmed_without_a_read_of_the_store() {
    let (server, id) = stocked().await;
    let Some(dir) = server.data_dir() else { return };
    let again = async |page: &str, etag: &str| {
        server.root(Method::GET, page).header("if-none-match", etag).send().await.status
    };
    let mut known = Vec::new();
    for page in ["pipelines/5", "grid?ref=main", "jobs?stage=test&name=unit&ref=main"] {
        let page = format!("/repositories/{id}/{page}");
        let etag = server.get(&page).await.header("etag").to_owned();
        assert_eq!(again(&page, &etag).await, 304, "{page}");
        known.push((page, etag));
    }
    // From now on, every read fails.
    server.app.store.close().await.unwrap();
    std::fs::remove_dir_all(dir).unwrap();
    for (page, etag) in &known {
        assert_eq!(again(page, etag).await, 304, "{page}");
        assert!(again(page, "\"another\"").await >= 500, "{page} is read");
    }
}

/// A page has a link to the settings for those who may change them.
#[tokio::test]
async fn the_grid_is_sent_again_to_a_user_with_another_role() {
    let (server, id) = stocked().await;
    let token = server.user("amy").await;
    let assign = async |role: &str| {
        let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/amy"));
        assert_eq!(member.json(&json!({"role": role})).send().await.status, 204);
    };
    let page = format!("/repositories/{id}/grid?ref=main");
    let ask = || server.ask(Method::GET, &page).token(&token);
    assign("read").await;
    let etag = ask().send().await.header("etag").to_owned();
    let again = async || ask().header("if-none-match", &etag).send().await;
    for _ in 0..2 {
        assert_eq!(again().await.status, 304);
    }
    assign("manage").await;
    let shown = again().await;
    assert_eq!(shown.status, 200);
    assert!(String::from_utf8(shown.body).unwrap().contains("/settings\""));
    assign("read").await;
    assert_eq!(again().await.status, 304);
}

#[tokio::test]
async fn the_page_of_a_pipeline_follows_those_that_it_is_compared_with() {
    let (server, id) = stocked().await;
    let page = format!("/repositories/{id}/pipelines/5");
    let etag = server.get(&page).await.header("etag").to_owned();
    let again = async || server.root(Method::GET, &page).header("if-none-match", &etag).send().await.status;
    done(&server, id, 7, "test/unit", "success", json!({"ref": "dev"})).await;
    assert_eq!(again().await, 304, "another ref");
    done(&server, id, 3, "test/more", "success", json!({})).await;
    assert_eq!(again().await, 200, "neither the previous nor the last successful pipeline");
    // Another source has its own pipelines.
    done(&server, id, 8, "test/unit", "success", json!({"source": "jenkins"})).await;
    assert!(!page_of(&server, &page).await.contains("data-newer"));
    done(&server, id, 9, "test/unit", "success", json!({})).await;
    assert!(page_of(&server, &page).await.contains("data-newer"));
}

#[tokio::test]
async fn a_pipeline_says_what_it_changed_since_the_last_green_one() {
    let (server, id) = stocked().await;
    let at = format!("/native/v1/repositories/{id}/pipelines");
    let found = server.get(&format!("{at}/5/changes")).await.json();
    let id_of = |name: &str| found[name]["id"].clone();
    assert_eq!(
        (id_of("last_green"), id_of("failing_since"), id_of("previous")),
        (json!(2), json!(3), json!(4))
    );
    let failed = &found["failed"][0];
    assert_eq!((&failed["name"], &failed["since_pipeline_id"]), (&json!("unit"), &json!(3)));
    assert_eq!(failed["since_or_earlier"], false);
    assert_eq!(found["fixed"][0]["head"]["name"], "lint");
    assert_eq!(
        (&found["slower"][0]["name"], &found["slower"][0]["usual_ms"]),
        (&json!("e2e"), &json!(30_000))
    );
    let green = server.get(&format!("{at}/2/changes")).await.json();
    assert_eq!(
        (&green["failed"], &green["failing_since"], &green["last_green"]["id"]),
        (&json!([]), &Value::Null, &json!(1))
    );

    let compared = server.get(&format!("{at}/5/comparison?with=2")).await.json();
    assert_eq!(compared["other"], json!([]));
    assert_eq!(
        (&compared["newly_failed"][0]["head"]["name"], &compared["base"]["id"]),
        (&json!("unit"), &json!(2))
    );
    let json = server.get(&format!("/repositories/{id}/compare/2...5.json")).await.json();
    assert_eq!(json, compared, "the page has the same JSON");
    let html = page_of(&server, &format!("/repositories/{id}/compare/2...5")).await;
    assert!(html.contains("#2 与 #5 的比较") && html.contains("id=\"newly-failed\""), "{html}");

    let html = page_of(&server, &format!("/repositories/{id}/pipelines/5")).await;
    let green = format!("id=\"last-green\" href=\"/repositories/{id}/pipelines/2\"");
    assert!(html.contains(&green), "{html}");
    assert!(html.contains("自 #3 起") && html.contains("compare/2...5"), "{html}");
    assert!(!html.contains("data-newer"), "pipeline 6 is of another ref: {html}");
    let statuses = [
        (format!("{at}/5/comparison"), 400),
        (format!("{at}/5/comparison?with=x"), 400),
        (format!("{at}/5/comparison?with=77"), 404),
        (format!("/repositories/{id}/compare/2..5"), 400),
        (format!("/repositories/{id}/compare/2...77"), 404),
        (format!("/repositories/{id}/jobs?stage=test"), 400),
        (format!("/repositories/{id}/jobs"), 303),
    ];
    for (path, status) in statuses {
        assert_eq!(server.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn who_may_not_read_gets_the_response_of_a_repository_that_does_not_exist() {
    let (server, id) = stocked().await;
    let other = server.user("amy").await;
    for path in
        ["grid", "job-runs?stage=test&name=unit", "pipelines/5/changes", "pipelines/5/comparison?with=2"]
    {
        let ask = async |id: i64| {
            let answer = server
                .ask(Method::GET, &format!("/native/v1/repositories/{id}/{path}"))
                .token(&other)
                .send()
                .await;
            (answer.status, answer.json()["code"].clone())
        };
        let hidden = ask(id).await;
        assert_eq!((hidden.0, hidden.clone()), (404, ask(2_147_483_647).await), "{path}");
    }
}
