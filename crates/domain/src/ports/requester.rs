//! The client on whose behalf a future runs: a store shares its connections fairly among requesters, and records the
//! origin of changes.

use crate::model::audit::Origin;
use crate::model::ids::UserId;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv6Addr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// The client on whose behalf the store is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Requester {
    /// This server: its maintenance, its webhook sender and its streams.
    #[default]
    Server,
    /// A signed-in user.
    User(UserId),
    /// A client that is not signed in ([`Requester::anonymous`]); `None`: its address is unknown.
    Anonymous(Option<IpAddr>),
}

impl Requester {
    /// A client that is not signed in, at this address. All IPv6 addresses of a /64 network are one client,
    /// because a client usually has a whole one.
    pub fn anonymous(address: Option<IpAddr>) -> Self {
        Self::Anonymous(address.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        }))
    }

    /// True for a client that is not signed in.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Self::Anonymous(_))
    }
}

thread_local! {
    static CURRENT: Cell<Requester> = const { Cell::new(Requester::Server) };
    static ORIGIN: RefCell<Option<Arc<Origin>>> = const { RefCell::new(None) };
}

/// The origin of the changes of the future that is being polled; `None` outside of [`with_origin`]: the server itself.
/// Tasks and threads that the future starts do not inherit it.
pub fn current_origin() -> Option<Arc<Origin>> {
    ORIGIN.with_borrow(Clone::clone)
}

/// Sets the previous origin again, also after a panic.
struct RestoreOrigin(Option<Arc<Origin>>);

impl Drop for RestoreOrigin {
    fn drop(&mut self) {
        ORIGIN.set(self.0.take());
    }
}

/// Runs a future whose changes have this origin; `None`: the server itself.
pub async fn with_origin<T>(origin: Option<Arc<Origin>>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| -> Poll<T> {
        let _restore = RestoreOrigin(ORIGIN.replace(origin.clone()));
        future.as_mut().poll(cx)
    })
    .await
}

/// The requester of the future that is being polled; [`Requester::Server`] outside of [`as_requester`]. Tasks
/// and threads that the future starts do not inherit it.
pub fn current_requester() -> Requester {
    CURRENT.get()
}

/// Sets the previous requester again, also after a panic.
struct Restore(Requester);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs a future on behalf of a requester.
pub async fn as_requester<T>(requester: Requester, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| -> Poll<T> {
        let _restore = Restore(CURRENT.replace(requester));
        future.as_mut().poll(cx)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Waker};

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client() {
        let of = |address: &str| Requester::anonymous(Some(address.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn the_requester_is_that_of_the_polled_future() {
        let user = Requester::User(UserId::new(7).unwrap());
        let anonymous = Requester::Anonymous(None);
        let yields = || {
            let mut polled = false;
            std::future::poll_fn(move |_| {
                if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
            })
        };
        let outer = async {
            yields().await;
            let inner = as_requester(anonymous, async {
                yields().await;
                current_requester()
            })
            .await;
            (current_requester(), inner)
        };
        let mut outer = pin!(as_requester(user, outer));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            assert!(outer.as_mut().poll(&mut cx).is_pending());
            assert_eq!(current_requester(), Requester::Server, "between two polls");
        }
        assert_eq!(outer.as_mut().poll(&mut cx), Poll::Ready((user, anonymous)));
    }
}
