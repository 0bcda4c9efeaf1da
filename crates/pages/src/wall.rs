//! The wall: the health of repositories on a screen that nobody operates. It is large, has few words and no navigation.

use crate::messages::wall as msg;
use crate::repositories::{count_text, is_active, progress};
use crate::times::absolute;
use crate::{Frame, Html, assets};
use askama::Template;
use domain::Timestamp;
use domain::model::repositories::RepositoryOverview;
use domain::model::repository_health::{Health, HealthPage};
use domain::model::status::Status;

/// The repositories on the wall unless the address has another number.
pub const TILES: &str = "60";

/// The page.
#[derive(Debug, Template)]
#[template(path = "wall.html")]
pub struct Wall<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repositories.
    pub list: &'a HealthPage,
}

impl Wall<'_> {
    /// What the wall says first: the number of failing repositories, or that none fails.
    fn headline(&self) -> String {
        match self.failing() {
            None => self.frame.format(msg::TOTAL, self.list.total),
            Some(0) if self.list.total == 0 => self.frame.text(msg::NOTHING).to_owned(),
            Some(0) => self.frame.text(msg::NONE_FAILING).to_owned(),
            Some(count) => count_text(self.frame, Health::Failing, count),
        }
    }

    /// The number of failing repositories; `None`: there are too many repositories to count.
    fn failing(&self) -> Option<usize> {
        self.list.counts.map(|counts| counts.get(Health::Failing))
    }

    fn is_failing(&self) -> bool {
        self.failing().is_some_and(|count| count > 0)
    }

    /// The numbers of running and passing repositories.
    fn others(&self) -> Vec<(Health, String)> {
        let Some(counts) = self.list.counts else { return Vec::new() };
        let shown = [Health::Running, Health::Passing].into_iter().filter(|health| counts.get(*health) > 0);
        shown.map(|health| (health, count_text(self.frame, health, counts.get(health)))).collect()
    }

    /// The number of repositories that the wall has no room for.
    fn left_out(&self) -> u64 {
        self.list.total.saturating_sub(self.list.repositories.len() as u64)
    }

    fn is_active(&self) -> bool {
        is_active(self.list)
    }

    /// The icon of the tab.
    fn icon(&self) -> &'static str {
        assets::favicon(if self.is_failing() { Status::Failed } else { Status::Success })
    }

    /// Changes with every file of the wall, which loads itself again then.
    fn version(&self) -> String {
        ["app.css", "health.css", "app.js", "live.js", "wall.js"].map(assets::address).concat()
    }

    /// The time of the data, in full.
    fn at(&self) -> String {
        absolute(self.frame.now, &self.frame.zone)
    }

    /// The status that a tile shows: of the current pipeline unless the branch fails.
    fn status(&self, of: &RepositoryOverview) -> Option<Status> {
        let failed = of.branch.result().filter(|result| result.status.is_bad());
        let shown = failed.or(of.branch.current()).or(of.branch.last_finished());
        shown.map(|pipeline| pipeline.status)
    }

    /// Since when a failing branch fails; of another one, when its last pipeline ended.
    fn since(&self, of: &RepositoryOverview) -> Option<Timestamp> {
        let pipeline = of.branch.failing_since().or(of.branch.last_finished());
        pipeline.map(|pipeline| pipeline.ended_at())
    }

    fn progress(&self, of: &RepositoryOverview) -> Html {
        progress(self.frame, of)
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;
    use crate::repositories::tests::{list, overview};

    #[test]
    fn a_wall_says_what_fails_without_any_navigation() {
        use Status::{Failed, Running, Success};
        let list = list(vec![
            overview(1, "acme/<b>", &[Success]),
            overview(2, "acme/pay/api", &[Running, Failed, Failed, Success]),
            overview(3, "acme/new", &[]),
        ]);
        let frame = frame();
        let html = Wall { frame: &frame, list: &list }.html();
        assert!(html.contains("<h1>1 failing</h1>") && html.contains("1 passing"), "{html}");
        assert!(!html.contains("class=\"top\"") && !html.contains("<footer"), "{html}");
        assert!(html.contains("2026-11-24 16:00:00 +08:00") && html.contains("wall-stale"), "{html}");
        assert!(html.contains("acme/pay/") && html.contains("<b>&#60;b&#62;</b>"), "{html}");
        let (failing, passing) = (html.find("health-failing\""), html.find("tile health-passing"));
        assert!(failing.is_some() && failing < passing, "{html}");
        let at = html.find(">api<").unwrap();
        assert!(
            html[at..].contains("Failed") && html[at..].contains("1 h ago"),
            "since the first failure: {html}"
        );
    }

    #[test]
    fn a_wall_without_failures_says_so() {
        let good = list(vec![overview(1, "acme/a", &[Status::Success])]);
        let (frame, none) = (frame(), list(Vec::new()));
        let wall = |list: &HealthPage| Wall { frame: &frame, list }.html();
        assert!(wall(&good).contains("<h1>None failing</h1>"));
        assert!(wall(&none).contains("<h1>No repositories</h1>"));
        let some = HealthPage { total: 9, ..good };
        assert!(wall(&some).contains("8 more"));
    }
}
