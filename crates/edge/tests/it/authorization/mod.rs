//! Every route with every kind of caller, on repositories of every visibility. The expected response follows
//! from the requirement that the route states. A repository that the caller may not read responds exactly as
//! one that does not exist, and callers with the right can use it.

mod world;

use edge::routes::RouteInfo;
use serde_json::json;
use testkit::TestResponse;
use world::{Caller, Repository, World, body, key};

/// Routes that need more than a valid caller for a success: what they get here is no refusal of the caller.
const NOT_PREPARED: [&str; 7] = [
    "AddCredentialToConnect",
    "CreateRepository",
    "ExplainSignature",
    "ChangeOwnPassword",
    "CreateExplorerToken",
    "ListProjectRepositories",
    "PageFirstFailed",
];

/// What `/metrics` admits. No request here has an address.
const METRICS: &str = "administrator, metrics token or loopback";

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    SignIn,
    /// The response for a repository that does not exist.
    Missing,
    Forbidden,
    Allowed,
}

/// Whether a route is about one repository.
fn in_repository(route: &RouteInfo) -> bool {
    route.admits.starts_with("role ")
}

fn expected(route: &RouteInfo, caller: &Caller, at: &Repository) -> Expected {
    let public = route.admits.ends_with("public: anybody") && at.visibility == "public";
    if route.admits == "anybody" || public {
        return Expected::Allowed;
    }
    if !caller.signs_in {
        let hides = route.admits.ends_with("public: anybody");
        return if hides { Expected::Missing } else { Expected::SignIn };
    }
    // No credential here is limited to one repository.
    if route.admits.ends_with("in the token's repository") {
        return Expected::Missing;
    }
    let readable = u8::from(["internal", "public"].contains(&at.visibility));
    let role = if at.visibility == "missing" { 0 } else { caller.role.max(readable) };
    let required = match route.admits {
        "signed in" | "signed in, or a feed token" => return Expected::Allowed,
        "administrator" | METRICS if caller.admin => return Expected::Allowed,
        "administrator" | METRICS => return Expected::Forbidden,
        "role read" | "role read; public: anybody" | "role read, or a feed token" => 1,
        "role report" => 2,
        "role manage" => 3,
        other => panic!("{other}: say here what it admits"),
    };
    match role {
        0 => Expected::Missing,
        role if role >= required => Expected::Allowed,
        _ => Expected::Forbidden,
    }
}

/// Whether programs read the route, which cannot follow a redirect to the sign-in page.
fn is_feed(route: &RouteInfo) -> bool {
    route.operation.contains("Feed")
}

/// A response without what differs between two requests and between two repositories.
fn normalized(response: &TestResponse, at: &Repository) -> (u16, Vec<(String, String)>, String) {
    let same = |text: &str| {
        let id = response.header("x-request-id");
        let text = if id.is_empty() { text.to_owned() } else { text.replace(id, "REQUEST") };
        [(&at.id, "ID"), (&at.uuid, "UUID"), (&at.webhook, "WEBHOOK"), (&at.delivery, "DELIVERY")]
            .iter()
            .fold(
                text,
                |text, (value, name)| {
                    if value.len() < 4 { text } else { text.replace(value.as_str(), name) }
                },
            )
            .replace(&at.path.replace('/', "%2F"), "PATH")
            .replace(at.path, "PATH")
    };
    let headers = response.headers.iter().filter(|(name, _)| *name != "content-length");
    let headers =
        headers.map(|(name, value)| (name.to_string(), same(&String::from_utf8_lossy(value.as_bytes()))));
    (response.status, headers.collect(), same(&String::from_utf8_lossy(&response.body)))
}

fn is_right(route: &RouteInfo, expected: Expected, response: &TestResponse) -> bool {
    let status = response.status;
    let to_sign_in = response.header("location").starts_with("/sign-in");
    match expected {
        Expected::SignIn if route.dialect == "person" && !is_feed(route) => status == 303 && to_sign_in,
        Expected::SignIn => status == 401,
        Expected::Missing => status == 404,
        Expected::Forbidden => status == 403,
        Expected::Allowed if NOT_PREPARED.contains(&route.operation) => {
            ![401, 403].contains(&status) && status < 500
        }
        Expected::Allowed => status < 400 && !to_sign_in,
    }
}

