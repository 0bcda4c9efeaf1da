//! Creates the administrator at the first start. Name and secrets come from the settings; missing secrets are
//! random. All are stored in `admin.toml` with mode 0600. Only random ones are printed, once: the output of a server
//! is often kept where more people read it than may know a secret that the operator gave.

use super::settings::Settings;
use super::{file_error, stderr, systemd};
use crate::messages::Text;
use domain::App;
use domain::actions::access::{self, Administrator};
use domain::actions::{keys, tokens, users};
use domain::model::ids::hex;
use domain::model::roles::Scope;
use domain::model::users::NewUser;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The contents of `DATA/admin.toml`.
#[derive(Serialize, Deserialize)]
struct AdminFile {
    user: String,
    password: String,
    access_key: String,
    secret_key: String,
    token: String,
}

/// Creates the first administrator if there is no user. Returns true if it did.
///
/// # Errors
/// A message in one line.
pub async fn create_first(app: &App, settings: &Settings) -> Result<bool, String> {
    if !app.store.users().await.map_err(|e| e.to_string())?.is_empty() {
        return Ok(false);
    }
    let Chosen { admin, generated } = choose_secrets(app, settings)?;
    // Written before the user is created: an interrupted start continues with the same secrets.
    write_file(&settings.data, &admin)?;
    let new = NewUser { name: admin.user.clone(), password: Some(admin.password.clone()), admin: true };
    let user = match users::create_first(app, new).await {
        Ok(user) => user,
        // Another node of the same database has created the user and stores its secrets.
        Err(domain::Error::Forbidden | domain::Error::Invalid(_))
            if !app.store.users().await.map_err(|e| e.to_string())?.is_empty() =>
        {
            std::fs::remove_file(settings.data.join("admin.toml")).map_err(|e| e.to_string())?;
            return Ok(false);
        }
        Err(error) => return Err(creation_error(error)),
    };
    let by = access::by_verified_user(user);
    let key = keys::NewKey {
        access: Some(admin.access_key.clone()),
        secret: Some(admin.secret_key.clone()),
        description: Some("created by the first start".into()),
    };
    keys::create(app, &by, &admin.user, key).await.map_err(creation_error)?;
    let token = tokens::NewPersonalToken {
        name: "created by the first start".into(),
        scope: Scope::Full,
        repositories: Vec::new(),
        expires_at: None,
        token: Some(admin.token.clone()),
    };
    tokens::create(app, &by, &admin.user, token).await.map_err(creation_error)?;
    print_secrets(&settings.data, &admin, &generated);
    Ok(true)
}

/// The first administrator who is not disabled.
///
/// # Errors
/// A message in one line.
pub async fn first(app: &App) -> Result<Administrator, String> {
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user = users.into_iter().find(|user| user.admin && !user.disabled);
    let user = user.ok_or_else(|| Text::ServeNoAdministrator.to_string())?;
    access::administrator_at_start(user).map_err(|e| e.to_string())
}

fn creation_error(error: domain::Error) -> String {
    let reason = match error {
        domain::Error::Unavailable(text) | domain::Error::Internal(text) => text,
        error => edge::catalogue::describe(&error, crate::lang::current()).message,
    };
    Text::ServeAdministratorNotCreated.with(&[("reason", &reason)])
}

/// The secrets of the administrator, and the names of those that this start generated.
struct Chosen {
    admin: AdminFile,
    generated: Vec<&'static str>,
}

/// Secrets from the settings, else from an interrupted start, else random.
fn choose_secrets(app: &App, settings: &Settings) -> Result<Chosen, String> {
    let stored = read_file(&settings.data);
    let configured = settings.admin.clone();
    let random = |digits: usize| -> Result<String, String> {
        let bytes: [u8; 32] = app.random().map_err(|e| e.to_string())?;
        Ok(hex(&bytes)[..digits].to_owned())
    };
    let mut generated = Vec::new();
    macro_rules! value_or {
        ($field:ident, $name:literal, $default:expr) => {
            match configured.$field.or(stored.as_ref().map(|stored| stored.$field.clone())) {
                Some(value) => value,
                None => {
                    generated.push($name);
                    $default
                }
            }
        };
    }
    let admin = AdminFile {
        user: settings.admin_user.clone(),
        password: value_or!(password, "password", random(24)?),
        access_key: value_or!(access_key, "access key", random(20)?.to_uppercase()),
        secret_key: value_or!(secret_key, "secret key", random(40)?),
        token: value_or!(token, "token", format!("spt_{}", random(64)?)),
    };
    Ok(Chosen { admin, generated })
}

fn read_file(data: &Path) -> Option<AdminFile> {
    toml::from_str(&std::fs::read_to_string(data.join("admin.toml")).ok()?).ok()
}

fn write_file(data: &Path, admin: &AdminFile) -> Result<(), String> {
    let path = data.join("admin.toml");
    let temporary = data.join("admin.toml.new");
    let text = toml::to_string(admin).map_err(|e| e.to_string())?;
    let text = format!("# The administrator created by the first start. Contains secrets.\n{text}");
    let write = || {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)
    };
    write().map_err(|error: std::io::Error| file_error(&path, &error))
}

fn print_secrets(data: &Path, admin: &AdminFile, generated: &[&str]) {
    if systemd::stderr_is_journal() {
        let path = data.join("admin.toml");
        stderr::line(format_args!(
            "first start: created the administrator {}, stored in {}",
            admin.user,
            path.display()
        ));
        return;
    }
    stderr::line(format_args!(
        "first start: created the administrator (stored in {}, shown only once)",
        data.join("admin.toml").display()
    ));
    stderr::line(format_args!("  {:<10} {}", "user", admin.user));
    for (name, value) in [
        ("password", &admin.password),
        ("access key", &admin.access_key),
        ("secret key", &admin.secret_key),
        ("token", &admin.token),
    ] {
        // A value of an interrupted start may have been given to that.
        let shown = if generated.contains(&name) { value } else { "as given" };
        stderr::line(format_args!("  {name:<10} {shown}"));
    }
}
