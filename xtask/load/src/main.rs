//! Measures requests per second and acknowledged reports per second of the server, on both stores, each
//! beside a handler that returns the same bytes without any work. Everything runs on the loopback interface,
//! in turns, so that other load on the machine affects all sides alike.
//!
//! `load measure SECONDS CONNECTIONS` is started by `cargo xtask load`, beside a PostgreSQL whose URL is in
//! `STAGEPOST_TEST_POSTGRES`.

mod baseline;
mod generator;
mod server;

use generator::{Load, Tally};
use server::{Capture, Started};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Rounds; the median is the result.
const ROUNDS: usize = 3;
/// Connections that write: a group commit needs several reports at a time.
const WRITERS: usize = 64;
/// Jobs in the list that is read, and in each pipeline that is written.
pub const JOBS: u64 = 20;

/// The result of a step; the error says why it failed.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["measure", seconds, connections] => match (seconds.parse(), connections.parse()) {
            (Ok(seconds), Ok(connections)) => measure(seconds, connections),
            _ => Err("measure SECONDS CONNECTIONS: two numbers".into()),
        },
        ["baseline", list, receipt] => baseline::serve(Path::new(list), Path::new(receipt)),
        _ => Err("start this with `cargo xtask load`".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the servers as children of this process, which generates the load.
fn measure(seconds: u64, connections: usize) -> Outcome {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let built = program.parent().ok_or("this program is in no folder")?;
    // Beside the build, and not in the folder for temporary files, which may be in memory: fsync is measured.
    let work = tempfile::tempdir_in(built).map_err(|e| e.to_string())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);

    let binary = built.join("stagepost");
    let mut servers = vec![("SQLite", Started::stagepost(&binary, &work.path().join("sqlite"), None)?)];
    if let Ok(cluster) = std::env::var("STAGEPOST_TEST_POSTGRES") {
        let (data, url) = (work.path().join("postgres"), format!("{cluster}/postgres"));
        servers.push(("PostgreSQL", Started::stagepost(&binary, &data, Some(&url))?));
    }
    let mut captures = Vec::new();
    for (name, server) in &servers {
        captures.push((*name, server.address, runtime.block_on(Capture::record(server.address))?));
    }
    let [(_, _, capture), ..] = captures.as_slice() else { return Err("no server to measure".into()) };
    let baseline = Started::baseline(&program, work.path(), capture)?;
    println!(
        "{cores} cores for the servers and the load generator; {ROUNDS} rounds of {seconds} s; {connections} connections read, {WRITERS} write"
    );

    let time = Duration::from_secs(seconds);
    let mut sides = vec![
        Side::new("list", "bare handler", baseline.address, Load::Same(capture.list_request()), connections),
        Side::new("report", "doing nothing", baseline.address, Load::Reports(capture.repository), WRITERS),
    ];
    for (name, address, capture) in &captures {
        sides.push(Side::new("list", name, *address, Load::Same(capture.list_request()), connections));
        sides.push(Side::new("report", name, *address, Load::Reports(capture.repository), WRITERS));
    }
    let warm_up = Duration::from_secs(1);
    for side in &sides {
        runtime.block_on(generator::run(side.address, &side.load, side.connections, warm_up))?;
    }
    let mut errors = 0;
    for round in 1..=ROUNDS {
        for side in &mut sides {
            let tally = runtime.block_on(generator::run(side.address, &side.load, side.connections, time))?;
            let Tally { good, bad, rate } = tally;
            println!(
                "round {round}  {:<7} {:<14} {rate:>9.0} /s   {good} responses 2xx, {bad} errors",
                side.request, side.server
            );
            errors += bad;
            side.rates.push(rate);
        }
    }
    println!();
    println!(
        "a list has {JOBS} jobs ({} bytes); a report is acknowledged once it is durable",
        capture.list_body_len()
    );
    for request in ["list", "report"] {
        let mut baseline = None;
        for side in sides.iter_mut().filter(|side| side.request == request) {
            side.rates.sort_by(f64::total_cmp);
            let rate = side.rates[side.rates.len() / 2];
            let ratio = rate / *baseline.get_or_insert(rate);
            println!("median  {request:<7} {:<14} {rate:>9.0} /s   ratio {ratio:.2}", side.server);
        }
    }
    for (_, server) in servers {
        server.stop()?;
    }
    if errors == 0 { Ok(()) } else { Err(format!("{errors} requests did not get a 2xx response")) }
}

/// One kind of request to one server.
struct Side {
    request: &'static str,
    server: &'static str,
    address: SocketAddr,
    load: Load,
    connections: usize,
    rates: Vec<f64>,
}

impl Side {
    fn new(
        request: &'static str,
        server: &'static str,
        address: SocketAddr,
        load: Load,
        connections: usize,
    ) -> Self {
        Self { request, server, address, load, connections, rates: Vec::new() }
    }
}
