//! Reports a job, first as running, then as successful. `eval "$(stagepost env shell)"` sets the variables it
//! needs:
//!
//! ```sh
//! cargo run -p stagepost-client --example report
//! ```

use stagepost_client::reports::{Receipt, Report, new_idempotency_key};
use stagepost_client::{Client, Error};

/// Reports a job that runs and succeeds. Repeated reports and any order of arrival give the same final state.
pub async fn run(client: &Client, repository: i32) -> Result<Receipt, Error> {
    let report = |status: &str| Report {
        sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
        git_ref: "dev".into(),
        name: "example".into(),
        status: status.into(),
        // The same id for all reports of this attempt; another attempt has another id.
        third_build_id: Some("42".into()),
        ..Report::default()
    };
    client.report(repository, &report("running"), &new_idempotency_key()).await?;
    client.report(repository, &report("success"), &new_idempotency_key()).await
}

#[path = "support/from_env.rs"]
mod from_env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let receipt = run(&from_env::client()?, from_env::REPOSITORY).await?;
    println!("job {} of pipeline {}: {}", receipt.job_id, receipt.pipeline_id, receipt.status);
    Ok(())
}
