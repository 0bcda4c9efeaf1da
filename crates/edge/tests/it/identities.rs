//! Signing in with accounts of identity providers and of trusted headers.

use async_trait::async_trait;
use domain::SignedDuration;
use domain::model::identities::{Claims, GroupRole, PathPattern, SignInRules};
use domain::model::roles::Role;
use domain::ports::{AuthorizationRequest, IdentityProvider, ProviderError};
use edge::Settings;
use edge::auth::external::{ProviderEntry, SignInMethods, TrustedHeader};
use http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use testkit::{TestResponse, TestServer};

/// A provider that signs in the user of a test.
struct Fake {
    claims: Mutex<Result<Claims, ProviderError>>,
}

#[async_trait]
impl IdentityProvider for Fake {
    fn issuer(&self) -> &str {
        "https://id.example"
    }

    async fn authorization_url(&self, request: &AuthorizationRequest) -> Result<String, ProviderError> {
        if let Err(ProviderError::Unreachable(text)) = &*self.claims.lock().unwrap() {
            return Err(ProviderError::Unreachable(text.clone()));
        }
        let AuthorizationRequest { redirect_url, state, nonce, verifier } = request;
        assert!(![nonce, verifier].contains(&state) && verifier.len() >= 43, "{request:?}");
        Ok(format!("https://id.example/authorize?state={state}&to={redirect_url}"))
    }

    async fn end_session_url(&self, return_to: &str) -> Result<Option<String>, ProviderError> {
        let claims = self.claims.lock().unwrap().clone();
        claims.map(|_| Some(format!("https://id.example/logout?client_id=x&back={return_to}")))
    }

    async fn claims(&self, _: &AuthorizationRequest, code: &str) -> Result<Claims, ProviderError> {
        assert_eq!(code, "the-code");
        self.claims.lock().unwrap().clone()
    }
}

fn claims(subject: &str, groups: &[&str]) -> Claims {
    Claims {
        issuer: "https://id.example".into(),
        subject: subject.into(),
        name: Some("amy".into()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Claims::default()
    }
}

fn rules() -> SignInRules {
    let pattern = PathPattern::parse("roles", "acme/*").unwrap();
    SignInRules {
        create_users: true,
        allowed_groups: Vec::new(),
        allowed_domains: Vec::new(),
        admin_groups: vec!["ops".into()],
        roles: vec![GroupRole { group: "dev".into(), role: Role::Report, pattern }],
        session: SignedDuration::from_hours(8),
        rights: SignedDuration::from_hours(24),
    }
}

pub struct World {
    pub server: TestServer,
    fake: Arc<Fake>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(rules(), true).await
    }

    async fn with(rules: SignInRules, passwords: bool) -> Self {
        let fake = Arc::new(Fake { claims: Mutex::new(Ok(claims("1", &["dev"]))) });
        let header = TrustedHeader {
            user: "x-forwarded-user".parse().unwrap(),
            groups: Some("x-forwarded-groups".parse().unwrap()),
            email: None,
            proxies: vec!["10.0.0.7".parse().unwrap()],
            issuer: "proxy".into(),
            rules: rules.clone(),
        };
        let provider = Arc::clone(&fake) as Arc<dyn IdentityProvider>;
        let entry = ProviderEntry { id: "kc".into(), name: "Company <1>".into(), rules, provider };
        let methods = SignInMethods { passwords, providers: vec![entry], header: Some(header) };
        let settings = Settings { sign_in: Arc::new(methods), ..Settings::default() };
        Self { server: TestServer::start_with(settings).await, fake }
    }

    fn set(&self, claims: Result<Claims, ProviderError>) {
        *self.fake.claims.lock().unwrap() = claims;
    }

    async fn get(&self, target: &str, cookie: &str) -> TestResponse {
        let asked = self.server.ask(Method::GET, target).from("192.0.2.7").header("accept", "text/html");
        asked.header("accept-language", "en").header("cookie", cookie).send().await
    }

    /// Starts a sign-in; returns the cookie and the state.
    async fn start(&self, next: &str) -> (String, String) {
        let started = self.get(&format!("/sign-in/kc?next={next}"), "").await;
        assert_eq!(started.status, 303, "{started:?}");
        let location = started.header("location");
        let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let line = started.header("set-cookie");
        assert!(line.contains("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{line}");
        (line.split(';').next().unwrap().to_owned(), state.to_owned())
    }

    async fn finish(&self, cookie: &str, query: &str) -> TestResponse {
        self.get(&format!("/sign-in/kc/callback?{query}"), cookie).await
    }

    /// Signs in; returns the cookie of the session.
    async fn sign_in(&self) -> String {
        let (cookie, state) = self.start("/").await;
        session(&self.finish(&cookie, &format!("code=the-code&state={state}")).await)
    }

    pub async fn whoami(&self, cookie: &str) -> Value {
        let answer = self.server.ask(Method::GET, "/native/v1/whoami").header("cookie", cookie).send().await;
        if answer.status == 200 { answer.json() } else { json!(answer.status) }
    }

    pub async fn users(&self) -> usize {
        self.server.app.store.users().await.unwrap().len()
    }
}

pub fn session(answer: &TestResponse) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with("stagepost=")).unwrap();
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_signs_in_and_returns_to_the_page() {
    let world = World::new().await;
    let page = world.get("/sign-in?next=/errors", "").await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(text.contains("<a class=\"button primary\" href=\"/sign-in/kc?next=%2Ferrors\">"), "{text}");
    assert!(
        text.contains("Sign in with Company &#60;1&#62;") && text.contains("name=\"password\""),
        "{text}"
    );
    for (next, target) in
        [("/errors", "/errors"), ("//evil.example", "/repositories"), ("https://x", "/repositories")]
    {
        let (cookie, state) = world.start(next).await;
        let answer = world.finish(&cookie, &format!("code=the-code&state={state}")).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains(&format!("content=\"0;url={target}\"")), "{text}");
        let me = world.whoami(&session(&answer)).await;
        assert_eq!((&me["user"], &me["admin"]), (&json!("amy"), &json!(false)));
    }
    assert_eq!(world.users().await, 2);
}

