//! The seven shapes of the seven statuses: one is told from another without its colour.

use crate::{Frame, Html};
use domain::model::status::Status;

/// What is drawn in a square of 16; classes `f` (filled), `s` (stroked) and `k` (cut out of what is filled) have their colours from the sheet.
const fn shape(status: Status) -> &'static str {
    match status {
        Status::Pending => {
            "<circle class=\"s\" cx=\"8\" cy=\"8\" r=\"6.5\"/><path class=\"s\" d=\"M8 4.5V8l2.5 1.8\"/>"
        }
        Status::Running => {
            "<path class=\"s turn\" d=\"M8 1.5A6.5 6.5 0 1 1 1.5 8\"/><circle class=\"f\" cx=\"8\" cy=\"8\" r=\"2\"/>"
        }
        Status::Success => {
            "<circle class=\"f\" cx=\"8\" cy=\"8\" r=\"7.5\"/><path class=\"k\" d=\"M4.6 8.4l2.3 2.3 4.5-5\"/>"
        }
        Status::Failed => {
            "<path class=\"f\" d=\"M5 .6h6L15.4 5v6L11 15.4H5L.6 11V5z\"/><path class=\"k\" d=\"M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2\"/>"
        }
        Status::Canceled => {
            "<circle class=\"f\" cx=\"8\" cy=\"8\" r=\"7.5\"/><path class=\"k\" d=\"M4.5 11.5l7-7\"/>"
        }
        Status::Skipped => {
            "<circle class=\"s\" cx=\"8\" cy=\"8\" r=\"6.8\"/><path class=\"s\" d=\"M5 5.3L7.6 8 5 10.7M8.4 5.3L11 8l-2.6 2.7\"/>"
        }
        Status::TimedOut => {
            "<path class=\"f\" d=\"M8 .8l7.6 13.7H.4z\"/><path class=\"k\" d=\"M8 5.6v4.2m0 2v.4\"/>"
        }
    }
}

/// The shape alone, for where the word stands beside it or in a label around it.
pub fn icon(status: Status) -> Html {
    Html(format!(
        "<svg class=\"icon status-{}\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\">{}</svg>",
        status.as_str(),
        shape(status)
    ))
}

/// Shape and word.
pub fn badge(frame: &Frame, status: Status) -> Html {
    Html(format!(
        "<span class=\"status status-{}\">{}<span>{}</span></span>",
        status.as_str(),
        icon(status),
        frame.status(status)
    ))
}

/// The colour of a status where no sheet reaches: favicons and badges. Told apart from white and from black.
pub const fn colour(status: Status) -> &'static str {
    match status {
        Status::Pending => "#b26a00",
        Status::Running => "#1f6feb",
        Status::Success => "#1a7f37",
        Status::Failed => "#cf222e",
        Status::Canceled => "#6e7781",
        Status::Skipped => "#7d8590",
        Status::TimedOut => "#bc4c00",
    }
}

/// The favicon of a status, as a file of its own.
pub(crate) fn favicon(status: Status) -> String {
    let colour = colour(status);
    let drawn = shape(status)
        .replace("class=\"s turn\"", "class=\"s\"")
        .replace("class=\"f\"", &format!("fill=\"{colour}\""))
        .replace("class=\"s\"", &format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\""))
        .replace("class=\"k\"", "fill=\"none\" stroke=\"#fff\" stroke-width=\"2\"");
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\">{drawn}</svg>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn seven_statuses_have_seven_shapes_and_their_words() {
        let shapes: BTreeSet<_> = Status::ALL.into_iter().map(shape).collect();
        assert_eq!(shapes.len(), 7);
        let badge = badge(&crate::layout::tests::frame(), Status::TimedOut).to_string();
        assert!(badge.contains("status-timedout") && badge.contains("<span>Timed out</span>"), "{badge}");
        for status in Status::ALL {
            assert!(!favicon(status).contains("class="), "{status:?}: no sheet reaches a favicon");
        }
    }
}
