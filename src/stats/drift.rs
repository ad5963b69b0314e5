//! Distance between two score distributions. Descriptive: in a shadow run the two sets of scores
//! come from the same requests, so no p-value of independent samples applies.

use super::special::chi2_sf;
use super::{Sum, Undefined};

fn totals(a: &[u64], b: &[u64]) -> Result<(f64, f64), Undefined> {
    if a.len() != b.len() {
        return Err(Undefined::new(format!("histograms of {} and {} bins", a.len(), b.len())));
    }
    let (na, nb): (u64, u64) = (a.iter().sum(), b.iter().sum());
    if na == 0 || nb == 0 {
        return Err(Undefined::new("a distribution of no rows"));
    }
    Ok((na as f64, nb as f64))
}

/// Inner edges that cut the reference into `bins` parts of equal count: its quantiles, without
/// repetition (a heavily tied reference yields fewer bins). Bin `i` holds the values above edge
/// `i - 1` and up to edge `i`.
///
/// # Errors
/// No values, fewer than two bins asked for, or all values equal.
pub fn quantile_edges(reference_sorted: &[f64], bins: usize) -> Result<Vec<f64>, Undefined> {
    if bins < 2 {
        return Err(Undefined::new("a distance needs at least two bins"));
    }
    let mut edges = Vec::with_capacity(bins - 1);
    for i in 1..bins {
        let e = super::quantile::quantile_sorted(reference_sorted, i as f64 / bins as f64)?;
        if edges.last() != Some(&e) {
            edges.push(e);
        }
    }
    let last = reference_sorted[reference_sorted.len() - 1];
    if edges.last() == Some(&last) {
        edges.pop();
    }
    if edges.is_empty() {
        return Err(Undefined::new("the reference distribution has only one bin"));
    }
    Ok(edges)
}

/// Counts of values in the bins between `edges` (ascending): one more than there are edges.
#[must_use]
pub fn histogram(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() + 1];
    for &v in values {
        counts[edges.partition_point(|&e| e < v)] += 1;
    }
    counts
}

/// Population stability index `sum((a - e) ln(a / e))` of the actual against the expected counts,
/// in nats. Half a count is added to every bin, so that an empty one is large and not infinite.
///
/// # Errors
/// The histograms differ in length or one is empty.
pub fn psi(expected: &[u64], actual: &[u64]) -> Result<f64, Undefined> {
    let (ne, na) = totals(expected, actual)?;
    let half = 0.5 * expected.len() as f64;
    let share = |c: u64, n: f64| (c as f64 + 0.5) / (n + half);
    let terms = expected.iter().zip(actual).map(|(&e, &a)| {
        let (e, a) = (share(e, ne), share(a, na));
        (a - e) * (a / e).ln()
    });
    Ok(terms.sum())
}

/// p-value of a stability index under "both histograms come from the same distribution":
/// `PSI n m / (n + m)` is about chi-square on bins minus one (Yurdakul & Naranjo 2020, J Risk Model
/// Validation 14:89). For samples of different rows; the usual limits 0.1 and 0.25 ignore their size.
///
/// # Errors
/// As [`psi`].
pub fn psi_p(expected: &[u64], actual: &[u64]) -> Result<f64, Undefined> {
    let (n, m) = totals(expected, actual)?;
    let bins = expected.iter().zip(actual).filter(|(e, a)| **e + **a > 0).count();
    if bins < 2 {
        return Err(Undefined::new("a distance needs at least two bins with rows"));
    }
    Ok(chi2_sf(psi(expected, actual)? * (n / (n + m)) * m, (bins - 1) as f64))
}

/// Wasserstein distance of order 1 between two samples sorted ascending, in the units of the values:
/// the area between their distribution functions (Vallender 1974, Theory Probab Appl 18:784).
///
/// # Errors
/// A sample is empty or a value is not a number.
pub fn wasserstein(a_sorted: &[f64], b_sorted: &[f64]) -> Result<f64, Undefined> {
    if a_sorted.is_empty() || b_sorted.is_empty() {
        return Err(Undefined::new("a distribution of no rows"));
    }
    if a_sorted.iter().chain(b_sorted).any(|v| v.is_nan()) {
        return Err(Undefined::new("a value is not a number"));
    }
    let (na, nb) = (a_sorted.len() as f64, b_sorted.len() as f64);
    let (mut i, mut j, mut area) = (0, 0, Sum::default());
    let mut at = a_sorted[0].min(b_sorted[0]);
    while i < a_sorted.len() || j < b_sorted.len() {
        let next = match (a_sorted.get(i), b_sorted.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(v), None) | (None, Some(v)) => *v,
            (None, None) => break,
        };
        area.add((next - at) * (i as f64 / na - j as f64 / nb).abs());
        at = next;
        while a_sorted.get(i).is_some_and(|&v| v <= at) {
            i += 1;
        }
        while b_sorted.get(j).is_some_and(|&v| v <= at) {
            j += 1;
        }
    }
    Ok(area.value())
}

