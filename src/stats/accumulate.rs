//! Mergeable accumulators: compensated sum, Welford moments, bivariate moments.

/// A compensated sum (Neumaier 1974, ZAMM 54:39): the rounding error of every addition is kept
/// beside the running total, so cancellation between large terms does not lose the small ones.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds one term.
    pub fn add(&mut self, x: f64) {
        let t = self.total + x;
        self.lost += if self.total.abs() >= x.abs() { (self.total - t) + x } else { (x - t) + self.total };
        self.total = t;
    }

    /// Adds another sum with its compensation.
    pub fn merge(&mut self, other: &Self) {
        self.add(other.total);
        self.lost += other.lost;
    }

    /// The sum, in the units of the terms.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.total + self.lost
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(iter: I) -> Self {
        let mut s = Self::default();
        for x in iter {
            s.add(x);
        }
        s
    }
}

/// Count, mean and sum of squared deviations of one variable.
///
/// Single values by Welford 1962 (Technometrics 4:419), merging by Chan, Golub & LeVeque 1983
/// (Am Stat 37:242) in the form of Pébay 2008 (SAND2008-6212), so that nothing like
/// `sum(x^2) - n mean^2` is ever formed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// Number of values.
    pub n: u64,
    /// Mean, in the units of the values; 0 while `n` is 0.
    pub mean: f64,
    /// Sum of squared deviations from the mean, in squared units.
    pub m2: f64,
}

impl Moments {
    /// Adds one value.
    pub fn add(&mut self, x: f64) {
        self.n += 1;
        let d = x - self.mean;
        self.mean += d / self.n as f64;
        self.m2 += d * (x - self.mean);
    }

    /// Adds the values another accumulator has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.n as f64, other.n as f64);
        let n = na + nb;
        let d = other.mean - self.mean;
        self.mean += d * (nb / n);
        self.m2 += other.m2 + d * d * (na * nb / n);
        self.n += other.n;
    }

    /// Moments of a slice by two compensated passes, the more accurate way when the values are at
    /// hand (the second pass corrects for the rounding of the mean).
    #[must_use]
    pub fn from_slice(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let mean = values.iter().copied().collect::<Sum>().value() / n;
        let (mut first, mut second) = (Sum::default(), Sum::default());
        for &x in values {
            let d = x - mean;
            first.add(d);
            second.add(d * d);
        }
        let drift = first.value();
        Self { n: values.len() as u64, mean, m2: second.value() - drift * drift / n }
    }

    /// Sample variance `m2 / (n - 1)`; `None` below two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.m2 / (self.n - 1) as f64)
    }

    /// Sample standard deviation; `None` below two values.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Standard error of the mean; `None` below two values.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|v| (v / self.n as f64).sqrt())
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(iter: I) -> Self {
        let mut m = Self::default();
        for x in iter {
            m.add(x);
        }
        m
    }
}

/// Count, means and centred second moments of a pair of variables seen on the same rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cov2 {
    /// Number of rows.
    pub n: u64,
    /// Mean of the first variable.
    pub mean_a: f64,
    /// Mean of the second variable.
    pub mean_b: f64,
    /// Sum of squared deviations of the first variable.
    pub saa: f64,
    /// Sum of squared deviations of the second variable.
    pub sbb: f64,
    /// Sum of the products of the deviations.
    pub sab: f64,
}

impl Cov2 {
    /// Adds one row.
    pub fn add(&mut self, a: f64, b: f64) {
        self.n += 1;
        let n = self.n as f64;
        let (da, db) = (a - self.mean_a, b - self.mean_b);
        self.mean_a += da / n;
        self.mean_b += db / n;
        // One factor (n-1)/n for all three sums: rows with a == b then give saa == sbb == sab
        // to the bit, and the variance of their difference is exactly zero.
        let shrink = (n - 1.0) / n;
        self.saa += da * da * shrink;
        self.sbb += db * db * shrink;
        self.sab += da * db * shrink;
    }

    /// Adds the rows another accumulator has seen (Pébay 2008).
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.n as f64, other.n as f64);
        let n = na + nb;
        let (da, db) = (other.mean_a - self.mean_a, other.mean_b - self.mean_b);
        let w = na * nb / n;
        self.mean_a += da * (nb / n);
        self.mean_b += db * (nb / n);
        self.saa += other.saa + da * da * w;
        self.sbb += other.sbb + db * db * w;
        self.sab += other.sab + da * db * w;
        self.n += other.n;
    }

    /// Moments of the first variable alone.
    #[must_use]
    pub fn first(&self) -> Moments {
        Moments { n: self.n, mean: self.mean_a, m2: self.saa }
    }

    /// Moments of the second variable alone.
    #[must_use]
    pub fn second(&self) -> Moments {
        Moments { n: self.n, mean: self.mean_b, m2: self.sbb }
    }

    /// Moments of the row-wise difference, first minus second. When the two variables are nearly
    /// equal, accumulating the difference itself is more accurate: this subtracts.
    #[must_use]
    pub fn difference(&self) -> Moments {
        Moments { n: self.n, mean: self.mean_a - self.mean_b, m2: (self.saa + self.sbb - 2.0 * self.sab).max(0.0) }
    }

    /// Sample covariance; `None` below two rows.
    #[must_use]
    pub fn covariance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.sab / (self.n - 1) as f64)
    }
}