#[tokio::test]
async fn every_route_responds_to_every_caller_as_it_states() {
    let world = World::create().await;
    let (mut checked, mut allowed, mut wrong) = (0, 0, Vec::new());
    for route in edge::route_table() {
        if route.admits == "anybody" {
            continue;
        }
        let of_repositories = world.repositories.iter().chain([&world.missing]);
        let places = of_repositories.take(if in_repository(route) { 4 } else { 1 });
        for at in places {
            for caller in &world.callers {
                let expected = expected(route, caller, at);
                let prepared = match expected {
                    Expected::Allowed => world.prepare(route, at, caller.user).await,
                    _ => None,
                };
                let response = world.send(route, at, caller, prepared).await;
                let mut right = is_right(route, expected, &response);
                let mut text = String::from_utf8_lossy(&response.body).into_owned();
                if right && expected == Expected::Missing && at.visibility != "missing" {
                    let missing = world.send(route, &world.missing, caller, None).await;
                    let (this, other) = (normalized(&response, at), normalized(&missing, &world.missing));
                    right = this == other;
                    text = format!("{this:?}\nbut of a missing one {other:?}");
                    checked += 1;
                }
                if !right {
                    wrong.push(format!(
                        "{} {} ({}) of a {} repository by {}: expected {expected:?}, got {} {} {}",
                        route.method,
                        route.path,
                        route.admits,
                        at.visibility,
                        caller.name,
                        response.status,
                        response.header("location"),
                        text,
                    ));
                }
                checked += 1;
                allowed += usize::from(expected == Expected::Allowed);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{checked} checks, {allowed} of them of allowed requests");
    let routes = edge::route_table().iter().filter(|route| in_repository(route)).count();
    assert!(checked > 40 * routes && allowed > 10 * routes, "{checked} {allowed} {routes}");
}

/// Keys and tokens of another user are those of a user that does not exist.
#[tokio::test]
async fn credentials_of_other_users_are_for_administrators() {
    let world = World::create().await;
    let server = &world.server;
    let key = &key(server, "guest").await;
    let token =
        server.post("/native/v1/users/guest/tokens", json!({"name": "t", "scope": "read"})).await.json();
    let mut checked = 0;
    for route in edge::route_table() {
        let own = ["{user}", "{access}"].iter().any(|parameter| route.path.contains(parameter));
        if route.admits != "signed in" || !own || route.dialect == "person" {
            continue;
        }
        for caller in world.callers.iter().filter(|caller| caller.signs_in && !caller.admin) {
            let send = async |user: &str, access: &str, id: &str| {
                let target =
                    route.path.replace("{user}", user).replace("{access}", access).replace("{id}", id);
                let asked = server.ask(route.method.parse().unwrap(), &target);
                let asked = asked.token(caller.token.as_ref().unwrap()).header("accept-language", "en");
                let response = asked.json(&body(route, 0)).send().await;
                let id = response.header("x-request-id").to_owned();
                let text = String::from_utf8_lossy(&response.body).replace(&id, "REQUEST");
                (response.status, text.replace(user, "USER").replace(access, "KEY"))
            };
            let others = send("guest", key, &token["id"].to_string()).await;
            let missing = send("absent", "AKOFNOBODY", "2147483000").await;
            assert!([403, 404].contains(&others.0), "{route:?} by {}: {others:?}", caller.name);
            assert_eq!(others, missing, "{route:?} by {}", caller.name);
            checked += 1;
        }
    }
    assert!(checked >= 30, "{checked}");
    // Nothing was created or deleted.
    let keys = server.get("/native/v1/users/guest/keys").await.json();
    let tokens = server.get("/native/v1/users/guest/tokens").await.json();
    assert_eq!((keys["keys"].as_array().unwrap().len(), tokens["tokens"].as_array().unwrap().len()), (1, 2));
}
