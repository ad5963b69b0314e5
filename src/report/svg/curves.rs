//! ROC, precision-recall and calibration.

use super::marks::arm_at;
use super::plot::{Name, Plot, Scale, unit_scale};
use crate::compare::{CalibrationBin, Confusion, Curve, PerArm};
use crate::present::format::plain;

const HEIGHT: f64 = 300.0;

/// What a figure of two arms is made from: names as shown, with the value that belongs to the curve.
pub(in crate::report) struct Arms<'a, T> {
    pub data: &'a PerArm<T>,
    pub names: [String; 2],
}

impl<T> Arms<'_, T> {
    fn each(&self) -> impl Iterator<Item = (usize, &T, &str)> {
        [&self.data.champion, &self.data.challenger]
            .into_iter()
            .enumerate()
            .filter_map(|(arm, data)| Some((arm, data.as_ref()?, self.names[arm].as_str())))
    }
}

fn band(plot: &mut Plot, arm: usize, curve: &Curve) {
    let ends: Vec<(f64, f64, f64)> =
        curve.points.iter().filter_map(|point| Some((point.x, point.lo?, point.hi?))).collect();
    if ends.len() > 1 {
        let upper = ends.iter().map(|(x, _, hi)| [*x, *hi]);
        let lower = ends.iter().rev().map(|(x, lo, _)| [*x, *lo]);
        let points: Vec<[f64; 2]> = upper.chain(lower).collect();
        plot.polygon(&format!("band a{arm}-fill"), &points);
    }
}

fn draw(plot: &mut Plot, arm: usize, curve: &Curve) {
    band(plot, arm, curve);
    let points: Vec<[f64; 2]> = curve.points.iter().map(|point| [point.x, point.y]).collect();
    plot.polyline(&format!("curve a{arm}"), &points);
}

/// Point of a curve nearest to `x`.
fn near(curve: &Curve, x: f64) -> Option<[f64; 2]> {
    curve.points.iter().min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs())).map(|point| [point.x, point.y])
}

