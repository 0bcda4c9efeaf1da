//! The queue of the writer. It shares groups fairly between flows, as deficit round robin shares a link: a flow is a
//! sequence of writes that take turns with those of other flows, mostly the writes to one repository. So many or
//! large writes of one repository delay a write of another one by at most one group.

use domain::model::ids::RepositoryId;
use domain::ports::Requester;
use std::collections::{HashMap, VecDeque};

/// The maximum of writes in one group: bounds how long the first of them waits for its result.
pub const GROUP_MAX: usize = 512;
/// The maximum of rows in one group, unless a single write has more: bounds the memory and the duration of a
/// transaction.
pub const GROUP_ROWS_MAX: usize = 2_000;
/// The maximum of bytes in one group, unless a single write has more: a report may have details of a megabyte.
pub const GROUP_BYTES_MAX: usize = 16 << 20;
/// The rows that a flow may add to a group in one turn. A larger write waits for as many turns as it needs.
pub const TURN_ROWS: usize = 64;
/// The bytes that a queued write takes besides its content.
const WRITE_BYTES: usize = 512;

/// Writes that are one participant of the fair queue: they share its turns and its part of the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Writes to one repository.
    Repository(RepositoryId),
    /// Other writes of a client: users, credentials, settings.
    Requester(Requester),
    /// Claims and results of deliveries.
    Deliveries,
    /// Deletion and closing by policies.
    Maintenance,
}

/// The size of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub flow: Flow,
    /// About how many rows it changes.
    pub rows: usize,
    /// About how many bytes it holds while it waits.
    pub bytes: usize,
}

impl Load {
    /// A small write.
    pub fn one(flow: Flow) -> Self {
        Self { flow, rows: 1, bytes: 0 }
    }
}

struct Queued<W> {
    load: Load,
    write: W,
}

struct Waiting<W> {
    writes: VecDeque<Queued<W>>,
    /// The rows that the flow may take, from this turn and earlier ones.
    credit: usize,
    bytes: usize,
}

impl<W> Default for Waiting<W> {
    fn default() -> Self {
        Self { writes: VecDeque::new(), credit: 0, bytes: 0 }
    }
}

/// Queued writes.
pub struct Queue<W> {
    flows: HashMap<Flow, Waiting<W>>,
    /// The flows with writes, in order of their turns.
    turns: VecDeque<Flow>,
    len: usize,
    rows: usize,
    bytes: usize,
    max: QueueMax,
}

/// The maximum of writes in a queue, and of their bytes.
#[derive(Debug, Clone, Copy)]
pub struct QueueMax {
    pub writes: usize,
    pub bytes: u64,
}

