//! The pages of users, for administrators, and of the access keys and tokens of a user: one's own, or for
//! administrators those of any user.

use super::frame::HasCaller;
use super::frame::frame;
use super::response::{reply, secret};
use super::token_repositories::{OTHER_REPOSITORIES, at_other_repositories, choices, repository_id};
use super::{forms, invitations, sessions};
use crate::auth::password::UserRef;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Admin, Authenticated, Context, Requirement};
use domain::SignedDuration;
use domain::actions::access::{self, Administrator, SignedIn};
use domain::actions::{keys, tokens, users};
use domain::error::{AuthFailure, Error, Invalid, Problem, Result};
use domain::model::ids::integer;
use domain::model::keys::Key;
use domain::model::roles::Scope;
use domain::model::tokens::SignInMethod;
use domain::model::tokens::Token;
use domain::model::users::{NewUser, User, UserChange};
use domain::ports::App;
use pages::forms::SubmittedForm;
use pages::messages::{accounts as msg, feeds};
use pages::{Account, Administration, Notice, Secret, Text, links};
use wire::native::accounts::{Account as WireAccount, UserList};

/// The proof of a caller who may manage credentials: users their own, administrators those of any user.
pub trait ManagesCredentials: HasCaller {
    /// The proof that the caller is signed in.
    fn signed_in(&self) -> &SignedIn;
    /// The proof that the caller is an administrator, on the pages of the administration.
    fn administrator(&self) -> Option<&Administrator>;
}

impl ManagesCredentials for SignedIn {
    fn signed_in(&self) -> &SignedIn {
        self
    }
    fn administrator(&self) -> Option<&Administrator> {
        None
    }
}

impl ManagesCredentials for Administrator {
    fn signed_in(&self) -> &SignedIn {
        self.signed_in()
    }
    fn administrator(&self) -> Option<&Administrator> {
        Some(self)
    }
}

/// Lifetimes of a new token, in days.
const LIFETIMES: &[&str] = &["7", "30", "90", "365", "never"];

pub async fn list(ctx: Context<Admin>) -> Result<Reply> {
    users_page(&ctx, &SubmittedForm::default()).await
}

async fn users_page(ctx: &Context<Admin>, submitted: &SubmittedForm) -> Result<Reply> {
    let users = users::list(&ctx.edge.app, &ctx.proof).await?;
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let native = || UserList { users: users.iter().map(translate::user).collect() };
    let confirm = ctx.proof.signed_in().ends_at().is_some();
    let passwords = ctx.edge.settings.sign_in.passwords;
    let page =
        || Administration { frame: &frame, users: &users, passwords, confirm, submitted, notice }.html();
    reply(&ctx.request, native, page)
}

pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done("/administration", Notice::Repeated));
    };
    let new = NewUser {
        name: forms::text(&fields, "name")?.unwrap_or_default(),
        password: password(&fields)?,
        admin: forms::checked(&fields, "admin")?,
    };
    let created = async {
        let (app, by) = (ctx.edge.app.clone(), confirmed(&ctx, &fields).await?);
        let proof = access::administrator(by.clone())?;
        let invited = new.password.is_none() && ctx.edge.settings.sign_in.passwords;
        let create = async move { users::create(&app, &proof, new).await };
        let user = ctx.edge.auth.run_hashing(&by, create).await?;
        let proof = access::administrator(by)?;
        if !invited {
            return Ok((user, Err(Notice::Created)));
        }
        match tokens::create_invitation(&ctx.edge.app, &proof, &user.name).await {
            Ok(token) => Ok((user, Ok(token))),
            // A session that may create no credential still creates the user.
            Err(Error::Outlives { .. }) => Ok((user, Err(Notice::NotInvited))),
            Err(error) => Err(error),
        }
    };
    match created.await {
        Ok((user, invitation)) => {
            claim.keep();
            match invitation {
                Ok(token) => Ok(invitations::shown(&ctx, &user.name, &token)),
                Err(notice) => Ok(forms::done(&user_path(&user.name), notice)),
            }
        }
        Err(error) => {
            const KNOWN: &[&str] = &["name", "password", forms::CONFIRMATION];
            let submitted = forms::with_error("user", KNOWN, &fields, &error, &ctx.request)?;
            Ok(users_page(&ctx, &submitted).await?.status(400))
        }
    }
}

