//! Two shares within strata, as one difference and one test.

use super::special::chi2_sf;

/// Trials and events of two arms in one stratum.
pub type Stratum = [[u64; 2]; 2];

/// Second minus first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Difference of the shares, weighted by `n₁ n₂ / (n₁ + n₂)` of each stratum.
    pub difference: f64,
    /// P-value of the Cochran-Mantel-Haenszel test without continuity correction, one degree of freedom.
    pub p: f64,
}

/// Difference of two shares within strata (Cochran 1954, Biometrics 10:417; Mantel and Haenszel 1959, J Natl Cancer Inst
/// 22:719): strata in which one arm has no trial say nothing. `None` where none is left; where no stratum has both
/// events and none, the difference is 0 with p 1.
#[must_use]
pub fn difference(strata: impl IntoIterator<Item = Stratum>) -> Option<Found> {
    let (mut weights, mut sum, mut excess, mut variance) = (0.0, 0.0, 0.0, 0.0);
    for [[na, xa], [nb, xb]] in strata {
        if na == 0 || nb == 0 {
            continue;
        }
        let ([na, xa], [nb, xb]) = ([na as f64, xa as f64], [nb as f64, xb as f64]);
        let (n, x) = (na + nb, xa + xb);
        let weight = na * nb / n;
        weights += weight;
        sum += weight * (xb / nb - xa / na);
        excess += xb - nb * x / n;
        variance += na * nb * x * (n - x) / (n * n * (n - 1.0));
    }
    (weights > 0.0).then(|| Found {
        difference: sum / weights,
        p: if variance > 0.0 { chi2_sf(excess * excess / variance, 1.0) } else { 1.0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admissions_of_berkeley() {
        // Bickel, Hammel and O'Connell 1975: men and women admitted by department; R's mantelhaen.test(UCBAdmissions,
        // correct = FALSE) has X-squared = 1.5246, p = 0.2169.
        let departments = [
            [[825, 512], [108, 89]],
            [[560, 353], [25, 17]],
            [[325, 120], [593, 202]],
            [[417, 138], [375, 131]],
            [[191, 53], [393, 94]],
            [[373, 22], [341, 24]],
        ];
        let found = difference(departments).unwrap();
        assert!((found.p - 0.2169).abs() < 5e-5, "{found:?}");
        // Pooled, women were admitted less often by 14 points.
        let pooled = difference([[[2691, 1198], [1835, 557]]]).unwrap();
        assert!(pooled.difference < -0.14 && pooled.p < 1e-10, "{pooled:?}");
    }

    #[test]
    fn nothing_to_tell() {
        assert_eq!(difference([[[10, 1], [0, 0]]]), None);
        assert_eq!(difference([[[10, 0], [10, 0]]]), Some(Found { difference: 0.0, p: 1.0 }));
    }
}
