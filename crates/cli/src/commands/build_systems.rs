//! `connect`: prints the settings that connect a build system to a repository, with the values of this server.

use super::{RepositoryArgs, env};
use crate::durations::after_now;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use clap::builder::PossibleValuesParser;
use edge::settings_of_build_system;
use pages::build_systems::{ALL, BuildSystem, Connection, NAMES, find};
use wire::native::accounts::NewToken;
use wire::native::build_systems::{self as native, BuildSystemSettings};

/// The path in place of one that is not known.
const NO_PATH: &str = "GROUP/REPOSITORY";

#[derive(Debug, clap::Args)]
pub struct ConnectArgs {
    /// The build system or client [default: list all]
    #[arg(value_parser = PossibleValuesParser::new(NAMES.iter().copied()), hide_possible_values = true)]
    name: Option<String>,
    #[command(flatten)]
    repository: RepositoryArgs,
    /// Create a token that may report to the repository only, for the settings; otherwise they have a placeholder
    #[arg(long, requires = "name")]
    create_token: bool,
    /// Expiry of the created token: a duration such as 90d or 12w, a date, or an RFC 3339 time
    #[arg(long, requires = "create_token")]
    expires: Option<String>,
}

impl ConnectArgs {
    /// Whether the command lists the build systems.
    pub fn lists(&self) -> bool {
        self.name.is_none()
    }
}

pub async fn run(context: &Context, flags: &ConnectArgs) -> Result<(), Failure> {
    let Some(system) = flags.name.as_deref().and_then(find) else { return list(context) };
    if system.reads && flags.create_token {
        return Err(Failure::usage(Text::ConnectNeedsNoToken.with(&[("name", &system.name)])));
    }
    let connection = connection(context, flags, system).await?;
    let settings = settings_of_build_system(system, &connection, context.settings.lang);
    if context.output.json {
        return context.output.json(&settings);
    }
    context.output.text(&text(&settings))
}

fn list(context: &Context) -> Result<(), Failure> {
    let lang = context.settings.lang;
    let listed = ALL.iter().map(|system| native::BuildSystem {
        name: system.name.to_owned(),
        title: system.title.to_owned(),
        summary: system.summary.in_language(lang).to_owned(),
    });
    let listed: Vec<_> = listed.collect();
    let row = |system: &native::BuildSystem| vec![Cell::from(&system.name), Cell::from(&system.summary)];
    context.output.list(&listed, &[Text::Name, Text::Description], listed.iter().map(row).collect())
}

/// The values of the settings. Only a path that is not given, and a token, need the server.
async fn connection(
    context: &Context,
    flags: &ConnectArgs,
    system: &BuildSystem,
) -> Result<Connection, Failure> {
    let server = match system.name.strip_suffix("-sdk") {
        Some(language) => env::public_server(context, language)?,
        None => context.public_server()?,
    };
    let named = match &flags.repository.repo {
        Some(named) => Some(named.as_str()),
        None => context.configured_repository()?,
    };
    if named.is_none() && !flags.create_token {
        if !system.reads {
            context.output.hint(Text::ConnectNoRepository);
        }
        return Ok(Connection { server, path: NO_PATH.to_owned(), token: None });
    }
    let named = context.repository_name(named)?;
    let is_id = named.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id && !flags.create_token {
        return Ok(Connection { server, path: named.to_owned(), token: None });
    }
    let client = context.client()?;
    let id = context.repository(&client, Some(named)).await?;
    let path = client.repository(id).await?.path;
    let mut token = None;
    if flags.create_token {
        let expires_at = flags.expires.as_deref().map(|text| after_now("--expires", text)).transpose()?;
        let repositories = Some(vec![i64::from(id)]);
        let name = system.name.to_owned();
        let new = NewToken { name, scope: Some("report".to_owned()), repositories, expires_at };
        token = client.create_token(&client.whoami().await?.user, &new).await?.token;
    }
    Ok(Connection { server, path, token })
}

/// The settings for people: notes, and each part below its caption.
fn text(settings: &BuildSystemSettings) -> String {
    let native::BuildSystem { title, summary, .. } = &settings.build_system;
    let mut text = format!("{title}\n{summary}\n");
    for note in &settings.notes {
        text += &format!("- {note}\n");
    }
    for snippet in &settings.snippets {
        text += &format!("\n== {}\n\n{}", snippet.caption, snippet.text);
    }
    text
}
