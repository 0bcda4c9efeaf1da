//! The stream of a repository's events. `docs/events.md` documents it.

mod stream;

use super::dialect::NATIVE;
use crate::dialect::Dialect;
use crate::events::frame;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{AccessRecheck, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{events, pipelines};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{PipelineId, RepositoryId, integer};
use domain::model::repositories::RepositoryKey;
use http::{HeaderValue, Method, StatusCode};
use stream::{Counted, Follower, Stream};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// The native dialect with the repository in the query.
pub static EVENTS: Dialect = Dialect { repository: by_query, ..NATIVE };

fn by_query(request: &IncomingRequest) -> Result<RepositoryKey> {
    const NAME: &str = "repository";
    let id = request.query.get(NAME)?.ok_or(Invalid::new(NAME, Problem::Missing))?;
    let id = RepositoryId::parse(id).map_err(|error| Invalid::new(NAME, error.problem))?;
    Ok(RepositoryKey::Id(id))
}

/// The number of the last event that the client has. The header has precedence over the query, because a
/// client that reconnects sends both.
fn after(request: &IncomingRequest) -> Result<Option<i64>, Invalid> {
    let number = |name: &str, text: &str| {
        let outside = || Invalid::new(name, Problem::OutOfRange { min: 0, max: i64::MAX });
        integer(name, text).and_then(|number| Some(number).filter(|n| *n >= 0).ok_or_else(outside))
    };
    match request.headers.get(LAST_EVENT_ID) {
        Some(id) => {
            let id = std::str::from_utf8(id.as_bytes());
            let id = id.map_err(|_| Invalid::new(LAST_EVENT_ID, Problem::NotUtf8))?;
            number(LAST_EVENT_ID, id).map(Some)
        }
        None => request.query.get("after")?.map(|id| number("after", id)).transpose(),
    }
}

pub async fn follow(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let Context { edge, proof, request } = ctx;
    let after = after(&request)?;
    let pipeline = request.query.get("pipeline")?.map(PipelineId::parse).transpose();
    let pipeline = pipeline.map_err(|error| Invalid::new("pipeline", error.problem))?;
    if let (Some(id), None) = (pipeline, after) {
        // Checked only for a new client: a deleted pipeline may have events that a reconnecting client has
        // not received.
        pipelines::show(&edge.app, &proof, id).await?;
    }
    let no_buffer = |reply: Reply| reply.header("x-accel-buffering", "no");
    if request.method == Method::HEAD {
        return Ok(no_buffer(Reply::new(StatusCode::OK, EVENT_STREAM, "")));
    }
    // The subscription comes before the read, so that no event committed between the two is missed.
    let subscription =
        edge.events.subscribe(&edge.app, proof.caller().user.id, proof.repository().id).await?;
    let page = events::list(&edge.app, &proof, i64::MAX, 1).await?;
    let (name, last, behind) = match after {
        None => ("ready", page.last, false),
        // The event was deleted, or belongs to a store that was restored to an earlier state.
        Some(after) if after < page.oldest - 1 || after > page.last => ("resync", page.last, false),
        Some(after) => ("ready", after, true),
    };
    let [high, low] = edge.app.random()?;
    // Random, so that not all clients reconnect at the same time.
    let retry = 2_500 + u32::from(u16::from_be_bytes([high, low])) % 2_000;
    let first = [format!("retry: {retry}\n").as_bytes(), &frame::control(name, last)?].concat();
    let interval = edge.settings.events_ping;
    let mut ping = interval_at(Instant::now() + interval, interval);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        events: subscription,
        pipeline,
        last,
        behind,
        ping,
        stopping: request.stopping.clone(),
        access: AccessRecheck::new(&EVENTS, &request, &proof),
        _counted: Counted::new(),
        edge,
    };
    Ok(no_buffer(Reply::streamed(EVENT_STREAM, Stream::new(first.into(), follower))))
}
