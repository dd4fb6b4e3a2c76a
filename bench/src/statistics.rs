//! Arithmetic on measurements.

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// The median; NaN if there are no values.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}

/// Sorted latencies.
pub struct Latencies(Vec<u32>);

impl Latencies {
    /// From microseconds, in any order.
    pub fn from_micros(mut microseconds: Vec<u32>) -> Self {
        microseconds.sort_unstable();
        Self(microseconds)
    }

    /// The number of latencies.
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// The quantile per thousand, in milliseconds; NaN if there are no latencies.
    pub fn quantile(&self, per_thousand: usize) -> f64 {
        let index = (self.0.len() * per_thousand).div_ceil(1_000).max(1) - 1;
        self.0.get(index).map_or(f64::NAN, |microseconds| f64::from(*microseconds) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median([]).is_nan());
    }

    #[test]
    fn percentiles_count_from_the_quickest() {
        let latencies = Latencies::from_micros((1..=1_000).rev().map(|n| n * 1_000).collect());
        assert!((latencies.quantile(500) - 500.0).abs() < f64::EPSILON);
        assert!((latencies.quantile(990) - 990.0).abs() < f64::EPSILON);
        assert!((latencies.quantile(1_000) - 1_000.0).abs() < f64::EPSILON);
        assert!(Latencies::from_micros(Vec::new()).quantile(990).is_nan());
    }
}
