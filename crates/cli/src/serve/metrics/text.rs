//! Metrics that are written directly in the format of Prometheus: those whose series come and go, and those that the
//! recorder cannot hold, such as counters with a fraction.

use std::fmt::Write as _;

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
}

/// A text of metrics.
#[derive(Debug, Default)]
pub struct MetricsText(String);

impl MetricsText {
    /// Adds a metric with a value for each set of labels; none without values.
    pub fn add(&mut self, name: &str, kind: Kind, help: &str, values: &[(&[(&str, &str)], f64)]) {
        if values.is_empty() {
            return;
        }
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in values {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    /// Adds a metric with one value, if there is one.
    pub fn add_one(&mut self, name: &str, kind: Kind, help: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.add(name, kind, help, &[(&[], value)]);
        }
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_its_help_and_type_and_escaped_labels() {
        let mut text = MetricsText::default();
        text.add("none", Kind::Gauge, "None.", &[]);
        text.add("a_total", Kind::Counter, "All.", &[(&[("p", "x\"\\\ny"), ("q", "1")], 2.5)]);
        text.add_one("b", Kind::Gauge, "One.", Some(7.0));
        let expected = "# HELP a_total All.\n# TYPE a_total counter\na_total{p=\"x\\\"\\\\\\ny\",q=\"1\"} 2.5\n\
             # HELP b One.\n# TYPE b gauge\nb 7\n";
        assert_eq!(text.into_text(), expected);
    }
}
