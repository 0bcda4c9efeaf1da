//! Templates: values that are composed of environment variables, and of a build system's event file.
//!
//! | part | value |
//! |---|---|
//! | `{NAME}` | the variable |
//! | `{NAME+1}` | the variable plus one: the position of an index that starts at 0 |
//! | `{NAME=text}` | the variable, if it is this text |
//! | `{NAME!text}` | the variable, unless it is this text |
//! | `{NAME^text}` | the variable, if it starts with this text |
//! | `{NAME~text}` | the variable without this text at its start |
//! | `{NAME:}` | the variable up to its first colon |
//! | `{event.a.b}` | the member `a.b` of the JSON file `GITHUB_EVENT_PATH` |
//! | `{file:NAME}` | a random id, kept in a file in the directory that the variable names |
//!
//! A template has a value only if all its parts have one.
//!
//! Must not know: build systems.

use serde_json::Value;
use stagepost_client::reports::new_idempotency_key;
use std::cell::OnceCell;
use std::path::Path;

/// Templates, the best first. The first that has a value is used.
pub type Alternatives = &'static [&'static str];

/// The file with the random id of a job, in a directory that the build system empties before each job.
const JOB_FILE: &str = "stagepost-job";
/// The longest event file that is read, in bytes. GitHub limits events to 25 MB.
const EVENT_MAX_BYTES: u64 = 64 << 20;

/// Resolves templates.
pub struct Resolver<'a> {
    env: &'a dyn Fn(&str) -> Option<String>,
    event: OnceCell<Value>,
}

impl<'a> Resolver<'a> {
    /// A resolver of the variables that `env` returns.
    pub fn new(env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { env, event: OnceCell::new() }
    }

    /// The value of the first template that has one.
    pub fn first(&self, alternatives: &[&str]) -> Option<String> {
        alternatives.iter().find_map(|template| self.resolve(template))
    }

    /// The value of a template.
    pub fn resolve(&self, template: &str) -> Option<String> {
        let mut value = String::new();
        let mut rest = template;
        while let Some((text, part)) = rest.split_once('{') {
            let (part, after) = part.split_once('}')?;
            value.push_str(text);
            value.push_str(&self.part(part)?);
            rest = after;
        }
        value.push_str(rest);
        Some(value)
    }

    fn part(&self, part: &str) -> Option<String> {
        if let Some(path) = part.strip_prefix("event.") {
            return self.event_member(path);
        }
        if let Some(name) = part.strip_prefix("file:") {
            return job_id(Path::new(&(self.env)(name)?));
        }
        let operator = part.find(['+', '=', '!', '^', '~', ':']).unwrap_or(part.len());
        let (name, operation) = part.split_at(operator);
        let value =
            (self.env)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())?;
        let operand = operation.get(1..).unwrap_or_default();
        match operation.chars().next() {
            None => Some(value),
            Some('+') => Some((value.parse::<u64>().ok()?.saturating_add(1)).to_string()),
            Some('=') => (value == operand).then_some(value),
            Some('!') => (value != operand).then_some(value),
            Some('^') => value.starts_with(operand).then_some(value),
            Some('~') => value.strip_prefix(operand).map(str::to_owned),
            Some(_) => value.split(':').next().map(str::to_owned),
        }
    }

    fn event_member(&self, path: &str) -> Option<String> {
        let event = self.event.get_or_init(|| {
            (self.env)("GITHUB_EVENT_PATH").and_then(|path| read_json(Path::new(&path))).unwrap_or_default()
        });
        match path.split('.').try_fold(event, |value, name| value.get(name))? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn read_json(path: &Path) -> Option<Value> {
    if std::fs::metadata(path).ok()?.len() > EVENT_MAX_BYTES {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The id in the job's file, which the first call creates.
fn job_id(directory: &Path) -> Option<String> {
    let path = directory.join(JOB_FILE);
    if !path.exists() {
        // Written completely under another name, so that no other process reads a part of it.
        let id = new_idempotency_key();
        let temporary = directory.join(format!("{JOB_FILE}-{id}"));
        std::fs::write(&temporary, &id).ok()?;
        // Fails if another process was faster; then its id is used.
        let _ = std::fs::hard_link(&temporary, &path);
        let _ = std::fs::remove_file(&temporary);
    }
    Some(std::fs::read_to_string(&path).ok()?.trim().to_owned()).filter(|id| !id.is_empty())
}

/// The variables that a template names, in order.
#[cfg(test)]
pub fn variables(template: &str) -> Vec<String> {
    let parts = template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    parts
        .map(|part| {
            let part = part.strip_prefix("file:").unwrap_or(part);
            match part.strip_prefix("event.") {
                Some(_) => "GITHUB_EVENT_PATH".to_owned(),
                None => part.split(['+', '=', '!', '^', '~', ':']).next().unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_a_value_only_if_all_its_parts_have_one() {
        let env = |name: &str| match name {
            "A" => Some("refs/heads/x".to_owned()),
            "N" => Some("2".to_owned()),
            "ID" => Some("app:77".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let resolver = Resolver::new(&env);
        for (template, value) in [
            ("{A}", Some("refs/heads/x")),
            ("<{A}|{N+1}>", Some("<refs/heads/x|3>")),
            ("{A~refs/heads/}", Some("x")),
            ("{A~refs/tags/}", None),
            ("{A^refs/heads/}", Some("refs/heads/x")),
            ("{A^refs/tags/}", None),
            ("{N=2}", Some("2")),
            ("{N=3}", None),
            ("{N!3}", Some("2")),
            ("{N!2}", None),
            ("{MISSING!2}", None),
            ("{A+1}", None),
            ("{ID:}", Some("app")),
            ("{EMPTY}", None),
            ("{A} {MISSING}", None),
            ("text", Some("text")),
            ("{event.a}", None),
            ("{file:MISSING}", None),
        ] {
            assert_eq!(resolver.resolve(template).as_deref(), value, "{template}");
        }
        assert_eq!(resolver.first(&["{MISSING}", "{N}", "{A}"]).as_deref(), Some("2"));
    }

    #[test]
    fn members_of_the_event_file_are_values() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("event.json");
        std::fs::write(&path, r#"{"pull_request":{"number":12,"head":{"sha":"abc","ref":""}}}"#).unwrap();
        let env = |name: &str| (name == "GITHUB_EVENT_PATH").then(|| path.display().to_string());
        let resolver = Resolver::new(&env);
        let value = |template: &str| resolver.resolve(template);
        assert_eq!(value("{event.pull_request.head.sha}").as_deref(), Some("abc"));
        assert_eq!(value("refs/pull/{event.pull_request.number}/head").as_deref(), Some("refs/pull/12/head"));
        assert_eq!(value("{event.pull_request.head.ref}"), None);
        assert_eq!(value("{event.pull_request.head.repo.full_name}"), None);
        std::fs::write(&path, "no json").unwrap();
        assert_eq!(Resolver::new(&env).resolve("{event.pull_request.head.sha}"), None);
    }

    #[test]
    fn all_processes_of_a_job_get_the_same_id() {
        let job = |directory: &Path| {
            let directory = directory.display().to_string();
            let env = move |name: &str| (name == "TEMP").then(|| directory.clone());
            Resolver::new(&env).resolve("{file:TEMP}").unwrap()
        };
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(job(first.path()), job(first.path()));
        assert_ne!(job(first.path()), job(second.path()));
        assert_eq!(std::fs::read_dir(first.path()).unwrap().count(), 1, "no temporary file remains");
    }
}
