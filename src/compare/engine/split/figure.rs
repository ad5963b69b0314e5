//! From the tallies of both arms to a metric: each arm, the difference, the relative lift.

use super::relative::relative;
use super::strata::{Weighted, weighted};
use super::tally::Tally;
use crate::compare::detail::Lift;
use crate::compare::result::{Difference, Estimate, PerArm};
use crate::stats::influence::{self, unpaired};
use crate::stats::proportion::wilson;
use crate::stats::sequential::asymptotic::{self, BURN_IN};
use crate::stats::sequential::bernoulli;
use crate::stats::special::norm_sf;
use crate::stats::unpaired_proportion::{miettinen_nurminen_z, newcombe};
use crate::stats::{Interval, Moments, Undefined};

/// How intervals are made: fixed before the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    pub level: f64,
    /// Whether intervals hold at any look, by confidence sequences, and not at one.
    pub at_any_look: bool,
    /// Rows or units of both arms at which confidence sequences are tightest.
    pub planned: u64,
    /// Rates by the exact sequence: in canary runs events are rare.
    pub exact: bool,
}

/// What a metric of an outcome is reported as.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub arms: PerArm<Estimate>,
    pub difference: Option<Difference>,
    /// Relative difference at one look, without its name; `None` where an arm has no value.
    pub lift: Option<Lift>,
    pub undefined: Option<String>,
}

impl Figure {
    /// Of arms one of which lacks more values than chance makes: what is left of them is not alike, and nothing tells what
    /// an arm's value over all its rows would be.
    pub fn of_uneven(self, reason: &str) -> Self {
        let bare = |arm: Option<Estimate>| {
            arm.map(|arm| Estimate { lo: None, hi: None, method: format!("no interval: {reason}"), ..arm })
        };
        let PerArm { champion, challenger } = self.arms;
        Self {
            arms: PerArm { champion: bare(champion), challenger: bare(challenger) },
            difference: None,
            lift: None,
            undefined: Some(format!("difference: {reason}")),
        }
    }
}

/// Both arms at the mix of strata they share.
struct Within {
    arms: [Weighted; 2],
    estimates: [influence::Estimate; 2],
    word: &'static str,
}

/// Two-sided p of the score test of two shares, events and trials of each (Miettinen and Nurminen 1985).
fn score_p((xb, nb): (u64, u64), (xa, na): (u64, u64)) -> Option<f64> {
    miettinen_nurminen_z(xb, nb, xa, na, 0.0).ok().map(|z| 2.0 * norm_sf(z.abs()))
}

impl Within {
    /// Whether the values of an arm do not vary within the strata.
    fn is_still(&self) -> bool {
        self.arms.iter().any(|arm| arm.variance == 0.0)
    }

    /// Events and trials of both arms.
    fn counts(&self) -> [(u64, u64); 2] {
        [0, 1].map(|arm: usize| self.arms[arm].counts(self.estimates[arm].units))
    }

    /// Challenger minus champion.
    fn difference(&self, level: f64) -> Result<influence::Estimate, String> {
        let [a, b] = &self.estimates;
        unpaired(b, a, level).map_err(|reason| reason.to_string())
    }
}

/// One arm's value with its standard error.
type Found = Result<influence::Estimate, Undefined>;

/// One arm as reported, or its value and why it has no interval.
type Reported = Result<(f64, Interval, &'static str), (Option<f64>, String)>;

/// Units of an arm whose value is not the usual one, below which the mean of a skewed outcome is too far from normal
/// for a sequence to hold its level. Simulated: a null run with 86 % zeros, a challenger's share of 1 % and a burn-in
/// of 100 units an arm alone crosses in 7 % of runs at a level of 1 %.
const LEAST_VARIED: u64 = 30;

/// What an interval rests on, of the arm that has less.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    pub units: u64,
    /// Units whose value is not the usual one; `None` where that is not known.
    pub varied: Option<u64>,
}

impl Basis {
    fn of(tally: &Tally, two_valued: bool) -> Self {
        Self { units: tally.unit_count(), varied: Some(tally.varied(two_valued)) }
    }

    fn least(tallies: &[Tally; 2], two_valued: bool) -> Self {
        let [a, b] = tallies.each_ref().map(|tally| Self::of(tally, two_valued));
        Self { units: a.units.min(b.units), varied: a.varied.min(b.varied) }
    }
}

/// Why there is no interval where every unit of an arm says the same.
pub(super) const STILL: &str = "all values are alike, so that nothing tells how much they vary";

