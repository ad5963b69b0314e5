//! Binomial distribution, accurate to 1e8 trials.

use super::beta::beta_inc_both;
use super::gamma::binomial_term;
use super::normal::norm_quantile;

/// `P(X = k)` for `n` trials with success probability `p`.
#[must_use]
pub fn binom_pmf(k: u64, n: u64, p: f64) -> f64 {
    debug_assert!((0.0..=1.0).contains(&p) || p.is_nan(), "p = {p}");
    if k > n {
        return 0.0;
    }
    binomial_term(k as f64, (n - k) as f64, p, 1.0 - p)
}

/// `P(X <= k)`.
#[must_use]
pub fn binom_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta_inc_both((n - k) as f64, k as f64 + 1.0, 1.0 - p, p).0
}

/// `P(X > k)`, computed as such and not as `1 - cdf`.
#[must_use]
pub fn binom_sf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 0.0;
    }
    beta_inc_both(k as f64 + 1.0, (n - k) as f64, p, 1.0 - p).0
}

/// Quantile: the smallest `k` with `P(X <= k) >= q`.
///
/// A `q` that equals a value of the distribution function up to rounding counts as reached.
#[must_use]
pub fn binom_quantile(q: f64, n: u64, p: f64) -> u64 {
    debug_assert!((0.0..=1.0).contains(&q) || q.is_nan(), "q = {q}");
    if q <= 0.0 || p <= 0.0 || n == 0 {
        return 0;
    }
    if q >= 1.0 || p >= 1.0 {
        return n;
    }
    let reached = |k: u64| {
        if q <= 0.5 { binom_cdf(k, n, p) >= q * (1.0 - 1e-12) } else { binom_sf(k, n, p) <= (1.0 - q) * (1.0 + 1e-12) }
    };
    let nf = n as f64;
    let guess = (nf * p + norm_quantile(q) * (nf * p * (1.0 - p)).sqrt()).clamp(0.0, nf) as u64;
    // Bracket outwards from the normal guess, then halve.
    let mut step = 1u64;
    let (mut lo, mut hi);
    if reached(guess) {
        hi = guess;
        loop {
            if hi == 0 {
                return 0;
            }
            lo = hi.saturating_sub(step);
            if !reached(lo) {
                break;
            }
            hi = lo;
            step *= 2;
        }
    } else {
        lo = guess;
        loop {
            hi = (lo + step).min(n);
            if hi == n || reached(hi) {
                break;
            }
            lo = hi;
            step *= 2;
        }
    }
    while hi - lo > 1 {
        let mid = lo + (hi - lo) / 2;
        if reached(mid) {
            hi = mid;
        } else {
            lo = mid;
        }
    }
    hi
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_for_small_n() {
        for n in [1u64, 2, 7, 30] {
            for p in [0.01, 0.3, 0.5, 0.97] {
                let mut total = 0.0;
                for k in 0..=n {
                    total += binom_pmf(k, n, p);
                    assert!((binom_cdf(k, n, p) - total).abs() < 1e-13, "{k} {n} {p}");
                    assert!((binom_sf(k, n, p) - (1.0 - total)).abs() < 1e-13);
                }
            }
        }
        assert_eq!(binom_pmf(0, 5, 0.0), 1.0);
        assert_eq!(binom_pmf(5, 5, 1.0), 1.0);
        assert_eq!(binom_pmf(2, 5, 1.0), 0.0);
    }

    #[test]
    fn quantile_is_the_smallest_reaching_k() {
        for n in [1u64, 10, 101, 5000, 1_000_000, 100_000_000] {
            for p in [1e-6, 0.05, 0.3, 0.5, 0.99] {
                for q in [0.001, 0.025, 0.5, 0.975, 0.999] {
                    let k = binom_quantile(q, n, p);
                    assert!(binom_cdf(k, n, p) >= q * (1.0 - 1e-11), "{n} {p} {q}");
                    if k > 0 {
                        assert!(binom_cdf(k - 1, n, p) < q, "{n} {p} {q}");
                    }
                }
            }
        }
        assert_eq!(binom_quantile(0.5, 1, 0.5), 0);
    }
}
