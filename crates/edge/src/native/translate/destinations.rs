//! Destinations and forwarded states as the native API represents them.

use super::time;
use domain::model::destinations::Destination;
use domain::ports::ListedState;
use wire::native::destinations as native;

/// A destination, without its token.
pub fn destination(destination: &Destination) -> native::Destination {
    native::Destination {
        id: destination.id.get(),
        kind: destination.kind.as_str().to_owned(),
        url: destination.url.clone(),
        project: destination.project.clone(),
        choice: destination.selection.choice.as_str().to_owned(),
        jobs: destination.selection.choice.patterns().to_vec(),
        except_sources: destination.selection.except_sources.clone(),
        enabled: destination.enabled,
        failing_since: destination.failing_since.map(time),
        paused_until: destination.paused_until.map(time),
        created_at: time(destination.created_at),
    }
}

pub fn state(ListedState { state, context, wanted }: &ListedState) -> native::ForwardedState {
    let (sent, last) = (state.sent.as_ref(), state.last.as_ref());
    native::ForwardedState {
        id: state.id,
        sha: Some(state.key.sha.clone()).filter(|sha| !sha.is_empty()),
        context: context.clone(),
        target: state.key.target.kind().to_owned(),
        progress: state.progress.as_str().to_owned(),
        reason: state.progress.reason().map(str::to_owned),
        wanted_status: wanted.as_ref().map(|wanted| wanted.status.as_str().to_owned()),
        sent_state: sent.map(|(sent, _)| sent.state.clone()),
        sent_description: sent.map(|(sent, _)| sent.description.clone()),
        sent_url: sent.and_then(|(sent, _)| sent.url.clone()),
        sent_at: sent.map(|(_, at)| time(*at)),
        changed_at: time(state.changed_at),
        attempts: state.attempts,
        next_at: state.progress.next_at().map(time),
        last_at: last.map(|last| time(last.at)),
        last_status: last.and_then(|last| last.status),
        last_response: last.and_then(|last| last.response_body.clone()),
        last_error: last.and_then(|last| last.error.clone()),
    }
}