impl Method {
    pub fn sequence(&self) -> Result<asymptotic::Plan, Undefined> {
        asymptotic::Plan::new(self.level, self.planned.max(1))
    }

    /// Interval of an estimate at this look.
    pub fn interval(&self, found: &influence::Estimate, basis: Basis) -> Result<Interval, Undefined> {
        if found.se == 0.0 {
            return Err(Undefined::new(STILL));
        }
        if !self.at_any_look {
            return Ok(found.interval);
        }
        if basis.units < BURN_IN {
            let text = format!("a confidence sequence needs {BURN_IN} units of each arm, found {}", basis.units);
            return Err(Undefined::new(text));
        }
        match basis.varied {
            Some(varied) if varied < LEAST_VARIED => Err(Undefined::new(format!(
                "a confidence sequence needs {LEAST_VARIED} units of each arm with another value than the usual one, found {varied}"
            ))),
            _ => self.sequence()?.interval(found),
        }
    }

    /// A yes-or-no outcome.
    pub fn shares(&self, tallies: &[Tally; 2]) -> Figure {
        let found = tallies.each_ref().map(|tally| self.share(tally));
        let within = self.within(tallies);
        let difference = match (tallies, &within) {
            (_, Some(Err(reason))) => Some(Err(reason.to_string())),
            (_, Some(Ok(within))) => Some(self.share_difference_within(within, Basis::least(tallies, true))),
            ([a, b], None) if a.rows > 0 && b.rows > 0 => Some(self.share_difference(a, b)),
            _ => None,
        };
        let estimates = match within {
            Some(Ok(within)) => within.estimates.map(Ok),
            _ => tallies.each_ref().map(|tally| tally.per_row(self.level)),
        };
        let found = [0, 1].map(|arm: usize| found[arm].clone().map_err(|reason| (tallies[arm].mean(), reason)));
        self.figure(tallies, found, difference, &estimates, true)
    }

    /// Each arm's share at the mix of strata they share, with its interval.
    pub fn shares_within(&self, tallies: &[Tally; 2]) -> Option<Result<[Interval; 2], Undefined>> {
        let of = |within: Within| {
            let one = |arm: usize| self.interval(&within.estimates[arm], Basis::of(&tallies[arm], true));
            Ok([one(0)?, one(1)?])
        };
        Some(self.within(tallies)?.and_then(of))
    }

    /// An arm's share at its own mix, with its interval.
    pub fn share_of(&self, tally: &Tally) -> Result<Interval, Undefined> {
        self.interval(&tally.per_row(self.level)?, Basis::of(tally, true))
    }

    /// Both arms at the mix of strata they share; `None` where nothing is stratified.
    fn within(&self, tallies: &[Tally; 2]) -> Option<Result<Within, Undefined>> {
        let found = weighted(tallies)?;
        Some(found.and_then(|(arms, word)| {
            let [a, b] = [0, 1].map(|arm: usize| arms[arm].estimate(tallies[arm].unit_count(), self.level));
            Ok(Within { arms, estimates: [a?, b?], word })
        }))
    }

    fn share_difference_within(&self, within: &Within, basis: Basis) -> Result<Difference, String> {
        let found = within.difference(self.level);
        let word = within.word;
        let counted = |interval: Interval, method: &str, p: Option<f64>| Difference {
            value: within.arms[1].value - within.arms[0].value,
            lo: Some(interval.lo),
            hi: Some(interval.hi),
            level: self.level,
            method: format!("{method}, within each {word}"),
            p,
            se: found.as_ref().ok().map(|found| found.se),
            n: within.estimates.iter().map(|one| one.units).sum(),
        };
        let [a, b] = within.counts();
        let words = |reason: Undefined| reason.to_string();
        let found = if self.at_any_look && self.exact {
            let interval = bernoulli::difference(b, a, self.planned.max(1), self.level).map_err(words)?;
            counted(interval, "Bernoulli confidence sequences, subtracted", None)
        } else if !self.at_any_look && within.is_still() {
            let ((xa, na), (xb, nb)) = (a, b);
            let interval = newcombe(xb, nb, xa, na, self.level).map_err(words)?;
            counted(interval, "Newcombe", score_p(b, a))
        } else {
            if within.is_still() {
                return Err(STILL.to_owned());
            }
            let found = found.clone()?;
            let (interval, method, p) = self.drawn(&found, "Wald", basis)?;
            self.told(&found, interval, format!("{method}, within each {word}"), p)
        };
        Ok(Difference { lo: found.lo.map(|lo| lo.max(-1.0)), hi: found.hi.map(|hi| hi.min(1.0)), ..found })
    }

