//! `login`, `logout` and `profile`.

mod prompt;

use crate::connect::read_certificates;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::profiles::{Profile, Profiles, is_same_server};
use crate::settings::Context;
use crate::terminal::{sanitize, warn};
use serde::Serialize;
use stagepost_client::{Client, Credentials};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum ProfileCommand {
    /// List the profiles
    List,
    /// Use a profile from now on, unless --profile or STAGEPOST_PROFILE names another one
    Use {
        /// Name of the profile
        #[arg(value_parser = crate::profiles::parse_name)]
        name: String,
    },
    /// Delete a profile and its token; the token itself stays valid
    #[command(alias = "remove")]
    Delete {
        /// Name of the profile
        #[arg(value_parser = crate::profiles::parse_name)]
        name: String,
    },
}

/// A profile for programs. It has no token.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    server: &'a str,
    user: &'a str,
    current: bool,
}

fn path(context: &Context) -> Result<PathBuf, Failure> {
    Profiles::path(context.env).ok_or_else(|| Failure::usage(Text::NoHome))
}

/// Stores a token for a server. It is read from a terminal without echo, or as the first line of stdin.
pub async fn login(context: &Context) -> Result<(), Failure> {
    let path = path(context)?;
    let known = Profiles::load(&path)?;
    let selected = context.settings.profile.clone();
    let existing = selected.as_ref().and_then(|name| known.profiles.get(name));
    let server = match context.explicit_server()? {
        Some(server) => server,
        None => match (existing, &selected) {
            (Some(profile), _) => profile.server.clone(),
            (None, Some(_)) => context.server_without_selected()?,
            (None, None) => context.server()?,
        },
    };
    let server = server.trim().trim_end_matches('/').to_owned();
    let name = selected.unwrap_or_else(|| known.name_for(&server));
    let ca = context.configured_ca()?.map(std::path::absolute).transpose()?;
    let token = prompt::secret(&Text::TokenPrompt.with(&[("server", &sanitize(&server))])).await?;
    if token.is_empty() {
        return Err(Failure::usage(Text::TokenEmpty));
    }
    let pem = ca.as_deref().map(read_certificates).transpose()?;
    let client = Client::builder(server.clone()).credentials(Credentials::token(token.clone())).extra_ca(pem);
    let identity = client.language(context.language()).build().map_err(Failure::usage)?.whoami().await?;
    let profile = Profile { server: server.clone(), user: identity.user.clone(), token, ca };
    Profiles::change(&path, |all| {
        all.profiles.insert(name.clone(), profile);
        all.current = Some(name.clone());
        Ok(())
    })?;
    let row = Row { name: &name, server: &server, user: &identity.user, current: true };
    print(context, &row)?;
    if let Some(other) = context.settings.server.as_ref().filter(|other| !is_same_server(other, &server)) {
        warn(&Text::OtherServerConfigured.with(&[("server", &sanitize(other)), ("name", &name)]));
    }
    Ok(())
}

/// Deletes the token of the selected or current profile.
pub fn logout(context: &Context) -> Result<(), Failure> {
    let path = path(context)?;
    let name = match &context.settings.profile {
        Some(name) => name.clone(),
        None => Profiles::load(&path)?.current.ok_or_else(|| Failure::usage(Text::NotSignedIn))?,
    };
    delete(context, &path, &name)
}

pub fn run(context: &Context, command: ProfileCommand) -> Result<(), Failure> {
    let path = path(context)?;
    match command {
        ProfileCommand::List => {
            let all = Profiles::load(&path)?;
            let rows: Vec<Row<'_>> =
                all.profiles.iter().map(|(name, profile)| row(&all, name, profile)).collect();
            let cells =
                rows.iter().map(|row| values(row).into_iter().map(|(_, cell)| cell).collect()).collect();
            let headings = [Text::Name, Text::Server, Text::User, Text::CurrentProfile];
            context.output.list(&rows, &headings, cells)
        }
        ProfileCommand::Use { name } => {
            Profiles::change(&path, |all| {
                all.get(&name)?;
                all.current = Some(name.clone());
                Ok(())
            })?;
            let all = Profiles::load(&path)?;
            print(context, &row(&all, &name, all.get(&name)?))
        }
        ProfileCommand::Delete { name } => delete(context, &path, &name),
    }
}

fn delete(context: &Context, path: &std::path::Path, name: &str) -> Result<(), Failure> {
    Profiles::change(path, |all| {
        all.get(name)?;
        all.profiles.remove(name);
        all.current.take_if(|current| current == name);
        Ok(())
    })?;
    context.output.hint(Text::ProfileDeleted);
    Ok(())
}

fn row<'a>(all: &'a Profiles, name: &'a str, profile: &'a Profile) -> Row<'a> {
    let current = all.current.as_deref() == Some(name);
    Row { name, server: &profile.server, user: &profile.user, current }
}

fn values(row: &Row<'_>) -> Vec<(Text, Cell)> {
    vec![
        (Text::Name, Cell::from(row.name)),
        (Text::Server, Cell::from(row.server)),
        (Text::User, Cell::from(row.user)),
        (Text::CurrentProfile, Cell::from_bool(row.current)),
    ]
}

fn print(context: &Context, row: &Row<'_>) -> Result<(), Failure> {
    context.output.record(row, values(row))
}
