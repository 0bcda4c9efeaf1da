//! The notice on a page that shows an earlier state.

use crate::messages::as_of as msg;
use crate::messages::jobs::STAGEPOST;
use crate::times::absolute;
use crate::{Frame, Html, Language, links};
use askama::Template;
use domain::Timestamp;
use domain::model::as_of::{AsOf, Moment};

/// The earlier state that a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The requested moment.
    pub as_of: AsOf,
    /// The state that was read.
    pub moment: &'a Moment,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="notice as-of" role="status">{{ text }} <a href="{{ frame.base }}{{ path }}">{{ frame.text(msg::PRESENT) }}</a></p>"#
)]
struct View<'a> {
    frame: &'a Frame,
    text: String,
    /// The page of the current state.
    path: &'a str,
}

impl Past<'_> {
    /// The notice, with a link to the current state at `path`.
    pub fn html(&self, frame: &Frame, path: &str) -> Html {
        let time = |at: Timestamp| absolute(at, &frame.zone);
        let mut text = frame.format(msg::AS_IT_WAS, time(self.moment.at));
        let mut add = |sentence: String| {
            if frame.language == Language::English {
                text.push(' ');
            }
            text.push_str(&sentence);
        };
        add(match &self.moment.last_report {
            Some(last) => {
                let reporter = last.entry.reporter.as_deref().map(|name| frame.sanitize(name));
                let reporter = reporter.unwrap_or_else(|| frame.text(STAGEPOST).to_owned());
                frame.format2(msg::LAST_REPORT, last.entry.report_id, reporter)
            }
            None => frame.text(msg::NO_REPORT).to_owned(),
        });
        if let Some(since) = self.moment.kept_since.filter(|_| !self.moment.is_complete()) {
            add(frame.format(msg::INCOMPLETE, time(since)));
        }
        Html(crate::render(&View { frame, text, path }))
    }

    /// Whether the verdict of a gate was recorded or is replayed, and the version of its rules.
    pub fn verdict_source(frame: &Frame, recorded: bool, rules_version: i64) -> String {
        frame.format(if recorded { msg::RECORDED } else { msg::REPLAYED }, rules_version)
    }

    /// The page of a pipeline at the time. A report may be of another pipeline.
    pub(crate) fn pipeline_address(past: Option<&Past<'_>>, path: &str) -> String {
        let at_time = past.map(|past| Past { as_of: AsOf::Time(past.moment.at), ..*past });
        Self::address(at_time.as_ref(), path, &[])
    }

    /// An address with the moment in addition to these parameters.
    pub fn address(past: Option<&Past<'_>>, path: &str, parameters: &[(&str, &str)]) -> String {
        let as_of = past.map(|past| past.as_of.to_string());
        let as_of = as_of.as_deref().map(|text| (AsOf::FIELD, text));
        let all: Vec<(&str, &str)> = parameters.iter().copied().chain(as_of).collect();
        if all.is_empty() { path.to_owned() } else { links::address(path, &all) }
    }
}
