//! What the views of a regression draw: distributions of the error, where it is large, which rows are missed most.

use rayon::prelude::*;

use super::quantiles::Levels;
use super::{Regression, order};
use crate::compare::detail::{
    ErrorAxis, ErrorBin, ErrorQuantile, Errors, ErrorsBy, LossDifferences, NaiveScale, QuantileForecasts, WorstRow,
};
use crate::compare::engine::sample::Units;
use crate::compare::engine::views::time_span;
use crate::compare::result::PerArm;
use crate::job::{Cancelled, JobCx};
use crate::log::{Codes, Feature, FeatureValues, NO_TIME};
use crate::metrics::BLOCK;
use crate::stats::{Moments, influence};

/// Bins of the histogram, about.
const BINS: f64 = 72.0;
/// Ranges of equal rows.
const RANGES: usize = 10;
/// Spans of equal time.
const SPANS: usize = 42;
/// Values of a column of words, the most frequent ones.
const WORDS: usize = 12;
/// Rows listed.
const WORST: usize = 100;
/// Shares of the rows at which the errors of both arms are held against each other, with their mirror images.
const TAIL: [f64; 4] = [0.0005, 0.001, 0.003, 0.005];

/// Errors at the analysed rows, and what they are looked at by.
pub(super) struct Drawn<'a> {
    pub of: &'a Regression<'a>,
    pub rows: &'a [u32],
    /// Of `rows`; `None` where each row is its own.
    pub units: Option<&'a Units>,
    pub level: f64,
}

