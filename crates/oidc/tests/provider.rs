//! What is accepted from a provider, and what is refused, each with its reason.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too, may fail loudly")]

mod fake;

use domain::ports::{IdentityProvider as _, ProviderError};
use fake::{NOW, World, id_token, request, unsigned};
use serde_json::json;

#[tokio::test]
async fn the_browser_is_sent_with_state_nonce_and_the_digest_of_the_verifier() {
    let world = World::new();
    let url = world.provider.authorization_url(&request()).await.unwrap();
    assert!(url.starts_with("https://id.example/authorize?response_type=code&client_id=stagepost&"), "{url}");
    for part in [
        "state=state",
        "nonce=nonce",
        "code_challenge_method=S256",
        "redirect_uri=https%3A%2F%2Fci.example%2Fstagepost%2Fsign-in%2Fkc%2Fcallback",
        "scope=openid+email",
    ] {
        assert!(url.split(['?', '&']).any(|found| found == part), "{part} in {url}");
    }
    assert!(!url.contains("vvv"), "not the verifier itself: {url}");
}

#[tokio::test]
async fn a_right_token_says_who_signed_in() {
    let world = World::new();
    let claims = world.provider.claims(&request(), "code").await.unwrap();
    assert_eq!((claims.issuer.as_str(), claims.subject.as_str()), ("https://id.example", "1"));
    assert_eq!((claims.name.as_deref(), claims.email_verified), (Some("amy"), true));
    assert_eq!(claims.groups, ["dev"]);
    assert_eq!(world.count("/userinfo"), 0, "the token says everything");
    let sent =
        world.http.0.lock().unwrap().requests.iter().find(|(path, _)| path == "/token").cloned().unwrap().1;
    assert!(
        sent.contains(&format!("code_verifier={}", "v".repeat(64))) && sent.contains("code=code"),
        "{sent}"
    );
    assert!(!sent.contains("secret"), "it is in the header: {sent}");
}

#[tokio::test]
async fn userinfo_completes_the_token_of_the_same_subject_only() {
    let world = World::new();
    world.set(|fake| {
        fake.id_token = id_token(1, &json!({"groups": null, "email_verified": null}));
        fake.userinfo =
            json!({"sub": "1", "groups": ["ops"], "email": "amy@example.com", "email_verified": true});
    });
    let claims = world.provider.claims(&request(), "code").await.unwrap();
    assert_eq!((claims.groups, claims.email_verified), (vec!["ops".to_owned()], true));
    world.set(|fake| fake.userinfo["sub"] = json!("2"));
    let refused = world.provider.claims(&request(), "code").await.unwrap_err();
    assert!(refused.to_string().contains("userinfo: "), "{refused}");
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_the_log_says_why() {
    let signed = |changes| id_token(1, &changes);
    for (token, reason) in [
        (signed(json!({"iss": "https://evil.example"})), "Invalid issuer"),
        (signed(json!({"iss": "https://id.example/"})), "Invalid issuer"),
        (signed(json!({"aud": "other"})), "Invalid audiences"),
        (signed(json!({"aud": ["stagepost", "other"]})), "`other` is not a trusted audience"),
        (signed(json!({"azp": "other"})), "azp"),
        (signed(json!({"nonce": "other"})), "Invalid nonce: nonce mismatch"),
        (signed(json!({"nonce": null})), "Invalid nonce: missing"),
        (signed(json!({"exp": NOW - 61})), "Expired"),
        (signed(json!({"iat": NOW + 62})), "issued in the future"),
        (signed(json!({"nbf": NOW + 62})), "not valid yet (nbf)"),
        (signed(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})), "at_hash"),
        (id_token(2, &json!({})), "No matching key found"),
        (id_token(1, &json!({})) + "A", "Invalid signature"),
        (format!("{}.", unsigned(&json!({"alg": "none"}), &json!({}))), "No signature found"),
        (format!("{}.AAAA", unsigned(&json!({"alg": "HS256"}), &json!({}))), "HS256"),
        (format!("{}.AAAA", unsigned(&json!({"alg": "ES256", "kid": "key 1"}), &json!({}))), "Crypto error"),
    ] {
        let world = World::new();
        world.set(|fake| fake.id_token = token.clone());
        let refused = world.provider.claims(&request(), "code").await;
        let Err(ProviderError::Refused(text)) = refused else { panic!("{reason}: {refused:?}") };
        assert!(text.contains(reason), "{reason}: {text}");
        assert!(!text.contains(&token), "no token in the log");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    for changes in [json!({"exp": NOW - 59}), json!({"iat": NOW + 60}), json!({"nbf": NOW + 60})] {
        let world = World::new();
        world.set(|fake| fake.id_token = id_token(1, &changes));
        assert!(world.provider.claims(&request(), "code").await.is_ok(), "{changes}");
    }
}

