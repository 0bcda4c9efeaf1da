//! The commit of the checkout in the working directory, where a build system does not name it.
//!
//! Must not know: build systems; reports.

use std::path::Path;
use std::process::{Command, Stdio};

/// The commit that is checked out; `None` without git or a checkout.
pub fn head(directory: &Path) -> Option<String> {
    git(directory, &["rev-parse", "--verify", "HEAD^{commit}"])
}

/// The branch that is checked out; `None` without one.
pub fn branch(directory: &Path) -> Option<String> {
    git(directory, &["symbolic-ref", "--quiet", "--short", "HEAD"])
}

/// The head of a pull request that a build system has merged with its target locally: the first parent of a merge
/// commit that no remote branch contains. `None` for any other commit.
pub fn head_of_local_merge(directory: &Path, sha: &str) -> Option<String> {
    let commit = format!("{sha}^{{commit}}");
    let line = git(directory, &["rev-list", "--parents", "--max-count=1", &commit])?;
    let [_, first, _] = line.split(' ').collect::<Vec<_>>()[..] else { return None };
    let first = first.to_owned();
    let contained = git(directory, &["for-each-ref", "--count=1", "--contains", sha, "refs/remotes"])?;
    contained.is_empty().then_some(first)
}

fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(directory: &Path, arguments: &[&str]) -> String {
        let author = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"];
        let arguments: Vec<&str> = author.iter().chain(arguments).copied().collect();
        git(directory, &arguments).unwrap();
        head(directory).unwrap()
    }

    #[test]
    fn a_local_merge_is_recognized_by_the_missing_remote_branch() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        assert_eq!(head(directory), None);
        git(directory, &["init", "--quiet", "--initial-branch", "main"]).unwrap();
        let base = commit(directory, &["commit", "--quiet", "--allow-empty", "-m", "base"]);
        assert_eq!(branch(directory).as_deref(), Some("main"));
        let target = commit(directory, &["commit", "--quiet", "--allow-empty", "-m", "target"]);
        git(directory, &["update-ref", "refs/remotes/origin/main", &target]).unwrap();
        git(directory, &["checkout", "--quiet", "--detach", &base]).unwrap();
        assert_eq!(branch(directory), None, "a commit without a branch");
        let change = commit(directory, &["commit", "--quiet", "--allow-empty", "-m", "change"]);
        git(directory, &["update-ref", "refs/remotes/origin/PR-1", &change]).unwrap();
        let merge = commit(directory, &["merge", "--quiet", "--no-ff", "-m", "merge", &target]);
        assert_eq!(head_of_local_merge(directory, &merge).as_deref(), Some(change.as_str()));
        assert_eq!(head_of_local_merge(directory, &change), None);
        // A merge that was pushed is a commit of the branch.
        git(directory, &["update-ref", "refs/remotes/origin/PR-1", &merge]).unwrap();
        assert_eq!(head_of_local_merge(directory, &merge), None);
        assert_eq!(head_of_local_merge(directory, &"0".repeat(40)), None);
    }
}
