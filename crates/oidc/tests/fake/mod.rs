//! A provider in memory: it responds to the requests of a client and signs ID tokens.

use async_trait::async_trait;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use domain::ports::{AuthorizationRequest, Clock};
use domain::{SignedDuration, Timestamp};
use oidc::{HttpClient, HttpError, HttpRequest, HttpResponse, Provider, ProviderSettings};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub const ISSUER: &str = "https://id.example";
pub const CLIENT: &str = "stagepost";
/// The time of the fixed clock, in seconds since 1970.
pub const NOW: i64 = 1_795_478_400;

/// A clock that tests move.
#[derive(Default)]
pub struct FakeClock {
    uptime: AtomicI64,
}

impl FakeClock {
    pub fn pass(&self, seconds: i64) {
        self.uptime.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
    fn uptime(&self) -> SignedDuration {
        SignedDuration::from_secs(self.uptime.load(Ordering::SeqCst))
    }
}

/// What the provider responds with.
pub struct Fake {
    /// Changes of the metadata.
    pub metadata: Value,
    /// The number of the key in the key set.
    pub key: u8,
    pub is_down: bool,
    /// How long each request lasts, in seconds.
    pub seconds: i64,
    pub id_token: String,
    pub userinfo: Value,
    /// The requests: method, path and body.
    pub requests: Vec<(String, String)>,
}

pub struct Http(pub Mutex<Fake>, pub Arc<FakeClock>);

#[async_trait]
impl HttpClient for Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut fake = self.0.lock().unwrap();
        let body = String::from_utf8(request.body().clone()).unwrap();
        fake.requests.push((request.uri().path().to_owned(), body));
        self.1.pass(fake.seconds);
        if fake.is_down {
            return Err(HttpError("connection refused".into()));
        }
        let body = match request.uri().path() {
            "/.well-known/openid-configuration" => metadata(&fake.metadata),
            "/keys" => json!({"keys": [public_key(fake.key)]}),
            "/token" => json!({
                "access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": fake.id_token
            }),
            "/userinfo" => fake.userinfo.clone(),
            other => panic!("{other}"),
        };
        let response = http::Response::builder().header("content-type", "application/json");
        Ok(response.body(body.to_string().into_bytes()).unwrap())
    }
}

fn metadata(changes: &Value) -> Value {
    let mut metadata = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "jwks_uri": format!("{ISSUER}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        metadata[name] = value.clone();
    }
    metadata
}

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn public_key(number: u8) -> Value {
    let bytes = signing_key(number).verifying_key().to_sec1_bytes();
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("key {number}"),
        "x": part(&bytes[1..33]), "y": part(&bytes[33..]),
    })
}

/// An ID token with these changes of its claims; `null` removes one.
pub fn id_token(key: u8, changes: &Value) -> String {
    let text = unsigned(&json!({"alg": "ES256", "typ": "JWT", "kid": format!("key {key}")}), changes);
    let signature: Signature = signing_key(key).sign(text.as_bytes());
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// Header and claims of an ID token.
pub fn unsigned(header: &Value, changes: &Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "sub": "1", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": "nonce",
        "preferred_username": "amy", "email": "amy@example.com", "email_verified": true, "groups": ["dev"],
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(&claims))
}

pub struct World {
    pub http: Arc<Http>,
    pub clock: Arc<FakeClock>,
    pub provider: Provider,
}

impl World {
    pub fn new() -> Self {
        let fake = Fake {
            metadata: json!({}),
            key: 1,
            is_down: false,
            seconds: 0,
            id_token: id_token(1, &json!({})),
            userinfo: json!({"sub": "1"}),
            requests: Vec::new(),
        };
        let clock = Arc::new(FakeClock::default());
        let http = Arc::new(Http(Mutex::new(fake), Arc::clone(&clock)));
        let settings = ProviderSettings {
            issuer: ISSUER.into(),
            client_id: CLIENT.into(),
            client_secret: Some("a secret".into()),
            scopes: vec!["email".into()],
            groups_claim: "groups".into(),
            sign_out: true,
        };
        let provider = Provider::new(settings, Arc::clone(&http) as _, Arc::clone(&clock) as _).unwrap();
        Self { http, clock, provider }
    }

    pub fn set(&self, change: impl FnOnce(&mut Fake)) {
        change(&mut self.http.0.lock().unwrap());
    }

    /// How often a path was requested.
    pub fn count(&self, path: &str) -> usize {
        self.http.0.lock().unwrap().requests.iter().filter(|(requested, _)| requested == path).count()
    }
}

pub fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_url: "https://ci.example/stagepost/sign-in/kc/callback".into(),
        state: "state".into(),
        nonce: "nonce".into(),
        verifier: "v".repeat(64),
    }
}