impl Drawn<'_> {
    pub fn errors(&self, cx: &JobCx) -> Result<Errors, Cancelled> {
        let arms = self.of.arms();
        let errors: Vec<Vec<f64>> = (0..arms).map(|arm| self.of.errors(arm, self.rows)).collect();
        let mut sorted = errors.clone();
        sorted.iter_mut().for_each(|errors| errors.par_sort_unstable_by(f64::total_cmp));
        cx.check()?;
        let edges = edges(&sorted);
        let mut by = vec![self.by_truth(&errors)];
        by.extend(self.by_time(&errors));
        for feature in &self.of.log.features {
            cx.check()?;
            by.extend(self.by_feature(feature, &errors));
        }
        let nearer = match errors.as_slice() {
            [a, b] => Some(nearer(a, b)),
            _ => None,
        };
        Ok(Errors {
            histogram: per_arm(errors.iter().map(|errors| counts(&edges, errors))),
            edges,
            quantiles: quantiles(&sorted),
            by: by.into_iter().filter(|by| by.bins.len() > 1).collect(),
            nearer,
            worst: self.worst(&errors),
            quantile_forecasts: self.quantile_forecasts(),
            time_tests: order::tests(self.of, self.rows, &errors, self.level),
            loss_differences: loss_differences(&errors),
            scale: self.of.scales.as_ref().ok().map(|scales| NaiveScale {
                season: scales.season as u64,
                differences: scales.differences as u64,
                series: scales.series[0] as u64,
            }),
        })
    }

    fn quantile_forecasts(&self) -> Option<QuantileForecasts> {
        let truth = self.of.truth(self.rows);
        Levels { truth: &truth, units: self.units, level: self.level }.found(self.of, self.rows)
    }

    fn by_truth(&self, errors: &[Vec<f64>]) -> ErrorsBy {
        let truth = self.of.truth(self.rows);
        ErrorsBy { name: String::new(), axis: ErrorAxis::Truth, bins: self.ranges(&truth, errors) }
    }

    fn by_time(&self, errors: &[Vec<f64>]) -> Option<ErrorsBy> {
        let times = self.of.log.times.as_ref()?;
        let of_rows: Vec<i64> = self.rows.iter().map(|&row| times[row as usize]).collect();
        let [first, last] = time_span(&of_rows, |_| true)?;
        let width = ((last - first) / SPANS as i64).max(1);
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); SPANS + 1];
        for (place, &time) in (0u32..).zip(&of_rows).filter(|(_, time)| **time != NO_TIME) {
            places[((time - first) / width) as usize].push(place);
        }
        let bin = |(span, places): (usize, &Vec<u32>)| {
            let from = (first + span as i64 * width) as f64;
            self.bin(places, errors, None, Some([from, from + width as f64]))
        };
        let bins = places.iter().enumerate().filter(|(_, places)| !places.is_empty()).map(bin).collect();
        Some(ErrorsBy { name: String::new(), axis: ErrorAxis::Time, bins })
    }

    fn by_feature(&self, feature: &Feature, errors: &[Vec<f64>]) -> Option<ErrorsBy> {
        let (axis, bins) = match &feature.values {
            FeatureValues::Coded(codes) => (ErrorAxis::Words, self.words(codes, errors)),
            FeatureValues::Numeric(values) => {
                let of_rows: Vec<f64> = self.rows.iter().map(|&row| values[row as usize]).collect();
                (ErrorAxis::Number, self.ranges(&of_rows, errors))
            }
        };
        (bins.len() > 1).then(|| ErrorsBy { name: feature.name.clone(), axis, bins })
    }

    fn words(&self, codes: &Codes, errors: &[Vec<f64>]) -> Vec<ErrorBin> {
        // A column with a value of its own in nearly every row is no way to look at errors.
        if codes.names.len() * 2 > self.rows.len() {
            return Vec::new();
        }
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); codes.names.len()];
        for (place, &row) in (0u32..).zip(self.rows) {
            if let Some(code) = codes.code(row as usize) {
                places[code as usize].push(place);
            }
        }
        let mut order: Vec<usize> = (0..places.len()).filter(|&code| !places[code].is_empty()).collect();
        order.sort_by_key(|&code| std::cmp::Reverse(places[code].len()));
        order.truncate(WORDS);
        order.into_iter().map(|code| self.bin(&places[code], errors, Some(codes.names[code].clone()), None)).collect()
    }

    /// Ranges of about equal rows; equal values stay together.
    fn ranges(&self, values: &[f64], errors: &[Vec<f64>]) -> Vec<ErrorBin> {
        let mut order: Vec<u32> =
            (0..values.len() as u32).filter(|&place| values[place as usize].is_finite()).collect();
        order.par_sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]).then(a.cmp(&b)));
        let mut bins = Vec::with_capacity(RANGES);
        let mut start = 0;
        for range in 1..=RANGES {
            let mut end = (order.len() * range / RANGES).max(start);
            while end > start && end < order.len() && values[order[end] as usize] == values[order[end - 1] as usize] {
                end += 1;
            }
            let places = &order[start..end];
            if let (Some(&first), Some(&last)) = (places.first(), places.last()) {
                let range = [values[first as usize], values[last as usize]];
                bins.push(self.bin(places, errors, None, Some(range)));
            }
            start = end;
        }
        bins
    }

    fn bin(&self, places: &[u32], errors: &[Vec<f64>], value: Option<String>, range: Option<[f64; 2]>) -> ErrorBin {
        let absolute = |arm: usize, place: u32| errors[arm][place as usize].abs();
        let mean = |arm: usize| places.iter().map(|&place| absolute(arm, place)).sum::<f64>() / places.len() as f64;
        let difference = (errors.len() == 2).then(|| {
            let losses: Vec<f64> = places.iter().map(|&place| absolute(1, place) - absolute(0, place)).collect();
            let found = match self.units.map(|units| units.restricted(places)) {
                Some(units) => influence::clustered_mean(&losses, &units.codes, units.count, self.level),
                None => influence::mean(&Moments::from_slice(&losses), self.level),
            };
            let found = found.ok()?;
            Some([found.value, found.interval.lo, found.interval.hi])
        });
        ErrorBin {
            value,
            range,
            rows: places.len() as u64,
            arms: per_arm((0..errors.len()).map(mean)),
            difference: difference.flatten(),
        }
    }

    fn worst(&self, errors: &[Vec<f64>]) -> Vec<WorstRow> {
        let loss = |place: u32| match errors {
            [a, b] => b[place as usize].abs() - a[place as usize].abs(),
            [a] => a[place as usize].abs(),
            _ => 0.0,
        };
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        let by_loss = |a: &u32, b: &u32| loss(*b).total_cmp(&loss(*a)).then(a.cmp(b));
        if order.len() > WORST {
            order.select_nth_unstable_by(WORST, by_loss);
            order.truncate(WORST);
        }
        order.sort_unstable_by(by_loss);
        let row = |place: u32| {
            let row = self.rows[place as usize];
            let truth = self.of.truth(&[row])[0];
            WorstRow {
                row: u64::from(row),
                id: self.of.log.ids.get(row as usize),
                truth,
                predicted: per_arm((0..errors.len()).map(|arm| self.of.predicted(arm)[row as usize])),
            }
        };
        order.into_iter().map(row).collect()
    }
}

