//! Random sequences of reports, reads, failures and kills, compared with the rules alone.

use super::{connect, create, fail, id, killed, open, repair, state};
use crate::contract::{batch, details};
use domain::model::details::{Details, DetailsReducer};
use domain::model::ids::RepositoryId;
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState, next_pipeline_id};
use domain::model::reports::{Arrival, Report};
use domain::ports::{Events as _, Health as _, Pipelines as _, Receipts, Reports as _};
use std::collections::HashMap;
use testkit::{at, report, with_details};

/// The state of a repository by the rules alone.
#[derive(Default)]
struct Model {
    pipelines: HashMap<PipelineIdentity, PipelineState>,
    counters: Counters,
    details: HashMap<[u8; 32], Details>,
}

impl Model {
    fn record(&mut self, repository: RepositoryId, reports: &[Report]) -> Receipts {
        reports.iter().map(|report| self.apply(repository, report)).collect()
    }

    fn apply(
        &mut self,
        repository: RepositoryId,
        report: &Report,
    ) -> domain::Result<domain::model::reports::Receipt> {
        let identity = PipelineIdentity {
            sha: report.sha.clone(),
            git_ref: report.git_ref.clone(),
            source: report.source.clone(),
            key: String::new(),
        };
        let counters = &mut self.counters;
        counters.report += 1;
        let arrival = Arrival { received_at: at(100), seq: counters.report };
        let state = self.pipelines.entry(identity.clone()).or_insert_with(|| {
            PipelineState::new(next_pipeline_id(counters).unwrap(), repository, identity, at(100))
        });
        let (receipt, _) = state.apply(report, arrival, counters)?;
        if let Some((key, bytes)) = report.state.details.as_ref().zip(report.details.as_ref()) {
            self.details.insert(key.digest, Details::from_bytes(bytes).unwrap());
        }
        Ok(receipt)
    }
}

/// Numbers that only depend on the seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Kills leave the tables behind the journal by none, one or two generations: writing the tables fails at times.
#[tokio::test]
async fn any_sequence_of_reports_reads_failures_and_restarts_gives_the_state_of_the_rules() {
    for seed in 0..24 {
        let mut random = Random(seed);
        let mut dir = tempfile::tempdir().unwrap();
        let (mut store, root, repo) = create(dir.path()).await;
        let (mut model, mut fails) = (Model::default(), false);
        for step in 0..100 {
            match random.below(12) {
                0 => {
                    let mut copy = killed(dir.path());
                    repair(&connect(copy.path()));
                    repair(&connect(dir.path()));
                    if random.below(2) == 0 {
                        // It is killed again after the start, before its first commit.
                        let started = open(copy.path());
                        let again = killed(copy.path());
                        started.close().await.unwrap();
                        copy = again;
                    }
                    let next = open(copy.path());
                    store.close().await.unwrap();
                    (store, dir, fails) = (next, copy, false);
                }
                1 => {
                    repair(&connect(dir.path()));
                    fails = false;
                    store.close().await.unwrap();
                    drop(store);
                    store = open(dir.path());
                }
                2 => {
                    let result = store.set_setting("demo", "x").await;
                    assert!(fails || result.is_ok(), "seed {seed}, step {step}: {result:?}");
                }
                3 | 4 => {
                    let pipeline = random.below(5) + 1;
                    let known = model.pipelines.values().find(|p| p.pipeline.id.get() as usize == pipeline);
                    let known = format!("{:?}", known.map(|p| (&p.pipeline, &p.stages, &p.jobs)));
                    if store.pipeline(repo, id(pipeline as i64)).await.is_err() {
                        assert!(fails, "seed {seed}, step {step}");
                        continue;
                    }
                    assert_eq!(state(&store, repo, pipeline as i64).await, known, "seed {seed}, step {step}");
                }
                5 => {
                    let sql = connect(dir.path());
                    if fails {
                        repair(&sql)
                    } else {
                        fail(&sql, "reports")
                    }
                    fails = !fails;
                }
                _ => {
                    let mut line = || {
                        let status = ["pending", "running", "success", "failed"][random.below(4)];
                        let (stage, name, build) = (random.below(2), random.below(3), random.below(3));
                        report(
                            ['a', 'b', 'c', 'd'][random.below(4)],
                            &format!("s{stage}/{name}:{status}#{build}"),
                        )
                    };
                    let mut reports: Vec<Report> = (0..=step % 3).map(|_| line()).collect();
                    if random.below(3) == 0 {
                        let details = details::input(&step.to_string(), &[random.below(5) as i64 + 1]);
                        reports.push(with_details(reports[0].clone(), details));
                    }
                    let expected = model.record(repo, &reports);
                    let receipts = store.record(batch(repo, &root, reports)).await.unwrap();
                    assert_eq!(receipts, expected, "seed {seed}, step {step}");
                }
            }
        }
        repair(&connect(dir.path()));
        let events = store.events(repo, 0, 10_000).await.unwrap();
        let numbers: Vec<i64> = events.events.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=events.last).collect::<Vec<_>>(), "seed {seed}");
        store.close().await.unwrap();
        let stored = open(dir.path());
        for job in model.pipelines.values().flat_map(|known| &known.jobs) {
            let mut reducer = DetailsReducer::default();
            for (position, digest) in job.attempt.latest_details().enumerate() {
                reducer.add(position, model.details[&digest].clone());
            }
            let found = details::of(&stored, repo, job.id).await;
            assert_eq!(found, reducer.finish(), "seed {seed}, job {}", job.id);
        }
        stored.close().await.unwrap();
        for known in model.pipelines.values() {
            let stored = open(dir.path());
            let expected = format!("{:?}", Some((&known.pipeline, &known.stages, &known.jobs)));
            assert_eq!(state(&stored, repo, known.pipeline.id.get().into()).await, expected, "seed {seed}");
            stored.close().await.unwrap();
        }
    }
}
