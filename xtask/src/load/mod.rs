//! `cargo xtask load`: requests a second and acknowledged reports a second of the real binary, on both stores, each beside a handler that answers
//! the same bytes and does nothing. All on loopback, in turns, so that whatever else the machine does falls on both.

mod bare;
mod generator;
mod server;

use crate::tools::{POSTGRES, PYTHON};
use crate::{Outcome, tools};
use generator::{Sends, Tally};
use server::{Started, Subject};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Rounds; the figure is the one in the middle.
const ROUNDS: usize = 3;
/// Connections that write: group commit needs company.
const WRITERS: usize = 64;
/// Jobs in the list that is read, and in each pipeline that is written.
pub const JOBS: u64 = 20;

struct Options {
    seconds: u64,
    connections: usize,
    /// A database to measure beside SQLite; what is in it is not asked.
    database: Option<String>,
}

impl Options {
    fn read(words: &[&str]) -> Outcome<Self> {
        let database = std::env::var("COMPAT_POSTGRES").ok().map(|cluster| format!("{cluster}/postgres"));
        let mut options = Self { seconds: 5, connections: 32, database };
        for pair in words.chunks(2) {
            let bad = || format!("{}: not an option with a number above 0", pair.join(" "));
            let [name, value] = pair else { return Err(bad()) };
            let number = value.parse().ok().filter(|n: &u64| (1..=3_600).contains(n)).ok_or_else(bad)?;
            match *name {
                "--seconds" => options.seconds = number,
                "--connections" => options.connections = usize::try_from(number).map_err(|_| bad())?,
                _ => return Err(bad()),
            }
        }
        Ok(options)
    }
}

/// Builds everything optimised, this program too, and measures with that.
pub fn run(words: &[&str]) -> Outcome {
    Options::read(words)?;
    let built =
        tools::cargo().args(["build", "--release", "--package", "stagepost", "--package", "xtask"]).status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("the release build failed".into());
    }
    POSTGRES.ensure()?;
    PYTHON.ensure()?;
    let release = tools::target()?.join("release");
    // Its files beside the build, as SQLite's are, and its commits on the disk.
    let status = Command::new("python3")
        .arg(tools::root()?.join("compat/support/postgres.py"))
        .arg(release.join("xtask"))
        .arg("measure")
        .args(words)
        .env("TMPDIR", &release)
        .env("COMPAT_POSTGRES_FSYNC", "on")
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("measuring: {status}")),
        Err(e) => Err(format!("measuring: {e}")),
    }
}

/// The handler that does nothing, in a process of its own.
pub fn bare(words: &[&str]) -> Outcome {
    let ["--list", list, "--receipt", receipt] = words else {
        return Err("bare --list FILE --receipt FILE".into());
    };
    bare::serve(Path::new(list), Path::new(receipt))
}

/// Measures; both servers are children of this process, which is the load generator.
pub fn measure(words: &[&str]) -> Outcome {
    let options = Options::read(words)?;
    let release: PathBuf = std::env::current_exe().map_err(|e| e.to_string())?;
    let release = release.parent().ok_or("this program lies nowhere")?;
    // Beside the build, and not where temporary files may be kept in memory: fsync is what is measured.
    let work = tempfile::tempdir_in(release).map_err(|e| e.to_string())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);

    let mut servers =
        vec![("SQLite", Started::stagepost(&release.join("stagepost"), &work.path().join("sqlite"), None)?)];
    if let Some(url) = &options.database {
        let data = work.path().join("postgres");
        servers.push(("PostgreSQL", Started::stagepost(&release.join("stagepost"), &data, Some(url))?));
    }
    let mut subjects = Vec::new();
    for (name, server) in &servers {
        subjects.push((*name, server.address, runtime.block_on(Subject::prepare(server.address))?));
    }
    let [(_, _, subject), ..] = subjects.as_slice() else { return Err("nothing to measure".into()) };
    let nothing = Started::bare(&release.join("xtask"), work.path(), subject)?;
    println!(
        "{cores} cores for the servers and the load generator; {ROUNDS} rounds of {} s; {} connections read, {WRITERS} write",
        options.seconds, options.connections
    );

    let seconds = Duration::from_secs(options.seconds);
    let mut sides = vec![
        Side::new(
            "list",
            "bare handler",
            nothing.address,
            Sends::Same(subject.list_request()),
            options.connections,
        ),
        Side::new("report", "doing nothing", nothing.address, Sends::Reports(subject.repository), WRITERS),
    ];
    for (name, address, subject) in &subjects {
        sides.push(Side::new(
            "list",
            name,
            *address,
            Sends::Same(subject.list_request()),
            options.connections,
        ));
        sides.push(Side::new("report", name, *address, Sends::Reports(subject.repository), WRITERS));
    }
    for side in &sides {
        runtime.block_on(generator::run(
            side.address,
            &side.sends,
            side.connections,
            Duration::from_secs(1),
        ))?;
    }
    let mut errors = 0;
    for round in 1..=ROUNDS {
        for side in &mut sides {
            let tally =
                runtime.block_on(generator::run(side.address, &side.sends, side.connections, seconds))?;
            let Tally { good, bad, rate } = tally;
            println!(
                "round {round}  {:<7} {:<14} {rate:>9.0} /s   {good} answered 2xx, {bad} errors",
                side.what, side.by
            );
            errors += bad;
            side.rates.push(rate);
        }
    }
    println!();
    println!(
        "a list is of {JOBS} jobs ({} bytes); a report is answered once it is durable",
        subject.list_body_len()
    );
    for what in ["list", "report"] {
        let mut first = None;
        for side in sides.iter_mut().filter(|side| side.what == what) {
            side.rates.sort_by(f64::total_cmp);
            let rate = side.rates[side.rates.len() / 2];
            let whole = *first.get_or_insert(rate);
            println!("median  {what:<7} {:<14} {rate:>9.0} /s   ratio {:.2}", side.by, rate / whole);
        }
    }
    for (_, server) in servers {
        server.stop()?;
    }
    if errors == 0 { Ok(()) } else { Err(format!("{errors} requests were not answered 2xx")) }
}

/// Something that is measured.
struct Side {
    what: &'static str,
    by: &'static str,
    address: SocketAddr,
    sends: Sends,
    connections: usize,
    rates: Vec<f64>,
}

impl Side {
    fn new(
        what: &'static str,
        by: &'static str,
        address: SocketAddr,
        sends: Sends,
        connections: usize,
    ) -> Self {
        Self { what, by, address, sends, connections, rates: Vec::new() }
    }
}
