//! Serializes the [`Evidence`] of an attempt to bytes, which a store saves in one column beside the attempt.
//! The first byte is the version of the format; the version before stays readable.
//!
//! Most values repeat others. A time is the difference to the time before it, and the first one that to
//! `created_at`, in milliseconds; a time or an arrival that an order shares with the order before it is one bit;
//! a single link is the attempt's own. Numbers have 7 bits per byte, the low bits first.

mod first;

use super::latest_details::LatestDetails;
use super::{Clock, Evidence, FieldOrders, Order, Recency};
use crate::model::binary;
use crate::model::conclusions::Conclusion;
use crate::model::details::ATTEMPT_DETAILS_MAX;
use crate::model::reports::{Authority, digest_of_url};
use crate::model::status::{Rank, Status};
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

/// The number after the flags: the low bits are those of the fields that have an order.
const FIELDS: u64 = DETAILS - 1;
const DETAILS: u64 = 1 << 6;
const NAME_IGNORES_CASE: u64 = 1 << 7;
/// The position of the other two bits of the number of the conclusion.
const CONCLUSION_REST: u32 = 8;
const STATUS_AT_RECEIPT: u64 = 1 << 10;
/// All bits of that number.
const PRESENT: u64 = (1 << 11) - 1;

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
            status_at_receipt,
            fields,
            started,
            finished,
            running,
            earliest,
            urls,
            details,
            name_ignores_case,
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
        let others = [
            (DETAILS, details.is_some()),
            (NAME_IGNORES_CASE, *name_ignores_case),
            (STATUS_AT_RECEIPT, *status_at_receipt),
        ];
        let others = others.into_iter().filter(|(_, set)| *set).map(|(bit, _)| bit).sum::<u64>();
        let mut out = Writer::new(created_at);
        out.bytes.extend([VERSION, flags]);
        let conclusion_rest = u64::from(conclusion >> 1) << CONCLUSION_REST;
        out.number(present.sum::<u64>() | others | conclusion_rest);
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

/// How late the status of an attempt with this evidence, `status` and `created_at` was reported, and whether case does
/// not distinguish its name, read without the rest of the evidence; `None` for bytes that [`Evidence::to_bytes`] does
/// not write.
pub fn read_recency(bytes: &[u8], status: Status, created_at: Timestamp) -> Option<(Recency, bool)> {
    match bytes.split_first()? {
        (1, rest) => Some((Recency::new(status, &first::read(rest)?, created_at), false)),
        (2, rest) => Reader::new(rest, created_at).recency(status, created_at),
        _ => None,
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
        binary::put_uint(&mut self.bytes, value);
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

/// The first values.
struct Head {
    flags: u8,
    present: u64,
    status: Order,
    status_at: Timestamp,
}

impl Head {
    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn conclusion(&self) -> Option<Option<Conclusion>> {
        let rest = u8::try_from(self.present >> CONCLUSION_REST & 0b11).ok()?;
        Conclusion::of_number(self.flags >> CONCLUSION | rest << 1).ok()
    }
}

/// The values after the first ones.
struct Orders {
    fields: FieldOrders,
    finished: Option<(Order, Timestamp)>,
    started: Option<(Order, Timestamp)>,
    running: Option<(Clock, Timestamp)>,
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

    fn head(&mut self) -> Option<Head> {
        let (flags, present) = (self.byte()?, self.number()?);
        if present & !PRESENT != 0 || (present & FIELDS) >> FieldOrders::COUNT != 0 {
            return None;
        }
        let status = self.order()?;
        let status_at = if flags & STATUS_AT != 0 { self.time()? } else { status.occurred_at? };
        Some(Head { flags, present, status, status_at })
    }

    /// The bytes after the head.
    fn orders(&mut self, head: &Head) -> Option<Orders> {
        let mut fields = FieldOrders::default().to_array();
        for (at, order) in fields.iter_mut().enumerate() {
            if head.present >> at & 1 != 0 {
                *order = Some(self.order()?);
            }
        }
        let finished = if head.has(FINISHED) { Some((self.order()?, self.time()?)) } else { None };
        let started = if head.has(STARTED) { Some((self.order()?, self.time()?)) } else { None };
        let clock = if head.has(RUNNING_REPORTED) { Clock::Reporter } else { Clock::Server };
        let running = if head.has(RUNNING) { Some((clock, self.time()?)) } else { None };
        Some(Orders { fields: FieldOrders::from_array(fields), finished, started, running })
    }

    fn evidence(mut self, target_url: Option<&str>) -> Option<Evidence> {
        let head = self.head()?;
        let Orders { fields, finished, started, running } = self.orders(&head)?;
        let earliest = if head.has(EARLIEST) { Some(self.time()?) } else { None };
        let details = if head.present & DETAILS != 0 { Some(Box::new(self.details()?)) } else { None };
        let mut urls = Vec::new();
        if head.has(OWN_URL) {
            urls.push(digest_of_url(target_url?));
        }
        while let Some((url, rest)) = self.bytes.split_first_chunk() {
            urls.push(u64::from_be_bytes(*url));
            self.bytes = rest;
        }
        self.bytes.is_empty().then_some(Evidence {
            status: head.status,
            conclusion: head.conclusion()?,
            status_at: head.status_at,
            status_at_receipt: head.present & STATUS_AT_RECEIPT != 0,
            fields,
            started,
            finished,
            running,
            earliest,
            urls,
            details,
            name_ignores_case: head.present & NAME_IGNORES_CASE != 0,
        })
    }

    fn recency(mut self, status: Status, created_at: Timestamp) -> Option<(Recency, bool)> {
        let head = self.head()?;
        let running = match head.status.authority {
            Authority::Reporter => None,
            Authority::Watchdog | Authority::Operator => self.orders(&head)?.running,
        };
        let running = running.map(|(_, at)| at);
        let recency = Recency::of(status, (head.status, head.status_at), running.unwrap_or(created_at));
        Some((recency, head.present & NAME_IGNORES_CASE != 0))
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
        binary::take_byte(&mut self.bytes)
    }

    fn number(&mut self) -> Option<u64> {
        binary::take_uint(&mut self.bytes)
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
