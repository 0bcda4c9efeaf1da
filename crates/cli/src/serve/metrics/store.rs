//! The metrics of what the store has and what waits in it, measured at intervals. Every node of a store reports the
//! same numbers, so they are not added up.

use super::text::{Kind, MetricsText};
use crate::serve::maintenance::wait_for;
use domain::model::storage::{Backlog, StoreFigures};
use domain::{App, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The label of all repositories that are not named alone. A path of a repository contains a slash.
const OTHER: &str = "other";

/// How often the store is measured, at least.
const MEASURE_INTERVAL: Duration = Duration::from_secs(30);

/// The last figures, which `/metrics` shows.
#[derive(Clone)]
pub struct StoreMetrics {
    measured: Arc<Mutex<Option<Measured>>>,
    started_at: Timestamp,
}

struct Measured {
    figures: StoreFigures,
    database_bytes: Option<u64>,
    at: Timestamp,
}

impl StoreMetrics {
    /// No figures yet, in a process that started at this time.
    pub fn new(started_at: Timestamp) -> Self {
        Self { measured: Arc::default(), started_at }
    }

    /// When the process started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Measures once. If that fails, the former figures stay, with their age.
    async fn measure(&self, app: &App, repositories: u32) {
        match Measured::now(app, repositories).await {
            Ok(measured) => *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = Some(measured),
            Err(error) => tracing::warn!(%error, "cannot measure the store for the metrics"),
        }
    }

    /// Measures at intervals of `interval` or half a minute, whichever is shorter, until the server stops.
    pub async fn keep_measuring(
        &self,
        app: &App,
        repositories: u32,
        interval: Duration,
        mut stopped: watch::Receiver<()>,
    ) {
        loop {
            self.measure(app, repositories).await;
            if !wait_for(&mut stopped, interval.min(MEASURE_INTERVAL)).await {
                return;
            }
        }
    }

    /// Adds the metrics at this time, with the names of repositories if `has_names`. Without any figures their age is
    /// the time since the start.
    pub fn add(&self, text: &mut MetricsText, now: Timestamp, has_names: bool) {
        let measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(measured) = &*measured {
            measured.add(text, has_names);
        }
        let measured_at = measured.as_ref().map_or(self.started_at, |measured| measured.at);
        text.add_one(
            "stagepost_store_figures_age_seconds",
            Kind::Gauge,
            "Age of the figures about the store, which are measured at intervals.",
            Some(seconds(measured_at, now)),
        );
    }
}

impl Measured {
    async fn now(app: &App, repositories: u32) -> domain::Result<Self> {
        let figures = app.store.figures(repositories).await?;
        let database_bytes = app.store.storage().await?.database_bytes;
        Ok(Self { figures, database_bytes, at: app.clock.now() })
    }

    fn add(&self, text: &mut MetricsText, has_names: bool) {
        let Self { figures, database_bytes, at } = self;
        let bytes = database_bytes.map(|bytes| bytes as f64);
        text.add_one(
            "stagepost_store_size_bytes",
            Kind::Gauge,
            "Size of the database, without the write-ahead log of SQLite.",
            bytes,
        );
        text.add_one(
            "stagepost_repositories",
            Kind::Gauge,
            "Repositories.",
            Some(figures.repositories as f64),
        );
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for job in &figures.jobs {
            let repository = job.repository.as_deref().filter(|_| has_names).unwrap_or(OTHER);
            *counts.entry((repository, job.status.as_str())).or_default() += job.count;
        }
        let labels: Vec<[(&str, &str); 2]> = counts
            .keys()
            .map(|(repository, status)| [("repository", *repository), ("status", *status)])
            .collect();
        let jobs: Vec<(&[(&str, &str)], f64)> =
            labels.iter().zip(counts.values()).map(|(labels, count)| (&labels[..], *count as f64)).collect();
        text.add(
            "stagepost_jobs",
            Kind::Gauge,
            "Attempts of jobs by repository and status; `other`: all repositories that have no series of their own.",
            &jobs,
        );
        let backlogs: [(&str, &Backlog); 3] = [
            ("webhooks", &figures.webhooks),
            ("forwarding", &figures.forwarding),
            ("verdicts", &figures.verdicts),
        ];
        let labels = backlogs.map(|(queue, _)| [("queue", queue)]);
        let values = |value: &dyn Fn(&Backlog) -> f64| -> Vec<(&[(&str, &str)], f64)> {
            labels.iter().zip(backlogs).map(|(labels, (_, backlog))| (&labels[..], value(backlog))).collect()
        };
        text.add(
            "stagepost_backlog_items",
            Kind::Gauge,
            "Items that wait to be sent or evaluated, at most 100000 of each queue.",
            &values(&|backlog| backlog.items as f64),
        );
        text.add(
            "stagepost_backlog_overdue_seconds",
            Kind::Gauge,
            "How long the item is due that is due for the longest time; 0: none is due.",
            &values(&|backlog| overdue(backlog, *at)),
        );
    }
}

fn overdue(backlog: &Backlog, now: Timestamp) -> f64 {
    backlog.due_since.map_or(0.0, |since| seconds(since, now))
}

/// The seconds between two times; 0 if the second one is earlier.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::status::Status;
    use domain::model::storage::JobCount;

    #[test]
    fn repositories_beyond_the_bound_are_others_and_later_attempts_are_not_overdue() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let count = |repository: Option<&str>, count| JobCount {
            repository: repository.map(str::to_owned),
            status: Status::Failed,
            count,
        };
        let backlog = |second| Backlog { items: 2, due_since: Some(at(second)) };
        let figures = StoreFigures {
            repositories: 3,
            jobs: vec![count(Some("acme/demo"), 5), count(None, 7)],
            webhooks: backlog(90),
            forwarding: backlog(500),
            verdicts: Backlog::default(),
        };
        let metrics = StoreMetrics::new(at(40));
        let render = |now: i64, has_names: bool| {
            let mut text = MetricsText::default();
            metrics.add(&mut text, at(now), has_names);
            text.into_text()
        };
        assert!(render(103, true).contains("stagepost_store_figures_age_seconds 63\n"), "not measured yet");
        *metrics.measured.lock().unwrap() =
            Some(Measured { figures, database_bytes: Some(4_096), at: at(100) });
        let text = render(103, true);
        for line in [
            "stagepost_store_size_bytes 4096",
            "stagepost_jobs{repository=\"acme/demo\",status=\"failed\"} 5",
            "stagepost_jobs{repository=\"other\",status=\"failed\"} 7",
            "stagepost_backlog_items{queue=\"webhooks\"} 2",
            "stagepost_backlog_overdue_seconds{queue=\"webhooks\"} 10",
            "stagepost_backlog_overdue_seconds{queue=\"forwarding\"} 0",
            "stagepost_backlog_overdue_seconds{queue=\"verdicts\"} 0",
            "stagepost_store_figures_age_seconds 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let text = render(103, false);
        assert!(text.contains("stagepost_jobs{repository=\"other\",status=\"failed\"} 12\n"), "{text}");
        assert!(!text.contains("acme/demo"), "{text}");
    }
}
