//! [`Evidence`] as bytes, so that a store keeps it in one column it need not understand.
//! The first byte is the version of this form; old versions stay readable.

use super::{Clock, Evidence, Order};
use crate::model::reports::Authority;
use crate::model::status::Rank;
use jiff::Timestamp;

const VERSION: u8 = 1;

impl Evidence {
    /// The evidence as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.push(VERSION);
        put_order(&mut out, Some(self.status));
        put_time(&mut out, Some(self.status_at));
        for order in [self.target_url, self.description, self.coverage, self.allow_failure] {
            put_order(&mut out, order);
        }
        for said in [self.started, self.finished] {
            put_order(&mut out, said.map(|(order, _)| order));
            put_time(&mut out, said.map(|(_, at)| at));
        }
        out.push(u8::from(matches!(self.ran, Some((Clock::Reporter, _)))));
        put_time(&mut out, self.ran.map(|(_, at)| at));
        put_time(&mut out, self.begun);
        for url in &self.urls {
            out.extend(url.to_be_bytes());
        }
        out
    }

    /// The evidence that [`Evidence::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        if from.byte()? != VERSION {
            return None;
        }
        let (status, status_at) = (from.order()??, from.time()??);
        let [target_url, description, coverage, allow_failure] =
            [from.order()?, from.order()?, from.order()?, from.order()?];
        let (started, finished) = (from.said()?, from.said()?);
        let clock = if from.byte()? == 1 { Clock::Reporter } else { Clock::Ours };
        let ran = from.time()?.map(|at| (clock, at));
        let begun = from.time()?;
        let mut urls = Vec::with_capacity(from.0.len() / 8);
        while !from.0.is_empty() {
            urls.push(u64::from_be_bytes(from.take()?));
        }
        Some(Self {
            status,
            status_at,
            target_url,
            description,
            coverage,
            allow_failure,
            started,
            finished,
            ran,
            begun,
            urls,
        })
    }
}

fn put_order(out: &mut Vec<u8>, order: Option<Order>) {
    let Some(order) = order else { return out.push(0) };
    // 1 to 3 are ranks said by a reporter; only an end is ever given by another.
    out.push(match order.authority {
        Authority::Reporter => 1 + order.rank as u8,
        Authority::Operator => 4,
        Authority::Watchdog => 5,
    });
    put_time(out, order.occurred_at);
    out.extend(order.arrival.to_be_bytes());
}

fn put_time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    // The least i64 is no time: jiff's range is far smaller.
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

    fn said(&mut self) -> Option<Option<(Order, Timestamp)>> {
        let (order, at) = (self.order()?, self.time()?);
        Some(order.zip(at))
    }
}
