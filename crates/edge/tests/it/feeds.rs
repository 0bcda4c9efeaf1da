//! Feeds and their tokens: what a feed contains, what its token opens, and where the token never is.

use crate::report;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::SignedDuration;
use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};

const FEEDS: [&str; 4] = ["/cctray.xml", "/feed.atom", "/account/subscriptions.atom", "/wall"];

fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

async fn pipeline(server: &TestServer, id: i64, git_ref: &str, key: &str, status: &str) {
    let fields = json!({"ref": git_ref, "pipeline_key": key, "third_build_id": "1", "status": status});
    let sent = report(server, id, fields).await;
    assert!([200, 201].contains(&sent.status), "{sent:?}");
}

/// A repository whose second pipeline of main runs, after the first one failed.
async fn stocked() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    pipeline(&server, id, "main", "1", "failed").await;
    pipeline(&server, id, "dev", "2", "success").await;
    pipeline(&server, id, "main", "3", "running").await;
    (server, id)
}

/// A request without a credential beside the address.
async fn open(server: &TestServer, target: &str) -> TestResponse {
    server.ask(Method::GET, target).header("accept-language", "en").send().await
}

#[tokio::test]
async fn cctray_names_the_last_result_while_a_pipeline_runs() {
    let (server, id) = stocked().await;
    let feed = server.get("/cctray.xml").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/xml; charset=utf-8"));
    let xml = text(&feed);
    for part in [
        "<Projects>",
        " name=\"acme:demo\"",
        " activity=\"Building\"",
        " lastBuildStatus=\"Failure\"",
        " lastBuildLabel=\"1\"",
        &format!("/repositories/{id}/pipelines/3\""),
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let dev = server.get(&format!("/repositories/{id}/cctray.xml?ref=refs/heads/dev")).await;
    let dev = text(&dev);
    assert!(dev.contains("name=\"acme:demo:dev\"") && dev.contains("lastBuildStatus=\"Success\""), "{dev}");
    assert_eq!(server.get(&format!("/repositories/{id}/cctray.xml")).await.body, feed.body);
    let refused = server.get(&format!("/repositories/{id}/cctray.xml?ref=")).await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("ref")));
}