/// Jensen-Shannon distance, base 2: the square root of the divergence (Endres & Schindelin 2003,
/// IEEE Trans Inf Theory 49:1858), in `[0, 1]`. Weights need not sum to one.
///
/// # Errors
/// The lengths differ, a weight is negative or not finite, or all are zero.
pub fn jensen_shannon(p: &[f64], q: &[f64]) -> Result<f64, Undefined> {
    if p.len() != q.len() {
        return Err(Undefined::new(format!("distributions of {} and {} bins", p.len(), q.len())));
    }
    if p.iter().chain(q).any(|&w| !w.is_finite() || w < 0.0) {
        return Err(Undefined::new("a weight of a distribution is negative or not finite"));
    }
    let (np, nq): (f64, f64) = (p.iter().sum(), q.iter().sum());
    if np <= 0.0 || nq <= 0.0 {
        return Err(Undefined::new("a distribution of no rows"));
    }
    let part = |w: f64, mid: f64| if w > 0.0 { w * (w / mid).log2() } else { 0.0 };
    let divergence: f64 = p
        .iter()
        .zip(q)
        .map(|(&p, &q)| {
            let (p, q) = (p / np, q / nq);
            let mid = 0.5 * (p + q);
            0.5 * (part(p, mid) + part(q, mid))
        })
        .sum();
    Ok(divergence.clamp(0.0, 1.0).sqrt())
}

/// [`jensen_shannon`] of two histograms.
///
/// # Errors
/// As there.
pub fn jensen_shannon_counts(a: &[u64], b: &[u64]) -> Result<f64, Undefined> {
    let float = |v: &[u64]| v.iter().map(|&c| c as f64).collect::<Vec<_>>();
    jensen_shannon(&float(a), &float(b))
}

/// Two-sample Kolmogorov-Smirnov distance of two histograms over the same ordered bins: exact when
/// every distinct value has its own bin, otherwise a lower bound.
///
/// # Errors
/// The histograms differ in length or one is empty.
pub fn kolmogorov_smirnov(a: &[u64], b: &[u64]) -> Result<f64, Undefined> {
    let (na, nb) = totals(a, b)?;
    let (mut ca, mut cb, mut largest) = (0u64, 0u64, 0.0f64);
    for (&x, &y) in a.iter().zip(b) {
        ca += x;
        cb += y;
        largest = largest.max((ca as f64 / na - cb as f64 / nb).abs());
    }
    Ok(largest)
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    #[test]
    pub(in crate::stats) fn published_distances() {
        published::run("drift", &["jensen_shannon_distance"], |case, check| {
            let cases = case.inputs["cases"].as_array().unwrap();
            for (c, want) in cases.iter().zip(floats(&case.expected)) {
                let d = jensen_shannon(&floats(&c["p"]), &floats(&c["q"])).unwrap();
                let natural = c["base"] == "e";
                let scale = if natural { std::f64::consts::LN_2.sqrt() } else { 1.0 };
                check.value("distance", d * scale, want);
            }
        });
        published::run("drift", &["ks_2samp_exact"], |case, check| {
            let (x, y) = (floats(&case.inputs["x"]), floats(&case.inputs["y"]));
            let mut edges: Vec<f64> = x.iter().chain(&y).copied().collect();
            edges.sort_unstable_by(f64::total_cmp);
            edges.dedup();
            let d = kolmogorov_smirnov(&histogram(&x, &edges), &histogram(&y, &edges)).unwrap();
            check.close("D", d);
        });
    }

    #[test]
    fn psi_of_equal_and_shifted() {
        let reference: Vec<f64> = (0..1000).map(f64::from).collect();
        let edges = quantile_edges(&reference, 10).unwrap();
        assert_eq!(edges.len(), 9);
        let e = histogram(&reference, &edges);
        assert_eq!(e, vec![100; 10]);
        assert_eq!(psi(&e, &e).unwrap(), 0.0);
        let shifted: Vec<f64> = reference.iter().map(|x| x + 300.0).collect();
        let large = psi(&e, &histogram(&shifted, &edges)).unwrap();
        assert!(large > 1.0 && large.is_finite(), "{large}");
    }

    #[test]
    fn wasserstein_and_psi_p() {
        // scipy.stats.wasserstein_distance.
        assert_eq!(wasserstein(&[0.0, 1.0, 3.0], &[5.0, 6.0, 8.0]).unwrap(), 5.0);
        assert!((wasserstein(&[0.0, 1.0, 1.0, 4.0], &[1.0, 2.0]).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(wasserstein(&[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]).unwrap(), 0.0);
        assert!(wasserstein(&[], &[1.0]).is_err());
        assert_eq!(psi_p(&[50, 50], &[500, 500]).unwrap(), 1.0);
        assert!(psi_p(&[5000, 5000], &[5300, 4700]).unwrap() < 1e-3);
        assert!(psi_p(&[50, 50], &[53, 47]).unwrap() > 0.5);
        assert!(psi_p(&[5, 0], &[5, 0]).is_err());
    }

    #[test]
    fn tied_reference() {
        let mut tied = vec![0.0; 95];
        tied.extend([1.0, 2.0, 3.0, 4.0, 5.0]);
        let edges = quantile_edges(&tied, 10).unwrap();
        assert_eq!(histogram(&tied, &edges).iter().sum::<u64>(), 100);
        assert!(quantile_edges(&[2.0; 8], 10).is_err());
        assert!(psi(&[0, 0], &[1, 2]).is_err());
        assert!(kolmogorov_smirnov(&[1], &[1, 2]).is_err());
    }
}
