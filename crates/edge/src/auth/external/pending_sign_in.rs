//! A started sign-in at a provider. It is a random secret in a cookie of the browser; `state`, `nonce` and the PKCE
//! verifier are digests of it and of everything else about the sign-in, so nothing can be changed or exchanged. The
//! server keeps nothing until the sign-in succeeds, so starting sign-ins cannot fill its memory.

use crate::http::{cookies, query};
use crate::request::IncomingRequest;
use domain::App;
use domain::error::Result;
use domain::model::ids::hex;
use domain::ports::AuthorizationRequest;
use domain::{SignedDuration, Timestamp};
use std::fmt;

/// The names of the cookie, as those of the session: on encrypted connections, below a path, and on plain ones.
const NAMES: [&str; 3] = ["__Host-stagepost-sign-in", "__Secure-stagepost-sign-in", "stagepost-sign-in"];
/// `Lax`, because the browser returns from another site.
const ATTRIBUTES: &str = "; HttpOnly; SameSite=Lax";
/// How long a person may take at the provider.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// The longest target that is kept, in bytes.
const NEXT_MAX: usize = 1_500;

/// A started sign-in.
pub struct PendingSignIn {
    provider: String,
    /// In seconds since 1970.
    started: i64,
    /// 64 hexadecimal digits.
    secret: String,
    /// The address to go to afterwards.
    pub next: String,
}

/// Why a response belongs to no sign-in of this browser. The text is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingSignInProblem {
    /// The browser has no started sign-in.
    None,
    /// It was started with another provider.
    OtherProvider,
    /// It was started too long ago.
    Expired,
    /// The state of the response is not that of the sign-in.
    State,
}

impl fmt::Display for PendingSignInProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "the browser has not started a sign-in, or has finished it",
            Self::OtherProvider => "the sign-in was started with another provider",
            Self::Expired => "the sign-in was started more than 10 minutes ago",
            Self::State => "the state is not that of the sign-in of this browser",
        })
    }
}

impl PendingSignIn {
    /// Starts a sign-in.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] if the system provides no random bytes.
    pub fn start(app: &App, provider: &str, next: &str) -> Result<Self> {
        Ok(Self {
            provider: provider.to_owned(),
            started: app.clock.now().as_second(),
            secret: hex(&app.random::<32>()?),
            next: if next.len() <= NEXT_MAX { next } else { "" }.to_owned(),
        })
    }

    /// The sign-in to which a response with this `state` belongs.
    ///
    /// # Errors
    /// [`PendingSignInProblem`].
    pub fn finish(
        app: &App,
        request: &IncomingRequest,
        provider: &str,
        state: &str,
    ) -> std::result::Result<Self, PendingSignInProblem> {
        let value = cookies::get(&request.headers, name(request)).ok_or(PendingSignInProblem::None)?;
        let pending = Self::parse(value).ok_or(PendingSignInProblem::None)?;
        if pending.provider != provider {
            return Err(PendingSignInProblem::OtherProvider);
        }
        if !pending.is_recent(app.clock.now()) {
            return Err(PendingSignInProblem::Expired);
        }
        // Digests are compared, so the time does not depend on the state.
        let digest = |text: &str| app.secrets.digest(text.as_bytes());
        if digest(&pending.derive(app, "state")) != digest(state) {
            return Err(PendingSignInProblem::State);
        }
        Ok(pending)
    }

    fn is_recent(&self, now: Timestamp) -> bool {
        (0..=LIFETIME.as_secs()).contains(&(now.as_second() - self.started))
    }

    /// The values for the provider.
    pub fn request(&self, app: &App, redirect_url: String) -> AuthorizationRequest {
        AuthorizationRequest {
            redirect_url,
            state: self.derive(app, "state"),
            nonce: self.derive(app, "nonce"),
            verifier: self.derive(app, "verifier"),
        }
    }

    /// The value that a sign-in uses up, so that a response signs in only once.
    pub fn digest(&self, app: &App) -> [u8; 32] {
        app.secrets.digest(self.derive(app, "used").as_bytes())
    }

    fn derive(&self, app: &App, purpose: &str) -> String {
        let text = format!("stagepost sign-in {purpose}\n{}", self.value());
        hex(&app.secrets.digest(text.as_bytes()))
    }

    fn value(&self) -> String {
        format!("{}.{}.{}.{}", self.provider, self.started, self.secret, query::encode(&self.next))
    }

    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.splitn(4, '.');
        let (provider, started, secret, next) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_secret = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self {
            provider: provider.to_owned(),
            started: started.parse().ok()?,
            secret: is_secret.then(|| secret.to_owned())?,
            next: query::decode(next.as_bytes(), false).ok()?,
        })
    }

    /// The value of `Set-Cookie` that stores the sign-in.
    pub fn set_cookie(&self, request: &IncomingRequest) -> String {
        set(request, &self.value(), LIFETIME.as_secs())
    }

    /// The value of `Set-Cookie` that ends it.
    pub fn delete_cookie(request: &IncomingRequest) -> String {
        set(request, "", 0)
    }
}

fn name(request: &IncomingRequest) -> &'static str {
    let [encrypted, below_path, plain] = NAMES;
    match (request.secure, request.base_path().is_empty()) {
        (true, true) => encrypted,
        (true, false) => below_path,
        (false, _) => plain,
    }
}

fn set(request: &IncomingRequest, value: &str, seconds: i64) -> String {
    let secure = if request.secure { "; Secure" } else { "" };
    cookies::set(name(request), value, request.cookie_path(), seconds, &format!("{secure}{ATTRIBUTES}"))
}
