//! The names of jobs whose build system gives the same name to several jobs of one run, such as the legs of a
//! matrix. Two such jobs are never recorded as one, because the success of one would hide the failure of the
//! other.
//!
//! If the environment does not distinguish the jobs by name, the first one that reports gets the name. It
//! claims the name with an idempotency key that all jobs of the run share. Another job gets its own name.
//! A later run that repeats only some of the jobs cannot know which of them had the name, so that all its jobs
//! get their own names.
//!
//! Must not know: environment variables.

use super::ci::CiRun;
use crate::messages::Text;
use crate::terminal::{sanitize, warn};
use stagepost_client::jobs::JobFilter;
use stagepost_client::reports::Report;
use stagepost_client::{Client, Error};

/// How many jobs of a commit are searched for those of earlier runs.
const MAX_JOBS: usize = 100;

/// The name with what distinguishes the job.
pub fn with_leg(name: &str, leg: Option<&str>) -> String {
    match leg {
        Some(leg) => format!("{name} ({leg})"),
        None => name.to_owned(),
    }
}

/// The claim of a job to its name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NameClaim {
    /// The idempotency key that all jobs of this run with this name share.
    key: String,
    /// Identifies the job within the run.
    claimant: String,
    run: String,
    is_partial: bool,
    /// The name of the job if another job has the name.
    own_name: String,
}

impl NameClaim {
    /// The claim of a job to the name of `report`, which consists of `base_name` and `leg`.
    pub fn new(run: &CiRun, report: &Report, base_name: &str, leg: Option<&str>) -> Self {
        let parts = [
            &run.id,
            &report.sha,
            &report.git_ref,
            &report.name,
            report.stage.as_deref().unwrap_or_default(),
            report.source.as_deref().unwrap_or_default(),
            report.pipeline_key.as_deref().unwrap_or_default(),
        ];
        // Six digits distinguish the few jobs of one name. The last ones of FNV are mixed best.
        let digest = digest(&[&run.job]).split_off(26);
        let own_leg = [leg, run.hint.as_deref(), Some(digest.as_str())].into_iter().flatten();
        Self {
            key: format!("job-name-{}", self::digest(&parts.map(|part| part as &str))),
            claimant: run.job.clone(),
            run: run.id.clone(),
            is_partial: run.is_partial,
            own_name: fit(with_leg(base_name, Some(&own_leg.collect::<Vec<_>>().join(", ")))),
        }
    }

    /// Claims the name of `report`, or gives it another name if another job has claimed it. Repeating the call
    /// gives the same result.
    pub async fn apply(&self, client: &Client, repository: i32, report: &mut Report) -> Result<(), Error> {
        // Adopted by the first report with a build id. It has neither times nor details, so that its repetitions are
        // equal.
        let claim = Report {
            status: "pending".into(),
            third_build_id: None,
            target_url: None,
            description: None,
            coverage: None,
            occurred_at: None,
            started_at: None,
            finished_at: None,
            details: None,
            ..report.clone()
        };
        let is_free = !self.had_namesakes(client, repository, report).await?;
        if is_free && client.claim(repository, &claim, &self.claimant, &self.key).await? {
            return Ok(());
        }
        let (name, own_name) = (sanitize(&report.name), sanitize(&self.own_name));
        warn(&Text::JobNameTaken.with(&[("name", &name), ("own_name", &own_name)]));
        report.name.clone_from(&self.own_name);
        let build_id = report.third_build_id.take().unwrap_or_default();
        report.third_build_id = Some(format!("{} {build_id}", self.run).trim_end().to_owned());
        Ok(())
    }

    /// Whether an earlier run, of which this one repeats a part, has several jobs of this name.
    async fn had_namesakes(&self, client: &Client, repository: i32, report: &Report) -> Result<bool, Error> {
        if !self.is_partial {
            return Ok(false);
        }
        let prefix = format!("{} (", report.name);
        let filter = JobFilter {
            sha: Some(report.sha.clone()),
            git_ref: Some(report.git_ref.clone()),
            source: report.source.clone(),
            stage: report.stage.clone(),
            text: Some(prefix.clone()),
            ..JobFilter::default()
        };
        let this_run = format!("{} ", self.run);
        let jobs = client.all_found_jobs(repository, &filter, Some(MAX_JOBS)).await?;
        Ok(jobs.iter().any(|found| {
            let build_id = found.job.third_build_id.as_deref().unwrap_or_default();
            found.job.name.starts_with(&prefix) && !build_id.starts_with(&this_run)
        }))
    }
}

/// The text, or its beginning and a digest if it is longer than the server accepts for a name or a build id.
pub fn fit(text: String) -> String {
    const MAX_CHARS: usize = 255;
    const KEPT_CHARS: usize = 200;
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    let kept: String = text.chars().take(KEPT_CHARS).collect();
    format!("{kept}-{}", digest(&[&text]))
}

/// FNV-1a, 128 bits, in hexadecimal digits. It is the same in every process and needs no cryptographic strength.
fn digest(parts: &[&str]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(run: &str, job: &str, name: &str) -> NameClaim {
        let run = CiRun { id: run.into(), job: job.into(), hint: Some("runner 1".into()), is_partial: false };
        let report = Report { sha: "a".repeat(40), name: name.into(), ..Report::default() };
        NameClaim::new(&run, &report, name, None)
    }

    #[test]
    fn jobs_of_one_run_with_one_name_share_the_key_and_nothing_else() {
        let (first, second) = (claim("77-1", "a", "build"), claim("77-1", "b", "build"));
        assert_eq!(first, claim("77-1", "a", "build"));
        assert_eq!(first.key, second.key);
        assert_ne!(first.claimant, second.claimant);
        assert_ne!(first.own_name, second.own_name);
        assert!(first.own_name.starts_with("build (runner 1, "), "{}", first.own_name);
        assert_ne!(first.key, claim("77-2", "a", "build").key, "a retry claims the name again");
        assert_ne!(first.key, claim("77-1", "a", "lint").key);
        assert!(first.key.len() < 255 && first.key.is_ascii());
    }

    #[test]
    fn a_long_name_is_shortened_to_one_that_is_still_different() {
        let long = "任".repeat(250);
        let names = ["a", "b"].map(|job| claim("77-1", job, &long).own_name);
        assert_ne!(names[0], names[1]);
        assert!(names.iter().all(|name| name.chars().count() <= 255), "{names:?}");
        assert_eq!(fit("short".into()), "short");
        assert_eq!(fit(long.clone()), long);
    }
}
