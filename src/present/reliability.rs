//! Calibration of several classes: the probability of the answer, and that of each class.

use super::curves::{CalibrationModel, Scene, diagram};
use super::format;
use super::{Sheet, curves::PlotValue};
use crate::compare::{ClassCalibration, Classes, Comparison, Detail};

/// What the Curves view of several classes shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReliabilityModel {
    /// Why there is nothing to draw.
    pub empty: Option<String>,
    /// Greatest probability against the share of right decisions.
    pub top: Option<CalibrationModel>,
    /// Why an arm is not drawn; empty where all are.
    pub missing: String,
    /// `3 classes, largest error first`.
    pub shown: String,
    /// Those the search finds, largest error first.
    pub lines: Vec<ReliabilityLine>,
    /// The class whose diagram is drawn.
    pub chosen: Option<ChosenClass>,
}

/// A class in the table, as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReliabilityLine {
    /// Place in the names of the comparison.
    pub class: u32,
    pub name: String,
    pub rows: String,
    /// Calibration error of each arm; empty for an arm without probabilities.
    pub errors: [String; 2],
}

/// One class against the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChosenClass {
    pub class: u32,
    pub name: String,
    pub diagram: Option<CalibrationModel>,
}

/// The model; `class` is the one whose diagram is asked for, else that with the largest error.
pub fn reliability(sheet: &Sheet<'_>, search: &str, class: Option<u32>) -> ReliabilityModel {
    let empty = |reason: &str| ReliabilityModel { empty: Some(reason.to_owned()), ..ReliabilityModel::default() };
    let Detail::Multiclass(classes) = &sheet.comparison.detail else { return empty(NO_PROBABILITIES) };
    let Some(found) = &classes.calibration else { return empty(NO_PROBABILITIES) };
    let scene = Scene::of(sheet.log, sheet.comparison, None);
    let wanted = search.trim().to_lowercase();
    let all = lines(classes, found);
    let lines: Vec<ReliabilityLine> =
        all.into_iter().filter(|line| line.name.to_lowercase().contains(&wanted)).collect();
    let drawn = |line: &&ReliabilityLine| found.classes.iter().any(|of| of.class == line.class);
    let first = || lines.iter().find(drawn).or(lines.first()).map(|line| line.class);
    let class = class.filter(|class| classes.names.get(*class as usize).is_some()).or_else(first);
    ReliabilityModel {
        empty: None,
        top: top(sheet.comparison, &scene, found),
        missing: found.undefined.clone().unwrap_or_default(),
        shown: format!(
            "{} of {} classes, largest error first",
            format::count(lines.len() as u64),
            format::count(classes.names.len() as u64)
        ),
        chosen: class.map(|class| ChosenClass {
            class,
            name: classes.names[class as usize].clone(),
            diagram: of_class(&scene, found, class),
        }),
        lines,
    }
}

const NO_PROBABILITIES: &str = "The log holds answers and no probabilities of the classes, so there is nothing to be \
                                calibrated. Map one column per class under Change mapping.";

fn top(comparison: &Comparison, scene: &Scene<'_>, found: &ClassCalibration) -> Option<CalibrationModel> {
    let mut values: Vec<PlotValue> = Vec::new();
    for (name, label) in [("top_label_calibration_error", "ECE"), ("classwise_calibration_error", "ECE by class")] {
        // Biased upwards for both arms, so its difference is not told.
        let bare = |value| PlotValue { difference: None, interval: None, ..value };
        values.extend(comparison.metric(name).and_then(|_| scene.value(name, label, "shown, never gated")).map(bare));
    }
    let qualifier = qualifier(scene, found.top.champion.as_ref().or(found.top.challenger.as_ref())?.len());
    diagram(&found.top, "mean of the greatest probability", "share decided right", qualifier, values)
}

fn of_class(scene: &Scene<'_>, found: &ClassCalibration, class: u32) -> Option<CalibrationModel> {
    let bins = &found.classes.iter().find(|of| of.class == class)?.bins;
    let error = |errors: &Option<Vec<f64>>| errors.as_ref()?.get(class as usize).map(|error| number(*error));
    let value = PlotValue {
        label: "ECE".to_owned(),
        arms: [error(&found.errors.champion), error(&found.errors.challenger)],
        remark: "shown, never gated".to_owned(),
        ..PlotValue::default()
    };
    let qualifier = qualifier(scene, bins.champion.as_ref().or(bins.challenger.as_ref())?.len());
    diagram(bins, "mean probability", "share truly of it", qualifier, vec![value])
}

fn qualifier(scene: &Scene<'_>, bins: usize) -> String {
    format!("{bins} bins of equal rows, {} Wilson intervals{}", scene.level(), scene.independence())
}

/// All classes, largest error of either arm first, then by name.
pub fn lines(classes: &Classes, found: &ClassCalibration) -> Vec<ReliabilityLine> {
    let arms = [&found.errors.champion, &found.errors.challenger];
    let of = |class: usize| arms.map(|errors| errors.as_ref().and_then(|errors| errors.get(class).copied()));
    let largest = |class: usize| of(class).into_iter().flatten().fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..classes.names.len()).collect();
    order.sort_by(|&a, &b| largest(b).total_cmp(&largest(a)).then_with(|| classes.names[a].cmp(&classes.names[b])));
    let line = |class: usize| ReliabilityLine {
        class: class as u32,
        name: classes.names[class].clone(),
        rows: format::count(classes.per_class[class].support),
        errors: of(class).map(|error| error.map(number).unwrap_or_default()),
    };
    order.into_iter().map(line).collect()
}

/// An error with three significant digits.
fn number(error: f64) -> String {
    format::fixed(error, format::decimals_for_significant(error, 3).clamp(3, 6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{CalibrationBin, ClassReliability, ClassRow, PerArm};

    fn classes(errors: [f64; 3]) -> Classes {
        let bin = CalibrationBin { mean_score: 0.4, observed: 0.5, lo: 0.4, hi: 0.6, rows: 90 };
        let bins = PerArm { champion: Some(vec![bin]), challenger: None };
        let calibration = ClassCalibration {
            top: bins.clone(),
            errors: PerArm { champion: Some(errors.to_vec()), challenger: None },
            classes: vec![ClassReliability { class: 1, bins }],
            undefined: Some("challenger: no probabilities are logged".to_owned()),
        };
        Classes {
            names: ["ant", "bee", "cow"].map(str::to_owned).to_vec(),
            per_class: vec![ClassRow { support: 30, ..ClassRow::default() }; 3],
            calibration: Some(Box::new(calibration)),
            ..Classes::default()
        }
    }

    #[test]
    fn the_worst_class_stands_first_and_an_arm_without_probabilities_has_no_number() {
        let classes = classes([0.01, 0.2, 0.0312]);
        let found = lines(&classes, classes.calibration.as_ref().unwrap());
        let names: Vec<&str> = found.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["bee", "cow", "ant"]);
        assert_eq!(found[1].errors, ["0.0312".to_owned(), String::new()]);
    }
}