fn share(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

/// False-positive rate and recall of a matrix.
pub(in crate::report) fn roc_point(matrix: &Confusion) -> Option<[f64; 2]> {
    Some([share(matrix.false_positive, matrix.true_negative)?, share(matrix.true_positive, matrix.false_negative)?])
}

/// Recall and precision of a matrix.
pub(in crate::report) fn precision_recall_point(matrix: &Confusion) -> Option<[f64; 2]> {
    Some([share(matrix.true_positive, matrix.false_negative)?, share(matrix.true_positive, matrix.false_positive)?])
}

fn points(plot: &mut Plot, confusion: &PerArm<Confusion>, of: fn(&Confusion) -> Option<[f64; 2]>) {
    for (arm, matrix) in [&confusion.champion, &confusion.challenger].into_iter().enumerate() {
        if let Some(at) = matrix.as_ref().and_then(of) {
            let at = plot.place(at);
            arm_at(&mut plot.scene, arm, at, 4.2);
        }
    }
}

pub(in crate::report) fn roc(arms: &Arms<'_, Curve>, confusion: &PerArm<Confusion>, description: &str) -> String {
    let mut plot = Plot::new(
        unit_scale("false-positive rate, share of negatives flagged"),
        unit_scale("recall, share of positives flagged"),
        HEIGHT,
    );
    plot.line("reference", [0.0, 0.0], [1.0, 1.0]);
    let at = plot.place([0.12, 0.045]);
    plot.scene.text("tick", at, super::Anchor::Start, "dashed: chance");
    for (arm, curve, _) in arms.each() {
        draw(&mut plot, arm, curve);
    }
    points(&mut plot, confusion, roc_point);
    let names: Vec<Name<'_>> = arms
        .each()
        .map(|(arm, curve, text)| {
            let (height, x) = if arm == 0 { (0.2, 0.14) } else { (0.3, 0.24) };
            Name { arm, text, height, point: near(curve, x) }
        })
        .collect();
    plot.names(0.99, &names);
    plot.scene.finish("roc", "ROC curve", description)
}

pub(in crate::report) fn precision_recall(
    arms: &Arms<'_, Curve>,
    confusion: &PerArm<Confusion>,
    prevalence: Option<f64>,
    description: &str,
) -> String {
    let mut plot = Plot::new(
        unit_scale("recall, share of positives flagged"),
        unit_scale("precision, share of flagged rows that are positive"),
        HEIGHT,
    );
    if let Some(prevalence) = prevalence {
        plot.line("reference", [0.0, prevalence], [1.0, prevalence]);
        let at = plot.place([0.01, prevalence]);
        plot.scene.text("tick", [at[0], at[1] - 4.0], super::Anchor::Start, "dashed: share of positives");
    }
    let mut high = false;
    for (arm, curve, _) in arms.each() {
        draw(&mut plot, arm, curve);
        high |= near(curve, 0.6).is_some_and(|point| point[1] > 0.7);
    }
    points(&mut plot, confusion, precision_recall_point);
    // The names stand where no line is: top right, or bottom left under lines that reach far.
    let names: Vec<Name<'_>> = arms
        .each()
        .map(|(arm, curve, text)| {
            let (height, x) = match (high, arm) {
                (true, 0) => (0.28, 0.06),
                (true, _) => (0.38, 0.12),
                (false, 0) => (0.85, 0.32),
                (false, _) => (0.95, 0.22),
            };
            Name { arm, text, height, point: near(curve, x) }
        })
        .collect();
    plot.names(if high { 0.72 } else { 0.99 }, &names);
    plot.scene.finish("precision-recall", "Precision-recall curve", description)
}

/// Probabilities nearer to 0 or 1 than this lie on the frame of a logit axis.
pub(in crate::report) const LOGIT_END: f64 = 1e-4;

fn logit(p: f64) -> f64 {
    let p = p.clamp(LOGIT_END, 1.0 - LOGIT_END);
    (p / (1.0 - p)).ln()
}

fn logit_scale(lo: f64, hi: f64, title: &str) -> Scale {
    let ticks = [0.0001, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 0.9999];
    let ticks = ticks
        .into_iter()
        .filter(|tick| (lo..=hi).contains(&logit(*tick)))
        .map(|tick| (logit(tick), plain(tick)))
        .collect();
    Scale { lo, hi, ticks, title: title.to_owned() }
}

/// `seen`: what the height of a point says.
pub(in crate::report) fn calibration(arms: &Arms<'_, Vec<CalibrationBin>>, seen: &str, description: &str) -> String {
    let places = arms.each().flat_map(|(_, bins, _)| bins.iter().flat_map(|bin| [bin.mean_score, bin.observed]));
    let (lo, hi) = places.map(logit).fold((0.0_f64, 0.0_f64), |(lo, hi), place| (lo.min(place), hi.max(place)));
    let (lo, hi) = (lo.min(-1.0) - 0.3, hi.max(1.0) + 0.3);
    let mut plot = Plot::new(
        logit_scale(lo, hi, "mean stated probability of the bin, logit axis"),
        logit_scale(lo, hi, seen),
        HEIGHT,
    );
    plot.line("reference", [lo, lo], [hi, hi]);
    for (arm, bins, _) in arms.each() {
        for bin in bins {
            let x = logit(bin.mean_score);
            plot.line(&format!("whisker a{arm}"), [x, logit(bin.lo)], [x, logit(bin.hi)]);
            let at = plot.place([x, logit(bin.observed)]);
            arm_at(&mut plot.scene, arm, at, 3.2);
        }
    }
    let names: Vec<Name<'_>> = arms
        .each()
        .map(|(arm, bins, text)| {
            let bin = bins.get(bins.len() * (2 + arm) / 8).or(bins.last());
            let point = bin.map(|bin| [logit(bin.mean_score), logit(bin.observed)]);
            Name { arm, text, height: if arm == 0 { 0.06 } else { 0.16 }, point }
        })
        .collect();
    plot.names(0.99, &names);
    let at = plot.place([lo, hi]);
    plot.scene.text("tick", [at[0] + 4.0, at[1] + 12.0], super::Anchor::Start, "dashed: stated = observed");
    plot.scene.finish("calibration", "Calibration", description)
}