#[tokio::test]
async fn new_keys_are_asked_for_at_most_once_a_minute() {
    let world = World::new();
    world.provider.claims(&request(), "code").await.unwrap();
    world.set(|fake| {
        fake.key = 2;
        fake.id_token = id_token(2, &json!({}));
    });
    world.clock.pass(59);
    assert!(world.provider.claims(&request(), "code").await.is_err());
    assert_eq!(world.count("/keys"), 1, "not asked again yet");
    world.clock.pass(1);
    world.provider.claims(&request(), "code").await.unwrap();
    assert_eq!(world.count("/keys"), 2);
    world.set(|fake| fake.id_token = id_token(3, &json!({})));
    for _ in 0..3 {
        assert!(world.provider.claims(&request(), "code").await.is_err());
    }
    assert_eq!(world.count("/keys"), 2, "unknown keys cause no flood of requests");
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_every_few_seconds_and_old_metadata_is_used() {
    let world = World::new();
    world.set(|fake| (fake.is_down, fake.seconds) = (true, 10));
    for _ in 0..3 {
        let refused = world.provider.authorization_url(&request()).await.unwrap_err();
        assert!(matches!(&refused, ProviderError::Unreachable(text) if text.contains("connection refused")));
    }
    assert_eq!(world.count("/.well-known/openid-configuration"), 1);
    world.set(|fake| (fake.is_down, fake.seconds) = (false, 0));
    world.clock.pass(5);
    world.provider.authorization_url(&request()).await.unwrap();
    world.set(|fake| fake.is_down = true);
    world.clock.pass(7_200);
    world.provider.authorization_url(&request()).await.unwrap();
    assert_eq!(world.count("/.well-known/openid-configuration"), 3);
}

#[tokio::test]
async fn metadata_of_another_issuer_or_without_encryption_is_refused() {
    for (changes, reason) in [
        (json!({"issuer": "https://evil.example"}), "unexpected issuer"),
        (json!({"token_endpoint": "http://id.example/token"}), "not encrypted"),
        (json!({"token_endpoint": null}), "no token endpoint"),
    ] {
        let world = World::new();
        world.set(|fake| fake.metadata = changes.clone());
        let refused = world.provider.authorization_url(&request()).await.unwrap_err();
        assert!(refused.to_string().contains(reason), "{reason}: {refused}");
    }
}

#[tokio::test]
async fn a_person_who_signs_out_is_sent_to_the_provider_if_it_ends_sessions() {
    let back = "https://ci.example/stagepost/sign-in";
    let address = async |endpoint: serde_json::Value| {
        let world = World::new();
        world.set(|fake| fake.metadata = json!({"end_session_endpoint": endpoint}));
        world.provider.end_session_url(back).await.unwrap()
    };
    let url = address(json!("https://id.example/logout?realm=acme")).await.unwrap();
    assert_eq!(
        url,
        "https://id.example/logout?realm=acme&client_id=stagepost\
         &post_logout_redirect_uri=https%3A%2F%2Fci.example%2Fstagepost%2Fsign-in"
    );
    assert_eq!(address(json!(null)).await, None, "the provider has none");
    assert_eq!(address(json!("http://id.example/logout")).await, None, "not encrypted");
    assert_eq!(address(json!("javascript:alert(1)")).await, None);
}
