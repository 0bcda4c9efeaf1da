//! The administrator that the first start makes: from what was given, the rest random; told once, and kept for its owner's eyes
//! beside the data.

use super::settings::Settings;
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

/// What `DATA/admin.toml` holds.
#[derive(Serialize, Deserialize)]
struct StoredSecrets {
    user: String,
    password: String,
    access_key: String,
    secret_key: String,
    token: String,
}

/// Makes the first administrator when there is no user at all. True: it did.
///
/// # Errors
/// One line that says what is wrong.
pub async fn make_first(app: &App, settings: &Settings) -> Result<bool, String> {
    if !app.store.users().await.map_err(|e| e.to_string())?.is_empty() {
        return Ok(false);
    }
    let kept = choose(app, settings)?;
    // On disk before it counts: a start that breaks off here is taken up by the next.
    keep(&settings.data, &kept)?;
    let new = NewUser { name: kept.user.clone(), password: Some(kept.password.clone()), admin: true };
    let user = match users::create_first(app, new).await {
        Ok(user) => user,
        // Another node of the same database was faster; what it made is kept on its machine.
        Err(domain::Error::Forbidden | domain::Error::Invalid(_))
            if !app.store.users().await.map_err(|e| e.to_string())?.is_empty() =>
        {
            std::fs::remove_file(settings.data.join("admin.toml")).map_err(|e| e.to_string())?;
            return Ok(false);
        }
        Err(error) => return Err(named(error)),
    };
    let by = access::by_verified_user(user);
    let key = keys::NewKey {
        access: Some(kept.access_key.clone()),
        secret: Some(kept.secret_key.clone()),
        description: Some("made by the first start".into()),
    };
    keys::create(app, &by, &kept.user, key).await.map_err(named)?;
    let token = tokens::NewPersonalToken {
        name: "made by the first start".into(),
        scope: Scope::Full,
        repositories: Vec::new(),
        expires_at: None,
        token: Some(kept.token.clone()),
    };
    tokens::create(app, &by, &kept.user, token).await.map_err(named)?;
    tell(&settings.data, &kept);
    Ok(true)
}

/// The first administrator who may sign in.
///
/// # Errors
/// One line that says what is wrong.
pub async fn first(app: &App) -> Result<Administrator, String> {
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user =
        users.into_iter().find(|user| user.admin && !user.disabled).ok_or("there is no administrator")?;
    access::administrator_at_start(user).map_err(|e| e.to_string())
}

fn named(error: domain::Error) -> String {
    format!("the first administrator cannot be made: {error}")
}

/// What was given; else what a broken-off start kept; else random.
fn choose(app: &App, settings: &Settings) -> Result<StoredSecrets, String> {
    let before = read(&settings.data);
    let given = settings.admin.clone();
    let random = |take: usize| -> Result<String, String> {
        let bytes: [u8; 32] = app.random().map_err(|e| e.to_string())?;
        Ok(hex(&bytes)[..take].to_owned())
    };
    macro_rules! first {
        ($field:ident, $else:expr) => {
            match given.$field.or(before.as_ref().map(|kept| kept.$field.clone())) {
                Some(value) => value,
                None => $else,
            }
        };
    }
    Ok(StoredSecrets {
        user: settings.admin_user.clone(),
        password: first!(password, random(24)?),
        access_key: first!(access_key, random(20)?.to_uppercase()),
        secret_key: first!(secret_key, random(40)?),
        token: first!(token, format!("spt_{}", random(64)?)),
    })
}

fn read(data: &Path) -> Option<StoredSecrets> {
    toml::from_str(&std::fs::read_to_string(data.join("admin.toml")).ok()?).ok()
}

fn keep(data: &Path, kept: &StoredSecrets) -> Result<(), String> {
    let path = data.join("admin.toml");
    let draft = data.join("admin.toml.new");
    let text = toml::to_string(kept).map_err(|e| e.to_string())?;
    let text = format!("# The administrator that the first start made. For its owner only.\n{text}");
    let write = || {
        let mut file =
            std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)
    };
    write().map_err(|e: std::io::Error| format!("{}: {e}", path.display()))
}

fn tell(data: &Path, kept: &StoredSecrets) {
    eprintln!(
        "first start: made the administrator (kept in {}, told only now)",
        data.join("admin.toml").display()
    );
    for (name, value) in [
        ("user", &kept.user),
        ("password", &kept.password),
        ("access key", &kept.access_key),
        ("secret key", &kept.secret_key),
        ("token", &kept.token),
    ] {
        eprintln!("  {name:<10} {value}");
    }
}
