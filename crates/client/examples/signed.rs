//! Calls the CodeArts API with an AK/SK signature, as the official SDKs do. `eval "$(stagepost env shell)"`
//! sets the variables it needs:
//!
//! ```sh
//! cargo run -p stagepost-client --example signed
//! ```

use stagepost_client::{Client, Error};

/// Returns the number of jobs of a pipeline from the header `X-Total`.
pub async fn run(client: &Client, repository: i32, pipeline: i32) -> Result<Option<u64>, Error> {
    let page = client.list_codearts_jobs(repository, pipeline, 0, 20).await?;
    for job in &page.jobs {
        println!("{} {}", job["name"], job["status"]);
    }
    Ok(page.total)
}

#[path = "support/from_env.rs"]
mod from_env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let total = run(&from_env::signing_client()?, from_env::REPOSITORY, from_env::PIPELINE).await?;
    println!("X-Total: {total:?}");
    Ok(())
}