/// The proof to create credentials with: that of the request, or that of the password in the form, because a session
/// creates nothing that lasts longer than itself.
pub async fn confirmed<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    fields: &Query,
) -> Result<SignedIn> {
    let by = ctx.proof.signed_in();
    let password = fields.get(forms::CONFIRMATION)?.unwrap_or_default().to_owned();
    if by.ends_at().is_none() || password.is_empty() {
        return Ok(by.clone());
    }
    let user = UserRef::Name(by.caller().user.name.clone());
    let confirmed = ctx.edge.auth.sign_in_with_password(&ctx.edge.app, user, password, &ctx.request).await;
    confirmed.map_err(|error| match error {
        Error::Unauthenticated(AuthFailure::Password | AuthFailure::PasswordLocked { .. }) => {
            Invalid::new(forms::CONFIRMATION, Problem::WrongPassword).into()
        }
        other => other,
    })
}

pub fn user_path(user: &str) -> String {
    format!("/administration/users/{}", links::encode(user))
}

/// The password as typed; an empty one counts as absent.
fn password(fields: &Query) -> Result<Option<String>> {
    Ok(fields.get("password")?.filter(|password| !password.is_empty()).map(str::to_owned))
}

pub async fn change(ctx: Context<Admin>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let change = UserChange {
        password: password(&fields)?,
        admin: Some(forms::checked(&fields, "admin")?),
        disabled: Some(forms::checked(&fields, "disabled")?),
    };
    let name = ctx.request.param("user").to_owned();
    let changed = async {
        let (app, by) = (ctx.edge.app.clone(), confirmed(&ctx, &fields).await?);
        let proof = access::administrator(by.clone())?;
        ctx.edge.auth.run_hashing(&by, async move { users::change(&app, &proof, &name, change).await }).await
    };
    const KNOWN: &[&str] = &["admin", "disabled", "password", forms::CONFIRMATION];
    match changed.await {
        Ok(_) => Ok(forms::done(&CredentialOwner::of(&ctx).path, Notice::Saved)),
        Err(error) => with_error(&ctx, "change", KNOWN, &fields, &error).await,
    }
}

/// Changes the caller's own password. The form has the old one too.
pub async fn change_own_password(ctx: Context<Authenticated>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let old = fields.get("old_password")?.unwrap_or_default().to_owned();
    let name = ctx.proof.caller().user.name.clone();
    let changed = async {
        let new = password(&fields)?.ok_or_else(|| Invalid::new("password", Problem::Missing))?;
        let signed_in = ctx
            .edge
            .auth
            .sign_in_with_password(&ctx.edge.app, UserRef::Name(name), old, &ctx.request)
            .await?;
        let (app, by) = (ctx.edge.app.clone(), signed_in.clone());
        let change = async move { users::change_own_password(&app, &by, &new).await };
        ctx.edge.auth.run_hashing(&signed_in, change).await?;
        // The change also ended the session of this request.
        sessions::created(&ctx.edge, &signed_in, SignInMethod::Password).await
    };
    let wrong = |text: Text| {
        let message = frame(&ctx.edge, &ctx.request, &ctx.proof).text(text).to_owned();
        SubmittedForm {
            form: "own".into(),
            values: Vec::new(),
            error: Some(("old_password".into(), message)),
        }
    };
    let submitted = match changed.await {
        Ok(secret) => {
            let to = links::address("/account", &[("notice", Notice::Saved.as_str())]);
            return Ok(sessions::start(&ctx.request, &secret, &to));
        }
        Err(error) if ctx.request.wants_json => return Err(error),
        Err(Error::Unauthenticated(AuthFailure::Password)) => wrong(msg::CURRENT_PASSWORD_WRONG),
        Err(Error::Unauthenticated(AuthFailure::PasswordLocked { .. })) => {
            wrong(pages::messages::sessions::LOCKED)
        }
        Err(error) => forms::with_error("own", &["password"], &fields, &error, &ctx.request)?,
    };
    Ok(account_page(&ctx, &submitted).await?.status(400))
}

/// The owner of the access keys and tokens that a request is about.
struct CredentialOwner {
    name: String,
    /// The path of the owner's page.
    path: String,
}

impl CredentialOwner {
    fn of<N: Requirement<Proof: ManagesCredentials>>(ctx: &Context<N>) -> Self {
        if ctx.proof.administrator().is_some() {
            let name = ctx.request.param("user").to_owned();
            return Self { path: user_path(&name), name };
        }
        Self { name: ctx.proof.signed_in().caller().user.name.clone(), path: "/account".to_owned() }
    }
}

