//! Measures one kind of request on all servers, in turns, so that other load on the machine affects all alike.

use crate::Outcome;
use crate::data_set::DataSet;
use crate::generator::{self, Load, Tally};
use crate::histogram::Histogram;
use crate::http::once;
use crate::nginx::{self, Bodies};
use crate::options::{Engine, Options};
use crate::process::{Memory, Usage};
use crate::results::{Figure, Goal, Results, Row, median, ratio};
use crate::server::Started;
use crate::stores::{Store, Stores};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Requests of a warm-up that fills caches.
const WARM_UP_REQUESTS: usize = 5_000;
/// The longest warm-up of each server.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Shorter rounds do not wait for what the server completes after its responses.
const SETTLED_FROM: Duration = Duration::from_secs(1);
/// A server that has not written for so long has completed what it acknowledged.
const QUIET: Duration = Duration::from_millis(1_500);
/// The longest wait for that.
const SETTLE_MAX: Duration = Duration::from_secs(15);

/// The servers, and what was measured.
pub struct Bench {
    pub options: Options,
    pub stores: Stores,
    /// The product on each store, and the other build beside each.
    pub products: Vec<Product>,
    pub results: Results,
    /// This program, which is the bare handler as well.
    program: PathBuf,
    /// The first error of each measure and server.
    pub errors: Vec<String>,
}

/// A build of the product on a copy of the data set.
pub struct Product {
    pub engine: Engine,
    /// Whether this is the build of `--against`.
    pub other: bool,
    pub binary: PathBuf,
    pub server: Started,
    pub store: Store,
}

impl Product {
    /// A figure that must be at most `goal`, where it has one.
    pub fn figure(&self, name: String, value: f64, goal: Option<f64>) -> Figure {
        let server = self.engine.name().to_owned();
        Figure { name, server, other: self.other, value, goal: goal.map(Goal::AtMost) }
    }
}

/// One kind of request.
pub struct Kind<'a> {
    pub measure: &'a str,
    /// Connections that send.
    pub connections: usize,
    /// Whether reports are counted, and not requests.
    pub counts_reports: bool,
    /// Creates what is sent to one server.
    pub load: &'a dyn Fn() -> Load,
    /// Requests that are sent before by one connection, to fill caches.
    pub before: Option<Load>,
}

impl Bench {
    /// Starts the product on copies of the data set.
    ///
    /// # Errors
    /// When a server does not start.
    pub fn start(options: Options, stores: Stores, program: &Path, binary: &Path) -> Outcome<Self> {
        let mut products = Vec::new();
        let set = DataSet::of(options.jobs);
        for engine in options.engines.clone() {
            for (binary, other) in [(Some(binary), false), (options.against.as_deref(), true)] {
                if let Some(binary) = binary {
                    let store = stores.with(engine, binary, set)?;
                    let server = store.serve(binary)?;
                    products.push(Product { engine, other, binary: binary.to_owned(), server, store });
                }
            }
        }
        let program = program.to_owned();
        Ok(Self { options, stores, products, results: Results::default(), program, errors: Vec::new() })
    }

