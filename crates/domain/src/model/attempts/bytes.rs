//! Serializes [`Evidence`] to bytes, which a store saves in one column.
//! The first byte is the version of the format. Old versions stay readable: each version has the order of one
//! more field than the version before.

use super::{Clock, Evidence, FieldOrders, Order};
use crate::model::reports::Authority;
use crate::model::status::Rank;
use jiff::Timestamp;

/// The number of fields with an order in version 1.
const FIELDS_OF_FIRST: usize = 4;
const VERSION: usize = FieldOrders::COUNT - FIELDS_OF_FIRST + 1;

impl Evidence {
    /// Serializes the evidence.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.push(VERSION as u8);
        write_order(&mut out, Some(self.status));
        write_time(&mut out, Some(self.status_at));
        for order in self.fields.to_array() {
            write_order(&mut out, order);
        }
        for time in [self.started, self.finished] {
            write_order(&mut out, time.map(|(order, _)| order));
            write_time(&mut out, time.map(|(_, at)| at));
        }
        out.push(u8::from(matches!(self.running, Some((Clock::Reporter, _)))));
        write_time(&mut out, self.running.map(|(_, at)| at));
        write_time(&mut out, self.earliest);
        for url in &self.urls {
            out.extend(url.to_be_bytes());
        }
        out
    }

    /// Parses what [`Evidence::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let version = usize::from(reader.byte()?);
        if !(1..=VERSION).contains(&version) {
            return None;
        }
        let (status, status_at) = (reader.order()??, reader.time()??);
        let mut orders = FieldOrders::default().to_array();
        for order in orders.iter_mut().take(FIELDS_OF_FIRST + version - 1) {
            *order = reader.order()?;
        }
        let (started, finished) = (reader.ordered_time()?, reader.ordered_time()?);
        let clock = if reader.byte()? == 1 { Clock::Reporter } else { Clock::Server };
        let running = reader.time()?.map(|at| (clock, at));
        let earliest = reader.time()?;
        let mut urls = Vec::with_capacity(reader.0.len() / 8);
        while !reader.0.is_empty() {
            urls.push(u64::from_be_bytes(reader.take()?));
        }
        Some(Self {
            status,
            status_at,
            fields: FieldOrders::from_array(orders),
            started,
            finished,
            running,
            earliest,
            urls,
        })
    }
}

fn write_order(out: &mut Vec<u8>, order: Option<Order>) {
    let Some(order) = order else { return out.push(0) };
    // 1 to 3 are the ranks of a reporter. Operator and watchdog report only ends.
    out.push(match order.authority {
        Authority::Reporter => 1 + order.rank as u8,
        Authority::Operator => 4,
        Authority::Watchdog => 5,
    });
    write_time(out, order.occurred_at);
    out.extend(order.arrival.to_be_bytes());
}

fn write_time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    // i64::MIN means no time: the range of jiff is smaller.
    out.extend(time.map_or(i64::MIN, Timestamp::as_millisecond).to_be_bytes());
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[b]| b)
    }

    fn time(&mut self) -> Option<Option<Timestamp>> {
        match i64::from_be_bytes(self.take()?) {
            i64::MIN => Some(None),
            ms => Timestamp::from_millisecond(ms).ok().map(Some),
        }
    }

    fn order(&mut self) -> Option<Option<Order>> {
        let (rank, authority) = match self.byte()? {
            0 => return Some(None),
            1 => (Rank::Pending, Authority::Reporter),
            2 => (Rank::Running, Authority::Reporter),
            3 => (Rank::Finished, Authority::Reporter),
            4 => (Rank::Finished, Authority::Operator),
            5 => (Rank::Finished, Authority::Watchdog),
            _ => return None,
        };
        let (occurred_at, arrival) = (self.time()?, i64::from_be_bytes(self.take()?));
        Some(Some(Order { rank, authority, occurred_at, arrival }))
    }

    fn ordered_time(&mut self) -> Option<Option<(Order, Timestamp)>> {
        let (order, at) = (self.order()?, self.time()?);
        Some(order.zip(at))
    }
}