#[cfg(test)]
pub(in crate::stats) mod tests {
    use super::*;
    use crate::stats::published::{self, floats};

    fn pi_digits_as_published(n: usize) -> Vec<f64> {
        // Spigot of Rabinowitz & Wagon 1995; the certified file has a 3 where pi has an 8.
        let len = 10 * (n + 10) / 3 + 2;
        let mut a = vec![2u64; len];
        let (mut digits, mut held, mut nines) = (Vec::new(), None::<u64>, 0);
        while digits.len() <= n {
            let mut carry = 0;
            for i in (1..len).rev() {
                let x = 10 * a[i] + carry * (i as u64 + 1);
                a[i] = x % (2 * i as u64 + 1);
                carry = x / (2 * i as u64 + 1);
            }
            let x = 10 * a[0] + carry;
            a[0] = x % 10;
            let q = x / 10;
            match q {
                9 => nines += 1,
                10 => {
                    digits.extend(held.map(|h| h + 1));
                    digits.extend(std::iter::repeat_n(0, nines));
                    (held, nines) = (Some(0), 0);
                }
                _ => {
                    digits.extend(held);
                    digits.extend(std::iter::repeat_n(9, nines));
                    (held, nines) = (Some(q), 0);
                }
            }
        }
        digits.truncate(n);
        digits[956] = 3;
        digits.into_iter().map(|d| d as f64).collect()
    }

    fn data(case: &published::Case) -> Vec<f64> {
        if case.inputs["data"].is_array() {
            return floats(&case.inputs["data"]);
        }
        match case.name.as_str() {
            "nist_strd_PiDigits" => pi_digits_as_published(5000),
            "nist_strd_NumAcc4" => {
                let mut v = vec![10_000_000.2];
                for _ in 0..500 {
                    v.extend([10_000_000.1, 10_000_000.3]);
                }
                v
            }
            other => panic!("no construction for {other}"),
        }
    }

    #[test]
    pub(in crate::stats) fn nist_strd_univariate() {
        published::run("numerics", &["mean_sd_lag1_autocorr"], |case, check| {
            let x = data(case);
            let two_pass = Moments::from_slice(&x);
            let streamed: Moments = x.iter().copied().collect();
            let mut merged = Moments::default();
            for chunk in x.chunks(37) {
                merged.merge(&chunk.iter().copied().collect());
            }
            for m in [two_pass, streamed, merged] {
                check.close("mean", m.mean);
                check.close("sd", m.sd().unwrap());
            }
            let lag: Sum = x.windows(2).map(|w| (w[0] - two_pass.mean) * (w[1] - two_pass.mean)).collect();
            check.close("r1", lag.value() / two_pass.m2);
        });
    }

    #[test]
    fn compensated_sum_keeps_small_terms() {
        let mut s: Sum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!(s.value(), 2.0);
        let other: Sum = [1e100, 3.0, -1e100].into_iter().collect();
        s.merge(&other);
        assert_eq!(s.value(), 5.0);
    }

    #[test]
    fn bivariate_merge_equals_one_pass() {
        let rows: Vec<(f64, f64)> =
            (0..500).map(|i| ((f64::from(i) * 0.7).sin() + 1e4, (f64::from(i) * 0.31).cos())).collect();
        let mut whole = Cov2::default();
        rows.iter().for_each(|&(a, b)| whole.add(a, b));
        let mut parts = Cov2::default();
        for chunk in rows.chunks(61) {
            let mut part = Cov2::default();
            chunk.iter().for_each(|&(a, b)| part.add(a, b));
            parts.merge(&part);
        }
        assert_eq!(whole.n, parts.n);
        for (x, y) in [
            (whole.mean_a, parts.mean_a),
            (whole.mean_b, parts.mean_b),
            (whole.saa, parts.saa),
            (whole.sbb, parts.sbb),
            (whole.sab, parts.sab),
        ] {
            assert!((x - y).abs() <= 1e-9 * (1.0 + x.abs()), "{x} {y}");
        }
        let d: Moments = rows.iter().map(|&(a, b)| a - b).collect();
        assert!((whole.difference().m2 - d.m2).abs() < 1e-6);
    }
}
