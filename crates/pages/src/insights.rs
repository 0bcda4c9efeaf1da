//! How the jobs of a repository did of late: numbers, a chart of days, and its jobs in the order that is asked for.

use crate::layout::fill;
use crate::links::address;
use crate::messages::{Text, insights as w};
use crate::times::absolute;
use crate::{Frame, times};
use askama::Template;
use domain::SignedDuration;
use domain::model::insights::{
    ATTEMPTS_MAX, Day, InsightFilter, InsightOrder, Insights, JobInsight, OutcomeCounts,
};
use domain::model::repositories::Repository;

/// Width of a day in the chart, and of what is drawn of it.
const DAY: usize = 10;
/// Height of the chart.
const HEIGHT: u32 = 100;
/// Length of the longest bar of durations.
const LONGEST: i128 = 100;

/// The columns of jobs, each with the order that a click on it asks for.
const COLUMNS: [(InsightOrder, Text, &str); 7] = [
    (InsightOrder::Name, w::JOB, ""),
    (InsightOrder::Runs, w::RUNS, "num"),
    (InsightOrder::SuccessRate, w::SUCCESS_RATE, "num"),
    (InsightOrder::Median, w::MEDIAN, "num"),
    (InsightOrder::P95, w::P95, "num"),
    (InsightOrder::Retried, w::RETRIED, "num"),
    (InsightOrder::Flaky, w::FLAKY, "num"),
];

/// The page.
#[derive(Debug, Template)]
#[template(path = "insights.html")]
pub struct InsightsPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Whose they are.
    pub repository: &'a Repository,
    /// May change its settings.
    pub manages: bool,
    /// What was asked for.
    pub filter: &'a InsightFilter,
    /// What was found.
    pub found: &'a Insights,
}

/// A day as it is drawn.
struct Bar {
    x: usize,
    /// Where its parts begin, and how high they are: what passed below, what did not on top of it.
    passed: (u32, u32),
    failed: (u32, u32),
    text: String,
}

impl InsightsPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/insights", self.repository.id)
    }

    fn git_ref(&self) -> &str {
        self.filter.git_ref.as_deref().unwrap_or_default()
    }

    /// The same in another order.
    fn sorted(&self, order: &InsightOrder) -> String {
        let days = self.filter.days.to_string();
        address(&self.path(), &[("days", &days), ("ref", self.git_ref()), ("sort", order.as_str())])
    }

    /// The orders that are worth a name.
    fn orders(&self) -> [(InsightOrder, Text); 5] {
        [
            (InsightOrder::Runs, w::MOST_RUNS),
            (InsightOrder::P95, w::SLOWEST),
            (InsightOrder::SuccessRate, w::WORST),
            (InsightOrder::Retried, w::MOST_RETRIED),
            (InsightOrder::Flaky, w::MOST_FLAKY),
        ]
    }

    /// `aria-sort` of a column.
    fn aria_sort(&self, order: &InsightOrder) -> crate::Html {
        let way = match *order {
            InsightOrder::Name | InsightOrder::SuccessRate => "ascending",
            _ => "descending",
        };
        crate::Html(if self.filter.order == *order { format!(" aria-sort=\"{way}\"") } else { String::new() })
    }

    fn cut(&self) -> Option<String> {
        let at = absolute(self.found.cut_before?, &self.frame.zone);
        Some(self.frame.fill2(w::CUT, ATTEMPTS_MAX, at))
    }

    fn more_jobs(&self) -> Option<String> {
        let shown = self.found.jobs.len();
        let more = self.found.job_count > shown;
        more.then(|| self.frame.fill2(w::MORE_JOBS, shown, self.found.job_count))
    }

    fn chart_width(&self) -> usize {
        self.found.days.len() * DAY
    }

    fn chart_text(&self) -> String {
        let date = |day: Option<&Day>| day.map(|day| day.date.to_string()).unwrap_or_default();
        let (first, last) = (date(self.found.days.first()), date(self.found.days.last()));
        let ends = &self.found.outcomes;
        fill(self.frame.say(w::CHART_TEXT), &[&first, &last, &ends.runs(), &ends.success])
    }

    fn bars(&self) -> Vec<Bar> {
        let most = self.found.days.iter().map(|day| day.outcomes.runs()).max().unwrap_or_default().max(1);
        // What there is at all is seen.
        let height = |count: u32| if count == 0 { 0 } else { (count * HEIGHT / most).max(1) };
        let bar = |(at, day): (usize, &Day)| {
            let (whole, passed) = (height(day.outcomes.runs()), height(day.outcomes.success));
            let passed = passed.min(whole);
            Bar {
                x: at * DAY,
                passed: (HEIGHT - passed, passed),
                failed: (HEIGHT - whole, whole - passed),
                text: fill(
                    self.frame.say(w::DAY_TEXT),
                    &[&day.date, &day.outcomes.runs(), &day.outcomes.success],
                ),
            }
        };
        self.found.days.iter().enumerate().map(bar).collect()
    }

    fn percent(&self, ends: &OutcomeCounts) -> String {
        percent(ends)
    }

    fn took(&self, long: &Option<SignedDuration>) -> String {
        took(*long)
    }

    /// How long the bars of a job's durations are: its median, and what its 95th percentile is longer. The longest of the page is whole.
    fn lengths(&self, job: &JobInsight) -> Option<(i128, i128)> {
        let longest = self.found.jobs.iter().filter_map(|job| job.p95).max()?.as_millis().max(1);
        let length = |took: SignedDuration| took.as_millis() * LONGEST / longest;
        let (median, p95) = (length(job.median?).max(1), length(job.p95?).max(1));
        Some((median, (p95 - median).max(0)))
    }
}