#[tokio::test]
async fn atom_has_finished_pipelines_and_pages_of_them() {
    let (server, id) = stocked().await;
    let feed = server.root(Method::GET, "/feed.atom").header("accept-language", "en").send().await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    assert!(
        text(&feed).contains("acme/demo #1 Failed (main)") && !text(&feed).contains("#2"),
        "default branches"
    );
    let path = format!("/repositories/{id}/feed.atom");
    let all = server.get(&format!("{path}?language=en")).await;
    let all = text(&all);
    assert_eq!(all.matches("<entry>").count(), 2, "without the one that runs: {all}");
    assert!(all.find("#2 Success (dev)") < all.find("#1 Failed (main)"), "{all}");
    let page = server.get(&format!("{path}?limit=1&language=en")).await;
    let next = format!("{path}?limit=1&amp;language=en&amp;before=2\"");
    assert!(text(&page).contains("rel=\"next\"") && text(&page).contains(&next), "{}", text(&page));
    let older = server.get(&format!("{path}?limit=1&language=en&before=2")).await;
    assert!(text(&older).contains("#1 Failed") && !text(&older).contains("rel=\"next\""), "{}", text(&older));
    let failed = server.get(&format!("{path}?status=failed,timedout&ref=main")).await;
    assert_eq!(text(&failed).matches("<entry>").count(), 1);
    for (query, field) in [
        ("status=running", "status"),
        ("limit=51", "limit"),
        ("before=x", "before"),
        ("language=fr", "language"),
    ] {
        let refused = server.get(&format!("{path}?{query}")).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn an_unchanged_feed_is_not_sent_again() {
    let (server, id) = stocked().await;
    for target in ["/cctray.xml".to_owned(), "/feed.atom".to_owned(), format!("/repositories/{id}/feed.atom")]
    {
        let first = server.get(&target).await;
        let etag = first.header("etag").to_owned();
        let again = async || server.root(Method::GET, &target).header("if-none-match", &etag).send().await;
        server.clock.advance(SignedDuration::from_secs(60));
        let same = again().await;
        assert_eq!((same.status, same.body.len()), (304, 0), "{target}");
        pipeline(&server, id, "main", &target, "success").await;
        assert_eq!(again().await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn a_feed_token_opens_feeds_and_nothing_else() {
    let (server, id) = stocked().await;
    let token = server.token("root", json!({"name": "reader", "scope": "feeds"})).await;
    assert!(token.starts_with("spf_"), "{token}");
    let of_repository = [format!("/repositories/{id}/cctray.xml"), format!("/repositories/{id}/feed.atom")];
    for target in FEEDS.iter().map(|feed| (*feed).to_owned()).chain(of_repository) {
        let opened = open(&server, &format!("{target}?token={token}")).await;
        assert_eq!(opened.status, 200, "{target}: {opened:?}");
        assert!(!text(&opened).contains(&token), "{target} contains its token");
        let by_header = server.ask(Method::GET, &target).token(&token).send().await;
        assert_eq!(by_header.status, 200, "{target}");
    }
    let pair = BASE64_STANDARD.encode(format!("reader:{token}"));
    let by_basic = server.ask(Method::GET, "/cctray.xml").header("authorization", &format!("Basic {pair}"));
    assert_eq!(by_basic.send().await.status, 200);

    // Every other route refuses it, wherever it is.
    let mut checked = 0;
    for route in edge::route_table() {
        let is_feed = route.admits.ends_with("or a feed token");
        if is_feed || ["anybody", "role read; public: anybody"].contains(&route.admits) {
            continue;
        }
        let target = route.path.replace("{repository_id}", &id.to_string()).replace(['{', '}'], "");
        let method: Method = route.method.parse().unwrap();
        let by_header = server.ask(method.clone(), &target);
        let by_header = match route.dialect {
            "gitlab" => by_header.private_token(&token),
            _ => by_header.token(&token),
        };
        let in_address = server.ask(method, &format!("{target}?token={token}&private_token={token}"));
        for asked in [by_header, in_address] {
            let refused = asked.send().await;
            let to_sign_in = refused.header("location").starts_with("/sign-in");
            assert!(refused.status == 401 || (refused.status == 303 && to_sign_in), "{route:?}: {refused:?}");
            assert!(!format!("{:?}", refused.headers).contains(&token) && !text(&refused).contains(&token));
        }
        checked += 1;
    }
    assert!(checked > 150, "{checked}");
    let inspected =
        server.root(Method::GET, "/v3/auth/tokens").header("x-subject-token", &token).send().await;
    assert_eq!(inspected.status, 404, "{inspected:?}");
}

#[tokio::test]
async fn an_address_may_have_no_other_token() {
    let (server, _) = stocked().await;
    let personal = server.token("root", json!({"name": "ci", "scope": "read"})).await;
    for feed in ["/cctray.xml", "/feed.atom", "/account/subscriptions.atom"] {
        let refused = open(&server, &format!("{feed}?token={personal}")).await;
        assert_eq!(refused.status, 401, "{feed}");
        assert!(refused.header("www-authenticate").starts_with("Basic "), "{refused:?}");
        assert!(!text(&refused).contains(&personal));
        assert_eq!(server.ask(Method::GET, feed).token(&personal).send().await.status, 200, "in a header");
        let twice =
            server.ask(Method::GET, &format!("{feed}?token={personal}")).token(&personal).send().await;
        assert_eq!(twice.status, 401, "in the address as well");
        assert_eq!(open(&server, &format!("{feed}?token=spf_unknown")).await.status, 401);
        assert_eq!(open(&server, feed).await.status, 401);
    }
    // The page of the wall leads to signing in, and forgets the token on the way.
    let wall = open(&server, &format!("/wall?q=x&token={personal}")).await;
    assert_eq!((wall.status, wall.header("location")), (303, "/sign-in?next=%2Fwall%3Fq%3Dx"));
}

#[tokio::test]
async fn rights_are_checked_at_each_read() {
    let (server, id) = stocked().await;
    server.user("amy").await;
    let other = server.repository("acme/other", "private").await;
    let token = server.token("amy", json!({"name": "reader", "scope": "feeds"})).await;
    let member = |method: Method, repository: i64| {
        server.root(method, &format!("/native/v1/repositories/{repository}/members/amy"))
    };
    let all = async || text(&open(&server, &format!("/cctray.xml?token={token}")).await).to_owned();
    let one = async || open(&server, &format!("/repositories/{id}/feed.atom?token={token}")).await.status;
    assert_eq!((all().await.matches("<Project ").count(), one().await), (0, 404));
    for repository in [id, other] {
        let set = member(Method::PUT, repository).json(&json!({"role": "read"})).send().await;
        assert_eq!(set.status, 204);
    }
    assert_eq!((all().await.matches("<Project ").count(), one().await), (2, 200));
    assert_eq!(member(Method::DELETE, id).send().await.status, 204);
    assert_eq!((all().await.matches("<Project ").count(), one().await), (1, 404));

    let user = server.root(Method::PATCH, "/native/v1/users/amy").json(&json!({"disabled": true}));
    assert!(user.send().await.status < 300);
    assert_eq!(open(&server, &format!("/cctray.xml?token={token}")).await.status, 401);
}

#[tokio::test]
async fn a_feed_token_is_limited_revoked_and_audited_as_others_are() {
    let (server, id) = stocked().await;
    server.repository("acme/other", "internal").await;
    let limited = json!({"name": "reader", "scope": "feeds", "repositories": [id]});
    let created = server.post("/native/v1/users/root/tokens", limited).await.json();
    let (token, number) = (created["token"].as_str().unwrap(), created["id"].as_i64().unwrap());
    let feed = format!("/cctray.xml?token={token}");
    assert_eq!(text(&open(&server, &feed).await).matches("<Project ").count(), 1);
    let listed = server.get("/native/v1/users/root/tokens").await.json();
    assert!(listed["tokens"].as_array().unwrap().iter().any(|one| one["scope"] == "feeds"), "{listed}");
    assert!(!listed.to_string().contains(token), "{listed}");
    let revoke = server.root(Method::DELETE, &format!("/native/v1/users/root/tokens/{number}")).send().await;
    assert_eq!((revoke.status, open(&server, &feed).await.status), (204, 401));
    let audit = server.get("/native/v1/audit?limit=200").await;
    assert!(!text(&audit).contains(token), "no entry has the token");
    let entries = audit.json()["entries"].as_array().unwrap().clone();
    for action in ["token.create", "token.revoke"] {
        let id = number.to_string();
        let of_token = |entry: &&serde_json::Value| entry["action"] == action && entry["object"]["id"] == *id;
        let entry = entries.iter().find(of_token).unwrap_or_else(|| panic!("{action}"));
        assert!(entry.to_string().contains("\"feeds\""), "{entry}");
    }
    let metrics = server.get("/metrics").await;
    assert!(!text(&metrics).contains(token) && !text(&metrics).contains("spf_"));
}

#[tokio::test]
async fn a_feed_token_ends() {
    let (server, id) = stocked().await;
    let limits = json!({"name": "short", "scope": "feeds", "expires_at": "2026-11-24T01:00:00Z"});
    let token = server.token("root", limits).await;
    let feeds = [format!("/repositories/{id}/feed.atom"), "/cctray.xml".to_owned()];
    for feed in &feeds {
        assert_eq!(open(&server, &format!("{feed}?token={token}")).await.status, 200, "{feed}");
        assert_eq!(server.ask(Method::GET, feed).token(&token).send().await.status, 200, "{feed}");
    }
    server.clock.advance(SignedDuration::from_mins(61));
    for feed in &feeds {
        assert_eq!(open(&server, &format!("{feed}?token={token}")).await.status, 401, "{feed}");
        assert_eq!(server.ask(Method::GET, feed).token(&token).send().await.status, 401, "{feed}");
    }
    let wall = open(&server, &format!("/wall?token={token}")).await;
    assert_eq!((wall.status, wall.header("location")), (303, "/sign-in?next=%2Fwall"));
}

#[tokio::test]
async fn no_link_and_no_cache_gets_the_address_of_a_wall() {
    let (server, _) = stocked().await;
    let token = server.token("root", json!({"name": "wall", "scope": "feeds"})).await;
    let of_browser = async |target: &str| {
        let asked = server.ask(Method::GET, &format!("{target}token={token}"));
        asked.header("accept", "text/html").header("accept-language", "en").send().await
    };
    for (target, status, policy) in [
        ("/wall?q=x&", 200, "no-referrer"),
        ("/wall?limit=0&", 400, "strict-origin"),
        ("/walls?", 404, "strict-origin"),
    ] {
        let page = of_browser(target).await;
        assert_eq!((page.status, page.header("referrer-policy")), (status, policy), "{target}");
        assert_eq!(page.header("cache-control"), "no-store", "{target}");
        assert!(!text(&page).contains(&token), "{target}");
    }
    let wall = of_browser("/wall?q=x&").await;
    assert!(text(&wall).contains("href=\"/wall?q=x\" data-permalink"), "what a key copies: {}", text(&wall));
    assert_eq!(of_browser("/wall.json?").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_account_page_makes_a_feed_token_and_shows_its_addresses() {
    let (server, _) = stocked().await;
    let form = server.root(Method::POST, "/account/tokens").header("accept-language", "en");
    let made = form.body("name=reader&scope=feeds&life=never").send().await;
    let html = text(&made);
    assert!(html.contains("/cctray.xml?token=spf_") && html.contains("/wall?token=spf_"), "{html}");
    let address = html.split("/cctray.xml?token=").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(open(&server, &format!("/cctray.xml?token={address}")).await.status, 200);
}
