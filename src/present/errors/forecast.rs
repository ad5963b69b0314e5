//! Predicted quantiles against what came, and tests on losses in the order of time, as text and points.

use super::number;
use crate::compare::{Errors, PerArm, QuantileForecasts, TimeLoss, TimeTest, Unit};
use crate::present::format::{self, Digits, UNDEFINED};

/// What the tiles of predicted quantiles show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForecastModel {
    /// Level, observed share and its interval; champion first.
    pub calibration: Vec<Vec<[f64; 4]>>,
    /// Of intervals: level, coverage and its interval.
    pub coverage: Vec<Vec<[f64; 4]>>,
    pub lines: Vec<ForecastLine>,
    /// Why an arm has none.
    pub undefined: Option<String>,
}

/// A level or a central interval, as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastLine {
    /// `quantile 0.1`, `80 % interval`.
    pub name: String,
    pub nominal: String,
    /// Observed share of each arm.
    pub observed: Vec<String>,
    /// Challenger minus champion in percentage points, with its interval.
    pub observed_difference: String,
    /// Pinball loss, or interval score.
    pub loss: Vec<String>,
    pub loss_difference: String,
}

/// A test, as printed.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTestLine {
    /// `Absolute error`.
    pub name: String,
    /// `−0.12 [−0.20, −0.04]`.
    pub difference: String,
    pub p: String,
    /// What the test rests on, or why there is none.
    pub how: String,
    pub defined: bool,
}

impl TimeTestLine {
    /// Beside a title: `Diebold-Mariano p 0.003, −0.12 [−0.20, −0.04]`.
    pub fn short(&self) -> String {
        match self.defined {
            true => format!("Diebold-Mariano p {}, {}", self.p, self.difference),
            false => format!("no Diebold-Mariano test: {}", self.how),
        }
    }

    /// In one line: `Diebold-Mariano on the absolute error: −0.12 [−0.20, −0.04], p 0.003; 192 times, …`.
    pub fn text(&self) -> String {
        let name = self.name.to_lowercase();
        match self.defined {
            true => format!("Diebold-Mariano on the {name}: {}, p {}; {}", self.difference, self.p, self.how),
            false => format!("Diebold-Mariano on the {name}: {UNDEFINED}, {}", self.how),
        }
    }
}

/// `None` where no quantile is predicted.
pub fn forecast(errors: &Errors) -> Option<ForecastModel> {
    let found = errors.quantile_forecasts.as_ref()?;
    let points = |of: &dyn Fn(usize) -> Vec<Option<[f64; 4]>>| -> Vec<Vec<[f64; 4]>> {
        (0..2).map(|arm| of(arm).into_iter().flatten().collect()).filter(|points: &Vec<_>| !points.is_empty()).collect()
    };
    let with = |at: f64, value: Option<[f64; 3]>| value.map(|[value, lo, hi]| [at, value, lo, hi]);
    let calibration = |arm: usize| found.levels.iter().map(|one| with(one.level, arm_of(&one.observed, arm))).collect();
    let coverage = |arm: usize| {
        let intervals = found.intervals.iter().rev();
        intervals.map(|one| with(one.nominal, arm_of(&one.coverage, arm))).collect()
    };
    Some(ForecastModel {
        calibration: points(&calibration),
        coverage: points(&coverage),
        lines: lines(found),
        undefined: found.undefined.clone(),
    })
}

fn arm_of(of: &PerArm<[f64; 3]>, arm: usize) -> Option<[f64; 3]> {
    if arm == 0 { of.champion } else { of.challenger }
}

fn lines(found: &QuantileForecasts) -> Vec<ForecastLine> {
    let shares = |of: &PerArm<[f64; 3]>| printed(of, |value| format::share(value, 1));
    let losses = |of: &PerArm<[f64; 3]>| printed(of, number);
    let intervals = found.intervals.iter().map(|one| ForecastLine {
        name: format!("{} interval", percent(one.nominal)),
        nominal: percent(one.nominal),
        observed: shares(&one.coverage),
        observed_difference: difference(Unit::Share, one.coverage_difference),
        loss: losses(&one.score),
        loss_difference: difference(Unit::Target, one.score_difference),
    });
    let levels = found.levels.iter().map(|one| ForecastLine {
        name: format!("quantile {}", one.level),
        nominal: percent(one.level),
        observed: shares(&one.observed),
        observed_difference: difference(Unit::Share, one.observed_difference),
        loss: losses(&one.pinball),
        loss_difference: difference(Unit::Target, one.pinball_difference),
    });
    intervals.chain(levels).collect()
}