#[tokio::test]
async fn a_sign_in_is_recorded_with_its_request() {
    let world = World::new().await;
    let (cookie, state) = world.start("/").await;
    let finished = world.finish(&cookie, &format!("code=the-code&state={state}")).await;
    let entries = world.server.get("/native/v1/audit").await.json();
    let entries = entries["entries"].as_array().unwrap();
    let request = finished.header("x-request-id");
    let of_request: Vec<_> = entries.iter().filter(|entry| entry["request_id"] == request).collect();
    let actions: Vec<_> = of_request.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["sign_in.success", "identity.link", "user.create"]);
    let by = (&of_request[0]["after"]["method"], &of_request[0]["after"]["issuer"]);
    assert_eq!(by, (&json!("oidc"), &json!("https://id.example")));
    assert!(
        of_request.iter().all(|entry| entry["actor"]["name"] == "amy" && entry["address"] == "192.0.2.7")
    );
}

#[tokio::test]
async fn a_response_that_belongs_to_no_sign_in_of_the_browser_signs_nobody_in() {
    let world = World::new().await;
    let (cookie, state) = world.start("/").await;
    let (other, _) = world.start("/").await;
    let right = format!("code=the-code&state={state}");
    for (cookie, query) in [
        ("", right.clone()),
        (&*other, right.clone()),
        (&*cookie, "code=the-code&state=forged".into()),
        (&*cookie, "code=the-code".into()),
        (&*cookie, format!("code=&state={state}")),
        (&*cookie, format!("{right}&iss=https%3A%2F%2Fevil.example")),
        (&*cookie, format!("error=access_denied&state={state}")),
        ("stagepost-sign-in=garbage", right.clone()),
        (&*cookie.replace(".1795", ".1796"), right.clone()),
    ] {
        let answer = world.finish(cookie, &query).await;
        assert_eq!(answer.status, 401, "{query}");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains("The sign-in was not completed") && text.contains("Request ID: "), "{text}");
        assert!(
            !answer
                .headers
                .get_all("set-cookie")
                .iter()
                .any(|it| it.to_str().unwrap().starts_with("stagepost="))
        );
    }
    assert_eq!(world.users().await, 1);
    session(&world.finish(&cookie, &right).await);
    assert_eq!(world.finish(&cookie, &right).await.status, 401, "a response signs in once");
    let (cookie, state) = world.start("/").await;
    world.server.clock.advance(SignedDuration::from_secs(601));
    let late = world.finish(&cookie, &format!("code=the-code&state={state}")).await;
    assert_eq!(late.status, 401, "too late");
}

