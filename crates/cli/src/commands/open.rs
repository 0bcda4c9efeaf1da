//! `open`: the page of something, in a browser where there is one.

use crate::exit::Failure;
use crate::output;
use crate::settings::Context;
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// Id or path of a repository; without one, the list of them
    repository: Option<String>,
    /// Id of one of its pipelines
    pipeline: Option<i32>,
}

pub async fn run(context: &Context, flags: &OpenArgs) -> Result<(), Failure> {
    let mut address = format!("{}/repositories", context.server().trim_end_matches('/'));
    if flags.repository.is_some() {
        let client = context.client()?;
        let repository = context.repository(&client, flags.repository.as_deref()).await?;
        address += &format!("/{repository}/pipelines");
    }
    if let Some(pipeline) = flags.pipeline {
        address += &format!("/{pipeline}");
    }
    output::print_bytes(format!("{address}\n").as_bytes())?;
    if (context.env)("DISPLAY").or_else(|| (context.env)("WAYLAND_DISPLAY")).is_some()
        || cfg!(target_os = "macos")
    {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        // The address is printed: without an opener it is there all the same.
        let quiet = Command::new(opener)
            .arg(&address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        drop(quiet);
    }
    Ok(())
}
