//! Natural logarithm without tables or branches, so that loops over rows become vector code.

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Remez coefficients of `ln((1 + s) / (1 - s)) / s - 2` in `s²` (FreeBSD msun, e_log.c; error below 2^-58.45).
const SERIES: [f64; 7] = [
    0.6666666666666735,
    0.3999999999940942,
    0.2857142874366239,
    0.22222198432149784,
    0.1818357216161805,
    0.15313837699209373,
    0.14798198605116586,
];

/// Natural logarithm of a normal positive number, to about one unit in the last place.
#[inline]
pub fn ln(x: f64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    // x = 2^k m with m in [sqrt(1/2), sqrt(2)); k is turned into a float by writing it under the exponent of 2^52.
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let k = f64::from_bits(shifted >> 52 | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let m = f64::from_bits((shifted & (u64::MAX >> 12)) + ROOT_HALF);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (SERIES[1] + w * (SERIES[3] + w * SERIES[5]));
    let odd = z * (SERIES[0] + w * (SERIES[2] + w * (SERIES[4] + w * SERIES[6])));
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + (even + odd)) + k * LN2_LOW)) - f)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ln;

    proptest! {
        #[test]
        fn agrees_with_the_library(x in prop::num::f64::POSITIVE | prop::num::f64::NORMAL, y in 0.5..2.0f64) {
            for x in [x.abs(), y] {
                if x.is_normal() {
                    prop_assert!((ln(x) - x.ln()).abs() <= 3e-16 * x.ln().abs(), "{x}");
                }
            }
        }
    }
}
