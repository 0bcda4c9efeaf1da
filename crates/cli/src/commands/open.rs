//! `open`: prints the URL of a page and opens it in a browser.

use crate::exit::Failure;
use crate::output;
use crate::settings::Context;
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// Id or path of a repository [default: the list of repositories]
    repository: Option<String>,
    /// Id of a pipeline
    #[arg(value_parser = super::values::id())]
    pipeline: Option<i32>,
    /// Opens what a text names: a commit, branch, tag, #pipeline, job, build id or repository; the list, if it
    /// names several
    #[arg(long, value_name = "TEXT", conflicts_with = "pipeline")]
    search: Option<String>,
}

pub async fn run(context: &Context, flags: &OpenArgs) -> Result<(), Failure> {
    let url = match &flags.search {
        Some(text) => searched(context, flags, text).await?,
        None => chosen(context, flags).await?,
    };
    output::print_bytes(format!("{url}\n").as_bytes())?;
    if (context.env)("DISPLAY").or_else(|| (context.env)("WAYLAND_DISPLAY")).is_some()
        || cfg!(target_os = "macos")
    {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        // The URL is printed in any case, so a failure to open it is ignored.
        let browser = Command::new(opener)
            .arg(&url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        drop(browser);
    }
    Ok(())
}

/// The page of a repository or pipeline.
async fn chosen(context: &Context, flags: &OpenArgs) -> Result<String, Failure> {
    let mut url = format!("{}/repositories", context.public_server()?);
    if flags.repository.is_some() {
        let client = context.client()?;
        let repository = context.repository(&client, flags.repository.as_deref()).await?;
        url += &format!("/{repository}/pipelines");
    }
    if let Some(pipeline) = flags.pipeline {
        url += &format!("/{pipeline}");
    }
    Ok(url)
}

/// The page that a text names, or that of the search.
async fn searched(context: &Context, flags: &OpenArgs, text: &str) -> Result<String, Failure> {
    let client = context.client()?;
    let repository = match &flags.repository {
        Some(name) => Some(context.repository(&client, Some(name)).await?),
        None => None,
    };
    let found = client.search(text, repository).await?;
    let page = found.direct.unwrap_or_else(|| {
        let repository = repository.map(|id| id.to_string()).unwrap_or_default();
        pages::links::address("/search", &[("q", text), ("repository", &repository)])
    });
    Ok(format!("{}{page}", context.public_server()?))
}
