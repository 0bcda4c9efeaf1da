//! GitLab's lists: filters, orders, pages by number and by keyset.

use crate::gitlab::{SHA, get, ids, post, post_on, server};
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

/// Five pipelines, one per minute; and one of a tag with another source.
async fn six_pipelines(server: &TestServer, id: i64) {
    for (n, (state, git_ref)) in [
        ("success", "main"),
        ("failed", "main"),
        ("running", "dev"),
        ("pending", "dev"),
        ("canceled", "main"),
    ]
    .into_iter()
    .enumerate()
    {
        server.clock.advance(SignedDuration::from_mins(1));
        let answer =
            post_on(server, &format!("{}", n + 1).repeat(40), json!({"state": state, "ref": git_ref})).await;
        assert_eq!(answer.status, 201);
    }
    server.clock.advance(SignedDuration::from_mins(1));
    let tag = json!({"sha": "6".repeat(40), "ref": "refs/tags/v1", "name": "n", "status": "timedout", "source": "cron",
        "trigger_user": "alice", "pipeline_key": "nightly", "allow_failure": false});
    assert_eq!(server.post(&format!("/native/v1/repositories/{id}/reports"), tag).await.status, 201);
}

#[tokio::test]
async fn pipelines_are_filtered_and_ordered() {
    let (server, id) = server().await;
    six_pipelines(&server, id).await;
    let sha = "2".repeat(40);
    let by_sha = format!("sha={sha}");
    let cases: &[(&str, &[i64])] = &[
        ("", &[6, 5, 4, 3, 2, 1]),
        ("sort=asc", &[1, 2, 3, 4, 5, 6]),
        ("order_by=id&sort=desc", &[6, 5, 4, 3, 2, 1]),
        ("order_by=user_id&sort=asc", &[1, 2, 3, 4, 5, 6]),
        ("order_by=updated_at", &[6, 5, 4, 3, 2, 1]),
        ("status=success", &[1]),
        ("status=failed", &[6, 2]),
        ("status=manual", &[]),
        ("status=waiting_for_callback", &[]),
        ("scope=running", &[3]),
        ("scope=pending", &[4]),
        ("scope=finished", &[6, 5, 2, 1]),
        ("scope=branches", &[5, 4]),
        ("scope=tags", &[6]),
        ("scope=finished&status=failed", &[6, 2]),
        ("scope=running&status=failed", &[]),
        ("ref=dev", &[4, 3]),
        ("ref=de", &[]),
        (&by_sha, &[2]),
        ("sha=22222", &[]),
        ("sha=main", &[]),
        ("source=external", &[5, 4, 3, 2, 1]),
        ("source=cron", &[6]),
        ("username=alice", &[6]),
        ("username=root", &[5, 4, 3, 2, 1]),
        ("username=nobody", &[]),
        ("name=nightly", &[6]),
        ("yaml_errors=true", &[]),
        ("yaml_errors=0&ref=dev", &[4, 3]),
        ("created_after=2026-11-24T00:04:00Z", &[6, 5, 4]),
        ("created_before=2026-11-24T00:04:00Z", &[3, 2, 1]),
        ("updated_after=2026-11-24T01:04:00%2B01:00&updated_before=2026-11-24T00:05:30.5Z", &[5, 4]),
        ("updated_after=2026-11-24T01:04:00+01:00", &[6, 5, 4]),
        ("updated_after=2026-11-24T00:04:00", &[6, 5, 4]),
        ("created_after=2026-11-24", &[6, 5, 4, 3, 2, 1]),
        ("created_before=2026-11-24", &[]),
    ];
    for (query, wanted) in cases {
        let answer = get(&server, &format!("/pipelines?{query}")).await;
        assert_eq!(ids(&answer), *wanted, "{query}");
        assert_eq!(answer.header("x-total"), wanted.len().to_string(), "{query}");
    }
    let words = |answer: &TestResponse, name: &str| -> Vec<String> {
        answer.json().as_array().unwrap().iter().map(|p| p[name].as_str().unwrap().to_owned()).collect()
    };
    for field in ["status", "ref"] {
        for sort in ["asc", "desc"] {
            let answer = get(&server, &format!("/pipelines?order_by={field}&sort={sort}")).await;
            let found = words(&answer, field);
            let mut sorted = found.clone();
            sorted.sort();
            if sort == "desc" {
                sorted.reverse();
            }
            assert_eq!(found, sorted, "{field} {sort}");
        }
    }
    for (query, error) in [
        ("status=bogus", "status does not have a valid value"),
        ("scope=bogus", "scope does not have a valid value"),
        ("order_by=name", "order_by does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
        ("yaml_errors=maybe", "yaml_errors is invalid"),
        ("updated_after=yesterday", "updated_after is invalid"),
        ("created_before=2026-13-01", "created_before is invalid"),
        ("ref=a&ref=b", "ref is invalid: it is given twice"),
        ("ref[]=a", "ref is invalid"),
        ("pagination=magic", "pagination does not have a valid value"),
        ("pagination=keyset&order_by=ref", "order_by does not have a valid value"),
        ("pagination=keyset&cursor=x", "cursor is invalid"),
        ("pagination=keyset&cursor=99999999999", "cursor is invalid"),
        ("page=0", "page does not have a valid value"),
        ("page=x", "page is invalid"),
        ("per_page=0", "per_page does not have a valid value"),
        ("per_page=-1", "per_page does not have a valid value"),
        ("per_page=1.5", "per_page is invalid"),
    ] {
        let answer = get(&server, &format!("/pipelines?{query}")).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": error})), "{query}");
    }
    // An empty filter selects nothing in particular, so it is not ignored as in GitLab.
    for (target, field) in [
        ("/pipelines?sha=", "sha"),
        ("/pipelines?ref=", "ref"),
        ("/pipelines?sha=&ref=dev", "sha"),
        ("/pipelines?name=%20", "name"),
        ("/pipelines/latest?ref=", "ref"),
        ("/repository/commits/1111111111111111111111111111111111111111/statuses?name=", "name"),
        ("/repository/commits/1111111111111111111111111111111111111111/statuses?ref=", "ref"),
        ("/repository/commits/1111111111111111111111111111111111111111/statuses?stage=", "stage"),
    ] {
        let answer = get(&server, target).await;
        let body = json!({"message": {field: ["can't be blank"]}});
        assert_eq!((answer.status, answer.json()), (400, body), "{target}");
    }
}

#[tokio::test]
async fn the_latest_pipeline_is_of_a_ref() {
    let (server, id) = server().await;
    let none = get(&server, "/pipelines/latest").await;
    assert_eq!((none.status, none.json()), (404, json!({"message": "404 Not found"})));
    six_pipelines(&server, id).await;
    for (query, wanted) in [("", 5), ("?ref=dev", 4), ("?ref=refs%2Ftags%2Fv1", 6)] {
        assert_eq!(get(&server, &format!("/pipelines/latest{query}")).await.json()["id"], wanted, "{query}");
    }
    assert_eq!(get(&server, "/pipelines/latest?ref=nowhere").await.status, 404);
}

/// Two pipelines of one commit: 1 on main, 2 on dev. Jobs 1 to 6: build, lint (twice), dev's build, ship in its own stage, docs.
async fn jobs(server: &TestServer, id: i64) {
    let send = |state: &str, name: &str, git_ref: &str| {
        post(server, json!({"state": state, "name": name, "ref": git_ref}))
    };
    for (state, name, git_ref) in [
        ("running", "build", "main"),
        ("failed", "lint", "main"),
        ("failed", "build", "dev"),
        ("pending", "lint", "main"),
    ] {
        assert_eq!(send(state, name, git_ref).await.status, 201);
    }
    let ship = json!({"sha": SHA, "ref": "main", "stage": "deploy", "name": "ship", "status": "pending"});
    server.post(&format!("/native/v1/repositories/{id}/reports"), ship).await;
    send("success", "docs", "dev").await;
}

#[tokio::test]
async fn statuses_of_a_commit_are_filtered_and_ordered() {
    let (server, id) = server().await;
    jobs(&server, id).await;
    let cases: &[(&str, &[i64])] = &[
        ("", &[1, 3, 4, 5, 6]),
        ("sort=desc", &[6, 5, 4, 3, 1]),
        ("order_by=id&sort=asc", &[1, 3, 4, 5, 6]),
        ("order_by=pipeline_id", &[1, 4, 5, 3, 6]),
        ("order_by=pipeline_id&sort=desc", &[6, 3, 5, 4, 1]),
        ("order_by=pipeline_id&pipeline_id=2", &[3, 6]),
        ("order_by=pipeline_id&all=1&ref=main", &[1, 2, 4, 5]),
        ("all=true", &[1, 2, 3, 4, 5, 6]),
        ("all=True&name=lint", &[2, 4]),
        ("all=false&name=lint", &[4]),
        ("ref=main", &[1, 4, 5]),
        ("ref=nowhere", &[]),
        ("stage=deploy", &[5]),
        ("stage=external&name=build", &[1, 3]),
        ("pipeline_id=2", &[3, 6]),
        ("pipeline_id=7", &[]),
        ("pipeline_id=0", &[]),
    ];
    for (query, wanted) in cases {
        let answer = get(&server, &format!("/repository/commits/{SHA}/statuses?{query}")).await;
        assert_eq!(
            (ids(&answer), answer.header("x-total")),
            (wanted.to_vec(), &*wanted.len().to_string()),
            "{query}"
        );
    }
    for page in 1..=4 {
        let query = format!("order_by=pipeline_id&all=yes&per_page=2&page={page}");
        let answer = get(&server, &format!("/repository/commits/{SHA}/statuses?{query}")).await;
        let wanted: &[i64] = [&[1, 2][..], &[4, 5], &[3, 6], &[]][page - 1];
        assert_eq!(ids(&answer), wanted, "{query}");
    }
    for (query, error) in [
        ("order_by=name", "order_by does not have a valid value"),
        ("all=perhaps", "all is invalid"),
        ("pipeline_id=x", "pipeline_id is invalid"),
    ] {
        let answer = get(&server, &format!("/repository/commits/{SHA}/statuses?{query}")).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": error})), "{query}");
    }
    let unknown = "f".repeat(40);
    assert_eq!(get(&server, &format!("/repository/commits/{unknown}/statuses")).await.json(), json!([]));
    let none = get(&server, "/repository/commits/nowhere/statuses").await;
    assert_eq!((none.status, none.json()), (404, json!({"message": "404 Commit Not Found"})));
}

#[tokio::test]
async fn external_jobs_are_listed_and_narrowed_by_scope() {
    let (server, id) = server().await;
    jobs(&server, id).await;
    let cases: &[(&str, &[i64])] = &[
        ("/pipelines/1/jobs", &[5, 4, 1]),
        ("/pipelines/2/jobs", &[6, 3]),
        ("/pipelines/1/jobs?include_retried=true", &[5, 4, 2, 1]),
        ("/pipelines/1/jobs?include_retried=false", &[5, 4, 1]),
        ("/pipelines/1/jobs?scope[]=failed&scope[]=running&include_retried=1", &[2, 1]),
        ("/pipelines/1/jobs?scope%5B%5D=failed&scope%5B%5D=success", &[]),
        ("/pipelines/1/jobs?scope=pending", &[5, 4]),
        ("/pipelines/1/jobs?scope[0]=pending&scope[1]=running", &[5, 4, 1]),
        ("/pipelines/1/jobs?scope=pending&scope=manual", &[5, 4]),
        ("/pipelines/1/jobs?scope[]=manual&scope[]=created", &[]),
        ("/pipelines/1/jobs?scope=", &[5, 4, 1]),
        ("/jobs", &[6, 5, 4, 3, 2, 1]),
        ("/jobs?sort=asc", &[1, 2, 3, 4, 5, 6]),
        ("/jobs?scope[]=failed", &[3, 2]),
    ];
    for (target, wanted) in cases {
        let answer = get(&server, target).await;
        assert_eq!(
            (ids(&answer), answer.header("x-total")),
            (wanted.to_vec(), &*wanted.len().to_string()),
            "{target}"
        );
    }
    for (target, status, body) in [
        ("/pipelines/1/jobs?scope[]=bogus", 400, json!({"error": "scope does not have a valid value"})),
        ("/jobs?scope=timedout", 400, json!({"error": "scope does not have a valid value"})),
        ("/jobs?order_by=name", 400, json!({"error": "order_by does not have a valid value"})),
        ("/pipelines/1/jobs?include_retried=2", 400, json!({"error": "include_retried is invalid"})),
        ("/pipelines/x/jobs", 400, json!({"error": "pipeline_id is invalid"})),
        ("/pipelines/3/jobs", 404, json!({"message": "404 Not found"})),
        ("/pipelines/3/jobs?scope=manual", 404, json!({"message": "404 Not found"})),
        ("/pipelines/2147483648", 404, json!({"message": "404 Not found"})),
        ("/jobs/99", 404, json!({"message": "404 Not found"})),
        ("/jobs/0", 404, json!({"message": "404 Not found"})),
        ("/jobs/x", 400, json!({"error": "job_id is invalid"})),
    ] {
        let answer = get(&server, target).await;
        assert_eq!((answer.status, answer.json()), (status, body), "{target}");
    }
}

/// The URLs of the header `Link` by relation.
fn links(answer: &TestResponse) -> Vec<(String, String)> {
    let parts = answer.header("link").split(", ").filter(|part| !part.is_empty());
    let read = parts.map(|part| {
        let (url, rel) = part.split_once("; rel=").unwrap_or_else(|| panic!("{part}"));
        (rel.trim_matches('"').to_owned(), url.trim_matches(['<', '>']).to_owned())
    });
    read.collect()
}

async fn many(server: &TestServer, id: i64, count: usize) {
    let reports: Vec<Value> = (1..=count)
        .map(|n| {
            let status = if n % 2 == 0 { "success" } else { "failed" };
            json!({"sha": SHA, "ref": "main", "name": format!("job {n}"), "status": status})
        })
        .collect();
    for some in reports.chunks(1000) {
        assert_eq!(
            server.post(&format!("/native/v1/repositories/{id}/reports"), json!(some)).await.status,
            200
        );
    }
}

#[tokio::test]
async fn pages_say_what_is_before_and_behind_them() {
    let (server, id) = server().await;
    many(&server, id, 45).await;
    let base = "http://localhost/api/v4/projects/acme%2Fdemo/pipelines/1/jobs";
    for (query, count, [page, per_page, next, prev, pages], rels) in [
        ("", 20, ["1", "20", "2", "", "3"], "next first last"),
        ("?page=&per_page=", 20, ["1", "20", "2", "", "3"], "next first last"),
        ("?page=2", 20, ["2", "20", "3", "1", "3"], "prev next first last"),
        ("?page=3", 5, ["3", "20", "", "2", "3"], "prev first last"),
        ("?page=4", 0, ["4", "20", "", "3", "3"], "prev first last"),
        ("?page=9223372036854775807", 0, ["9223372036854775807", "20", "", "3", "3"], "prev first last"),
        ("?per_page=100", 45, ["1", "100", "", "", "1"], "first last"),
        ("?per_page=1000", 45, ["1", "100", "", "", "1"], "first last"),
        ("?per_page=45", 45, ["1", "45", "", "", "1"], "first last"),
        ("?per_page=44", 44, ["1", "44", "2", "", "2"], "next first last"),
    ] {
        let answer = get(&server, &format!("/pipelines/1/jobs{query}")).await;
        assert_eq!((answer.status, ids(&answer).len()), (200, count), "{query}");
        let names = ["x-page", "x-per-page", "x-next-page", "x-prev-page", "x-total-pages"];
        assert_eq!(names.map(|name| answer.header(name)), [page, per_page, next, prev, pages], "{query}");
        assert!(names.iter().all(|name| answer.headers.contains_key(*name)), "{query}");
        assert_eq!(answer.header("x-total"), "45", "{query}");
        let links = links(&answer);
        let relations: Vec<&str> = links.iter().map(|(rel, _)| rel.as_str()).collect();
        assert_eq!(relations.join(" "), rels, "{query}");
        for (rel, url) in links {
            let to = match rel.as_str() {
                "prev" => prev,
                "next" => next,
                "first" => "1",
                _ => pages,
            };
            // The next page starts at the last id of this one, at any depth.
            let from = if rel == "next" {
                format!("&cursor={}", ids(&answer).last().unwrap())
            } else {
                String::new()
            };
            assert_eq!(url, format!("{base}?page={to}&per_page={per_page}{from}"), "{query} {rel}");
        }
    }
    let empty = get(&server, "/pipelines?ref=nowhere").await;
    assert_eq!((empty.header("x-total"), empty.header("x-total-pages")), ("0", "1"));
}

#[tokio::test]
async fn links_keep_the_other_parameters_and_no_token() {
    let (server, id) = server().await;
    many(&server, id, 3).await;
    let token = server.token("root", json!({"name": "t", "scope": "read"})).await;
    let target = format!(
        "/api/v4/projects/acme%2Fdemo/pipelines/1/jobs/?scope%5B%5D=failed&private_token={token}&per%5Fpage=1&scope[]=success\
         &access_token={token}&x=a,b&page=2"
    );
    let answer = server.ask(Method::GET, &target).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let next = links(&answer).into_iter().find(|(rel, _)| rel == "next").unwrap().1;
    assert_eq!(
        next,
        "http://localhost/api/v4/projects/acme%2Fdemo/pipelines/1/jobs/?scope%5B%5D=failed&scope[]=success&x=a%2Cb&page=3&per_page=1&cursor=2"
    );
    assert!(!format!("{answer:?}").contains(&token));
    let plain = get(&server, "/jobs?per_page=1&private_token=").await;
    assert!(!plain.header("link").contains("private_token"));
}

/// Follows `rel="next"` to the end.
async fn walk(server: &TestServer, target: &str) -> (Vec<i64>, usize) {
    let (mut found, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("/api/v4/projects/acme%2Fdemo{target}"));
    while let Some(target) = next {
        let answer = server.gitlab(Method::GET, &target).send().await;
        assert_eq!(answer.status, 200, "{target} {answer:?}");
        found.extend(ids(&answer));
        pages += 1;
        assert!(pages < 100, "{target}");
        next = links(&answer).into_iter().find(|(rel, _)| rel == "next").map(|(_, url)| {
            url.strip_prefix("http://localhost").unwrap_or_else(|| panic!("{url}")).to_owned()
        });
    }
    (found, pages)
}

#[tokio::test]
async fn a_walk_by_keyset_or_by_pages_meets_each_once() {
    let (server, id) = server().await;
    many(&server, id, 250).await;
    let up: Vec<i64> = (1..=250).collect();
    let down: Vec<i64> = up.iter().rev().copied().collect();
    for (target, wanted, pages) in [
        ("/jobs?per_page=100", &down, 3),
        ("/jobs?per_page=100&pagination=keyset", &down, 3),
        ("/jobs?per_page=100&pagination=keyset&order_by=id&sort=asc", &up, 3),
        ("/jobs?pagination=keyset&per_page=100&scope[]=failed&scope[]=success", &down, 3),
        ("/pipelines/1/jobs?pagination=keyset&per_page=50", &down, 5),
        (&format!("/repository/commits/{SHA}/statuses?per_page=100&pagination=keyset"), &up, 3),
        (&format!("/repository/commits/{SHA}/statuses?per_page=100&order_by=pipeline_id"), &up, 3),
    ] {
        assert_eq!(walk(&server, target).await, (wanted.clone(), pages), "{target}");
    }
    let odd: Vec<i64> = down.iter().filter(|id| *id % 2 == 1).copied().collect();
    assert_eq!(walk(&server, "/jobs?pagination=keyset&scope=failed").await.0, odd);
    let first = get(&server, "/jobs?pagination=keyset").await;
    assert_eq!(first.header("x-per-page"), "20");
    for absent in ["x-total", "x-total-pages", "x-page", "x-next-page"] {
        assert!(!first.headers.contains_key(absent), "{absent}");
    }
    let last = get(&server, "/jobs?pagination=keyset&cursor=5").await;
    assert_eq!((ids(&last), last.header("link")), (vec![4, 3, 2, 1], ""));
    // Items added meanwhile do not appear in a descending list and do not shift its pages.
    let page = get(&server, "/jobs?pagination=keyset&per_page=100").await;
    many(&server, id, 260).await;
    let next =
        links(&page)[0].1.strip_prefix("http://localhost/api/v4/projects/acme%2Fdemo").unwrap().to_owned();
    assert_eq!(walk(&server, &next).await.0, down[100..]);
}

#[tokio::test]
async fn who_follows_the_links_gets_everything_once_while_more_is_reported() {
    let (server, _) = server().await;
    for n in 0..45 {
        assert_eq!(post(&server, json!({"state": "success", "name": format!("job {n}")})).await.status, 201);
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/v4/projects/acme%2Fdemo/jobs?per_page=10&scope[]=success".to_owned());
    while let Some(target) = next {
        let answer = server.gitlab(Method::GET, &target).send().await;
        let page = seen.len() / 10 + 1;
        assert_eq!(answer.header("x-page"), page.to_string());
        seen.extend(ids(&answer));
        let link = links(&answer).into_iter().find(|(rel, _)| rel == "next");
        next = link.map(|(_, url)| url.trim_start_matches("http://localhost").to_owned());
        // With page numbers, these would shift known items to the next page.
        for n in 0..3 {
            post(&server, json!({"state": "success", "name": format!("new {page} {n}")})).await;
        }
    }
    assert_eq!(seen, (1..=45).rev().collect::<Vec<i64>>());
}

#[tokio::test]
async fn who_follows_the_links_misses_nothing_while_the_list_shrinks() {
    let (server, _) = server().await;
    for n in 0..40 {
        assert_eq!(post(&server, json!({"state": "running", "name": format!("job {n}")})).await.status, 201);
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/v4/projects/acme%2Fdemo/jobs?per_page=10&scope[]=running".to_owned());
    while let Some(target) = next {
        let answer = server.gitlab(Method::GET, &target).send().await;
        seen.extend(ids(&answer));
        let link = links(&answer).into_iter().find(|(rel, _)| rel == "next");
        next = link.map(|(_, url)| url.trim_start_matches("http://localhost").to_owned());
        // The listed jobs end and no longer match the filter.
        for job in answer.json().as_array().unwrap() {
            post(&server, json!({"state": "success", "name": job["name"]})).await;
        }
    }
    assert_eq!(seen, (1..=40).rev().collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_scope_that_is_repeated_counts_once() {
    let (server, _) = server().await;
    for n in 0..3 {
        post(&server, json!({"state": "failed", "name": format!("job {n}")})).await;
    }
    let many = "scope[]=failed&".repeat(300);
    for query in [format!("{many}per_page=2"), format!("{many}per_page=2&pagination=keyset")] {
        let answer = get(&server, &format!("/jobs?{query}")).await;
        assert_eq!((answer.status, ids(&answer)), (200, vec![3, 2]));
    }
}