fn percent(share: f64) -> String {
    format!("{} %", format::plain(format::round_significant(share * 100.0, 4)))
}

fn printed(of: &PerArm<[f64; 3]>, print: impl Fn(f64) -> String) -> Vec<String> {
    [of.champion, of.challenger].into_iter().flatten().map(|[value, ..]| print(value)).collect()
}

fn difference(unit: Unit, found: Option<[f64; 3]>) -> String {
    found.map_or_else(String::new, |[value, lo, hi]| {
        let digits = Digits::of(unit, value, Some((lo, hi)));
        format!("{} {}", digits.signed(value), digits.interval(lo, hi))
    })
}

/// Tests on losses in the order of time; of one model none.
pub fn time_tests(errors: &Errors) -> Vec<TimeTestLine> {
    errors.time_tests.iter().map(time_test).collect()
}

fn time_test(test: &TimeTest) -> TimeTestLine {
    let (name, unit) = match test.loss {
        TimeLoss::Absolute => ("Absolute error", Unit::Target),
        TimeLoss::Squared => ("Squared error", Unit::TargetSquared),
    };
    let steps = match test.width_secs {
        None => format!("{} times", format::count(test.steps)),
        Some(width) => format!("{} spans of {}", format::count(test.steps), span(width)),
    };
    let corrected = "t with the correction of Harvey et al.";
    let rests = match (test.horizon, test.cosines) {
        (Some(horizon), _) if test.fell_back => {
            format!("horizon {horizon}, Bartlett weights as the variance was not positive, {corrected}")
        }
        (Some(horizon), _) => format!("horizon {horizon}, {corrected}"),
        (None, Some(count)) => {
            format!("no horizon is mapped, so the long-run variance by {count} cosines, t on as many degrees")
        }
        (None, None) => format!("no horizon is mapped, so Bartlett weights over {} lags, {corrected}", test.lags),
    };
    TimeTestLine {
        name: name.to_owned(),
        difference: difference(unit, test.difference),
        p: test.p.map_or_else(|| UNDEFINED.to_owned(), format::p_value),
        how: test.undefined.clone().unwrap_or_else(|| format!("{steps}, {rests}")),
        defined: test.undefined.is_none(),
    }
}

fn span(secs: f64) -> String {
    let (value, unit) = match secs {
        secs if secs >= 86_400.0 => (secs / 86_400.0, "d"),
        secs if secs >= 3_600.0 => (secs / 3_600.0, "h"),
        secs if secs >= 60.0 => (secs / 60.0, "min"),
        _ => (secs, "s"),
    };
    format!("{} {unit}", format::plain(format::round_significant(value, 3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{IntervalForecast, QuantileLevel};

    #[test]
    fn intervals_and_levels_are_printed_with_their_differences() {
        let both = |a: f64, b: f64| PerArm { champion: Some([a, a - 0.01, a + 0.01]), challenger: Some([b, b, b]) };
        let errors = Errors {
            quantile_forecasts: Some(QuantileForecasts {
                levels: vec![QuantileLevel { level: 0.1, observed: both(0.12, 0.1), ..QuantileLevel::default() }],
                intervals: vec![IntervalForecast {
                    nominal: 0.8,
                    coverage: both(0.7, 0.81),
                    coverage_difference: Some([0.11, 0.09, 0.13]),
                    ..IntervalForecast::default()
                }],
                undefined: None,
            }),
            ..Errors::default()
        };
        let found = forecast(&errors).unwrap();
        assert_eq!(found.lines[0].name, "80 % interval");
        assert_eq!(found.lines[0].observed, ["70.0 %", "81.0 %"]);
        assert!(found.lines[0].observed_difference.starts_with("+11"), "{}", found.lines[0].observed_difference);
        assert_eq!(found.calibration[0], [[0.1, 0.12, 0.11, 0.13]]);
        assert!(forecast(&Errors::default()).is_none());
    }

    #[test]
    fn a_test_without_an_order_says_so() {
        let test = TimeTest { undefined: Some("no time is logged".to_owned()), ..TimeTest::default() };
        assert!(time_test(&test).text().ends_with("no time is logged"));
        let found = TimeTest {
            difference: Some([-0.12, -0.2, -0.04]),
            p: Some(0.003),
            steps: 192,
            cosines: Some(13),
            width_secs: Some(21_600.0),
            ..TimeTest::default()
        };
        let text = time_test(&found).text();
        assert!(text.contains("192 spans of 6 h") && text.contains("13 cosines") && text.contains("p 0.003"), "{text}");
    }
}
