//! The text format of Prometheus, version 0.0.4.

use std::fmt::{self, Write};

use super::{Amount, Family, Kind};

/// Families as text.
pub fn text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        // Writing to a text cannot fail.
        let _ = write_family(&mut text, family);
    }
    text
}

fn write_family(text: &mut String, family: &Family) -> fmt::Result {
    let Family { name, help, kind, samples } = family;
    let help = help.replace('\\', "\\\\").replace('\n', "\\n");
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {}", kind.word())?;
    for sample in samples {
        write!(text, "{name}{}", sample.suffix)?;
        for (place, (label, value)) in sample.labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
            write!(text, "{}{label}=\"{value}\"", if place == 0 { '{' } else { ',' })?;
        }
        let end = if sample.labels.is_empty() { "" } else { "}" };
        writeln!(text, "{end} {}", sample.amount)?;
    }
    Ok(())
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Microseconds(time) => {
                let text = format!("{}.{:06}", time / 1_000_000, time % 1_000_000);
                formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Histogram, Kind, Sample, Unit};
    use super::text;

    #[test]
    fn families_are_written_with_help_type_and_labels() {
        let samples = vec![Sample::labelled(&[("kind", "a\"b"), ("outcome", "c\\d\n")], 3)];
        let family = Family { name: "x_total", help: "Both", kind: Kind::Counter, samples };
        assert_eq!(
            text(&[family, Family::gauge("y", "One", 7)]),
            "# HELP x_total Both\n# TYPE x_total counter\nx_total{kind=\"a\\\"b\",outcome=\"c\\\\d\\n\"} 3\n\
             # HELP y One\n# TYPE y gauge\ny 7\n"
        );
    }

    #[test]
    fn buckets_of_a_histogram_add_up() {
        let histogram = Histogram::new(Unit::Microseconds, &[500, 1_000_000]);
        for time in [500, 501, 2_500_000] {
            histogram.observe(time);
        }
        assert_eq!(
            text(&[histogram.family("t_seconds", "Times")]),
            "# HELP t_seconds Times\n# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.0005\"} 1\n\
             t_seconds_bucket{le=\"1\"} 2\nt_seconds_bucket{le=\"+Inf\"} 3\nt_seconds_sum 2.501001\n\
             t_seconds_count 3\n"
        );
    }
}
