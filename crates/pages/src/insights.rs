//! The insights of a repository: totals, a chart of runs per day, and the jobs in a selectable order.

use crate::job_runs::job_runs_address;
use crate::layout::fill_placeholders;
use crate::links::address;
use crate::messages::{Text, insights as msg};
use crate::times::absolute;
use crate::{Frame, times};
use askama::Template;
use domain::SignedDuration;
use domain::model::insights::{
    ATTEMPTS_MAX, Day, InsightFilter, InsightOrder, Insights, JobInsight, OutcomeCounts,
};
use domain::model::repositories::Repository;

/// Width of a day in the chart, in units of the view box.
const DAY_WIDTH: usize = 10;
/// Height of the chart, in units of the view box.
const CHART_HEIGHT: u32 = 100;
/// Length of the longest duration bar, in units of the view box.
const BAR_LENGTH_MAX: i128 = 100;

/// The columns of the table of jobs: order, title and class.
const COLUMNS: [(InsightOrder, Text, &str); 7] = [
    (InsightOrder::Name, msg::JOB, ""),
    (InsightOrder::Runs, msg::RUNS, "num"),
    (InsightOrder::SuccessRate, msg::SUCCESS_RATE, "num"),
    (InsightOrder::Median, msg::MEDIAN, "num"),
    (InsightOrder::P95, msg::P95, "num"),
    (InsightOrder::Retried, msg::RETRIED, "num"),
    (InsightOrder::Flaky, msg::FLAKY, "num"),
];

/// The page.
#[derive(Debug, Template)]
#[template(path = "insights.html")]
pub struct InsightsPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Whether the user can change the settings of the repository.
    pub can_manage: bool,
    /// The filter.
    pub filter: &'a InsightFilter,
    /// The insights.
    pub found: &'a Insights,
}

/// The bars of a day.
struct Bar {
    x: usize,
    /// Top and height of the lower bar (passed) and of the upper bar (failed).
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

    /// The address of the same page in another order.
    fn sort_address(&self, order: &InsightOrder) -> String {
        let days = self.filter.days.to_string();
        address(&self.path(), &[("days", &days), ("ref", self.git_ref()), ("sort", order.as_str())])
    }

    /// The page of a job across pipelines.
    fn job_address(&self, job: &JobInsight) -> String {
        job_runs_address(self.repository, &job.stage, &job.name, self.git_ref(), "")
    }

    /// The orders that have a tab.
    fn orders(&self) -> [(InsightOrder, Text); 5] {
        [
            (InsightOrder::Runs, msg::MOST_RUNS),
            (InsightOrder::P95, msg::SLOWEST),
            (InsightOrder::SuccessRate, msg::LOWEST_SUCCESS_RATE),
            (InsightOrder::Retried, msg::MOST_RETRIED),
            (InsightOrder::Flaky, msg::MOST_FLAKY),
        ]
    }

    /// The attribute `aria-sort` of a column.
    fn aria_sort(&self, order: &InsightOrder) -> crate::Html {
        let direction = match *order {
            InsightOrder::Name | InsightOrder::SuccessRate => "ascending",
            _ => "descending",
        };
        crate::Html(if self.filter.order == *order {
            format!(" aria-sort=\"{direction}\"")
        } else {
            String::new()
        })
    }

    fn truncation_note(&self) -> Option<String> {
        let at = absolute(self.found.cut_before?, &self.frame.zone);
        Some(self.frame.format2(msg::TRUNCATED, ATTEMPTS_MAX, at))
    }

    fn more_jobs(&self) -> Option<String> {
        let shown = self.found.jobs.len();
        let more = self.found.job_count > shown;
        more.then(|| self.frame.format2(msg::MORE_JOBS, shown, self.found.job_count))
    }

    fn chart_width(&self) -> usize {
        self.found.days.len() * DAY_WIDTH
    }

    fn chart_text(&self) -> String {
        let date = |day: Option<&Day>| day.map(|day| day.date.to_string()).unwrap_or_default();
        let (first, last) = (date(self.found.days.first()), date(self.found.days.last()));
        let outcomes = &self.found.outcomes;
        fill_placeholders(
            self.frame.text(msg::CHART_TEXT),
            &[&first, &last, &outcomes.runs(), &outcomes.success],
        )
    }

    fn bars(&self) -> Vec<Bar> {
        let most = self.found.days.iter().map(|day| day.outcomes.runs()).max().unwrap_or_default().max(1);
        // A count above zero has a visible bar.
        let height = |count: u32| if count == 0 { 0 } else { (count * CHART_HEIGHT / most).max(1) };
        let bar = |(at, day): (usize, &Day)| {
            let (whole, passed) = (height(day.outcomes.runs()), height(day.outcomes.success));
            let passed = passed.min(whole);
            Bar {
                x: at * DAY_WIDTH,
                passed: (CHART_HEIGHT - passed, passed),
                failed: (CHART_HEIGHT - whole, whole - passed),
                text: fill_placeholders(
                    self.frame.text(msg::DAY_TEXT),
                    &[&day.date, &day.outcomes.runs(), &day.outcomes.success],
                ),
            }
        };
        self.found.days.iter().enumerate().map(bar).collect()
    }