pub async fn show<N: Requirement<Proof: ManagesCredentials>>(ctx: Context<N>) -> Result<Reply> {
    account_page(&ctx, &SubmittedForm::default()).await
}

async fn account_page<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    submitted: &SubmittedForm,
) -> Result<Reply> {
    let app = &ctx.edge.app;
    let owner = CredentialOwner::of(ctx);
    let user = match ctx.proof.administrator() {
        Some(by) => Some(user(app, by, &owner.name).await?),
        None => None,
    };
    let credentials = credentials(ctx, &owner.name).await?;
    let notice = forms::notice(&ctx.request)?;
    let repositories = choices(app, ctx.proof.signed_in()).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let native = || {
        let (keys, tokens) = credentials.clone().unwrap_or_default();
        WireAccount {
            user: owner.name.clone(),
            keys: keys.iter().map(|key| translate::key(key, &owner.name, None)).collect(),
            tokens: tokens.iter().map(|token| translate::token(token, &owner.name, None)).collect(),
        }
    };
    let page = || {
        let shown =
            credentials.as_ref().map(|(keys, tokens)| (&keys[..], &tokens[..])).map_err(|reason| *reason);
        let (path, name) = (owner.path.as_str(), owner.name.as_str());
        let (user, confirm) = (user.as_ref(), ctx.proof.signed_in().ends_at().is_some());
        let (frame, repositories) = (&frame, &repositories[..]);
        let passwords = ctx.edge.settings.sign_in.passwords;
        let credentials = shown;
        Account { frame, path, name, user, credentials, passwords, confirm, repositories, submitted, notice }
            .html()
    };
    reply(&ctx.request, native, page)
}

async fn user(app: &App, by: &Administrator, name: &str) -> Result<User> {
    let users = users::list(app, by).await?;
    users.into_iter().find(|user| user.name == name).ok_or(Error::NotFound { noun: "user" })
}

/// The access keys and tokens, or the reason why the page does not show them.
async fn credentials<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    name: &str,
) -> Result<Result<(Vec<Key>, Vec<Token>), Text>> {
    let app = &ctx.edge.app;
    let keys = match keys::list(app, ctx.proof.signed_in(), name).await {
        Ok(keys) => keys,
        Err(Error::Forbidden | Error::InsufficientScope { .. }) => return Ok(Err(msg::SCOPE_TOO_NARROW)),
        Err(Error::Invalid(_)) => return Ok(Err(msg::USER_DISABLED)),
        Err(error) => return Err(error),
    };
    Ok(Ok((keys, tokens::list(app, ctx.proof.signed_in(), name).await?)))
}

/// The page again, with an error of a form.
pub async fn with_error<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    form: &str,
    known: &[&str],
    fields: &Query,
    error: &Error,
) -> Result<Reply> {
    let submitted = forms::with_error(form, known, fields, error, &ctx.request)?;
    Ok(account_page(ctx, &submitted).await?.status(400))
}

pub async fn create_token<N: Requirement<Proof: ManagesCredentials>>(ctx: Context<N>) -> Result<Reply> {
    let owner = CredentialOwner::of(&ctx);
    let fields = forms::fields(&ctx.request)?;
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(&owner.path, Notice::Repeated));
    };
    let created = async {
        let new = new_token(&ctx, &fields).await?;
        let by = confirmed(&ctx, &fields).await?;
        // The user's own token ends with the identity of the session, if that has one.
        let is_own = by.caller().user.name == owner.name;
        if new.expires_at.is_none() && !(is_own && by.limits_of_tokens().ends_at.is_none()) {
            by.check_lasting()?;
        }
        tokens::create(&ctx.edge.app, &by, &owner.name, new).await.map_err(at_other_repositories)
    };
    match created.await {
        Ok((secret_text, token)) => {
            let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
            let title = format!("{} {}", frame.text(msg::TOKEN), token.name);
            let parts = [(msg::TOKEN, secret_text.as_str())];
            claim.keep();
            let commands = token_uses(&ctx.request.public_url(), token.scope, &secret_text);
            let (title, next) = (title.as_str(), owner.path.as_str());
            Ok(secret(Secret { frame: &frame, title, parts: &parts, commands: &commands, next }.html()))
        }
        Err(error) => {
            const KNOWN: &[&str] = &["name", "scope", OTHER_REPOSITORIES, "life", forms::CONFIRMATION];
            with_error(&ctx, "token", KNOWN, &fields, &error).await
        }
    }
}

