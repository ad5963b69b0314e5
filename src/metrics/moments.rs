//! Mergeable moments of one and of two variables.
//!
//! Blocks are centred by their own mean in a second pass over cached data and merged after Chan, Golub and
//! LeVeque (1983) in the form of Pébay (2008, SAND2008-6212), so no difference of large squares is formed.

/// Count, mean and sum of squared deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub n: u64,
    pub mean: f64,
    pub m2: f64,
}

impl Moments {
    /// Moments of a block of values.
    #[inline]
    pub fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let mean = lanes(values, |x| x) / n;
        let drift = lanes(values, |x| x - mean);
        let m2 = lanes(values, |x| (x - mean) * (x - mean));
        Self { n: values.len() as u64, mean: mean + drift / n, m2: (m2 - drift * drift / n).max(0.0) }
    }

    /// Add the values of another accumulator.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.n as f64, other.n as f64);
        let delta = other.mean - self.mean;
        self.mean += delta * (nb / (na + nb));
        self.m2 += other.m2 + delta * delta * (na * nb / (na + nb));
        self.n += other.n;
    }

    /// Sample variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.m2 / (self.n - 1) as f64)
    }
}

/// Count, means and centred second moments of two variables on the same rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairMoments {
    pub n: u64,
    pub mean_a: f64,
    pub mean_b: f64,
    pub saa: f64,
    pub sbb: f64,
    pub sab: f64,
}

impl PairMoments {
    /// Moments of two blocks of the same length.
    #[inline]
    pub fn of(a: &[f64], b: &[f64]) -> Self {
        if a.is_empty() {
            return Self::default();
        }
        let n = a.len() as f64;
        let mean_a = lanes(a, |x| x) / n;
        let mean_b = lanes(b, |x| x) / n;
        let (saa, sbb) = (lanes(a, |x| (x - mean_a) * (x - mean_a)), lanes(b, |x| (x - mean_b) * (x - mean_b)));
        let mut sums = [0.0; 4];
        let (head, tail) = a.as_chunks::<4>();
        let (head_b, tail_b) = b.as_chunks::<4>();
        for (x, y) in head.iter().zip(head_b) {
            for lane in 0..4 {
                sums[lane] += (x[lane] - mean_a) * (y[lane] - mean_b);
            }
        }
        let rest: f64 = tail.iter().zip(tail_b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
        let sab = (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest;
        Self { n: a.len() as u64, mean_a, mean_b, saa, sbb, sab }
    }

    /// Add the rows of another accumulator.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (na, nb) = (self.n as f64, other.n as f64);
        let (da, db) = (other.mean_a - self.mean_a, other.mean_b - self.mean_b);
        let weight = na * nb / (na + nb);
        self.mean_a += da * (nb / (na + nb));
        self.mean_b += db * (nb / (na + nb));
        self.saa += other.saa + da * da * weight;
        self.sbb += other.sbb + db * db * weight;
        self.sab += other.sab + da * db * weight;
        self.n += other.n;
    }

    /// Pearson correlation; `None` when a variable is constant (to the rounding of its mean).
    pub fn correlation(&self) -> Option<f64> {
        let rounding = |mean: f64| self.n as f64 * (64.0 * f64::EPSILON * mean).powi(2);
        let varies = self.saa > rounding(self.mean_a) && self.sbb > rounding(self.mean_b);
        varies.then(|| (self.sab / (self.saa.sqrt() * self.sbb.sqrt())).clamp(-1.0, 1.0))
    }
}

/// Sum of `f` in eight independent lanes, which the compiler can put side by side.
#[inline]
pub(crate) fn lanes(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (head, tail) = values.as_chunks::<8>();
    for block in head {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += f(x);
        }
    }
    let rest: f64 = tail.iter().map(|&x| f(x)).sum();
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merge_equals_concatenation(a in prop::collection::vec((-9.0..9.0, -9.0..9.0), 0..40), cut in 0usize..40) {
            let (x, y): (Vec<f64>, Vec<f64>) = a.into_iter().unzip();
            let cut = cut.min(x.len());
            let whole = PairMoments::of(&x, &y);
            let mut parts = PairMoments::of(&x[..cut], &y[..cut]);
            parts.merge(&PairMoments::of(&x[cut..], &y[cut..]));
            prop_assert_eq!(whole.n, parts.n);
            for (p, q) in [(whole.mean_a, parts.mean_a), (whole.saa, parts.saa), (whole.sbb, parts.sbb), (whole.sab, parts.sab)] {
                prop_assert!((p - q).abs() < 1e-9 * (1.0 + p.abs()));
            }
            let mut one = Moments::of(&x[..cut]);
            one.merge(&Moments::of(&x[cut..]));
            prop_assert!((one.m2 - whole.saa).abs() < 1e-9 * (1.0 + one.m2));
        }
    }
}
