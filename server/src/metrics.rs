//! Figures that any part of the server keeps about itself, and the text in which Prometheus reads them.

use std::sync::atomic::{AtomicU64, Ordering};

mod text;

pub use text::text;

/// Counts upwards from the start of the process.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add_one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the values of a histogram are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Plain numbers.
    Number,
    /// Microseconds, told as seconds.
    Microseconds,
}

/// How values spread over buckets.
#[derive(Debug)]
pub struct Histogram {
    unit: Unit,
    /// Upper bounds, each bucket's values are at most its bound; values above the last one count in `count` only.
    bounds: &'static [u64],
    buckets: Vec<Counter>,
    sum: Counter,
    count: Counter,
}

impl Histogram {
    /// An empty histogram; `bounds` rise.
    pub fn new(unit: Unit, bounds: &'static [u64]) -> Self {
        let buckets = bounds.iter().map(|_| Counter::default()).collect();
        Self { unit, bounds, buckets, sum: Counter::default(), count: Counter::default() }
    }

    /// Adds a value.
    pub fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.add_one();
        }
        self.sum.add(value);
        self.count.add_one();
    }

    /// As Prometheus wants it: every bucket counts what the ones below it count.
    pub fn family(&self, name: &'static str, help: &'static str) -> Family {
        let mut samples = Vec::with_capacity(self.buckets.len().saturating_add(3));
        let mut below = 0_u64;
        for (bound, bucket) in self.bounds.iter().zip(&self.buckets) {
            below = below.saturating_add(bucket.value());
            let bound = self.unit.of(*bound).to_string();
            samples.push(Sample::new("_bucket", vec![("le", bound)], Amount::Number(below)));
        }
        // Other threads go on counting: the whole is never less than its parts.
        let all = self.count.value().max(below);
        samples.push(Sample::new("_bucket", vec![("le", "+Inf".to_owned())], Amount::Number(all)));
        samples.push(Sample::new("_sum", Vec::new(), self.unit.of(self.sum.value())));
        samples.push(Sample::new("_count", Vec::new(), Amount::Number(all)));
        Family { name, help, kind: Kind::Histogram, samples }
    }
}

impl Unit {
    fn of(self, value: u64) -> Amount {
        match self {
            Self::Number => Amount::Number(value),
            Self::Microseconds => Amount::Microseconds(value),
        }
    }
}

/// Kind of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Buckets.
    Histogram,
}

/// A value; exact, unlike a floating-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A plain number.
    Number(u64),
    /// A time, told in seconds.
    Microseconds(u64),
}

/// One line of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    suffix: &'static str,
    labels: Vec<(&'static str, String)>,
    amount: Amount,
}

impl Sample {
    fn new(suffix: &'static str, labels: Vec<(&'static str, String)>, amount: Amount) -> Self {
        Self { suffix, labels, amount }
    }

    /// A line with labels.
    pub fn labelled(labels: &[(&'static str, &str)], value: u64) -> Self {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self::new("", labels, Amount::Number(value))
    }
}

/// Samples of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Such as `posthouse_sessions`.
    pub name: &'static str,
    /// What it tells, as one sentence without a full stop.
    pub help: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its lines.
    pub samples: Vec<Sample>,
}

impl Family {
    /// A counter with one value.
    pub fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        let samples = vec![Sample::labelled(&[], value)];
        Self { name, help, kind: Kind::Counter, samples }
    }

    /// A gauge with one value.
    pub fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { kind: Kind::Gauge, ..Self::counter(name, help, value) }
    }
}

/// Answers the families of one part of the server as they are now.
pub type Source = Box<dyn Fn() -> Vec<Family> + Send + Sync>;
