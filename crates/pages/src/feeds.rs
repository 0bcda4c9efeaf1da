//! Feeds as text: the health of branches as CCTray XML (version 1 of <https://cctray.org>) and finished pipelines as
//! Atom (RFC 4287). No address in them has a token.

use crate::layout::{fill_placeholders, status_text};
use crate::messages::{Language, feeds as msg};
use crate::pipeline::short_sha;
use crate::times::duration;
use crate::{escape, sanitize};
use domain::Timestamp;
use domain::actions::subscriptions::SubscribedJob;
use domain::model::repositories::Repository;
use domain::model::repository_health::{BranchHealth, BranchPipeline};
use domain::model::status::Status;
use domain::model::users::User;
use std::fmt::Write as _;

/// The start of an XML document.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
/// The authority of the ids of entries where the host of the server is no name.
const NO_AUTHORITY: &str = "stagepost.invalid";

/// A branch in CCTray XML.
#[derive(Debug, Clone, Copy)]
pub struct CctrayProject<'a> {
    /// Its repository.
    pub repository: &'a Repository,
    /// The branch or tag; `None`: the default branch, whose project has the name of the repository.
    pub git_ref: Option<&'a str>,
    /// Its latest pipelines.
    pub branch: &'a BranchHealth,
}

impl CctrayProject<'_> {
    /// The name. The schema of CCTray wants an NMTOKEN, which has neither spaces nor slashes: `acme:demo`.
    fn name(&self) -> String {
        let of_ref = self.git_ref.map(|git_ref| format!("/{git_ref}")).unwrap_or_default();
        let text = format!("{}{of_ref}", self.repository.path);
        let name_char = |c: char| match c {
            '/' => ':',
            c if is_name_char(c) => c,
            _ => '_',
        };
        text.chars().map(name_char).collect()
    }

    fn attributes(&self, base: &str) -> [(&'static str, String); 6] {
        let (current, last) = (self.branch.current(), self.branch.last_finished());
        let status = match last.map(|last| last.status) {
            Some(Status::Success) => "Success",
            Some(status) if status.is_bad() => "Failure",
            _ => "Unknown",
        };
        let label = last.map(|last| last.id.to_string()).unwrap_or_default();
        let ended_at = last.map_or(self.repository.created_at, BranchPipeline::ended_at);
        let shown = current.or(last).map(|pipeline| format!("/{}", pipeline.id)).unwrap_or_default();
        [
            ("name", self.name()),
            ("activity", if current.is_some() { "Building" } else { "Sleeping" }.to_owned()),
            ("lastBuildStatus", status.to_owned()),
            ("lastBuildLabel", label),
            ("lastBuildTime", date_time(ended_at)),
            ("webUrl", format!("{base}/repositories/{}/pipelines{shown}", self.repository.id)),
        ]
    }
}

/// CCTray XML. `base` is the URL of the server. While a pipeline runs, the status is that of the last finished one.
pub fn cctray(base: &str, projects: &[CctrayProject<'_>]) -> String {
    let mut xml = format!("{DECLARATION}<Projects>\n");
    for project in projects {
        xml += "  <Project";
        for (name, value) in project.attributes(base) {
            // Writing into a string does not fail.
            let _ = write!(xml, " {name}=\"{}\"", text(&value));
        }
        xml += "/>\n";
    }
    xml + "</Projects>\n"
}

/// An Atom feed.
#[derive(Debug)]
pub struct AtomFeed<'a> {
    /// The language of its texts.
    pub language: Language,
    /// The URL of the server.
    pub base: &'a str,
    /// What it is about.
    pub subject: FeedSubject<'a>,
    /// The address of the feed below that of the server.
    pub address: &'a str,
    /// The address of the next page below that of the server (RFC 5005).
    pub next: Option<&'a str>,
    /// The entries: finished pipelines and jobs with their refs, latest first.
    pub entries: &'a [AtomEntry<'a>],
}

/// What an Atom feed is about.
#[derive(Debug, Clone, Copy)]
pub enum FeedSubject<'a> {
    /// The default branches of all repositories.
    All,
    /// A repository.
    Repository(&'a Repository),
    /// The subscriptions of a user.
    Subscriptions(&'a User),
}

/// A finished pipeline, or a finished job of it.
#[derive(Debug)]
pub struct AtomEntry<'a> {
    /// Its repository.
    pub repository: &'a Repository,
    /// Its branch or tag.
    pub git_ref: &'a str,
    /// The pipeline.
    pub pipeline: BranchPipeline,
    /// The job, if the entry is about one.
    pub job: Option<&'a SubscribedJob>,
}

impl AtomEntry<'_> {
    /// When the pipeline or the job ended; without a known end, when it was created.
    fn ended_at(&self) -> Timestamp {
        match self.job {
            Some(SubscribedJob { attempt, .. }) => attempt.finished_at.unwrap_or(attempt.created_at),
            None => self.pipeline.ended_at(),
        }
    }
}

