//! One test of all attributes together: was the split random?

use std::ops::Range;

use rayon::prelude::*;

use crate::stats::linear::quadratic_form;
use crate::stats::special::chi2_sf;
use crate::stats::{Moments, Undefined};

/// Units that one thread adds up before its sums are merged, in order: the result does not depend on threads.
const BLOCK: usize = 1 << 18;

/// One test of all attributes together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Omnibus {
    /// Hansen and Bowers' statistic.
    pub d2: f64,
    /// Number of attributes that are not a combination of the others.
    pub df: f64,
    /// Its p-value.
    pub p: f64,
}

/// A unit as the test sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Whether it is in the first arm.
    pub first: bool,
    /// Stratum within which arms were drawn; 0 where there is one.
    pub stratum: usize,
}

/// Omnibus test of balance of units without strata. `attributes[j][i]` is attribute `j` of unit `i` (a category as one
/// 0/1 column per level, one level left out); `first[i]` tells whether the unit is in the first arm.
///
/// # Errors
/// As [`omnibus_within`]; no attributes, or lengths that differ.
pub fn omnibus(attributes: &[Vec<f64>], first: &[bool]) -> Result<Omnibus, Undefined> {
    let n = first.len();
    if attributes.is_empty() || attributes.iter().any(|a| a.len() != n) {
        return Err(Undefined::new("the attributes do not have one value per unit"));
    }
    // Attributes of any place and scale: sums of squares are taken around the mean, in standard deviations.
    let moments: Vec<Moments> = attributes.iter().map(|a| Moments::from_slice(a)).collect();
    let scaled = |attribute: usize, unit: usize| {
        let of = &moments[attribute];
        let sd = of.sd().filter(|sd| *sd > 0.0).unwrap_or(1.0);
        (attributes[attribute][unit] - of.mean) / sd
    };
    let fill = |unit: usize, cells: &mut Vec<(usize, f64)>| {
        cells.extend((0..attributes.len()).map(|attribute| (attribute, scaled(attribute, unit))));
        Some(Unit { first: first[unit], stratum: 0 })
    };
    omnibus_within(n, attributes.len(), 1, fill)
}

/// Sums over units of a block.
struct Sums {
    /// By stratum and arm.
    units: Vec<[f64; 2]>,
    /// By stratum, arm and attribute.
    values: Vec<f64>,
}

/// Every unit of a block that belongs somewhere, with its attributes.
fn each(
    block: Range<usize>,
    fill: &impl Fn(usize, &mut Vec<(usize, f64)>) -> Option<Unit>,
    mut with: impl FnMut(Unit, &[(usize, f64)]),
) {
    let mut cells = Vec::new();
    for unit in block {
        cells.clear();
        if let Some(of) = fill(unit, &mut cells) {
            with(of, &cells);
        }
    }
}