#[tokio::test]
async fn what_the_provider_refuses_makes_no_user() {
    let world = World::new().await;
    let (cookie, state) = world.start("/").await;
    let right = format!("code=the-code&state={state}");
    world.set(Err(ProviderError::Refused("Invalid nonce".into())));
    assert_eq!(world.finish(&cookie, &right).await.status, 401);
    world.set(Err(ProviderError::Unreachable("timed out".into())));
    let down = world.finish(&cookie, &right).await;
    assert_eq!(down.status, 503);
    let text = String::from_utf8(down.body.to_vec()).unwrap();
    assert!(text.contains("temporarily unavailable") && text.contains("Request ID: "), "{text}");
    let started = world.get("/sign-in/kc", "").await;
    assert_eq!(started.status, 503);
    let form =
        world.server.ask(Method::POST, "/sign-in").body("name=root&password=root-password").send().await;
    assert_eq!(form.status, 303, "passwords work");
    assert_eq!((world.users().await, world.get("/sign-in/other", "").await.status), (1, 404));
}

#[tokio::test]
async fn rules_decide_who_is_admitted() {
    let world = World::with(SignInRules { allowed_groups: vec!["dev".into()], ..rules() }, true).await;
    let cookie = world.sign_in().await;
    assert_eq!(world.whoami(&cookie).await["user"], "amy");
    world.set(Ok(claims("1", &["sales"])));
    let (attempt, state) = world.start("/").await;
    let refused = world.finish(&attempt, &format!("code=the-code&state={state}")).await;
    assert_eq!(refused.status, 401);
    assert!(
        String::from_utf8(refused.body.to_vec()).unwrap().contains("not allowed to sign in to this server")
    );
    assert_eq!(world.whoami(&cookie).await, 401, "its former sessions end");

    let closed = World::with(SignInRules { create_users: false, ..rules() }, true).await;
    let (attempt, state) = closed.start("/").await;
    let query = format!("code=the-code&state={state}");
    assert_eq!(closed.finish(&attempt, &query).await.status, 401);
    let link = json!({"issuer": "https://id.example", "subject": "1"});
    let linked = closed.server.post("/native/v1/users/root/identities", link).await;
    assert_eq!((linked.status, linked.json()["subject"].as_str()), (201, Some("1")));
    let me = closed.whoami(&closed.sign_in().await).await;
    assert_eq!((&me["user"], &me["admin"]), (&json!("root"), &json!(true)));
}

#[tokio::test]
async fn groups_give_roles_until_they_are_lost() {
    let world = World::new().await;
    let id = world.server.repository("acme/demo", "private").await;
    let other = world.server.repository("other/demo", "private").await;
    let read = async |cookie: &str, id: i64| {
        let target = format!("/native/v1/repositories/{id}");
        world.server.ask(Method::GET, &target).header("cookie", cookie).send().await.status
    };
    let first = world.sign_in().await;
    assert_eq!((read(&first, id).await, read(&first, other).await), (200, 404));
    let listed =
        world.server.ask(Method::GET, "/native/v1/repositories").header("cookie", &first).send().await;
    assert_eq!(listed.json()["repositories"][0]["role"], "report");
    let made = world.server.ask(Method::POST, "/account/tokens").header("cookie", &first);
    let made = made.header("origin", "http://localhost").body("name=ci&scope=full&life=never").send().await;
    let text = String::from_utf8(made.body.to_vec()).unwrap();
    let token = &text[text.find("spt_").unwrap()..][..76];
    let by_token = async || {
        world
            .server
            .ask(Method::GET, &format!("/native/v1/repositories/{id}"))
            .token(token)
            .send()
            .await
            .status
    };
    assert_eq!(by_token().await, 200);
    // The token of an administrator for the user has the rights of its groups too.
    let lent = world.server.token("amy", json!({"name": "lent", "scope": "read"})).await;
    let by_lent = async || {
        world
            .server
            .ask(Method::GET, &format!("/native/v1/repositories/{id}"))
            .token(&lent)
            .send()
            .await
            .status
    };
    assert_eq!(by_lent().await, 200);

    world.set(Ok(claims("1", &[])));
    let second = world.sign_in().await;
    assert_eq!((read(&first, id).await, by_token().await), (401, 401), "they came from the identity");
    assert_eq!((read(&second, id).await, by_lent().await), (404, 404), "the right is withdrawn");
    assert_eq!(world.whoami(&second).await["user"], "amy");
}

