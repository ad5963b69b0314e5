//! The relative difference of two arms: challenger minus champion over the size of the champion's value.

use super::figure::STILL;
use crate::compare::detail::Lift;
use crate::stats::influence::Estimate;
use crate::stats::lift;

/// Change from `a`, the champion, to `b`. Of shares, which are never below 0, on the logarithm wherever both have
/// events; of numbers by Fieller's set where one of them may be 0 or is negative.
pub(super) fn relative(a: &Estimate, b: &Estimate, level: f64, shares: bool) -> Lift {
    let value = (a.value != 0.0).then(|| (b.value - a.value) / a.value.abs());
    let without = |reason: String| Lift { value, undefined: Some(reason), ..Lift::default() };
    if a.se == 0.0 || b.se == 0.0 {
        let who = if a.se == 0.0 { "champion" } else { "challenger" };
        return without(format!("of the {who} {STILL}"));
    }
    let found = if shares { lift::log_ratio(b, a, level) } else { lift::relative(b, a, level) };
    match found {
        Ok(found) => Lift {
            value: Some(found.value),
            lo: Some(found.interval.lo),
            hi: Some(found.interval.hi),
            method: match found.interval.method {
                "lift_fieller" => "Fieller".to_owned(),
                _ => "log ratio, delta method".to_owned(),
            },
            ..Lift::default()
        },
        Err(reason) => without(reason.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64, se: f64) -> Estimate {
        Estimate::new(value, se, 1e6, 1_000, 0.95, "test").unwrap()
    }

    #[test]
    fn losses_have_a_relative_difference_and_what_may_be_zero_a_reason() {
        let loss = relative(&of(-4.0, 0.5), &of(-2.0, 0.5), 0.95, false);
        assert_eq!((loss.value, loss.method.as_str()), (Some(0.5), "Fieller"));
        assert!(loss.lo.unwrap() > 0.0 && loss.hi.unwrap() < 1.0, "{loss:?}");
        let open = relative(&of(0.5, 0.5), &of(2.0, 0.5), 0.95, false);
        assert_eq!((open.value, open.lo, open.hi), (Some(3.0), None, None));
        assert!(open.undefined.unwrap().contains("the denominator may be zero"));
        let none = relative(&of(0.0, 0.5), &of(2.0, 0.5), 0.95, false);
        assert!(none.value.is_none() && none.undefined.is_some());
        // Few events of a share stay on the logarithm.
        let share = relative(&of(0.002, 0.0014), &of(0.003, 0.0017), 0.95, true);
        assert_eq!(share.method, "log ratio, delta method");
        assert!(share.lo.unwrap() > -1.0);
        let still = relative(&of(0.0, 0.0), &of(0.003, 0.0017), 0.95, true);
        assert!(still.undefined.unwrap().starts_with("of the champion all values are alike"));
    }
}
