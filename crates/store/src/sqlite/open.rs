//! Opens a store in a directory: checks that nothing is missing, migrates, applies what a killed server left in the
//! journal, and starts the writer.

use super::change_versions::VersionCounters;
use super::connect::{self, Lock, check_version};
use super::guard::{self, MarkKeeper};
use super::integrity::IntegrityCheck;
use super::merge::{self, BackgroundMerge};
use super::session::{self, SqliteSession, Writing};
use super::{File, Pages, Readers, Sqlite};
use crate::engine::SqlStore;
use crate::journal::{self, Applier, JournalFiles, OnFatal, ReplayError};
use crate::loss::{Loss, OpenError};
use crate::notifier::Notifier;
use crate::rows::{self, settings};
use crate::unapplied::Unapplied;
use crate::unit_of_work::{Journaling, UnitOfWork};
use crate::writer::{QueueMax, Writer};
use domain::model::memory::MemoryLimits;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long reports are collected in the journal before they are applied. Of few reports for many repositories, each
/// changes pages of its own: the longer they are collected, the fewer pages are written.
const JOURNAL_DELAY: Duration = Duration::from_secs(3);

/// The options of a store.
pub struct Options {
    /// The maximum of queued writes; more are refused with [`domain::Error::Overloaded`].
    pub queue: usize,
    /// The bytes of the caches and of the queued writes.
    pub memory: MemoryLimits,
    /// Go on although data is missing. Damaged logs and journal files are copied before.
    pub accept_loss: bool,
    /// How long acknowledged reports may be in the journal only. Reads never miss them: this only decides how many
    /// are applied to the other tables at once.
    pub journal_delay: Duration,
    /// Called when the disk fails a commit. This process then does not know what the file holds, and must end
    /// (reliability fact 0.6). The argument is for the log.
    pub on_fatal: Box<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 10_000,
            memory: MemoryLimits::default(),
            accept_loss: false,
            journal_delay: JOURNAL_DELAY,
            on_fatal: Box::new(|_| {}),
        }
    }
}

impl Sqlite {
    /// Opens the store in `dir`, and creates it if it does not exist.
    ///
    /// # Errors
    /// [`OpenError::Loss`] if former data of the directory is missing, [`OpenError::NewerSchema`]; else
    /// [`domain::Error::Unavailable`] with the cause: the SQLite version, another server that uses the directory, a
    /// file system that does not support WAL.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        check_version(rusqlite::version_number())?;
        connect::make_private(dir)?;
        let lock = Lock::take(dir)?;
        let path = connect::file(dir);
        // Before anything is created.
        let expected = guard::check_files(dir, options.accept_loss)?;
        connect::make_dir(dir)?;
        let is_unclean = expected.is_unclean(&path);
        let damaged = |error| guard::damaged(&path, error);
        let mut connection = connect::unchecked_writer(&path).map_err(damaged)?;
        let memory = options.memory;
        let pages = Pages::of(memory.pages);
        connect::limit_pages(&connection, pages.writer).map_err(damaged)?;
        let expected = guard::check_log(dir, expected, options.accept_loss)?;
        let expected_journal = expected.journal;
        let mark = guard::check_content(&connection, &path, expected, options.accept_loss)?;
        connect::check_not_newer(&connection, &path)?;
        let found =
            guard::check_journal(&connection, &path, mark.as_ref(), expected_journal, options.accept_loss)?;
        merge::merge_at_close(&connection)?;
        let merge = BackgroundMerge::start_if_large(&connection, &path)?;
        connect::migrate(&mut connection).map_err(damaged)?;
        settings::check_complete(&connection).map_err(damaged)?;
        let integrity = IntegrityCheck::open(&connection, &path, is_unclean).map_err(damaged)?;
        let mark = guard::mark_or_new(&connection, mark).map_err(damaged)?;
        let (identity, commits) = (mark.identity_bytes(), found.commits);
        let mut generation = found.generation;
        if generation.is_none() && commits.bodies.is_empty() {
            journal::create(&path, identity, commits.last)?;
            generation = Some(journal::CREATED);
        }
        let last = Arc::new(AtomicU64::new(commits.last));
        let keeper = MarkKeeper::start(&connection, dir, &mark, Arc::clone(&last)).map_err(damaged)?;
        let versions = Arc::new(VersionCounters::new());
        let notifier = Arc::new(Notifier::default());
        let on_fatal: OnFatal = Arc::from(options.on_fatal);
        let shared = Arc::new(session::Shared::new(keeper, merge, Arc::clone(&on_fatal)));
        let applying = connect::writer(&path).map_err(damaged)?;
        connect::limit_pages(&applying, pages.applier).map_err(damaged)?;
        let applying = Writing::new(applying, Arc::clone(&shared))?;
        let session = SqliteSession::new(Writing::new(connection, shared)?, Arc::clone(&versions));
        let unapplied = Arc::new(Unapplied::default());
        let journaling = Journaling::new(Arc::clone(&unapplied), options.journal_delay, memory.writes);
        let mut unit =
            UnitOfWork::new(Box::new(session), Arc::clone(&notifier), memory.pipelines, Some(journaling));
        let started = Instant::now();
        let reports = match journal::apply(&mut unit, &commits) {
            Err(ReplayError::Refused(reason)) if found.is_optional => {
                tracing::warn!(reason, "starting without the reports of the journal");
                guard::set_journal_aside(&path)?;
                unit.roll_back();
                rows::journal::clear(unit.sql())?;
                rows::journal::set_applied(unit.sql(), commits.last)?;
                generation = None;
                0
            }
            Err(ReplayError::Refused(reason)) => return Err(Loss::JournalRefused { path, reason }.into()),
            applied => applied.map_err(|error| damaged(error.into()))?,
        };
        if reports > 0 {
            let milliseconds = started.elapsed().as_millis();
            tracing::info!(
                reports,
                milliseconds,
                "applied the reports of the journal: the server did not stop normally"
            );
        }
        let generation = match generation {
            Some(generation) => generation,
            None => {
                journal::create(&path, identity, last.load(Ordering::SeqCst))?;
                journal::CREATED
            }
        };
        let files = JournalFiles::open(&path, identity, generation + 1, last, on_fatal)?;
        let applier = Applier::start(applying, Arc::clone(&unapplied))?;
        unit.start_writing(files, applier);
        let queue = QueueMax { writes: options.queue, bytes: memory.writes };
        let writer = Writer::start(unit, queue, lock)?;
        let integrity = Arc::new(integrity);
        Ok(SqlStore(File {
            readers: Readers::new(path, pages),
            writer,
            versions,
            notifier,
            unapplied,
            integrity,
        }))
    }
}