fn per_arm<T>(mut of: impl Iterator<Item = T>) -> PerArm<T> {
    PerArm { champion: of.next(), challenger: of.next() }
}

/// A value that a share of the sorted ones does not exceed, interpolated (Hyndman and Fan 1996, type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}

fn quantiles(sorted: &[Vec<f64>]) -> Vec<ErrorQuantile> {
    if sorted.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let middle = (1..100).map(|percent| f64::from(percent) / 100.0);
    let shares = TAIL.into_iter().chain(middle).chain(TAIL.into_iter().rev().map(|share| 1.0 - share));
    let at = |share: f64| ErrorQuantile { share, arms: per_arm(sorted.iter().map(|sorted| quantile(sorted, share))) };
    shares.map(at).collect()
}

/// Edges at multiples of a round width that cover all but the last thousandth of either side.
fn edges(sorted: &[Vec<f64>]) -> Vec<f64> {
    let ends = |share: f64| sorted.iter().filter(|sorted| !sorted.is_empty()).map(move |s| quantile(s, share));
    let (low, high) = (ends(0.001).fold(f64::INFINITY, f64::min), ends(0.999).fold(f64::NEG_INFINITY, f64::max));
    if !low.is_finite() || !high.is_finite() {
        return Vec::new();
    }
    let span = if high > low { high - low } else { low.abs().max(1.0) };
    let raw = span / BINS;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= raw).unwrap_or(10.0) * power;
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    (first..=last.max(first + 1)).map(|place| place as f64 * step).collect()
}

fn counts(edges: &[f64], errors: &[f64]) -> Vec<u64> {
    let bins = edges.len().saturating_sub(1);
    if bins == 0 {
        return Vec::new();
    }
    let block = |errors: &[f64]| {
        let mut counts = vec![0u64; bins];
        for error in errors {
            counts[edges.partition_point(|edge| edge <= error).clamp(1, bins) - 1] += 1;
        }
        counts
    };
    let add = |mut sum: Vec<u64>, more: Vec<u64>| {
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        sum
    };
    errors.par_chunks(BLOCK).map(block).reduce(|| vec![0; bins], add)
}

/// Distribution of the challenger's absolute error less the champion's.
fn loss_differences(errors: &[Vec<f64>]) -> Option<LossDifferences> {
    let [champion, challenger] = errors else { return None };
    let mut losses: Vec<f64> = champion.par_iter().zip(challenger).map(|(a, b)| b.abs() - a.abs()).collect();
    losses.par_sort_unstable_by(f64::total_cmp);
    let edges = edges(std::slice::from_ref(&losses));
    Some(LossDifferences { rows: counts(&edges, &losses), edges })
}

fn nearer(champion: &[f64], challenger: &[f64]) -> [u64; 3] {
    let mut counts = [0; 3];
    for (a, b) in champion.iter().zip(challenger) {
        counts[match b.abs().total_cmp(&a.abs()) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 2,
        }] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_have_round_edges_and_hold_every_row() {
        let errors: Vec<f64> = (0..1000).map(|at| (f64::from(at) - 400.0) / 37.0).chain([1e9]).collect();
        let mut sorted = errors.clone();
        sorted.sort_by(f64::total_cmp);
        let edges = edges(&[sorted]);
        assert!((40..=80).contains(&edges.len()), "{}", edges.len());
        assert!(edges.windows(2).all(|pair| ((pair[1] - pair[0]) - 0.5).abs() < 1e-9), "{edges:?}");
        assert_eq!(counts(&edges, &errors).iter().sum::<u64>(), 1001);
        assert_eq!(nearer(&[1.0, -2.0, 3.0], &[0.5, 2.0, -4.0]), [1, 1, 1]);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
    }
}