impl<W> Queue<W> {
    /// An empty queue.
    pub fn new(max: QueueMax) -> Self {
        Self { flows: HashMap::new(), turns: VecDeque::new(), len: 0, rows: 0, bytes: 0, max }
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the queue holds as much as a group takes.
    pub fn fills_group(&self) -> bool {
        self.len >= GROUP_MAX || self.rows >= GROUP_ROWS_MAX || self.bytes >= GROUP_BYTES_MAX
    }

    /// Adds a write, or returns it if its flow has used its share: a flow may hold as many places and bytes
    /// as are free. One flow therefore gets at most half of the queue, and two at most a third each; every
    /// other flow finds free places.
    pub fn push(&mut self, load: Load, write: W) -> Result<(), W> {
        let bytes = load.bytes + WRITE_BYTES;
        let (len, used) = self.flows.get(&load.flow).map_or((0, 0), |flow| (flow.writes.len(), flow.bytes));
        let free = usize::try_from(self.max.bytes).unwrap_or(usize::MAX).saturating_sub(self.bytes);
        if len >= self.max.writes.max(1).saturating_sub(self.len) || used + bytes > free {
            return Err(write);
        }
        let flow = self.flows.entry(load.flow).or_default();
        if flow.writes.is_empty() {
            self.turns.push_back(load.flow);
        }
        flow.writes.push_back(Queued { load: Load { bytes, ..load }, write });
        flow.bytes += bytes;
        self.len += 1;
        self.rows += load.rows;
        self.bytes += bytes;
        Ok(())
    }

    /// Removes the writes of the next group. The flows take turns; in each a flow gains [`TURN_ROWS`].
    pub fn take_group(&mut self) -> Vec<W> {
        let (mut group, mut rows, mut bytes) = (Vec::with_capacity(self.len.min(GROUP_MAX)), 0, 0);
        while let Some(name) = self.turns.pop_front() {
            let Some(flow) = self.flows.get_mut(&name) else { continue };
            flow.credit += TURN_ROWS;
            let mut is_full = false;
            while let Some(next) = flow.writes.front()
                && next.load.rows <= flow.credit
            {
                let fits = group.is_empty()
                    || rows + next.load.rows <= GROUP_ROWS_MAX && bytes + next.load.bytes <= GROUP_BYTES_MAX;
                is_full = group.len() >= GROUP_MAX || !fits;
                if is_full {
                    break;
                }
                let Some(Queued { load, write }) = flow.writes.pop_front() else { break };
                flow.credit -= load.rows;
                flow.bytes -= load.bytes;
                rows += load.rows;
                bytes += load.bytes;
                self.len -= 1;
                self.rows -= load.rows;
                self.bytes -= load.bytes;
                group.push(write);
            }
            if flow.writes.is_empty() {
                self.flows.remove(&name);
            } else if is_full {
                // It keeps its credit and is the first in the next group; it gets no more for the turn that
                // it could not use.
                flow.credit -= TURN_ROWS.min(flow.credit);
                self.turns.push_front(name);
            } else {
                self.turns.push_back(name);
            }
            if is_full {
                break;
            }
        }
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(number: i32) -> Flow {
        Flow::Repository(RepositoryId::new(number.into()).unwrap())
    }

    fn queue_of(writes: usize) -> Queue<(i32, usize)> {
        Queue::new(QueueMax { writes, bytes: 64 << 20 })
    }

    fn push(queue: &mut Queue<(i32, usize)>, repository: i32, rows: usize, bytes: usize) -> bool {
        queue.push(Load { flow: flow(repository), rows, bytes }, (repository, rows)).is_ok()
    }

    fn of(group: &[(i32, usize)], repository: i32) -> usize {
        group.iter().filter(|(of, _)| *of == repository).count()
    }

    #[test]
    fn a_write_of_another_repository_is_in_the_next_group() {
        let mut queue = queue_of(10_000);
        for _ in 0..100 {
            assert!(push(&mut queue, 1, 1_000, 0));
        }
        assert_eq!(queue.take_group(), [(1, 1_000); 2], "2,000 rows");
        assert!(push(&mut queue, 2, 1, 0));
        let group = queue.take_group();
        assert_eq!((of(&group, 2), group.len()), (1, 2), "{group:?}");
        assert!((0..48).all(|_| queue.take_group() == [(1, 1_000); 2]), "the rest, of the first repository");
        assert_eq!((queue.take_group(), queue.take_group()), (vec![(1, 1_000)], Vec::new()));
        assert!(queue.is_empty() && queue.bytes() == 0 && queue.flows.is_empty() && queue.turns.is_empty());
    }

    #[test]
    fn repositories_share_a_group_by_rows() {
        let mut queue = queue_of(100_000);
        for n in 0..4_000 {
            assert!(push(&mut queue, 1, 1, 0));
            assert!(n >= 10 || push(&mut queue, 2, 1_000, 0));
        }
        let mut rows = [0, 0];
        for _ in 0..6 {
            for (repository, of_write) in queue.take_group() {
                rows[usize::try_from(repository).unwrap() - 1] += of_write;
            }
        }
        assert!(rows[0].abs_diff(rows[1]) <= 1_000 + 2 * TURN_ROWS, "{rows:?}");
    }

    #[test]
    fn a_group_is_limited_by_writes_and_rows() {
        let mut queue = queue_of(10_000);
        for _ in 0..GROUP_MAX + 1 {
            assert!(push(&mut queue, 1, 1, 0));
        }
        assert_eq!((queue.take_group().len(), queue.take_group().len()), (512, 1));
        for rows in [GROUP_ROWS_MAX - 1, 1, 1, GROUP_ROWS_MAX * 3, 1] {
            assert!(push(&mut queue, 1, rows, 0));
        }
        let sizes: Vec<usize> =
            std::iter::repeat_with(|| queue.take_group().len()).take_while(|n| *n > 0).collect();
        assert_eq!(sizes, [2, 1, 1, 1], "a write with more rows than the maximum is a group of its own");
    }

    #[test]
    fn a_group_is_limited_by_bytes() {
        let mut queue = queue_of(10_000);
        let mib = 1 << 20;
        for bytes in [10 * mib, 5 * mib, 5 * mib, 20 * mib] {
            assert!(push(&mut queue, 1, 1, bytes));
        }
        assert!(queue.fills_group());
        let sizes = std::iter::repeat_with(|| queue.take_group().len());
        assert_eq!(sizes.take_while(|n| *n > 0).collect::<Vec<_>>(), [2, 1, 1]);
        assert!(push(&mut queue, 1, 1, GROUP_BYTES_MAX / 2) && !queue.fills_group());
    }

    #[test]
    fn the_queue_knows_when_it_fills_a_group() {
        let mut queue = queue_of(10_000);
        for (count, rows) in [(GROUP_MAX, 1), (2, GROUP_ROWS_MAX / 2), (1, GROUP_ROWS_MAX)] {
            for _ in 0..count {
                assert!(!queue.fills_group());
                assert!(push(&mut queue, 1, rows, 0));
            }
            assert!(queue.fills_group());
            while !queue.is_empty() {
                queue.take_group();
            }
        }
    }

    #[test]
    fn one_repository_gets_half_of_the_places_and_two_a_third_each() {
        let mut queue = queue_of(9_000);
        let fill =
            |queue: &mut Queue<_>, repository| (0..9_000).filter(|_| push(queue, repository, 1, 0)).count();
        assert_eq!(fill(&mut queue, 1), 4_500);
        assert_eq!(fill(&mut queue, 2), 2_250, "half of what the first left");
        assert_eq!(fill(&mut queue, 3), 1_125);
        while !queue.is_empty() {
            queue.take_group();
        }
        let both = (0..9_000).map(|_| (push(&mut queue, 1, 1, 0), push(&mut queue, 2, 1, 0)));
        let both: Vec<_> = both.collect();
        let count = |one: fn(&(bool, bool)) -> bool| both.iter().filter(|both| one(both)).count();
        assert_eq!((count(|both| both.0), count(|both| both.1)), (3_000, 3_000));
        assert!(push(&mut queue, 3, 1, 0), "a third one has places");
    }

    #[test]
    fn one_repository_gets_half_of_the_bytes() {
        let mut queue = queue_of(10_000);
        let mib = 1 << 20;
        assert_eq!((0..64).filter(|_| push(&mut queue, 1, 1, mib - WRITE_BYTES)).count(), 32, "of 64 MiB");
        assert!(push(&mut queue, 2, 1, mib));
        assert!(!push(&mut queue, 1, 1, 0));
        queue.take_group();
        assert!(push(&mut queue, 1, 1, mib));
    }

    #[test]
    fn a_queue_of_one_place_accepts_one_write() {
        let mut queue = queue_of(1);
        assert!(push(&mut queue, 1, 1, 0));
        assert!(!push(&mut queue, 1, 1, 0) && !push(&mut queue, 2, 1, 0));
    }

    #[test]
    fn the_limits_are_those_of_the_documentation() {
        assert_eq!((GROUP_MAX, GROUP_ROWS_MAX, GROUP_BYTES_MAX, TURN_ROWS), (512, 2_000, 16 << 20, 64));
        let document = include_str!("../../../../docs/operating/limits.md");
        for start in [
            "| queue of writes | 10,000 writes (`--queue`), and the part `writes` of the [memory](#memory) | a repository may hold as many writes and bytes as are free: one repository half, two a third each |",
            "| transactions | 512 writes, 2,000 changed rows, 16 MiB | repositories take turns of 64 rows",
        ] {
            assert!(document.contains(start), "{start}");
        }
    }
}
