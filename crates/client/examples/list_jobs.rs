//! Lists every attempt of a pipeline, page by page. `eval "$(stagepost env shell)"` sets the variables it
//! needs:
//!
//! ```sh
//! cargo run -p stagepost-client --example list_jobs
//! ```

use stagepost_client::{Client, Error};

/// Returns the names of the failed jobs. The next page is requested when the items of the last one are used
/// up.
pub async fn run(client: &Client, repository: i32, pipeline: i32) -> Result<Vec<String>, Error> {
    let mut failed = Vec::new();
    let mut jobs = client.paged_jobs(repository, pipeline);
    while let Some(job) = jobs.next().await? {
        println!("{:>6} {:<10} {}", job.id, job.status, job.name);
        if job.newest && job.status == "failed" {
            failed.push(job.name);
        }
    }
    Ok(failed)
}

#[path = "support/from_env.rs"]
mod from_env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let failed = run(&from_env::client()?, from_env::REPOSITORY, from_env::PIPELINE).await?;
    println!("failed: {}", failed.len());
    Ok(())
}
