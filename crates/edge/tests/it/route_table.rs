//! Every route with its required role. A new route changes this table, so that a reviewer sees it.

use std::fmt::Write as _;
use testkit::TestServer;

const TABLE: &str = include_str!("route_table.txt");

#[test]
fn every_route_is_in_the_table_with_who_passes() {
    let mut routes = edge::route_table().to_vec();
    routes.sort();
    let mut table = String::new();
    for route in &routes {
        writeln!(table, "{:<6} {:<75} {:<12} {}", route.method, route.path, route.dialect, route.admits)
            .unwrap();
    }
    assert_eq!(table, TABLE, "\n--- the routes are now:\n{table}");
}

#[tokio::test]
async fn nobody_passes_where_somebody_is_asked_for() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let stranger = server.user("stranger").await;
    let mut checked = 0;
    for route in edge::route_table() {
        let target = route
            .path
            .replace("{repository_id}", &id.to_string())
            .replace("{repository_uuid}", &"0".repeat(32))
            .replace("{project_id}", &"0".repeat(32))
            .replace("{project_uuid}", &"0".repeat(32))
            .replace("{project}", "acme%2Fdemo")
            .replace("{owner}/{repo}", "acme/demo")
            .replace("{user}", "root")
            .replace(['{', '}'], "");
        let query = match route.operation {
            "Events" => format!("?repository={id}"),
            "ShowRepoId" => "?group_name=acme&repository_name=demo".to_owned(),
            _ => String::new(),
        };
        let target = target + &query;
        let method: http::Method = route.method.parse().unwrap();
        if route.admits == "anybody" {
            continue;
        }
        let nobody = server.ask(method.clone(), &target).send().await;
        // A page redirects a caller without a session to the sign-in page.
        let refused = match route.dialect {
            // An image cannot redirect to the sign-in page.
            "person" if route.operation.ends_with("Badge") => 404,
            // Nor can a reader of feeds.
            "person" if route.operation.contains("Feed") => 401,
            "person" => 303,
            _ => 401,
        };
        assert_eq!(nobody.status, refused, "{} {target}", route.method);
        let wanted = match route.admits {
            "signed in" | "signed in, or a feed token" => continue,
            admits if admits.starts_with("administrator") => 403,
            _ => 404,
        };
        let asked = server.ask(method, &target);
        let stranger = match route.dialect {
            "gitlab" => asked.private_token(&stranger),
            _ => asked.token(&stranger),
        };
        let stranger = stranger.send().await;
        assert_eq!(stranger.status, wanted, "{} {target}", route.method);
        checked += 1;
    }
    assert!(checked >= 15, "{checked}");
}

#[tokio::test]
async fn a_path_names_its_other_methods() {
    let server = TestServer::start().await;
    for (path, allowed) in [
        ("/v4/repositories/1/pipelines/1/jobs", "GET,HEAD"),
        ("/v4/repositories/1/pipelines/1/jobs/", "GET,HEAD"),
        ("/native/v1/repositories/1/reports", "POST"),
        ("/nothing/here", ""),
    ] {
        let response = server.root(http::Method::PUT, path).send().await;
        assert_eq!(response.header("allow"), allowed, "{path}");
        assert!(response.status >= 400, "{path}");
    }
}
