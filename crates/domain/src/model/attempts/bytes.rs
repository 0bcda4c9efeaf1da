//! Serializes the [`Evidence`] of an attempt to bytes, which a store saves in one column beside the attempt.
//! The first byte is the version of the format; the version before stays readable.
//!
//! Most values repeat others. A time is the difference to the time before it, and the first one that to
//! `created_at`, in milliseconds; a time or an arrival that an order shares with the order before it is one bit;
//! a single link is the attempt's own. Numbers have 7 bits per byte, the low bits first.

mod first;

use super::latest_details::LatestDetails;
use super::{Clock, Evidence, FieldOrders, Order};
use crate::model::conclusions::Conclusion;
use crate::model::details::ATTEMPT_DETAILS_MAX;
use crate::model::reports::{Authority, digest_of_url};
use crate::model::status::Rank;
use crate::model::varint;
use jiff::Timestamp;

const VERSION: u8 = 2;

/// Bits of the byte after the version.
const STARTED: u8 = 1;
const FINISHED: u8 = 1 << 1;
const RUNNING: u8 = 1 << 2;
/// The time of `running` is by the clock of the reporter.
const RUNNING_REPORTED: u8 = 1 << 3;
const EARLIEST: u8 = 1 << 4;
/// The time of the report that won the status is not that of its order.
const STATUS_AT: u8 = 1 << 5;
/// The only link is the attempt's.
const OWN_URL: u8 = 1 << 6;
/// The first bit of the number of the conclusion.
const CONCLUSION: u8 = 7;

/// Where the other bits of that number are, above the bits of the fields that have an order.
const CONCLUSION_REST: u32 = 8;

/// The bit of the details in the number whose low bits are those of the fields.
const DETAILS: u64 = 1 << 6;

/// Bits of the byte of an order, above the three of its rank and authority.
const SAME_TIME: u8 = 1 << 3;
const TIME: u8 = 1 << 4;
const SAME_ARRIVAL: u8 = 1 << 5;
const ARRIVAL: u8 = 1 << 6;

impl Evidence {
    /// Serializes the evidence of an attempt with this `created_at` and `target_url`.
    pub fn to_bytes(&self, created_at: Timestamp, target_url: Option<&str>) -> Vec<u8> {
        let Self {
            status,
            conclusion,
            status_at,
            fields,
            started,
            finished,
            running,
            earliest,
            urls,
            details,
        } = self;
        let conclusion = conclusion.map_or(0, Conclusion::number);
        let own_url = urls.len() == 1 && urls.first() == target_url.map(digest_of_url).as_ref();
        let bit = |bit: u8, set: bool| if set { bit } else { 0 };
        let flags = bit(STARTED, started.is_some())
            | bit(FINISHED, finished.is_some())
            | bit(RUNNING, running.is_some())
            | bit(RUNNING_REPORTED, matches!(running, Some((Clock::Reporter, _))))
            | bit(EARLIEST, earliest.is_some())
            | bit(STATUS_AT, status.occurred_at != Some(*status_at))
            | bit(OWN_URL, own_url)
            | conclusion << CONCLUSION;
        let fields = fields.to_array();
        let present = (0..).zip(&fields).map(|(at, order)| u64::from(order.is_some()) << at);
        let has_details = if details.is_some() { DETAILS } else { 0 };
        let mut out = Writer::new(created_at);
        out.bytes.extend([VERSION, flags]);
        let conclusion_rest = u64::from(conclusion >> 1) << CONCLUSION_REST;
        out.number(present.sum::<u64>() | has_details | conclusion_rest);
        out.order(*status);
        if flags & STATUS_AT != 0 {
            out.time(*status_at);
        }
        fields.into_iter().flatten().for_each(|order| out.order(order));
        for (order, at) in [finished, started].into_iter().flatten() {
            out.order(*order);
            out.time(*at);
        }
        for at in [running.map(|(_, at)| at), *earliest].into_iter().flatten() {
            out.time(at);
        }
        details.iter().for_each(|latest| out.details(latest));
        if !own_url {
            urls.iter().for_each(|url| out.bytes.extend(url.to_be_bytes()));
        }
        out.bytes
    }

    /// Parses what [`Evidence::to_bytes`] wrote with these arguments; `None` for anything else.
    pub fn from_bytes(bytes: &[u8], created_at: Timestamp, target_url: Option<&str>) -> Option<Self> {
        match bytes.split_first()? {
            (1, rest) => first::read(rest),
            (2, rest) => Reader::new(rest, created_at).evidence(target_url),
            _ => None,
        }
    }
}

struct Writer {
    bytes: Vec<u8>,
    /// The last time and the last arrival that were written.
    time: i64,
    arrival: i64,
}

impl Writer {
    fn new(created_at: Timestamp) -> Self {
        Self { bytes: Vec::with_capacity(32), time: created_at.as_millisecond(), arrival: 0 }
    }

    fn number(&mut self, value: u64) {
        varint::put(&mut self.bytes, value);
    }

    fn time(&mut self, at: Timestamp) {
        let at = at.as_millisecond();
        let difference = at - self.time;
        self.time = at;
        // Small amounts of either sign are short.
        self.number(((difference << 1) ^ (difference >> 63)).cast_unsigned());
    }