    /// Interval at this look, how it was made, and p.
    fn drawn<'a>(
        &self,
        found: &influence::Estimate,
        once: &'a str,
        basis: Basis,
    ) -> Result<(Interval, &'a str, Option<f64>), String> {
        let interval = self.interval(found, basis).map_err(|reason| reason.to_string())?;
        Ok(match self.at_any_look {
            false => (interval, once, found.p),
            true => {
                let p = self.sequence().and_then(|plan| plan.p(found, 0.0)).ok();
                (interval, "asymptotic confidence sequence", p)
            }
        })
    }

    fn told(&self, found: &influence::Estimate, interval: Interval, method: String, p: Option<f64>) -> Difference {
        Difference {
            value: found.value,
            lo: Some(interval.lo),
            hi: Some(interval.hi),
            level: self.level,
            method,
            p,
            se: (found.se > 0.0).then_some(found.se),
            n: found.units,
        }
    }

    fn share(&self, tally: &Tally) -> Result<(f64, Interval, &'static str), String> {
        if tally.rows == 0 {
            return Err("no row with this outcome".to_owned());
        }
        let value = tally.sum / tally.rows as f64;
        let (x, n) = tally.effective_counts();
        let clustered =
            if tally.clustered() { tally.per_row(self.level).ok().filter(|found| found.se > 0.0) } else { None };
        let found = match (self.at_any_look, clustered) {
            (true, _) if self.exact => bernoulli::interval(x, n, self.planned.max(1), self.level)
                .map(|one| (one, "Bernoulli confidence sequence")),
            (true, _) => {
                let found = tally.per_row(self.level);
                let basis = Basis::of(tally, true);
                found.and_then(|found| self.interval(&found, basis)).map(|one| (one, "asymptotic confidence sequence"))
            }
            (false, Some(found)) => Ok((found.interval, "delta method by unit")),
            (false, None) => wilson(x, n, self.level).map(|one| (one, "Wilson")),
        };
        let (interval, method) = found.map_err(|reason| reason.to_string())?;
        Ok((value, Interval { lo: interval.lo.max(0.0), hi: interval.hi.min(1.0), ..interval }, method))
    }

    fn share_difference(&self, a: &Tally, b: &Tally) -> Result<Difference, String> {
        let ((xa, na), (xb, nb)) = (a.effective_counts(), b.effective_counts());
        let value = b.sum / b.rows as f64 - a.sum / a.rows as f64;
        let estimates = a.per_row(self.level).and_then(|a| Ok((a, b.per_row(self.level)?)));
        // An arm without variance adds none to the difference, which is more than it can know.
        let varied = |found: &influence::Estimate| found.se > 0.0;
        let of_units = estimates.and_then(|(a, b)| match varied(&a) && varied(&b) {
            true => unpaired(&b, &a, self.level),
            false => Err(Undefined::new(STILL)),
        });
        let se = of_units.as_ref().ok().map(|found| found.se).filter(|se| *se > 0.0);
        let n = a.unit_count() + b.unit_count();
        let whole = |interval: Interval, method: &str, p: Option<f64>| Difference {
            value,
            lo: Some(interval.lo.max(-1.0)),
            hi: Some(interval.hi.min(1.0)),
            level: self.level,
            method: method.to_owned(),
            p,
            se,
            n,
        };
        let clustered = a.clustered() || b.clustered();
        let words = |reason: Undefined| reason.to_string();
        match (self.at_any_look, of_units) {
            (true, _) if self.exact => {
                let found =
                    bernoulli::difference((xb, nb), (xa, na), self.planned.max(1), self.level).map_err(words)?;
                Ok(whole(found, "Bernoulli confidence sequences, subtracted", None))
            }
            (true, found) => {
                let found = found.map_err(words)?;
                let p = self.sequence().and_then(|plan| plan.p(&found, 0.0)).ok();
                let both = [a, b].map(|tally| Basis::of(tally, true));
                let basis =
                    Basis { units: both[0].units.min(both[1].units), varied: both[0].varied.min(both[1].varied) };
                Ok(whole(self.interval(&found, basis).map_err(words)?, "asymptotic confidence sequence", p))
            }
            (false, Ok(found)) if clustered && found.se > 0.0 => {
                Ok(whole(found.interval, "delta method by unit, Welch", found.p))
            }
            (false, _) => {
                let interval = newcombe(xb, nb, xa, na, self.level).map_err(words)?;
                Ok(whole(interval, "Newcombe", score_p((xb, nb), (xa, na))))
            }
        }
    }

    /// A number per row.
    pub fn means(&self, tallies: &[Tally; 2]) -> Figure {
        let found = tallies.each_ref().map(|tally| tally.per_row(self.level));
        let clustered = tallies.iter().any(Tally::clustered);
        self.numbers(tallies, found, if clustered { "delta method by unit" } else { "t" })
    }

    /// The sum of a unit's rows, on average over units.
    pub fn sums(&self, tallies: &[Tally; 2]) -> Figure {
        let moments: [Moments; 2] = tallies.each_ref().map(Tally::per_unit);
        let found = moments.each_ref().map(|moments| influence::mean(moments, self.level));
        self.numbers(tallies, found, "t of unit sums")
    }

    fn numbers(&self, tallies: &[Tally; 2], found: [Found; 2], name: &'static str) -> Figure {
        let method = if self.at_any_look { "asymptotic confidence sequence" } else { name };
        let arms = [0, 1].map(|arm: usize| {
            let found = found[arm].as_ref().map_err(|reason| (None, reason.to_string()))?;
            let interval = self.interval(found, Basis::of(&tallies[arm], false));
            Ok((found.value, interval.map_err(|reason| (Some(found.value), reason.to_string()))?, method))
        });
        let basis = Basis::least(tallies, false);
        let within = self.within(tallies);
        let difference = match (&found, &within) {
            (_, Some(Err(reason))) => Some(Err(reason.to_string())),
            (_, Some(Ok(within))) if within.is_still() => Some(Err(STILL.to_owned())),
            (_, Some(Ok(within))) => Some(within.difference(self.level).and_then(|found| {
                let (interval, method, p) = self.drawn(&found, "Wald", basis)?;
                Ok(self.told(&found, interval, format!("{method}, within each {}", within.word), p))
            })),
            ([Ok(a), Ok(b)], None) => Some(self.number_difference(a, b, name, basis)),
            _ => None,
        };
        let found = match within {
            Some(Ok(within)) => within.estimates.map(Ok),
            _ => found,
        };
        self.figure(tallies, arms, difference, &found, false)
    }

    fn number_difference(
        &self,
        a: &influence::Estimate,
        b: &influence::Estimate,
        name: &str,
        basis: Basis,
    ) -> Result<Difference, String> {
        if a.se == 0.0 || b.se == 0.0 {
            let who = if a.se == 0.0 { "champion" } else { "challenger" };
            return Err(format!("of the {who} {STILL}"));
        }
        let found = unpaired(b, a, self.level).map_err(|reason| reason.to_string())?;
        let once = format!("Welch, {name}");
        let (interval, method, p) = self.drawn(&found, &once, basis)?;
        Ok(self.told(&found, interval, method.to_owned(), p))
    }

    fn figure(
        &self,
        tallies: &[Tally; 2],
        found: [Reported; 2],
        difference: Option<Result<Difference, String>>,
        estimates: &[Found; 2],
        shares: bool,
    ) -> Figure {
        let mut reasons = Vec::new();
        let mut arm = |index: usize, who: &str| {
            let tally = &tallies[index];
            let n = tally.unit_count();
            match &found[index] {
                Ok((value, interval, method)) => Some(Estimate {
                    value: *value,
                    lo: Some(interval.lo),
                    hi: Some(interval.hi),
                    level: self.level,
                    method: (*method).to_owned(),
                    n,
                }),
                Err((value, reason)) => {
                    reasons.push(format!("{who}: {reason}"));
                    value.map(|value| super::interval::bare(value, self.level, &format!("no interval: {reason}"), n))
                }
            }
        };
        let arms = PerArm { champion: arm(0, "champion"), challenger: arm(1, "challenger") };
        let difference = match difference {
            Some(Ok(found)) => Some(found),
            Some(Err(reason)) => {
                reasons.push(format!("difference: {reason}"));
                None
            }
            None => None,
        };
        let lift = match estimates {
            [Ok(a), Ok(b)] => Some(relative(a, b, self.level, shares)),
            _ => None,
        };
        Figure { arms, difference, lift, undefined: (!reasons.is_empty()).then(|| reasons.join("; ")) }
    }
}
