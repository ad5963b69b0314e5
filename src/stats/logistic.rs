//! Logistic regression of an outcome on one variable, for the calibration line of Cox.

use super::Undefined;

/// A fitted line `logit P(y = 1) = intercept + slope x`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logistic {
    /// Intercept, in log odds.
    pub intercept: f64,
    /// Slope, log odds per unit of `x`; 1 for a calibrated model when `x` is its log odds.
    pub slope: f64,
    /// Covariance matrix of (intercept, slope) from the information; for rows that are dependent
    /// within clusters it is too small.
    pub covariance: [[f64; 2]; 2],
    /// Sum of the weights.
    pub weight: f64,
    /// Newton steps that were taken.
    pub iterations: u32,
}

impl Logistic {
    /// Standard errors of the intercept and of the slope.
    #[must_use]
    pub fn standard_errors(&self) -> (f64, f64) {
        (self.covariance[0][0].sqrt(), self.covariance[1][1].sqrt())
    }

    /// Influence vector entries of (intercept, slope) for a row of weight 1, scaled for a mean
    /// over `rows` rows: for the clustered covariance.
    #[must_use]
    pub fn influence(&self, x: f64, y: f64, rows: u64) -> (f64, f64) {
        let e = (y - expit(self.intercept + self.slope * x)) * rows as f64;
        let c = &self.covariance;
        (e * (c[0][0] + c[0][1] * x), e * (c[1][0] + c[1][1] * x))
    }
}

fn expit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

/// Score and information at one point, with `x` shifted to its mean for conditioning.
#[derive(Default, Clone, Copy)]
struct State {
    log_likelihood: f64,
    gradient: [f64; 2],
    information: [f64; 3],
}

/// Maximum likelihood by Newton with step halving.
///
/// `rows` is called once per pass and yields `(x, y, weight)`: single rows with `y` 0 or 1 and
/// weight 1, or bins with the share of successes and the number of rows. The calibration line
/// (Cox 1958, Biometrika 45:562) is the fit of the outcome on the log odds of the prediction.
///
/// # Errors
/// No rows, an outcome of one kind only, all `x` equal, an outcome separated by `x` (no finite
/// estimate), `y` outside `[0, 1]`, or a number that is not finite.
pub fn fit<I, F>(rows: F) -> Result<Logistic, Undefined>
where
    F: Fn() -> I,
    I: Iterator<Item = (f64, f64, f64)>,
{
    let (mut weight, mut mean, mut spread, mut successes) = (0.0, 0.0, 0.0, 0.0);
    // Range of x among successes and among failures, to tell a separated outcome from a hard fit.
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for (x, y, w) in rows() {
        if !x.is_finite() || !(0.0..=1.0).contains(&y) || !w.is_finite() || w < 0.0 {
            return Err(Undefined::new(format!("row x = {x}, y = {y}, weight = {w}")));
        }
        if w == 0.0 {
            continue;
        }
        weight += w;
        let d = x - mean;
        mean += d * w / weight;
        spread += w * d * (x - mean);
        successes += w * y;
        for (kind, present) in [y < 1.0, y > 0.0].into_iter().enumerate() {
            if present {
                range[kind][0] = range[kind][0].min(x);
                range[kind][1] = range[kind][1].max(x);
            }
        }
    }
    if weight == 0.0 {
        return Err(Undefined::new("a regression on no rows"));
    }
    if successes <= 0.0 || successes >= weight {
        return Err(Undefined::new("the outcome has only one value"));
    }
    if spread <= weight * 1e-24 * (1.0 + mean * mean) {
        return Err(Undefined::new("the predictor has only one value"));
    }
    let [[f_lo, f_hi], [s_lo, s_hi]] = range;
    if f_hi <= s_lo || s_hi <= f_lo {
        return Err(Undefined::new("the predictor separates the outcome: no finite slope"));
    }
    let evaluate = |b: [f64; 2]| {
        let mut s = State::default();
        for (x, y, w) in rows() {
            let x = x - mean;
            let eta = b[0] + b[1] * x;
            let p = expit(eta);
            s.log_likelihood += w * (y * eta - softplus(eta));
            let (r, v) = (w * (y - p), w * p * (1.0 - p));
            s.gradient[0] += r;
            s.gradient[1] += r * x;
            s.information[0] += v;
            s.information[1] += v * x;
            s.information[2] += v * x * x;
        }
        s
    };
    let rate = successes / weight;
    let mut b = [(rate / (1.0 - rate)).ln(), 0.0];
    let mut state = evaluate(b);
    let mut iterations = 0;
    loop {
        let [i00, i01, i11] = state.information;
        let det = i00 * i11 - i01 * i01;
        if det.is_nan() || det <= 0.0 {
            return Err(Undefined::new("the information matrix is singular"));
        }
        let [g0, g1] = state.gradient;
        let step = [(i11 * g0 - i01 * g1) / det, (i00 * g1 - i01 * g0) / det];
        // Newton decrement: twice the gain in log likelihood still to be had. The absolute part
        // is the rounding of a sum over the rows.
        let decrement = g0 * step[0] + g1 * step[1];
        if decrement <= 1e-20 + 1e-24 * weight {
            let covariance = unshift([i11 / det, -i01 / det, i00 / det], mean);
            return Ok(Logistic { intercept: b[0] - b[1] * mean, slope: b[1], covariance, weight, iterations });
        }
        if iterations == 100 {
            return Err(Undefined::new("the logistic fit did not converge in 100 steps"));
        }
        iterations += 1;
        let mut scale = 1.0;
        loop {
            let next = [b[0] + scale * step[0], b[1] + scale * step[1]];
            let at = evaluate(next);
            let slack = 1e-13 * (1.0 + state.log_likelihood.abs());
            if at.log_likelihood >= state.log_likelihood - slack || scale < 1e-6 {
                (b, state) = (next, at);
                break;
            }
            scale *= 0.5;
        }
    }
}