impl AtomFeed<'_> {
    /// The feed as XML.
    pub fn xml(&self) -> String {
        let (base, authority) = (self.base, authority(self.base));
        let (id, title, page, since) = self.head();
        let updated = self.entries.iter().map(AtomEntry::ended_at).max().unwrap_or(since);
        let mut xml = format!(
            "{DECLARATION}<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
             <id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>Stagepost</name></author>\n",
            self.language.tag(),
            text(&format!("tag:{authority},2026:{id}")),
            text(&title),
            date_time(updated)
        );
        let links = [("self", Some(self.address)), ("alternate", Some(page.as_str())), ("next", self.next)];
        for (relation, address) in links {
            let Some(address) = address else { continue };
            let _ =
                writeln!(xml, "<link rel=\"{relation}\" href=\"{}\"/>", text(&format!("{base}{address}")));
        }
        for entry in self.entries {
            xml += &self.entry(entry, authority);
        }
        xml + "</feed>\n"
    }

    /// The id without its authority, the title, the page, and the time of a feed without entries.
    fn head(&self) -> (String, String, String, Timestamp) {
        match self.subject {
            FeedSubject::All => (
                "repositories".to_owned(),
                self.format(msg::TITLE, &[]),
                "/repositories".to_owned(),
                Timestamp::UNIX_EPOCH,
            ),
            FeedSubject::Repository(of) => (
                of.uuid.to_string(),
                self.format(msg::TITLE_OF, &[&of.path]),
                format!("/repositories/{}/pipelines", of.id),
                of.created_at,
            ),
            FeedSubject::Subscriptions(user) => (
                format!("{}/subscriptions", user.uuid),
                self.format(msg::TITLE_OF_USER, &[&user.name]),
                "/account/subscriptions".to_owned(),
                user.created_at,
            ),
        }
    }

    fn entry(&self, entry: &AtomEntry<'_>, authority: &str) -> String {
        let AtomEntry { repository, git_ref, pipeline, job } = entry;
        let (status, created_at, time) = match job {
            Some(SubscribedJob { attempt, .. }) => (attempt.status, attempt.created_at, attempt.duration()),
            None => (pipeline.status, pipeline.created_at, pipeline.duration()),
        };
        let result = status_text(status).in_language(self.language);
        let path = &repository.path;
        let (title, part) = match job {
            Some(SubscribedJob { stage, name, attempt }) => (
                self.format(msg::ENTRY_OF_JOB, &[path, &pipeline.id, stage, name, &result, git_ref]),
                format!("/jobs/{}", attempt.id),
            ),
            None => (self.format(msg::ENTRY, &[path, &pipeline.id, &result, git_ref]), String::new()),
        };
        let sha = short_sha(&pipeline.sha);
        let summary = match time.filter(|time| !time.is_negative()) {
            Some(time) => self.format(msg::SUMMARY, &[&sha, &duration(time)]),
            None => self.format(msg::SUMMARY_WITHOUT_DURATION, &[&sha]),
        };
        let (of_pipeline, uuid) = (format!("pipelines/{}{part}", pipeline.id), &repository.uuid);
        let url = format!("{}/repositories/{}/{of_pipeline}", self.base, repository.id);
        format!(
            "<entry>\n<id>tag:{authority},2026:{uuid}/{of_pipeline}</id>\n<title>{}</title>\n<updated>{}</updated>\n\
             <published>{}</published>\n<link rel=\"alternate\" href=\"{}\"/>\n<category term=\"{}\"/>\n\
             <summary>{}</summary>\n</entry>\n",
            text(&title),
            date_time(entry.ended_at()),
            date_time(created_at),
            text(&url),
            status.as_str(),
            text(&summary)
        )
    }

    fn format(&self, of: crate::Text, values: &[&dyn std::fmt::Display]) -> String {
        fill_placeholders(of.in_language(self.language), values)
    }
}

/// The host of a URL, as the authority of a tag URI (RFC 4151): a name in lower case.
fn authority(base: &str) -> &str {
    let after = base.split_once("://").map_or(base, |(_, after)| after);
    let host = after.split(['/', ':']).next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if !host.is_empty() && host.chars().all(is_name) { host } else { NO_AUTHORITY }
}

/// A time as `xs:dateTime` in UTC.
fn date_time(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Text for XML: without the characters that XML 1.0 does not have, and escaped.
fn text(text: &str) -> String {
    let exists = |c: &char| !matches!(c, '\u{fffe}' | '\u{ffff}');
    escape(&sanitize(text).chars().filter(exists).collect::<String>())
}

/// Whether a character may be in an NMTOKEN (XML 1.0, production 4a).
fn is_name_char(c: char) -> bool {
    matches!(c, ':' | '_' | '-' | '.' | 'A'..='Z' | 'a'..='z' | '0'..='9' | '\u{b7}'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{203f}'..='\u{2040}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

#[cfg(test)]
mod tests;