    fn details(&mut self, LatestDetails(latest): &LatestDetails) {
        self.number(latest.len() as u64);
        for (order, digest) in latest {
            self.order(*order);
            self.bytes.extend(digest);
        }
    }

    fn order(&mut self, order: Order) {
        let time = match order.occurred_at {
            None => 0,
            Some(at) if at.as_millisecond() == self.time => SAME_TIME,
            Some(_) => TIME,
        };
        let arrival = match order.arrival {
            0 => 0,
            arrival if arrival == self.arrival => SAME_ARRIVAL,
            _ => ARRIVAL,
        };
        self.bytes.push(code(order) | time | arrival);
        if let Some(at) = order.occurred_at.filter(|_| time == TIME) {
            self.time(at);
        }
        if arrival == ARRIVAL {
            self.number(order.arrival.cast_unsigned());
            self.arrival = order.arrival;
        }
    }
}

/// 1 to 3 are the ranks of a reporter. Operator and watchdog report only ends.
const fn code(order: Order) -> u8 {
    match order.authority {
        Authority::Reporter => 1 + order.rank as u8,
        Authority::Operator => 4,
        Authority::Watchdog => 5,
    }
}

/// The rank and authority of a [`code`].
const fn decode(code: u8) -> Option<(Rank, Authority)> {
    Some(match code {
        1 => (Rank::Pending, Authority::Reporter),
        2 => (Rank::Running, Authority::Reporter),
        3 => (Rank::Finished, Authority::Reporter),
        4 => (Rank::Finished, Authority::Operator),
        5 => (Rank::Finished, Authority::Watchdog),
        _ => return None,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    time: i64,
    arrival: i64,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], created_at: Timestamp) -> Self {
        Self { bytes, time: created_at.as_millisecond(), arrival: 0 }
    }

    fn evidence(mut self, target_url: Option<&str>) -> Option<Evidence> {
        let flags = self.byte()?;
        let has = |bit: u8| flags & bit != 0;
        let present = self.number()?;
        let status = self.order()?;
        let status_at = if has(STATUS_AT) { self.time()? } else { status.occurred_at? };
        let mut fields = FieldOrders::default().to_array();
        let conclusion = flags >> CONCLUSION | u8::try_from(present >> CONCLUSION_REST << 1).ok()?;
        if (present & ((1 << CONCLUSION_REST) - 1) & !DETAILS) >> fields.len() != 0 {
            return None;
        }
        for (at, order) in fields.iter_mut().enumerate() {
            if present >> at & 1 != 0 {
                *order = Some(self.order()?);
            }
        }
        let finished = if has(FINISHED) { Some((self.order()?, self.time()?)) } else { None };
        let started = if has(STARTED) { Some((self.order()?, self.time()?)) } else { None };
        let clock = if has(RUNNING_REPORTED) { Clock::Reporter } else { Clock::Server };
        let running = if has(RUNNING) { Some((clock, self.time()?)) } else { None };
        let earliest = if has(EARLIEST) { Some(self.time()?) } else { None };
        let details = if present & DETAILS != 0 { Some(Box::new(self.details()?)) } else { None };
        let mut urls = Vec::new();
        if has(OWN_URL) {
            urls.push(digest_of_url(target_url?));
        }
        while let Some((url, rest)) = self.bytes.split_first_chunk() {
            urls.push(u64::from_be_bytes(*url));
            self.bytes = rest;
        }
        let fields = FieldOrders::from_array(fields);
        self.bytes.is_empty().then_some(Evidence {
            status,
            conclusion: Conclusion::of_number(conclusion).ok()?,
            status_at,
            fields,
            started,
            finished,
            running,
            earliest,
            urls,
            details,
        })
    }

    fn details(&mut self) -> Option<LatestDetails> {
        let count = usize::try_from(self.number()?).ok().filter(|count| *count <= ATTEMPT_DETAILS_MAX)?;
        let mut latest = Vec::with_capacity(count);
        for _ in 0..count {
            let order = self.order()?;
            let (digest, rest) = self.bytes.split_first_chunk()?;
            self.bytes = rest;
            latest.push((order, *digest));
        }
        Some(LatestDetails(latest))
    }

    fn byte(&mut self) -> Option<u8> {
        varint::take_byte(&mut self.bytes)
    }

    fn number(&mut self) -> Option<u64> {
        varint::take(&mut self.bytes)
    }

    fn time(&mut self) -> Option<Timestamp> {
        let value = self.number()?;
        let difference = (value >> 1).cast_signed() ^ -(value & 1).cast_signed();
        self.time = self.time.checked_add(difference)?;
        Timestamp::from_millisecond(self.time).ok()
    }

    fn order(&mut self) -> Option<Order> {
        let byte = self.byte()?;
        let (rank, authority) = decode(byte & 0b111)?;
        let occurred_at = match byte & (SAME_TIME | TIME) {
            0 => None,
            SAME_TIME => Some(Timestamp::from_millisecond(self.time).ok()?),
            TIME => Some(self.time()?),
            _ => return None,
        };
        let arrival = match byte & (SAME_ARRIVAL | ARRIVAL) {
            0 => 0,
            SAME_ARRIVAL => self.arrival,
            ARRIVAL => {
                self.arrival = self.number()?.cast_signed();
                self.arrival
            }
            _ => return None,
        };
        (byte < 0x80).then_some(Order { rank, authority, occurred_at, arrival })
    }
}