/// A part as percent. What is not all is never 100 %.
fn percent(ends: &OutcomeCounts) -> String {
    ends.success_rate().map(|rate| format!("{:.1}%", (rate * 1_000.0).floor() / 10.0)).unwrap_or_default()
}

/// A duration; under ten seconds with its tenths.
fn took(took: Option<SignedDuration>) -> String {
    match took {
        None => String::new(),
        Some(took) if took.as_secs() < 10 => {
            let tenths = took.as_millis().max(0) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        Some(took) => times::duration(took),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::layout::tests::frame;
    use domain::Timestamp;
    use domain::model::insights::{EndedAttempt, Period};
    use domain::model::status::Status;

    pub(crate) fn repository() -> Repository {
        let id = domain::model::ids::RepositoryId::new(7).unwrap();
        Repository { id, path: "acme/<demo>".into(), ..crate::samples::repository() }
    }

    fn ended(name: &str, status: Status, hours: i64, seconds: i64) -> EndedAttempt {
        let finished_at = frame().now - SignedDuration::from_hours(hours);
        EndedAttempt {
            stage: "test".into(),
            name: name.into(),
            sha: "a".into(),
            status,
            newest: status == Status::Success,
            started_at: Some(finished_at - SignedDuration::from_secs(seconds)),
            finished_at,
        }
    }

    fn page(attempts: Vec<EndedAttempt>, cut_before: Option<Timestamp>) -> String {
        let filter = InsightFilter { days: 7, git_ref: Some("feat/a&b".into()), order: InsightOrder::P95 };
        let found = Insights::compute(Period::last(7, frame().now), cut_before, attempts, filter.order);
        let (frame, repository) = (frame(), repository());
        let page = InsightsPage {
            frame: &frame,
            repository: &repository,
            manages: false,
            filter: &filter,
            found: &found,
        };
        page.html()
    }

    #[test]
    fn what_was_found_stands_there_with_its_text_alternatives() {
        let html = page(
            vec![
                ended("unit", Status::Success, 1, 65),
                ended("unit", Status::Failed, 1, 125),
                ended("<b>lint</b>", Status::Success, 30, 3),
            ],
            None,
        );
        assert!(
            html.contains(
                "aria-label=\"Runs per day from 2026-11-18 to 2026-11-24: 3 in all, 2 of them passed\""
            ),
            "{html}"
        );
        assert!(html.contains("<title>2026-11-24: 2 runs, 1 of them passed</title>"), "{html}");
        assert!(
            html.contains("66.6%")
                && html.contains("50.0%")
                && html.contains("2:05")
                && html.contains("3.0 s"),
            "{html}"
        );
        assert!(html.contains("&lt;b&gt;lint&lt;/b&gt;") || html.contains("&#60;b&#62;lint"), "{html}");
        assert!(!html.contains("<b>lint"), "{html}");
        assert!(html.contains("aria-sort=\"descending\""), "{html}");
        assert!(html.contains("ref=feat%2Fa%26b") && html.contains("sort=flaky"), "{html}");
        assert!(!html.contains("notice"), "nothing was left out: {html}");
    }

    #[test]
    fn an_answer_that_was_cut_says_so_and_an_empty_one_too() {
        let html =
            page(vec![ended("unit", Status::Success, 1, 1)], Some("2026-11-20T00:00:00Z".parse().unwrap()));
        assert!(
            html.contains(
                "only the newest 50000 were looked at, none that ended before 2026-11-20 08:00:00 +08:00"
            ),
            "{html}"
        );
        let html = page(Vec::new(), None);
        assert!(
            html.contains("No attempt ended in this time") && !html.contains("<svg class=\"chart\""),
            "{html}"
        );
    }

    #[test]
    fn what_is_not_all_is_never_a_hundred_percent() {
        let ends = |success, failed| OutcomeCounts { success, failed, ..OutcomeCounts::default() };
        for (ends, want) in
            [(ends(0, 0), ""), (ends(2, 0), "100.0%"), (ends(9_999, 1), "99.9%"), (ends(0, 3), "0.0%")]
        {
            assert_eq!(percent(&ends), want);
        }
        for (ms, want) in
            [(0, "0.0 s"), (999, "0.9 s"), (9_999, "9.9 s"), (10_000, "0:10"), (3_600_000, "1:00:00")]
        {
            assert_eq!(took(Some(SignedDuration::from_millis(ms))), want);
        }
    }

    #[test]
    fn a_day_is_seen_however_few_its_runs_are_and_fits_into_the_chart() {
        let mut attempts: Vec<EndedAttempt> =
            (0..500).map(|_| ended("unit", Status::Success, 1, 1)).collect();
        attempts.push(ended("unit", Status::Failed, 30, 1));
        let filter = InsightFilter { days: 7, git_ref: None, order: InsightOrder::Runs };
        let found = Insights::compute(Period::last(7, frame().now), None, attempts, filter.order);
        let (frame, repository) = (frame(), repository());
        let page = InsightsPage {
            frame: &frame,
            repository: &repository,
            manages: false,
            filter: &filter,
            found: &found,
        };
        let bars = page.bars();
        assert_eq!((bars.len(), bars[6].passed, bars[6].failed.1), (7, (0, 100), 0));
        assert_eq!((bars[5].passed.1, bars[5].failed), (0, (99, 1)));
        assert_eq!((bars[0].passed.1, bars[0].failed.1), (0, 0));
    }
}
