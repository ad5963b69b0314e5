//! Reliability of the probabilities, by the bins of the binary one: over all rows, each class against the rest.

use rayon::prelude::*;

use crate::compare::detail::{ClassCalibration, ClassReliability};
use crate::compare::engine::views::{per_arm, reliability};
use crate::compare::result::CalibrationBin;
use crate::job::{Cancelled, JobCx};
use crate::metrics::Order;
use crate::metrics::multiclass::Classes;

/// Classes whose own reliability is kept at most: the most frequent ones.
const KEPT: usize = 50;

/// `arms`: those of the log, champion first. `None` where no arm logs probabilities.
pub(super) fn calibration(arms: &[Classes<'_>], level: f64, cx: &JobCx) -> Result<Option<ClassCalibration>, Cancelled> {
    let bins = |(stated, seen): (Vec<f64>, Vec<u8>)| -> Vec<CalibrationBin> {
        reliability(&seen, &stated, &Order::new(&stated, &seen), level)
    };
    let mut found = ClassCalibration::default();
    let mut reasons = Vec::new();
    let (mut top, mut errors) = ([None, None], [None, None]);
    for (at, (arm, word)) in arms.iter().zip(["champion", "challenger"]).enumerate() {
        cx.check()?;
        match arm.confidences().and_then(|pairs| Ok((pairs, arm.calibration_errors()?))) {
            Ok((pairs, of_classes)) => {
                top[at] = Some(bins(pairs));
                errors[at] = Some(of_classes);
            }
            Err(reason) => reasons.push(format!("{word}: {reason}")),
        }
    }
    if top.iter().all(Option::is_none) && arms.iter().all(|arm| !arm.has_probabilities()) {
        return Ok(None);
    }
    (found.top, found.errors) = (per_arm(top), per_arm(errors));
    found.undefined = (!reasons.is_empty()).then(|| reasons.join("; "));
    let Some(first) = arms.first() else { return Ok(None) };
    let mut classes: Vec<u32> = (0..first.counts().len() as u32).collect();
    classes.sort_by_key(|&class| std::cmp::Reverse(first.counts()[class as usize].support));
    classes.truncate(KEPT);
    classes.retain(|&class| first.counts()[class as usize].support > 0);
    let of_class = |&class: &u32| {
        cx.check()?;
        let mut of_arms = arms.iter().map(|arm| arm.probability_of(class as usize).ok().map(bins));
        Ok(ClassReliability { class, bins: per_arm([of_arms.next().flatten(), of_arms.next().flatten()]) })
    };
    found.classes = classes.par_iter().map(of_class).collect::<Result<_, Cancelled>>()?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::calibration::ERROR_BINS;

    /// 600 rows of three classes with probabilities in steps, as both arms see them.
    fn rows(sharp: f64) -> (Vec<u32>, Vec<u32>, Vec<f64>) {
        let (mut truth, mut predicted, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..600usize {
            let stated = 0.4 + sharp * (row % 11) as f64 / 20.0;
            let favourite = row % 3;
            let hit = (row * 37) % 100 < 70;
            truth.push(if hit { favourite } else { (favourite + 1) % 3 } as u32);
            predicted.push(favourite as u32);
            let mut of_row = [(1.0 - stated) / 2.0; 3];
            of_row[favourite] = stated;
            cells.extend(of_row);
        }
        (truth, predicted, cells)
    }

    #[test]
    fn bins_hold_every_row_and_say_what_was_seen() {
        let [a, b] = [0.5, 1.0].map(rows);
        let arms = [&a, &b].map(|(truth, predicted, cells)| Classes::new(truth, predicted, Some(cells), 3));
        let found = calibration(&arms, 0.95, &JobCx::new()).unwrap().unwrap();
        for (arm, top) in arms.iter().zip([&found.top.champion, &found.top.challenger]) {
            let top = top.as_ref().unwrap();
            assert_eq!(top.iter().map(|bin| bin.rows).sum::<u64>(), 600);
            assert!(top.len() <= ERROR_BINS && top.is_sorted_by(|a, b| a.mean_score < b.mean_score));
            let hits: f64 = top.iter().map(|bin| bin.observed * bin.rows as f64).sum();
            assert!((hits / 600.0 - arm.measure("accuracy").unwrap().value).abs() < 1e-12);
            assert!(top.iter().all(|bin| bin.lo <= bin.observed && bin.observed <= bin.hi && bin.lo < bin.hi));
        }
        for (arm, errors) in arms.iter().zip([&found.errors.champion, &found.errors.challenger]) {
            let mean = errors.as_ref().unwrap().iter().sum::<f64>() / 3.0;
            assert!((mean - arm.measure("classwise_calibration_error").unwrap().value).abs() < 1e-12);
        }
        for of_class in &found.classes {
            let bins = of_class.bins.challenger.as_ref().unwrap();
            let seen: f64 = bins.iter().map(|bin| bin.observed * bin.rows as f64).sum();
            assert_eq!(seen.round() as u64, arms[1].counts()[of_class.class as usize].support);
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let (truth, predicted, mut cells) = rows(1.0);
        let bare = || Classes::new(&truth, &predicted, None, 3);
        assert_eq!(calibration(&[bare(), bare()], 0.95, &JobCx::new()).unwrap(), None);
        cells[4] = f64::NAN;
        let found = calibration(&[bare(), Classes::new(&truth, &predicted, Some(&cells), 3)], 0.95, &JobCx::new());
        let found = found.unwrap().unwrap();
        let why = found.undefined.unwrap();
        assert!(why.contains("champion: no probabilities are logged"), "{why}");
        assert!(why.contains("challenger: 1 rows hold a probability that is missing"), "{why}");
        assert!(found.top == crate::compare::PerArm::default());
    }
}