    /// Measures one kind of request on the product, nginx and the bare handler.
    ///
    /// # Errors
    /// When a server does not start or respond.
    pub fn compare(&mut self, kind: &Kind<'_>) -> Outcome {
        let recorded = self.record(kind)?;
        let mut sides = vec![
            Side::reference("nginx", recorded.nginx(&self.stores.folder("nginx"))?, kind),
            Side::reference(
                "bare handler",
                recorded.handler(&self.program, &self.stores.folder("handler"))?,
                kind,
            ),
        ];
        sides.extend(self.products.iter().map(|product| Side::product(product, kind)));
        let mut writes = false;
        let time = self.options.round(recorded.post.is_some());
        for side in &sides {
            if let Some(before) = &kind.before {
                generator::run(side.server().address, before, 1, None)?;
            }
            let warm =
                generator::run(side.server().address, &side.load, kind.connections, Some(time.min(WARM_UP)))?;
            writes |= warm.reports > 0;
            if side.settles(warm.reports, time) {
                settle(side.server().process());
            }
        }
        for side in sides.iter_mut().filter(|side| side.is_product) {
            side.begin = if writes { Some(side.server().waiting()?) } else { None };
        }
        for round in 0..self.options.rounds {
            // The order alternates: what one side leaves to be done is in the time of the next one.
            let mut order: Vec<&mut Side<'_>> = sides.iter_mut().collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for side in order {
                side.measure(kind, time)?;
            }
        }
        let mut references = [None, None];
        for (at, side) in sides.iter().enumerate() {
            let row = side.row(kind, references)?;
            if let Some(reference) = references.get_mut(at) {
                *reference = Some(row.rate);
            }
            if let Some(error) = &side.error {
                self.errors.push(format!("{}, {}: {error}", row.measure, row.server));
            }
            eprintln!("{:<20} {:<16} {:>12.0} /s", row.measure, side.name, row.rate);
            self.results.rows.push(row);
        }
        Ok(())
    }

    /// Records the responses of the product to the first GET and the first POST of a load.
    fn record(&self, kind: &Kind<'_>) -> Outcome<Recorded> {
        let product = self.products.first().ok_or("no server to measure")?;
        let mut requests = (kind.load)()();
        let mut recorded = Recorded { get: None, post: None };
        for _ in 0..100 {
            if !requests.advance() {
                break;
            }
            let is_get = requests.bytes().starts_with(b"GET ");
            let place = if is_get { &mut recorded.get } else { &mut recorded.post };
            if place.is_none() {
                let response = once(product.server.address, requests.bytes())?.success()?;
                *place = Some([response.head, response.body]);
            }
        }
        Ok(recorded)
    }
}

/// Responses of the product, with head and body.
struct Recorded {
    get: Option<[Vec<u8>; 2]>,
    post: Option<[Vec<u8>; 2]>,
}

impl Recorded {
    fn nginx(&self, folder: &Path) -> Outcome<Started> {
        let body = |response: &'_ Option<[Vec<u8>; 2]>| response.as_ref().map(|[_, body]| body.clone());
        let (list, receipt) = (body(&self.get), body(&self.post));
        nginx::start(folder, Bodies { list: list.as_deref(), receipt: receipt.as_deref() })
    }

    fn handler(&self, program: &Path, folder: &Path) -> Outcome<Started> {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut command = Command::new(program);
        command.arg("baseline");
        for (name, response) in [("list", self.get.as_ref()), ("receipt", self.post.as_ref())] {
            let response = response.or(self.get.as_ref()).or(self.post.as_ref()).ok_or("no response")?;
            let file = folder.join(name);
            std::fs::write(&file, response.concat()).map_err(|e| format!("{}: {e}", file.display()))?;
            command.arg(file);
        }
        Started::start(&mut command)
    }
}

/// A server, and what was measured on it.
struct Side<'a> {
    name: &'static str,
    other: bool,
    is_product: bool,
    server: Server<'a>,
    database: Option<u32>,
    load: Load,
    rates: Vec<f64>,
    requests: u64,
    reports: u64,
    errors: u64,
    error: Option<String>,
    usage: Usage,
    database_usage: Usage,
    latency: Histogram,
    time: Duration,
    generator: Duration,
    begin: Option<f64>,
    settled: Option<Duration>,
}

enum Server<'a> {
    Reference(Started),
    Product(&'a Started),
}

impl<'a> Side<'a> {
    fn new(name: &'static str, server: Server<'a>, load: Load) -> Self {
        Self {
            name,
            other: false,
            is_product: false,
            server,
            database: None,
            load,
            rates: Vec::new(),
            requests: 0,
            reports: 0,
            errors: 0,
            error: None,
            usage: Usage::default(),
            database_usage: Usage::default(),
            latency: Histogram::new(),
            time: Duration::ZERO,
            generator: Duration::ZERO,
            begin: None,
            settled: None,
        }
    }

    fn reference(name: &'static str, server: Started, kind: &Kind<'_>) -> Self {
        Self::new(name, Server::Reference(server), (kind.load)())
    }

