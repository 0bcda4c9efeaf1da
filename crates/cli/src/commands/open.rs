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
}

pub async fn run(context: &Context, flags: &OpenArgs) -> Result<(), Failure> {
    let mut url = format!("{}/repositories", context.public_server()?);
    if flags.repository.is_some() {
        let client = context.client()?;
        let repository = context.repository(&client, flags.repository.as_deref()).await?;
        url += &format!("/{repository}/pipelines");
    }
    if let Some(pipeline) = flags.pipeline {
        url += &format!("/{pipeline}");
    }
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
