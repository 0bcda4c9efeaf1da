//! Measures the server on both stores, beside nginx and beside a handler that returns the same bytes without
//! any work. Everything runs on the loopback interface, in turns, so that other load on the machine affects all
//! sides alike.
//!
//! `load measure OPTIONS` is started by `cargo xtask load`, beside a PostgreSQL whose URL is in
//! `STAGEPOST_TEST_POSTGRES`.

mod baseline;
mod batches;
mod bench;
mod data_set;
mod figures;
mod generator;
mod histogram;
mod http;
mod measures;
mod nginx;
mod options;
mod postgres;
mod process;
mod reports;
mod requests;
mod results;
mod server;
mod stores;
mod table;

use bench::Bench;
use options::{Engine, Options};
use postgres::Cluster;
use results::Results;
use std::path::Path;
use std::process::ExitCode;
use stores::Stores;

/// Jobs in each pipeline.
pub const JOBS: u64 = 20;

/// The result of a step; the error is the reason of the failure.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["check", options @ ..] => Options::read(options).map(drop),
        ["measure", options @ ..] => Options::read(options).and_then(measure),
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
fn measure(options: Options) -> Outcome {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let binary = program.with_file_name("stagepost");
    let before = options.compare.as_deref().map(Results::read).transpose()?;
    let cluster = if options.engines.contains(&Engine::Postgres) {
        let url = std::env::var("STAGEPOST_TEST_POSTGRES").map_err(|_| "no PostgreSQL was started")?;
        Some(Cluster::connect(&url)?)
    } else {
        None
    };
    let stores = Stores::new(&options.scratch, cluster)?;
    let about = about(&options);
    println!("{about}");
    let mut bench = Bench::start(options, stores, &program, &binary)?;
    for measure in bench.options.measures.clone() {
        (measure.run)(&mut bench, measure.name).map_err(|e| format!("{}: {e}", measure.name))?;
    }
    let Bench { options, stores, products, mut results, errors, .. } = bench;
    for product in products {
        product.server.stop()?;
    }
    drop(stores);
    results.figures.extend(figures::of_rows(&results.rows));
    println!("\n{}", table::results(&results));
    if options.against.is_some() {
        println!("{}", table::pairs(&results));
    }
    if let Some(before) = before {
        println!("{}", table::comparison(&before, &results));
    }
    if let Some(file) = &options.json {
        results.write(file, &about)?;
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// The measures and their options.
fn about(options: &Options) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let Options { rounds, seconds, write_seconds, connections, senders, .. } = options;
    format!(
        "{cores} cores for the servers and the load generator; {rounds} rounds, together {seconds} s reading and \
         {write_seconds} s writing; {connections} connections read, {senders} write; {} jobs in the store",
        data_set::DataSet::of(options.jobs).jobs()
    )
}
