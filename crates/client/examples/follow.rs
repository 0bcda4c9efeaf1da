//! Follows a pipeline until it has finished. `eval "$(stagepost env shell)"` sets the variables it needs:
//!
//! ```sh
//! cargo run -p stagepost-client --example follow
//! ```

use stagepost_client::Error;
use stagepost_client::follow::{Change, PipelineChanges};

/// Prints each change and returns the final status of the pipeline.
pub async fn run(mut changes: PipelineChanges) -> Result<String, Error> {
    let mut status = String::new();
    while let Some(change) = changes.next().await? {
        match change {
            Change::Job(job) => println!("{} is {}", job.name, job.status),
            Change::Pipeline(pipeline) => status = pipeline.status,
        }
    }
    Ok(status)
}

#[path = "support/from_env.rs"]
mod from_env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = from_env::client()?;
    let status = run(client.follow_pipeline(from_env::REPOSITORY, from_env::PIPELINE)).await?;
    println!("the pipeline finished: {status}");
    Ok(())
}
