//! The first version of the format: every value with its full width, and four fields with an order.

use super::decode;
use crate::model::attempts::{Clock, Evidence, FieldOrders, Order};
use jiff::Timestamp;

const FIELDS: usize = 4;

/// Parses the bytes after the version.
pub fn read(bytes: &[u8]) -> Option<Evidence> {
    let mut reader = Reader(bytes);
    let (status, status_at) = (reader.order()??, reader.time()??);
    let mut orders = FieldOrders::default().to_array();
    for order in orders.iter_mut().take(FIELDS) {
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
    let fields = FieldOrders::from_array(orders);
    let details = None;
    Some(Evidence {
        status,
        conclusion: None,
        status_at,
        status_at_receipt: false,
        fields,
        started,
        finished,
        running,
        earliest,
        urls,
        details,
        name_ignores_case: false,
    })
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
        let code = self.byte()?;
        if code == 0 {
            return Some(None);
        }
        let (rank, authority) = decode(code)?;
        let (occurred_at, arrival) = (self.time()?, i64::from_be_bytes(self.take()?));
        Some(Some(Order { rank, authority, occurred_at, arrival }))
    }

    fn ordered_time(&mut self) -> Option<Option<(Order, Timestamp)>> {
        let (order, at) = (self.order()?, self.time()?);
        Some(order.zip(at))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::attempts::{Attempt, Evidence};
    use crate::model::reports::{Arrival, ReportedState};
    use crate::model::status::Status;
    use jiff::Timestamp;

    /// Written by the first version for a report of `success` that has a link, a start and an end.
    #[test]
    fn bytes_of_the_first_version_are_read() {
        let at = |ms: i64| Timestamp::from_millisecond(1_760_000_000_000 + ms).unwrap();
        let state = ReportedState {
            third_build_id: Some("b".into()),
            target_url: Some("https://ci/1".into()),
            occurred_at: Some(at(50)),
            started_at: Some(at(20)),
            finished_at: Some(at(50)),
            ..ReportedState::with_status(Status::Success, Default::default())
        };
        let attempt = Attempt::new(&state, Arrival { received_at: at(90), seq: 7 });
        let ms = |ms: i64| (1_760_000_000_000 + ms).to_be_bytes();
        let order = |arrival: i64| [&[3][..], &ms(50), &arrival.to_be_bytes()].concat();
        let none = i64::MIN.to_be_bytes();
        let url = state.url_digest().unwrap().to_be_bytes();
        let bytes = [
            &[1][..],
            &order(0),
            &ms(50),
            &order(7),
            &[0, 0, 0],
            &order(0),
            &ms(20),
            &order(0),
            &ms(50),
            &[0],
            &none,
            &ms(20),
            &url,
        ]
        .concat();
        assert_eq!(Evidence::from_bytes(&bytes, at(20), None), Some(attempt.evidence.clone()));
        let compact = attempt.evidence.to_bytes(at(20), attempt.target_url.as_deref());
        assert!(compact.len() < 24, "{compact:?}");
    }
}