#[tokio::test]
async fn rights_and_tokens_end_without_a_new_sign_in() {
    let world = World::new().await;
    world.set(Ok(claims("1", &["ops"])));
    let cookie = world.sign_in().await;
    let made = world.server.ask(Method::POST, "/account/tokens").header("cookie", &cookie);
    let made = made.header("origin", "http://localhost").body("name=ci&scope=full&life=never").send().await;
    let text = String::from_utf8(made.body.to_vec()).unwrap();
    let token = text[text.find("spt_").unwrap()..][..76].to_owned();
    let lent = world.server.token("amy", json!({"name": "lent", "scope": "full"})).await;
    let admin = async |token: &str| {
        let answer = world.server.ask(Method::GET, "/native/v1/whoami").token(token).send().await;
        if answer.status == 200 { answer.json()["admin"].clone() } else { json!(answer.status) }
    };
    assert_eq!((admin(&token).await, admin(&lent).await), (json!(true), json!(true)));
    // A credential that ends creates none that lasts.
    let wanted = json!({"name": "x", "password": "password-of-user"});
    let outlives =
        world.server.ask(Method::POST, "/native/v1/users").token(&token).json(&wanted).send().await;
    assert_eq!(outlives.status, 403);
    // Nor one of another user, which does not end with the identity.
    let create = async |user: &str, token: &str, input: Value| {
        let path = format!("/native/v1/users/{user}/tokens");
        let created = world.server.ask(Method::POST, &path).token(token).json(&input).send().await;
        (created.status, created.json())
    };
    let (expiry, later) = ("2026-11-28T00:00:00.000Z", "2026-11-29T00:00:00.000Z");
    let wanted = json!({"name": "x", "scope": "full", "expires_at": expiry});
    assert_eq!(create("root", &token, wanted.clone()).await.0, 403);
    // The user's own token may outlast the session, but not the token that creates it.
    let (status, limited) = create("amy", &token, wanted).await;
    assert_eq!(status, 201, "{limited}");
    let limited = limited["token"].as_str().unwrap();
    let wanted = json!({"name": "x", "scope": "full", "expires_at": later});
    assert_eq!(create("amy", limited, wanted).await.0, 403);
    let (_, like) = create("amy", limited, json!({"name": "x", "scope": "full"})).await;
    assert_eq!(like["expires_at"].as_str(), Some(expiry), "{like}");
    let short = world.server.ask(Method::POST, "/explorer/token").header("cookie", &cookie);
    let short = short.header("origin", "http://localhost").json(&json!({"writes": true})).send().await.json();
    let wanted = json!({"name": "x", "scope": "full", "expires_at": later});
    assert_eq!(create("amy", short["token"].as_str().unwrap(), wanted).await.0, 403, "{short}");
    world.server.clock.advance(SignedDuration::from_hours(9));
    assert_eq!(
        (world.whoami(&cookie).await, admin(&token).await),
        (json!(401), json!(true)),
        "8 hours, 24 hours"
    );
    world.server.clock.advance(SignedDuration::from_hours(16));
    assert_eq!((admin(&token).await, admin(&lent).await), (json!(401), json!(false)));
    world.sign_in().await;
    assert_eq!((admin(&token).await, admin(&lent).await), (json!(true), json!(true)), "renewed");
}

