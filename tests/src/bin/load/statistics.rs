//! Medians and percentiles.

use std::time::Duration;

/// The middle one of some figures; of an even number the lower one.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len().checked_sub(1)? / 2).copied()
}

/// The delay that so many per cent do not exceed.
pub(crate) fn percentile(sorted: &[Duration], per_cent: usize) -> Option<Duration> {
    let place = sorted.len().checked_mul(per_cent)?.div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}

/// Microseconds for each of `count` things.
pub(crate) fn micros_each(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e6 / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(1.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn percentiles_count_from_one() {
        let delays: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&delays, 50), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&delays, 99), Some(Duration::from_millis(198)));
        assert_eq!(percentile(&delays[..1], 99), Some(Duration::from_millis(1)));
        assert_eq!(percentile(&[], 50), None);
    }
}
