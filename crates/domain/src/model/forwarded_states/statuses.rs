//! The words of each forge for the seven statuses.

use super::{StatePage, WantedState};
use crate::model::destinations::ForgeKind;
use crate::model::status::Status;

/// Greatest length of a description, in characters: that of GitHub.
const DESCRIPTION_MAX: usize = 140;

impl ForgeKind {
    /// Greatest length of an address, in characters, if the forge refuses longer ones.
    pub const fn url_max(self) -> Option<usize> {
        match self {
            Self::GitLab => Some(255),
            Self::Bitbucket => Some(450),
            Self::GitHub | Self::Gitea => None,
        }
    }
}

/// A status as a forge has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeStatus {
    /// The forge's word for the status.
    pub state: String,
    /// A line of text for people.
    pub description: String,
    /// The page about it.
    pub url: Option<String>,
}

/// The forge's word for a status, and a text about it. Two statuses with the same word and text are not sent one after
/// the other. `knows_skipped` matters for Gitea only.
const fn words(kind: ForgeKind, status: Status, knows_skipped: bool) -> (&'static str, &'static str) {
    use ForgeKind::{Bitbucket, GitHub, GitLab, Gitea};
    let text = match status {
        Status::Pending if matches!(kind, GitLab) => "Pending",
        Status::Running if matches!(kind, GitLab) => "Running",
        Status::Pending | Status::Running => "In progress",
        Status::Success => "Successful",
        Status::Failed => "Failed",
        Status::Canceled => "Canceled",
        Status::Skipped => "Skipped",
        Status::TimedOut => "Timed out",
    };
    let word = match (kind, status) {
        (GitHub | Gitea, Status::Pending | Status::Running) | (GitLab, Status::Pending) => "pending",
        (GitLab, Status::Running) => "running",
        (Gitea, Status::Skipped) if knows_skipped => "skipped",
        (GitHub | Gitea, Status::Success | Status::Skipped) | (GitLab, Status::Success) => "success",
        (GitHub | Gitea, Status::Failed | Status::TimedOut) => "failure",
        (GitHub | Gitea, Status::Canceled) => "error",
        (GitLab, Status::Failed | Status::TimedOut) => "failed",
        (GitLab, Status::Canceled) => "canceled",
        (GitLab, Status::Skipped) => "skipped",
        (Bitbucket, Status::Pending | Status::Running) => "INPROGRESS",
        (Bitbucket, Status::Success | Status::Skipped) => "SUCCESSFUL",
        // Versions before 8 do not know CANCELLED.
        (Bitbucket, Status::Failed | Status::TimedOut | Status::Canceled) => "FAILED",
    };
    (word, text)
}

/// Whether a Gitea of this version knows the status `skipped`. Forgejo names the version of Gitea whose API it has
/// after `+gitea-`.
pub fn knows_skipped(version: &str) -> bool {
    let version = version.split_once("+gitea-").map_or(version, |(_, compatible)| compatible);
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= (1, 26),
        _ => false,
    }
}

impl ForgeStatus {
    /// The status for a forge. The text about an end contains the description of the job; that of a gate is its
    /// sentence.
    pub fn new(kind: ForgeKind, wanted: &WantedState, url: Option<String>, knows_skipped: bool) -> Self {
        let (word, text) = words(kind, wanted.status, knows_skipped);
        let own = wanted.description.as_deref().map(str::trim).filter(|own| !own.is_empty());
        let description = match (own, &wanted.page) {
            (Some(own), StatePage::Commit(_)) => own.to_owned(),
            (Some(own), _) if wanted.status.is_finished() => format!("{text}: {own}"),
            _ => text.to_owned(),
        };
        Self { state: word.to_owned(), description: cut(&description), url }
    }
}

/// The text as one line that every forge accepts.
fn cut(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(DESCRIPTION_MAX) {
        None => line,
        Some(_) => line.chars().take(DESCRIPTION_MAX - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::PipelineId;

    fn wanted(status: Status, description: Option<&str>) -> WantedState {
        WantedState {
            status,
            description: description.map(str::to_owned),
            url: None,
            git_ref: "main".into(),
            page: StatePage::Pipeline(PipelineId::new(1).unwrap()),
        }
    }

    #[test]
    fn every_status_has_a_word_of_each_forge() {
        let all = |kind, knows_skipped| {
            Status::ALL.map(|status| {
                let status = ForgeStatus::new(kind, &wanted(status, None), None, knows_skipped);
                format!("{} {}", status.state, status.description)
            })
        };
        assert_eq!(
            all(ForgeKind::GitHub, true),
            [
                "pending In progress",
                "pending In progress",
                "success Successful",
                "failure Failed",
                "error Canceled",
                "success Skipped",
                "failure Timed out",
            ]
        );
        assert_eq!(
            all(ForgeKind::GitLab, true),
            [
                "pending Pending",
                "running Running",
                "success Successful",
                "failed Failed",
                "canceled Canceled",
                "skipped Skipped",
                "failed Timed out",
            ]
        );
        let gitea = |skipped| {
            [
                "pending In progress",
                "pending In progress",
                "success Successful",
                "failure Failed",
                "error Canceled",
                skipped,
                "failure Timed out",
            ]
        };
        assert_eq!(all(ForgeKind::Gitea, false), gitea("success Skipped"));
        assert_eq!(all(ForgeKind::Gitea, true), gitea("skipped Skipped"));
        assert_eq!(
            all(ForgeKind::Bitbucket, true),
            [
                "INPROGRESS In progress",
                "INPROGRESS In progress",
                "SUCCESSFUL Successful",
                "FAILED Failed",
                "FAILED Canceled",
                "SUCCESSFUL Skipped",
                "FAILED Timed out",
            ]
        );
    }

    #[test]
    fn only_an_end_has_the_description_of_the_job() {
        let text = |status, description: &str| {
            ForgeStatus::new(ForgeKind::GitHub, &wanted(status, Some(description)), None, false).description
        };
        assert_eq!(text(Status::Running, "step 9"), "In progress");
        assert_eq!(text(Status::Failed, " 3 of 9\ntests "), "Failed: 3 of 9 tests");
        assert_eq!(text(Status::Failed, " "), "Failed");
        let long = text(Status::Success, &"长".repeat(300));
        assert!(
            long.chars().count() == 140 && long.starts_with("Successful: 长") && long.ends_with("长…"),
            "{long}"
        );
        assert_eq!(text(Status::TimedOut, &"x".repeat(129)).chars().count(), 140);
        assert!(text(Status::TimedOut, &"x".repeat(129)).ends_with('x'));
    }

    #[test]
    fn a_version_of_gitea_knows_skipped() {
        for (version, expected) in [
            ("1.26.0", true),
            ("1.26.0+stagepost-0.2", true),
            ("1.27.0-dev", true),
            ("2.0", true),
            ("1.25.3", false),
            ("1.9.0", false),
            ("11.0.3+gitea-1.22.0", false),
            ("14.0.0+gitea-1.26.1", true),
            ("", false),
            ("main", false),
            ("1", false),
        ] {
            assert_eq!(knows_skipped(version), expected, "{version}");
        }
    }
}
