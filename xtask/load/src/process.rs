//! Information of Linux about processes: processor time, bytes written, memory (`proc(5)`).

use std::time::Duration;

/// Ticks of a second in `/proc/PID/stat`. It is 100 on every architecture that Debian builds for.
const TICKS: u32 = 100;

/// The resources that processes have used since they started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Processor time, of user and system.
    pub processor: Duration,
    /// Bytes that were written to a disk, or will be.
    pub written: u64,
}

impl Usage {
    /// The use of a process and all its descendants. Processes that have ended count as zero.
    pub fn of(process: u32) -> Self {
        let mut usage = Self::default();
        for process in family(process) {
            usage.processor += processor_time(process).unwrap_or_default();
            usage.written += field(process, "io", "write_bytes:").unwrap_or_default();
        }
        usage
    }

    /// The use since an earlier moment.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            processor: self.processor.saturating_sub(earlier.processor),
            written: self.written.saturating_sub(earlier.written),
        }
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.processor += other.processor;
        self.written += other.written;
    }
}

/// The memory of a process and all its descendants, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident memory.
    pub resident: u64,
    /// Resident memory that is no file.
    pub anonymous: u64,
}

impl Memory {
    /// The memory now.
    pub fn of(process: u32) -> Self {
        let mut memory = Self::default();
        for process in family(process) {
            memory.resident += field(process, "status", "VmRSS:").unwrap_or_default() * 1024;
            memory.anonymous += field(process, "status", "RssAnon:").unwrap_or_default() * 1024;
        }
        memory
    }
}

/// The processor time of the calling thread.
pub fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The process and its descendants.
fn family(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let mut at = 0;
    while let Some(process) = family.get(at).copied() {
        at += 1;
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(children.split_ascii_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    family
}

fn processor_time(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    ticks(&text).map(|ticks| Duration::from_secs(1) * ticks / TICKS)
}

/// The sum of `utime` and `stime`. The name of the program is in parentheses and may contain anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
}

/// The number in the line of a file in `/proc/PID` that starts with a name.
fn field(process: u32, file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_follow_a_name_with_parentheses_and_spaces() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 100 1000 10";
        assert_eq!(ticks(stat), Some(200));
    }

    #[test]
    fn this_process_uses_memory() {
        let memory = Memory::of(std::process::id());
        assert!(memory.anonymous > 0 && memory.resident >= memory.anonymous, "{memory:?}");
    }
}
