//! `cargo xtask load`: requests a second and acknowledged reports a second of the real binary, each beside a handler that answers
//! the same bytes and does nothing. All on loopback, in turns, so that whatever else the machine does falls on both.

mod bare;
mod generator;
mod server;

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
}

impl Options {
    fn read(words: &[&str]) -> Outcome<Self> {
        let mut options = Self { seconds: 5, connections: 32 };
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
    let release = tools::target()?.join("release");
    let status = Command::new(release.join("xtask")).arg("measure").args(words).status();
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

    let stagepost = Started::stagepost(&release.join("stagepost"), work.path())?;
    let subject = runtime.block_on(Subject::prepare(stagepost.address))?;
    let nothing = Started::bare(&release.join("xtask"), work.path(), &subject)?;
    println!(
        "{cores} cores for both servers and the load generator; {ROUNDS} rounds of {} s; {} connections read, {WRITERS} write",
        options.seconds, options.connections
    );

    let seconds = Duration::from_secs(options.seconds);
    let mut figures: [Vec<f64>; 4] = Default::default();
    let mut errors = 0;
    let list = Sends::Same(subject.list_request());
    let sides: [(&str, SocketAddr, &Sends, usize); 4] = [
        ("list, bare handler", nothing.address, &list, options.connections),
        ("list, stagepost", stagepost.address, &list, options.connections),
        ("report, handler that does nothing", nothing.address, &Sends::Reports(subject.repository), WRITERS),
        ("report, stagepost", stagepost.address, &Sends::Reports(subject.repository), WRITERS),
    ];
    for (_, address, sends, connections) in sides {
        runtime.block_on(generator::run(address, sends, connections, Duration::from_secs(1)))?;
    }
    for round in 1..=ROUNDS {
        for ((name, address, sends, connections), figures) in sides.iter().zip(&mut figures) {
            let tally = runtime.block_on(generator::run(*address, sends, *connections, seconds))?;
            let Tally { good, bad, rate } = tally;
            println!("round {round}  {name:<34} {rate:>9.0} /s   {good} answered 2xx, {bad} errors");
            errors += bad;
            figures.push(rate);
        }
    }
    let [bare, list, nothing_done, reports] = figures.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!();
    println!(
        "median  list of {JOBS} jobs ({} bytes)  {list:>9.0} /s, bare handler {bare:>9.0} /s",
        subject.list_body_len()
    );
    println!("median  acknowledged reports         {reports:>9.0} /s, doing nothing {nothing_done:>8.0} /s");
    println!("ratio   list / bare = {:.2}   reports / nothing = {:.2}", list / bare, reports / nothing_done);
    stagepost.stop()?;
    if errors == 0 { Ok(()) } else { Err(format!("{errors} requests were not answered 2xx")) }
}
