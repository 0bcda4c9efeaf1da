//! The client on whose behalf a future runs. A store shares its connections fairly among requesters.

use crate::model::ids::UserId;
use std::cell::Cell;
use std::net::IpAddr;
use std::pin::pin;
use std::task::Poll;

/// The client on whose behalf the store is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Requester {
    /// This server: its maintenance, its webhook sender and its streams.
    #[default]
    Server,
    /// A signed-in user.
    User(UserId),
    /// A client that is not signed in; `None`: its address is unknown.
    Anonymous(Option<IpAddr>),
}

impl Requester {
    /// True for a client that is not signed in.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Self::Anonymous(_))
    }
}

thread_local! {
    static CURRENT: Cell<Requester> = const { Cell::new(Requester::Server) };
}

/// The requester of the future that is being polled; [`Requester::Server`] outside of [`as_requester`]. Tasks and
/// threads that the future starts do not inherit it.
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
