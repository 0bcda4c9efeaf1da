//! The metrics of the process that every Prometheus client library has, from `/proc`.

use super::text::{Kind, MetricsText};
use domain::Timestamp;
use std::fs;

/// The fields of `/proc/self/stat` after the name of the program, which may contain spaces.
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// The unit of times in `/proc` (`USER_HZ`), the same on every machine that Rust programs run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Adds the metrics of this process, which started at this time; those that the system does not report are missing. The
/// start is not computed from `/proc/stat`, which a service may not see.
pub fn add(text: &mut MetricsText, started_at: Timestamp) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |at: usize| stat_field(&stat, at).map(|ticks| ticks / TICKS_PER_SECOND);
    let cpu = field(USER_TICKS).zip(field(SYSTEM_TICKS)).map(|(user, system)| user + system);
    // Reading the directory opens one more.
    let open = fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1) as f64);
    let max = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    for (name, kind, help, value) in [
        ("process_cpu_seconds_total", Kind::Counter, "Time of processors in user and system mode.", cpu),
        ("process_open_fds", Kind::Gauge, "Open file descriptors.", open),
        (
            "process_max_fds",
            Kind::Gauge,
            "The greatest number of open file descriptors.",
            max.map(|max| max as f64),
        ),
        (
            "process_resident_memory_bytes",
            Kind::Gauge,
            "Resident memory, with the mapped pages of the database file.",
            memory(&status, "VmRSS:"),
        ),
        ("process_virtual_memory_bytes", Kind::Gauge, "Virtual memory.", memory(&status, "VmSize:")),
        (
            "stagepost_process_anonymous_bytes",
            Kind::Gauge,
            "Resident memory that no file backs.",
            memory(&status, "RssAnon:"),
        ),
        (
            "process_start_time_seconds",
            Kind::Gauge,
            "Start of the process in seconds since 1970.",
            Some(started_at.as_millisecond() as f64 / 1_000.0),
        ),
        ("process_threads", Kind::Gauge, "Threads.", line(&status, "Threads:")),
    ] {
        text.add_one(name, kind, help, value);
    }
}

fn stat_field(stat: &str, at: usize) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split_whitespace().nth(at)?.parse().ok()
}

/// The first number of the line with this start.
fn line(text: &str, start: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(start))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Bytes from a line in kB.
fn memory(status: &str, name: &str) -> Option<f64> {
    line(status, name).map(|kilobytes| kilobytes * 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_kernel_are_read() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 12345 1 2";
        let fields = [USER_TICKS, SYSTEM_TICKS].map(|at| stat_field(stat, at));
        assert_eq!(fields, [Some(250.0), Some(50.0)]);
        assert_eq!(memory("VmSize:\t  10 kB\nVmRSS:\t  4 kB\n", "VmRSS:"), Some(4_096.0));
        assert_eq!((stat_field("", 0), memory("", "VmRSS:")), (None, None));
    }

    #[test]
    fn this_process_has_all_of_them() {
        let mut text = MetricsText::default();
        add(&mut text, Timestamp::from_second(1_700_000_000).unwrap());
        let text = text.into_text();
        assert_eq!(text.matches("# TYPE").count(), 8, "{text}");
        assert!(text.contains("process_start_time_seconds 1700000000\n"), "{text}");
    }
}
