//! The icons of the statuses. Their shapes differ, so that they can be distinguished without colours.

use crate::{Frame, Html};
use domain::model::details::Level;
use domain::model::status::Status;

/// The shape of an icon of 16 by 16 pixels. The style sheet colours the classes `f` (filled), `s` (stroked)
/// and `k` (cut out of the filled area).
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

/// The icon of the level of an annotation, with its name. The shapes and colours are those of statuses that mean about
/// the same.
pub fn level(level: Level, name: &str) -> Html {
    let (colour, shape) = match level {
        Level::Notice => (
            Status::Running,
            "<circle class=\"s\" cx=\"8\" cy=\"8\" r=\"6.5\"/><path class=\"s\" d=\"M8 7.2v4m0-6.4v.4\"/>",
        ),
        Level::Warning => (Status::TimedOut, shape(Status::TimedOut)),
        Level::Failure => (Status::Failed, shape(Status::Failed)),
    };
    let colour = colour.as_str();
    Html(format!(
        "<span class=\"status status-{colour}\"><svg class=\"icon status-{colour}\" viewBox=\"0 0 16 16\" width=\"16\" \
         height=\"16\" aria-hidden=\"true\">{shape}</svg><span>{}</span></span>",
        crate::escape(name)
    ))
}

/// The icon of a status, for places where the name is beside it or in a label.
pub fn icon(status: Status) -> Html {
    Html(format!(
        "<svg class=\"icon status-{}\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\">{}</svg>",
        status.as_str(),
        shape(status)
    ))
}

/// The icon and the colour of a status with another name.
pub fn named(status: Status, name: &str) -> Html {
    let colour = status.as_str();
    Html(format!(
        "<span class=\"status status-{colour}\">{}<span>{}</span></span>",
        icon(status),
        crate::escape(name)
    ))
}

/// The icon and the name of a status.
pub fn badge(frame: &Frame, status: Status) -> Html {
    named(status, frame.status(status))
}

/// The colour of a status in favicons, which have no style sheet. It has contrast with white and with black.
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

/// The favicon of a status as an SVG file.
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
    fn every_status_has_its_own_shape_and_name() {
        let shapes: BTreeSet<_> = Status::ALL.into_iter().map(shape).collect();
        assert_eq!(shapes.len(), 7);
        let badge = badge(&crate::layout::tests::frame(), Status::TimedOut).to_string();
        assert!(badge.contains("status-timedout") && badge.contains("<span>Timed out</span>"), "{badge}");
        for status in Status::ALL {
            assert!(!favicon(status).contains("class="), "{status:?}: a favicon has no style sheet");
        }
    }
}