/// How to use a new token: a call that checks it, or the addresses of the feeds, each with its label.
fn token_uses(base: &str, scope: Scope, token: &str) -> Vec<(Text, String)> {
    if scope != Scope::Feeds {
        let check = format!("curl -H 'X-Auth-Token: {token}' '{base}/native/v1/whoami'");
        return vec![(msg::WITH_CURL, check)];
    }
    let uses = [
        (feeds::CCTRAY, "/cctray.xml"),
        (feeds::ATOM, "/feed.atom"),
        (feeds::SUBSCRIPTIONS, "/account/subscriptions.atom"),
        (feeds::WALL, "/wall"),
    ];
    uses.map(|(label, path)| (label, format!("{base}{path}?token={token}"))).to_vec()
}

async fn new_token<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    fields: &Query,
) -> Result<tokens::NewPersonalToken> {
    let now = ctx.edge.app.clock.now();
    let scope = forms::text(fields, "scope")?.unwrap_or_default();
    let lifetime = forms::text(fields, "life")?.unwrap_or_default();
    let unknown = || Invalid::new("life", Problem::NotOneOf { allowed: LIFETIMES });
    if !LIFETIMES.contains(&lifetime.as_str()) {
        return Err(unknown().into());
    }
    // `never` is not a number, so it has no days.
    let days = lifetime.parse::<i64>().ok().map(|days| SignedDuration::from_hours(24 * days));
    let other = forms::text(fields, "other_repositories")?.unwrap_or_default();
    let other = other.split([',', ' ', '，', '、']).filter(|name| !name.is_empty());
    let mut only = Vec::new();
    for name in fields.all("repositories").flat_map(|ids| ids.split(',')).map(str::trim).chain(other) {
        if !name.is_empty() {
            only.push(repository_id(ctx, name).await?);
        }
    }
    Ok(tokens::NewPersonalToken {
        name: forms::text(fields, "name")?.unwrap_or_default(),
        scope: Scope::parse(&scope)
            .ok_or_else(|| Invalid::new("scope", Problem::NotOneOf { allowed: Scope::NAMES }))?,
        repositories: only,
        expires_at: days.map(|days| now.checked_add(days).map_err(|_| unknown())).transpose()?,
        token: None,
    })
}

pub async fn delete_token<N: Requirement<Proof: ManagesCredentials>>(ctx: Context<N>) -> Result<Reply> {
    let owner = CredentialOwner::of(&ctx);
    let id = integer("id", ctx.request.param("id"))?;
    tokens::delete(&ctx.edge.app, ctx.proof.signed_in(), &owner.name, id).await?;
    Ok(forms::done(&owner.path, Notice::Removed))
}

pub async fn create_key<N: Requirement<Proof: ManagesCredentials>>(ctx: Context<N>) -> Result<Reply> {
    let owner = CredentialOwner::of(&ctx);
    let fields = forms::fields(&ctx.request)?;
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(&owner.path, Notice::Repeated));
    };
    let new = keys::NewKey { description: forms::text(&fields, "description")?, ..keys::NewKey::default() };
    let created = async {
        let by = confirmed(&ctx, &fields).await?;
        keys::create(&ctx.edge.app, &by, &owner.name, new).await
    };
    match created.await {
        Ok(key) => {
            let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
            let parts = [(msg::ACCESS_KEY, key.access.as_str()), (msg::SECRET_KEY, key.secret.as_str())];
            claim.keep();
            let (title, next) = (frame.text(msg::KEYS), owner.path.as_str());
            let (access, secret_key) = (&key.access, &key.secret);
            let lines = format!("export CLOUD_SDK_AK='{access}'\nexport CLOUD_SDK_SK='{secret_key}'");
            let commands = [(msg::AS_ENVIRONMENT, lines)];
            Ok(secret(Secret { frame: &frame, title, parts: &parts, commands: &commands, next }.html()))
        }
        Err(error) => with_error(&ctx, "key", &["description", forms::CONFIRMATION], &fields, &error).await,
    }
}

pub async fn delete_key<N: Requirement<Proof: ManagesCredentials>>(ctx: Context<N>) -> Result<Reply> {
    keys::delete(&ctx.edge.app, ctx.proof.signed_in(), ctx.request.param("access")).await?;
    Ok(forms::done(&CredentialOwner::of(&ctx).path, Notice::Removed))
}