    fn percent(&self, outcomes: &OutcomeCounts) -> String {
        percent(outcomes)
    }

    fn duration_text(&self, duration: &Option<SignedDuration>) -> String {
        duration_text(*duration)
    }

    /// The lengths of the duration bars of a job: the median, and the 95th percentile beyond it. The longest
    /// 95th percentile of the page has the full length.
    fn duration_bars(&self, job: &JobInsight) -> Option<(i128, i128)> {
        let longest = self.found.jobs.iter().filter_map(|job| job.p95).max()?.as_millis().max(1);
        let length = |duration: SignedDuration| duration.as_millis() * BAR_LENGTH_MAX / longest;
        let (median, p95) = (length(job.median?).max(1), length(job.p95?).max(1));
        Some((median, (p95 - median).max(0)))
    }
}

/// The success rate in percent, rounded down, so that only all successes are 100 %.
pub(crate) fn percent(outcomes: &OutcomeCounts) -> String {
    outcomes.success_rate().map(|rate| format!("{:.1}%", (rate * 1_000.0).floor() / 10.0)).unwrap_or_default()
}

/// A duration; below ten seconds with tenths of a second.
pub(crate) fn duration_text(duration: Option<SignedDuration>) -> String {
    match duration {
        None => String::new(),
        Some(duration) if duration.as_secs() < 10 => {
            let tenths = duration.as_millis().max(0) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        Some(duration) => times::duration(duration),
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
            source: "external".into(),
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
            can_manage: false,
            filter: &filter,
            found: &found,
        };
        page.html()
    }

    #[test]
    fn numbers_and_charts_have_text_alternatives() {
        let html = page(
            vec![
                ended("unit", Status::Success, 1, 65),
                ended("unit", Status::Failed, 1, 125),
                ended("<b>lint</b>", Status::Success, 30, 3),
            ],
            None,
        );
        assert!(
            html.contains("aria-label=\"Runs per day from 2026-11-18 to 2026-11-24: 3 in total, 2 passed\""),
            "{html}"
        );
        assert!(html.contains("<title>2026-11-24: 2 runs, 1 passed</title>"), "{html}");
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
        assert!(!html.contains("notice"), "nothing was truncated: {html}");
    }

    #[test]
    fn truncated_and_empty_insights_have_a_note() {
        let html =
            page(vec![ended("unit", Status::Success, 1, 1)], Some("2026-11-20T00:00:00Z".parse().unwrap()));
        assert!(
            html.contains(
                "Only the latest 50000 are counted, without those that finished before 2026-11-20 08:00:00 +08:00"
            ),
            "{html}"
        );
        let html = page(Vec::new(), None);
        assert!(
            html.contains("No attempts finished in this period") && !html.contains("<svg class=\"chart\""),
            "{html}"
        );
    }

    #[test]
    fn percentages_are_rounded_down() {
        let outcomes = |success, failed| OutcomeCounts { success, failed, ..OutcomeCounts::default() };
        for (outcomes, want) in [
            (outcomes(0, 0), ""),
            (outcomes(2, 0), "100.0%"),
            (outcomes(9_999, 1), "99.9%"),
            (outcomes(0, 3), "0.0%"),
        ] {
            assert_eq!(percent(&outcomes), want);
        }
        for (ms, want) in
            [(0, "0.0 s"), (999, "0.9 s"), (9_999, "9.9 s"), (10_000, "0:10"), (3_600_000, "1:00:00")]
        {
            assert_eq!(duration_text(Some(SignedDuration::from_millis(ms))), want);
        }
    }

    #[test]
    fn a_day_with_few_runs_has_a_visible_bar() {
        let mut attempts: Vec<EndedAttempt> =
            (0..500).map(|_| ended("unit", Status::Success, 1, 1)).collect();
        attempts.push(ended("unit", Status::Failed, 30, 1));
        let filter = InsightFilter { days: 7, git_ref: None, order: InsightOrder::Runs };
        let found = Insights::compute(Period::last(7, frame().now), None, attempts, filter.order);
        let (frame, repository) = (frame(), repository());
        let page = InsightsPage {
            frame: &frame,
            repository: &repository,
            can_manage: false,
            filter: &filter,
            found: &found,
        };
        let bars = page.bars();
        assert_eq!((bars.len(), bars[6].passed, bars[6].failed.1), (7, (0, 100), 0));
        assert_eq!((bars[5].passed.1, bars[5].failed), (0, (99, 1)));
        assert_eq!((bars[0].passed.1, bars[0].failed.1), (0, 0));
    }
}