    fn product(product: &'a Product, kind: &Kind<'_>) -> Self {
        let side = Self::new(product.engine.name(), Server::Product(&product.server), (kind.load)());
        Self { is_product: true, other: product.other, database: product.store.database_process(), ..side }
    }

    fn server(&self) -> &Started {
        match &self.server {
            Server::Reference(server) => server,
            Server::Product(server) => server,
        }
    }

    /// Whether the server may have to complete something after these reports. PostgreSQL writes at any time, so
    /// there the end is not visible.
    fn settles(&self, reports: u64, time: Duration) -> bool {
        self.is_product && self.database.is_none() && reports > 0 && time >= SETTLED_FROM
    }

    /// Measures one round. Work that the server completes afterwards is in its processor time and its bytes.
    fn measure(&mut self, kind: &Kind<'_>, time: Duration) -> Outcome {
        let process = self.server().process();
        let before = Usage::of(process);
        let database_before = self.database.map(Usage::of);
        let tally = generator::run(self.server().address, &self.load, kind.connections, Some(time))?;
        if self.settles(tally.reports, time) {
            let settled = settle(process);
            self.settled = Some(self.settled.unwrap_or_default().max(settled));
        }
        self.usage += Usage::of(process).since(before);
        if let Some((database, before)) = self.database.zip(database_before) {
            self.database_usage += Usage::of(database).since(before);
        }
        let Tally { good, reports, bad, error, time, processor, latency } = tally;
        let counted = if kind.counts_reports { reports } else { good };
        self.rates.push(counted as f64 / time.as_secs_f64());
        self.requests += good;
        self.reports += reports;
        self.errors += bad;
        self.error = self.error.take().or(error);
        self.latency.merge(&latency);
        self.time += time;
        self.generator += processor;
        Ok(())
    }

    fn row(&self, kind: &Kind<'_>, references: [Option<f64>; 2]) -> Outcome<Row> {
        let counted = if kind.counts_reports { self.reports } else { self.requests };
        let each = |processor: Duration| processor.as_secs_f64() * 1e6 / counted.max(1) as f64;
        let rate = median(self.rates.clone()).unwrap_or(0.0);
        let memory = Memory::of(self.server().process());
        let written = self.usage.written + self.database_usage.written;
        let waiting = match self.begin {
            Some(begin) => Some((begin, self.server().waiting()?)),
            None => None,
        };
        Ok(Row {
            measure: kind.measure.to_owned(),
            server: self.name.to_owned(),
            other: self.other,
            rate,
            of_nginx: references[0].and_then(|nginx| ratio(rate, nginx)),
            of_handler: references[1].and_then(|handler| ratio(rate, handler)),
            p50: self.latency.percentile(50.0),
            p90: self.latency.percentile(90.0),
            p99: self.latency.percentile(99.0),
            errors: self.errors,
            processor: each(self.usage.processor),
            database_processor: self.database.map(|_| each(self.database_usage.processor)),
            written: if self.is_product { ratio(written as f64, self.reports as f64) } else { None },
            anonymous: memory.anonymous,
            resident: memory.resident,
            waiting,
            settled: self.settled.map(|settled| settled.as_secs_f64()),
            generator: ratio(self.generator.as_secs_f64(), self.time.as_secs_f64()).unwrap_or(0.0),
        })
    }
}

/// Waits until a process writes no more; how long it wrote.
fn settle(process: u32) -> Duration {
    let began = Instant::now();
    let (mut written, mut last) = (Usage::of(process).written, Duration::ZERO);
    while began.elapsed() < (last + QUIET).min(SETTLE_MAX) {
        std::thread::sleep(Duration::from_millis(50));
        let now = Usage::of(process).written;
        if now != written {
            (written, last) = (now, began.elapsed());
        }
    }
    last
}

/// The requests that fill the caches for a pool.
pub fn warm_up(pool: &crate::requests::Pool) -> Option<Load> {
    Some(crate::requests::once_each(pool, WARM_UP_REQUESTS))
}
