//! Deterministic implementations of the ports of the domain.

use domain::error::Result;
use domain::model::details::DetailsInput;
use domain::model::reports::{Report, ReportInput};
use domain::ports::{App, Clock, Secrets, Store, TrustedClock};
use domain::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that changes only by [`FixedClock::advance`] and [`FixedClock::jump`].
#[derive(Debug)]
pub struct FixedClock {
    /// Milliseconds since 1970.
    wall: AtomicI64,
    /// Milliseconds since the start.
    uptime: AtomicI64,
}

impl FixedClock {
    /// A clock at 2026-11-24T00:00:00Z.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { wall: AtomicI64::new(1_795_478_400_000), uptime: AtomicI64::new(0) })
    }

    /// Time passes.
    pub fn advance(&self, by: SignedDuration) {
        self.uptime.fetch_add(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::SeqCst);
        self.jump(by);
    }

    /// Sets the wall clock, while no time passes.
    pub fn jump(&self, by: SignedDuration) {
        self.wall.fetch_add(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.wall.load(Ordering::SeqCst)).unwrap_or_default()
    }

    fn uptime(&self) -> SignedDuration {
        SignedDuration::from_millis(self.uptime.load(Ordering::SeqCst))
    }
}

/// Secrets that are fast and the same in every test run.
#[derive(Debug, Default)]
pub struct QuickSecrets(AtomicU64);

impl Secrets for QuickSecrets {
    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        for (chunk, digest) in bytes.chunks_mut(32).zip(0u64..) {
            let source = Sha256::digest([n.to_be_bytes(), digest.to_be_bytes()].concat());
            chunk.copy_from_slice(&source[..chunk.len()]);
        }
        Ok(())
    }

    fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    fn hash_password(&self, password: &str) -> Result<String> {
        Ok(format!("quick:{password}"))
    }

    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool {
        hash == Some(format!("quick:{password}").as_str())
    }
}

/// An `App` with this store and clock.
pub fn app(store: Arc<dyn Store>, clock: Arc<FixedClock>) -> App {
    let trusted = Arc::new(TrustedClock::default());
    App { store, clock, secrets: Arc::new(QuickSecrets::default()), trusted }
}

/// The time `second` seconds after 2023-11-14T22:13:20Z.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap_or_default()
}

/// The report with these details.
///
/// # Panics
/// When they are invalid.
pub fn with_details(report: Report, details: DetailsInput) -> Report {
    let mut report = report;
    match details.check(&mut report.state.adjusted) {
        Ok(checked) => {
            let (bytes, key) = checked.unzip();
            report.details = bytes.map(Arc::from);
            report.state.details = key.map(Box::new);
            report
        }
        Err(invalid) => panic!("{invalid}"),
    }
}

/// The report `stage/name:status[#build]`, for the commit of 40 digits `commit`.
///
/// # Panics
/// When the text is invalid.
pub fn report(commit: char, line: &str) -> Report {
    let (line, build) =
        line.split_once('#').map_or((line, None), |(line, build)| (line, Some(build.to_owned())));
    let (job, status) = line.split_once(':').unwrap_or((line, "running"));
    let (stage, name) = job.split_once('/').unwrap_or(("external", job));
    let input = ReportInput {
        sha: Some(commit.to_string().repeat(40)),
        git_ref: Some("main".into()),
        stage: Some(stage.into()),
        name: Some(name.into()),
        status: Some(status.into()),
        third_build_id: build,
        ..ReportInput::default()
    };
    match input.check(at(1_000_000_000)) {
        Ok(report) => report,
        Err(invalid) => panic!("{line}: {invalid}"),
    }
}