/// Covariance of (intercept, slope) at `x = 0` from that at `x = mean`.
fn unshift([v00, v01, v11]: [f64; 3], mean: f64) -> [[f64; 2]; 2] {
    let c00 = v00 - 2.0 * mean * v01 + mean * mean * v11;
    let c01 = v01 - mean * v11;
    [[c00, c01], [c01, v11]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<(f64, f64)> {
        (0..200)
            .map(|i| {
                let x = f64::from((i * 37) % 101) / 20.0 - 2.5;
                let y = f64::from(u8::from((i * 53) % 97 < (48.0 + 14.0 * x) as i32));
                (x, y)
            })
            .collect()
    }

    #[test]
    fn solves_the_score_equations_and_matches_bins() {
        let rows = sample();
        let fit_rows = fit(|| rows.iter().map(|&(x, y)| (x, y, 1.0))).unwrap();
        let mut score = [0.0, 0.0];
        for &(x, y) in &rows {
            let r = y - expit(fit_rows.intercept + fit_rows.slope * x);
            score[0] += r;
            score[1] += r * x;
        }
        assert!(score[0].abs() < 1e-9 && score[1].abs() < 1e-9, "{score:?}");
        let mut bins: Vec<(f64, f64, f64)> = Vec::new();
        for &(x, y) in &rows {
            match bins.iter_mut().find(|b| b.0 == x) {
                Some(b) => {
                    b.1 = (b.1 * b.2 + y) / (b.2 + 1.0);
                    b.2 += 1.0;
                }
                None => bins.push((x, y, 1.0)),
            }
        }
        let fit_bins = fit(|| bins.iter().copied()).unwrap();
        assert!((fit_rows.slope - fit_bins.slope).abs() < 1e-9);
        assert!((fit_rows.covariance[0][1] - fit_bins.covariance[0][1]).abs() < 1e-9);
        let u: f64 = rows.iter().map(|&(x, y)| fit_rows.influence(x, y, 200).1).sum();
        assert!(u.abs() < 1e-8);
    }

    #[test]
    fn two_groups_have_closed_form() {
        // x = 0: 30 of 40; x = 1: 12 of 60.
        let f = fit(|| [(0.0, 0.75, 40.0), (1.0, 0.2, 60.0)].into_iter()).unwrap();
        assert!((f.intercept - 3f64.ln()).abs() < 1e-10);
        assert!((f.slope - (0.25f64.ln() - 3f64.ln())).abs() < 1e-10);
        let (se0, se1) = f.standard_errors();
        assert!((se0 - (1.0f64 / 30.0 + 0.1).sqrt()).abs() < 1e-9);
        assert!((se1 - (1.0f64 / 30.0 + 0.1 + 1.0 / 12.0 + 1.0 / 48.0).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn refuses_what_has_no_estimate() {
        let run = |v: Vec<(f64, f64, f64)>| fit(move || v.clone().into_iter());
        assert!(run(vec![]).is_err());
        assert!(run(vec![(0.0, 1.0, 1.0), (1.0, 1.0, 1.0)]).is_err());
        assert!(run(vec![(2.0, 1.0, 1.0), (2.0, 0.0, 1.0)]).is_err());
        assert!(run(vec![(0.0, 0.0, 1.0), (1.0, 1.0, 1.0)]).is_err());
        assert!(run(vec![(f64::INFINITY, 0.0, 1.0), (1.0, 1.0, 1.0)]).is_err());
    }
}