/// Omnibus test of balance (Hansen & Bowers 2008, Stat Sci 23:219, eqs. 7 to 9): the vector of differences of means within
/// strata, weighted by `n_1 n_2 / n`, in the metric of its covariance under random assignment within each stratum. One
/// entry per unit of assignment, so that rows of a unit are not counted as if they were drawn apart.
///
/// `fill` gives unit `i`'s attributes that are not 0, each at most once (a category as one 0/1 attribute per level, one
/// level left out), and where the unit belongs; `None` leaves it out. Numbers should be around 0 and of size 1. Strata
/// in which an arm has no unit tell nothing and are left out.
///
/// # Errors
/// An arm has no unit in any stratum, or nothing varies.
pub fn omnibus_within(
    units: usize,
    attributes: usize,
    strata: usize,
    fill: impl Fn(usize, &mut Vec<(usize, f64)>) -> Option<Unit> + Sync,
) -> Result<Omnibus, Undefined> {
    let blocks = || {
        let starts = (0..units.div_ceil(BLOCK)).into_par_iter().map(|block| block * BLOCK);
        starts.map(|start| start..(start + BLOCK).min(units))
    };
    let blank = || Sums { units: vec![[0.0; 2]; strata], values: vec![0.0; strata * 2 * attributes] };
    let summed: Vec<Sums> = blocks()
        .map(|block| {
            let mut sums = blank();
            each(block, &fill, |unit, cells| {
                let arm = usize::from(!unit.first);
                sums.units[unit.stratum][arm] += 1.0;
                let at = (2 * unit.stratum + arm) * attributes;
                cells.iter().for_each(|(attribute, value)| sums.values[at + attribute] += value);
            });
            sums
        })
        .collect();
    let mut sums = blank();
    for block in summed {
        sums.units.iter_mut().zip(block.units).for_each(|(sum, more)| (0..2).for_each(|arm| sum[arm] += more[arm]));
        sums.values.iter_mut().zip(block.values).for_each(|(sum, more)| *sum += more);
    }
    // The weight of a stratum, over its degrees of freedom; both arms of 0 units where it tells nothing.
    let weight = |[a, b]: [f64; 2]| if a > 0.0 && b > 0.0 { a * b / (a + b) } else { 0.0 };
    let scale: Vec<f64> = sums.units.iter().map(|n| weight(*n) / (n[0] + n[1] - 1.0).max(1.0)).collect();
    if scale.iter().all(|scale| *scale == 0.0) {
        return Err(Undefined::new("the arms have no units that could be held side by side"));
    }
    let products: Vec<Vec<f64>> = blocks()
        .map(|block| {
            let mut products = vec![0.0; attributes * attributes];
            each(block, &fill, |unit, cells| {
                let scale = scale[unit.stratum];
                for (at, (i, x)) in cells.iter().enumerate() {
                    for (j, y) in &cells[at..] {
                        products[i * attributes + j] += scale * x * y;
                    }
                }
            });
            products
        })
        .collect();
    let mut matrix = vec![vec![0.0; attributes]; attributes];
    for block in products {
        for i in 0..attributes {
            for j in i..attributes {
                matrix[i][j] += block[i * attributes + j] + if i == j { 0.0 } else { block[j * attributes + i] };
            }
        }
    }
    let mut difference = vec![0.0; attributes];
    for (stratum, n) in sums.units.iter().enumerate().filter(|(stratum, _)| scale[*stratum] > 0.0) {
        let of = |arm: usize| &sums.values[(2 * stratum + arm) * attributes..][..attributes];
        let (a, b) = (of(0), of(1));
        let all = n[0] + n[1];
        for i in 0..attributes {
            difference[i] += weight(*n) * (a[i] / n[0] - b[i] / n[1]);
            for j in i..attributes {
                matrix[i][j] -= scale[stratum] * (a[i] + b[i]) * (a[j] + b[j]) / all;
            }
        }
    }
    // Each attribute in its own standard deviation, so that none is too small to be seen.
    let sd: Vec<f64> = (0..attributes).map(|i| if matrix[i][i] > 0.0 { matrix[i][i].sqrt() } else { 1.0 }).collect();
    let full = |i: usize, j: usize| matrix[i.min(j)][i.max(j)] / (sd[i] * sd[j]);
    let matrix: Vec<Vec<f64>> = (0..attributes).map(|i| (0..attributes).map(|j| full(i, j)).collect()).collect();
    let (d2, rank) = quadratic_form(matrix, difference.iter().zip(&sd).map(|(d, sd)| d / sd).collect())?;
    Ok(Omnibus { d2, df: rank as f64, p: chi2_sf(d2, rank as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Cov2;
    use crate::stats::bootstrap::Replicate;

    #[test]
    fn omnibus_is_chi_square_under_random_assignment() {
        let (runs, n) = (800u64, 120u64);
        let mut rejected = 0;
        for run in 0..runs {
            let r = Replicate::new(11, run);
            let x: Vec<f64> = (0..n).map(|i| r.uniform(3 * i)).collect();
            let y: Vec<f64> = (0..n).map(|i| 1e6 * (x[i as usize] + r.uniform(3 * i + 1))).collect();
            let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
            let first: Vec<bool> = (0..n).map(|i| r.uniform(3 * i + 2) < 0.4).collect();
            let o = omnibus(&[x, y, twice], &first).unwrap();
            assert_eq!(o.df, 2.0);
            rejected += u64::from(o.p < 0.05);
        }
        let share = rejected as f64 / runs as f64;
        assert!((0.02..0.08).contains(&share), "{share}");
    }

    #[test]
    fn strata_take_their_own_share_out() {
        // Of each stratum 100 units; in the second, where the first arm has more, everybody is higher by 10.
        let r = Replicate::new(3, 0);
        let unit = |i: usize| Unit { first: i % 100 < if i < 100 { 20 } else { 70 }, stratum: i / 100 };
        let value = |i: usize| r.uniform(i as u64) + if i < 100 { -5.0 } else { 5.0 };
        let of = |stratified: bool| {
            omnibus_within(200, 1, 2, |i, cells| {
                cells.push((0, value(i)));
                let unit = unit(i);
                Some(if stratified { unit } else { Unit { stratum: 0, ..unit } })
            })
            .unwrap()
        };
        assert!(of(false).p < 1e-9 && of(true).p > 0.001, "{:?} {:?}", of(false), of(true));
        // By hand: the weighted difference over its standard error under random assignment.
        let (mut t, mut v) = (0.0, 0.0);
        for stratum in 0..2 {
            let arm = |first: bool| -> Moments {
                (100 * stratum..100 * (stratum + 1)).filter(|i| unit(*i).first == first).map(value).collect()
            };
            let all: Moments = (100 * stratum..100 * (stratum + 1)).map(value).collect();
            let (a, b) = (arm(true), arm(false));
            let weight = a.n as f64 * b.n as f64 / 100.0;
            t += weight * (a.mean - b.mean);
            v += weight * all.variance().unwrap();
        }
        assert!((of(true).d2 - t * t / v).abs() < 1e-9 * of(true).d2, "{} {}", of(true).d2, t * t / v);
    }

    #[test]
    fn two_attributes_are_a_quadratic_form() {
        let r = Replicate::new(5, 0);
        let x: Vec<f64> = (0..90).map(|i| r.uniform(i)).collect();
        let y: Vec<f64> = (0..90).map(|i| 1e5 + 1e3 * (x[i as usize] + r.uniform(100 + i))).collect();
        let first: Vec<bool> = (0..90).map(|i| i % 3 == 0).collect();
        let found = omnibus(&[x.clone(), y.clone()], &first).unwrap();
        let mut c = Cov2::default();
        x.iter().zip(&y).for_each(|(x, y)| c.add(*x, *y));
        let arm = |v: &[f64], of: bool| -> f64 {
            v.iter().zip(&first).filter(|(_, f)| **f == of).map(|(v, _)| *v).collect::<Moments>().mean
        };
        let d = [&x, &y].map(|v| arm(v, true) - arm(v, false));
        let scale = (1.0 / 30.0 + 1.0 / 60.0) / 89.0;
        let all = |v: &[f64]| Moments::from_slice(v).variance().unwrap() * 89.0;
        let (a, b, c) = (all(&x) * scale, c.sab * scale, all(&y) * scale);
        let expected = (c * d[0] * d[0] - 2.0 * b * d[0] * d[1] + a * d[1] * d[1]) / (a * c - b * b);
        assert!((found.d2 - expected).abs() < 1e-6 * expected, "{} {expected}", found.d2);
    }
}