/// Sessions may be as short as the tokens that pages create for their own requests.
#[tokio::test]
async fn a_token_of_a_short_session_lasts_longer_than_it() {
    let session = SignedDuration::from_mins(5);
    let world = World::with(SignInRules { session, ..rules() }, true).await;
    let cookie = world.sign_in().await;
    let made = world.server.ask(Method::POST, "/account/tokens").header("cookie", &cookie);
    let made = made.header("origin", "http://localhost").body("name=ci&scope=full&life=never").send().await;
    let text = String::from_utf8(made.body.to_vec()).unwrap();
    let token = text[text.find("spt_").unwrap()..][..76].to_owned();
    world.server.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(world.whoami(&cookie).await, 401, "the session has ended");
    let answer = world.server.ask(Method::GET, "/native/v1/whoami").token(&token).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_person_who_signs_out_is_sent_to_the_provider() {
    let world = World::new().await;
    let sign_out = async |cookie: &str| {
        let asked = world.server.ask(Method::POST, "/sign-out").header("cookie", cookie);
        asked.header("origin", "http://localhost").send().await
    };
    let cookie = world.sign_in().await;
    let answer = sign_out(&cookie).await;
    assert_eq!(answer.status, 200, "a form is not redirected to another site: {answer:?}");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let to = "content=\"0;url=https://id.example/logout?client_id=x&#38;back=http://localhost/sign-in\"";
    assert!(text.contains(to), "{text}");
    let mut deleted = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    assert!(deleted.any(|line| line.starts_with("stagepost=; ")), "{answer:?}");
    assert_eq!(world.whoami(&cookie).await, 401);

    let cookie = world.sign_in().await;
    world.set(Err(ProviderError::Unreachable("timed out".into())));
    let answer = sign_out(&cookie).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/sign-in"));
    assert_eq!(world.whoami(&cookie).await, 401, "the own session ends in any case");

    world.set(Ok(claims("1", &[])));
    let form = world.server.ask(Method::POST, "/sign-in").body("name=root&password=root-password");
    let answer = form.send().await;
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let local = lines.into_iter().find(|line| line.starts_with("stagepost=")).unwrap();
    let local = local.split(';').next().unwrap();
    assert_eq!(sign_out(local).await.status, 303, "the session of a password");
}

#[tokio::test]
async fn an_account_is_unlinked() {
    let world = World::new().await;
    let cookie = world.sign_in().await;
    let listed = world.server.get("/native/v1/users/amy/identities").await.json();
    let identity = &listed["identities"][0];
    assert_eq!((&identity["issuer"], &identity["display"]), (&json!("https://id.example"), &json!("amy")));
    assert_eq!(identity["roles"], json!([{"path": "acme/*", "role": "report"}]));
    let path = format!("/native/v1/users/amy/identities/{}", identity["id"]);
    let disabled = json!({"disabled": true});
    assert_eq!(
        world.server.root(Method::PATCH, "/native/v1/users/amy").json(&disabled).send().await.status,
        200
    );
    assert_eq!(world.server.get("/native/v1/users/amy/identities").await.status, 200, "of a disabled user");
    assert_eq!(world.server.root(Method::DELETE, &path).send().await.status, 204);
    assert_eq!(world.server.root(Method::DELETE, &path).send().await.status, 404);
    assert_eq!(world.whoami(&cookie).await, 401);
    let me = world.whoami(&world.sign_in().await).await;
    assert_eq!(me["user"], "amy-2", "the account is a new one");
    let taken = json!({"issuer": "https://id.example", "subject": "1"});
    assert_eq!(world.server.post("/native/v1/users/root/identities", taken).await.status, 400);
}

#[tokio::test]
async fn passwords_can_be_switched_off() {
    let world = World::with(rules(), false).await;
    let text = String::from_utf8(world.get("/sign-in", "").await.body.to_vec()).unwrap();
    assert!(!text.contains("name=\"password\"") && text.contains("name=\"token\""), "{text}");
    let form =
        world.server.ask(Method::POST, "/sign-in").body("name=root&password=root-password").send().await;
    assert_eq!(form.status, 401);
    let root = world.server.app.store.user_by_name("root").await.unwrap().unwrap().0;
    let by = domain::actions::access::administrator_at_start(root).unwrap();
    let invitation =
        domain::actions::tokens::create_invitation(&world.server.app, &by, "root").await.unwrap();
    let opened = world.get(&format!("/sign-in?once={invitation}"), "").await;
    let text = String::from_utf8(opened.body.to_vec()).unwrap();
    assert!(opened.status == 403 && text.contains("the invitation cannot be used"), "{text}");
    let form = format!("once={invitation}&password=long-enough");
    assert_eq!(world.server.ask(Method::POST, "/sign-in").body(form).send().await.status, 403);
    let store = &world.server.app.store;
    let digest = world.server.app.secrets.digest(invitation.as_bytes());
    assert!(store.sign_in_link(&digest).await.unwrap().is_some(), "it is not used up");
    let invite = world.server.root(Method::POST, "/administration/users/root/invitation").send().await;
    assert_eq!(invite.status, 404, "there is no such form");
    let by_token =
        world.server.ask(Method::POST, "/sign-in").body(format!("token={}", testkit::ROOT)).send().await;
    assert_eq!(by_token.status, 303, "the way back in");
}
