//! `api`: sends any request to any API with the configured credential and prints the response body unchanged.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::print_bytes;
use crate::settings::Context;
use stagepost_client::{Method, RawBody};
use std::io::Read as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ApiArgs {
    /// Path with query: /v4/user/repositories?limit=5
    path: String,
    /// HTTP method [default: GET, or POST with a body]
    #[arg(short = 'X', long)]
    method: Option<String>,
    /// Request body
    #[arg(long, value_name = "TEXT", conflicts_with = "input")]
    body: Option<String>,
    /// File with the request body, or - for stdin
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Media type of the request body
    #[arg(long, value_name = "TYPE", default_value = "application/json")]
    content_type: String,
}

pub async fn run(context: &Context, flags: &ApiArgs) -> Result<(), Failure> {
    let body = body(flags)?;
    let name = flags.method.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
    let method = Method::from_bytes(name.to_uppercase().as_bytes())
        .map_err(|_| Failure::usage(Text::InvalidMethod.with(&[("method", &name)])))?;
    let response = context.client()?.raw(method, &flags.path, body).await?;
    print_bytes(&response.body)?;
    // The next output starts on a new line.
    if response.body.last().is_some_and(|byte| *byte != b'\n') {
        print_bytes(b"\n")?;
    }
    response.success()?;
    Ok(())
}

fn body(flags: &ApiArgs) -> Result<Option<RawBody>, Failure> {
    let bytes = match (&flags.body, &flags.input) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(path)) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        }
        (None, Some(path)) => std::fs::read(path).map_err(|error| Failure::file(path, &error))?,
        (None, None) => return Ok(None),
    };
    Ok(Some(RawBody { content_type: flags.content_type.clone(), bytes }))
}
