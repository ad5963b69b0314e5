//! Training-serving skew: the run's columns against those of the training reference file.

use std::collections::HashMap;

use super::column::{Bins, Groups, MISSING, OTHERS, Values, distance};
use super::drift::{Column, label};
use super::found::{ColumnKind, ColumnSkew, Skew};
use crate::compare::engine::CompareError;
use crate::job::JobCx;
use crate::log::{CodeColumn, Codes, Feature, FeatureValues, Log, Reference, RowMask};
use crate::stats::stability::UnitTally;

/// Values never seen in training that are named.
const NAMED: usize = 5;

/// Everything that differs between `reference` and the log.
pub(super) fn skew(
    log: &Log,
    reference: &Reference,
    classes: &[String; 2],
    groups: &Groups,
    level: f64,
    cx: &JobCx,
) -> Result<Skew, CompareError> {
    let names = |features: &[Feature], without: &[Feature]| -> Vec<String> {
        let alone = features.iter().filter(|feature| without.iter().all(|other| other.name != feature.name));
        alone.map(|feature| feature.name.clone()).collect()
    };
    let mut found = Skew {
        files: reference.sources.iter().map(|source| source.path.clone()).collect(),
        rows: reference.rows as u64,
        missing: names(&reference.features, &log.features),
        added: names(&log.features, &reference.features),
        of: log.rows as u64,
        size: log.rows as f64,
        last_time: reference.last_time,
        ..Skew::default()
    };
    let trained_units = reference.units.as_ref().map(TrainedUnits::of);
    found.units = trained_units.as_ref().map(|units| units.count);
    let sides = Sides { groups, trained: trained_units.as_ref() };
    let mut outside = RowMask::none(log.rows);
    let mut counted: Vec<(ColumnSkew, [f64; 2])> = Vec::new();
    if let Some((training, serving)) = reference.label.as_ref().zip(label(log, classes)) {
        counted.extend(held_against(training, &serving, sides, None, cx)?);
    }
    for feature in log.features.iter().take(super::drift::FEATURES) {
        cx.check()?;
        let Some(training) = reference.features.iter().find(|other| other.name == feature.name) else {
            continue;
        };
        let serving = Column {
            log,
            name: feature.name.clone(),
            kind: ColumnKind::Feature,
            values: Values::of(feature),
            held: Box::new(|_| true),
        };
        match held_against(training, &serving, sides, Some(&mut outside), cx)? {
            Some(column) => counted.push(column),
            None => {
                found.retyped.push((
                    feature.name.clone(),
                    kind(&training.values).to_owned(),
                    kind(&feature.values).to_owned(),
                ));
            }
        }
    }
    let together = counted.iter().filter(|(column, _)| column.undefined.is_none()).count();
    found.columns = counted
        .into_iter()
        .map(|(mut column, effects)| {
            if column.undefined.is_none() {
                column.distance = distance([&column.training, &column.serving], effects, level, together);
            }
            column
        })
        .collect();
    found.outside = outside.count() as u64;
    if groups.clustered() {
        let bin = |row: usize| Some(usize::from(outside.contains(row)));
        found.size /= groups.design_effects(cx, (1, |_| 0), 2, bin)?[0];
    }
    Ok(found)
}

fn kind(values: &FeatureValues) -> &'static str {
    match values {
        FeatureValues::Numeric(_) => "number",
        FeatureValues::Coded(codes) if numbers(codes).is_some() => "whole numbers, few",
        FeatureValues::Coded(_) => "words",
    }
}

/// Codes as numbers, where each of them is one.
fn numbers(codes: &Codes) -> Option<Vec<f64>> {
    codes.names.iter().map(|name| name.trim().parse::<f64>().ok()).collect()
}

fn as_numbers(feature: &Feature) -> Option<Vec<f64>> {
    match &feature.values {
        FeatureValues::Numeric(values) => Some(values.clone()),
        FeatureValues::Coded(codes) => {
            let numbers = numbers(codes)?;
            Some((0..codes.len()).map(|row| codes.code(row).map_or(f64::NAN, |code| numbers[code as usize])).collect())
        }
    }
}

/// Rows of the training data by unit.
struct TrainedUnits {
    order: Vec<u32>,
    unit: Vec<u32>,
    count: u64,
}

impl TrainedUnits {
    fn of(codes: &Codes) -> Self {
        // Rows without a unit are units of their own.
        let names = codes.names.len() as u32;
        let unit: Vec<u32> = (0..codes.len()).map(|row| codes.code(row).unwrap_or(names + row as u32)).collect();
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        order.sort_unstable_by_key(|&row| (unit[row as usize], row));
        let count = order.chunk_by(|a, b| unit[*a as usize] == unit[*b as usize]).count() as u64;
        Self { order, unit, count }
    }

    /// Design effect of the shares of the bins.
    fn design_effect(&self, bins: usize, bin: impl Fn(usize) -> usize) -> f64 {
        let mut tally = UnitTally::new(bins);
        let mut counts = vec![0u32; bins];
        for unit in self.order.chunk_by(|a, b| self.unit[*a as usize] == self.unit[*b as usize]) {
            counts.fill(0);
            unit.iter().for_each(|row| counts[bin(*row as usize)] += 1);
            tally.add(&counts);
        }
        tally.design_effect()
    }
}

/// How the rows of serving and of training hang together.
#[derive(Clone, Copy)]
struct Sides<'a> {
    groups: &'a Groups,
    trained: Option<&'a TrainedUnits>,
}

/// A column in training and in serving with the design effects of both; `None` where its type is another.
fn held_against(
    training: &Feature,
    serving: &Column<'_>,
    sides: Sides<'_>,
    outside: Option<&mut RowMask>,
    cx: &JobCx,
) -> Result<Option<(ColumnSkew, [f64; 2])>, CompareError> {
    let rows = sides.groups.rows();
    match (&training.values, &serving.values) {
        (FeatureValues::Coded(_), Values::Words(names, code)) => {
            let FeatureValues::Coded(codes) = &training.values else { return Ok(None) };
            words(codes, names, code, serving, sides, outside, cx).map(Some)
        }
        (_, Values::Numbers(value)) => {
            let Some(trained) = as_numbers(training) else { return Ok(None) };
            let with = |row: usize| value(row);
            numeric(trained, &with, serving, sides, outside, cx).map(Some)
        }
        (FeatureValues::Numeric(trained), Values::Words(names, code)) => {
            let parsed: Option<Vec<f64>> = names.iter().map(|name| name.trim().parse::<f64>().ok()).collect();
            let Some(parsed) = parsed else { return Ok(None) };
            let with = |row: usize| code(row).map_or(f64::NAN, |code| parsed[code as usize]);
            debug_assert!(rows > 0 || names.is_empty());
            numeric(trained.clone(), &with, serving, sides, outside, cx).map(Some)
        }
    }
}

fn numeric(
    of_rows: Vec<f64>,
    value: &(dyn Fn(usize) -> f64 + Sync),
    serving: &Column<'_>,
    sides: Sides<'_>,
    outside: Option<&mut RowMask>,
    cx: &JobCx,
) -> Result<(ColumnSkew, [f64; 2]), CompareError> {
    let groups = sides.groups;
    let mut trained = of_rows.clone();
    let all = trained.len() as u64;
    trained.retain(|value| !value.is_nan());
    trained.iter_mut().for_each(|value| *value += 0.0);
    trained.sort_unstable_by(f64::total_cmp);
    let range = trained.first().zip(trained.last()).map(|(&lo, &hi)| [lo, hi]);
    let beyond = RowMask::from_fn(groups.rows(), |row| {
        let value = value(row);
        (serving.held)(row) && range.is_some_and(|[lo, hi]| value < lo || value > hi)
    });
    let mut skew = of(serving);
    skew.range = range.filter(|range| range.iter().all(|end| end.is_finite()));
    skew.beyond = beyond.count() as u64;
    if let Some(outside) = outside {
        *outside = outside.or(&beyond);
    }
    let bins = Bins::of_numbers(&trained).or_else(|_| {
        let mut both = trained.clone();
        both.extend((0..groups.rows()).filter(|&row| (serving.held)(row)).map(value).filter(|value| !value.is_nan()));
        both.sort_unstable_by(f64::total_cmp);
        Bins::of_numbers(&both)
    });
    let bins = match bins {
        Ok(bins) => bins,
        Err(_) => {
            skew.undefined = Some("all rows of both hold one value".to_owned());
            return Ok((skew, [1.0; 2]));
        }
    };
    let mut training = vec![0u64; bins.count()];
    trained.iter().for_each(|&value| training[bins.number(value)] += 1);
    if let Some(missing) = training.last_mut() {
        *missing = all - trained.len() as u64;
    }
    let place = |row: usize| match of_rows[row] {
        value if value.is_nan() => bins.count() - 1,
        value => bins.number(value + 0.0),
    };
    let effect = sides.trained.map_or(1.0, |units| units.design_effect(bins.count(), place));
    let bin = |row| (serving.held)(row).then(|| bins.number(value(row)));
    counted(skew, bins.names.clone(), (training, effect), groups, bin, cx)
}

fn words(
    trained: &Codes,
    names: &[String],
    code: &(dyn Fn(usize) -> Option<u32> + Sync),
    serving: &Column<'_>,
    sides: Sides<'_>,
    outside: Option<&mut RowMask>,
    cx: &JobCx,
) -> Result<(ColumnSkew, [f64; 2]), CompareError> {
    let groups = sides.groups;
    let all = trained.len() as u64;
    let own: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut joint: Vec<String> = names.to_vec();
    // Place of each value of training among those of both.
    let place: Vec<usize> = trained
        .names
        .iter()
        .map(|name| {
            own.get(name.as_str()).copied().unwrap_or_else(|| {
                joint.push(name.clone());
                joint.len() - 1
            })
        })
        .collect();
    let mut of_training = vec![0u64; joint.len()];
    count_codes(trained, |code| of_training[place[code as usize]] += 1);
    let missing_in_training = all - of_training.iter().sum::<u64>();
    let mut of_serving = vec![0u64; joint.len()];
    for row in 0..groups.rows() {
        if let Some(code) = code(row).filter(|_| (serving.held)(row)) {
            of_serving[code as usize] += 1;
        }
    }
    cx.check()?;
    let mut skew = of(serving);
    let mut new: Vec<usize> = (0..names.len()).filter(|&at| of_training[at] == 0 && of_serving[at] > 0).collect();
    new.sort_by_key(|&at| std::cmp::Reverse(of_serving[at]));
    skew.unseen = new.iter().map(|&at| of_serving[at]).sum();
    skew.unseen_names = new.iter().take(NAMED).map(|&at| names[at].clone()).collect();
    if let Some(outside) = outside {
        let beyond = |row: usize| code(row).is_some_and(|code| of_training[code as usize] == 0) && (serving.held)(row);
        *outside = outside.or(&RowMask::from_fn(groups.rows(), beyond));
    }
    let counts: Vec<u64> = of_training.iter().zip(&of_serving).map(|(a, b)| a + b).collect();
    let held = counts.iter().filter(|count| **count > 0).count();
    let sum: u64 = counts.iter().sum();
    let bins = if held as u64 * 2 > sum && held > 50 {
        Err(format!("it has {held} different values in {sum} rows, as ids or free text do"))
    } else {
        Bins::of_words(&joint, &counts)
    };
    let bins = match bins {
        Ok(bins) => bins,
        Err(why) => {
            skew.undefined = Some(why);
            return Ok((skew, [1.0; 2]));
        }
    };
    let mut training = vec![0u64; bins.count()];
    of_training.iter().enumerate().for_each(|(at, count)| training[bins.word(Some(at as u32))] += count);
    if let Some(missing) = training.last_mut() {
        *missing += missing_in_training;
    }
    let effect = sides.trained.map_or(1.0, |units| {
        units.design_effect(bins.count(), |row| bins.word(trained.code(row).map(|code| place[code as usize] as u32)))
    });
    let bin = |row| (serving.held)(row).then(|| bins.word(code(row)));
    counted(skew, bins.names.clone(), (training, effect), groups, bin, cx)
}

fn count_codes(codes: &Codes, mut take: impl FnMut(u32)) {
    match &codes.codes {
        CodeColumn::U8(of) => of.iter().filter(|code| **code != u8::MAX).for_each(|&code| take(u32::from(code))),
        CodeColumn::U16(of) => of.iter().filter(|code| **code != u16::MAX).for_each(|&code| take(u32::from(code))),
        CodeColumn::U32(of) => of.iter().filter(|code| **code != u32::MAX).for_each(|&code| take(code)),
    }
}

/// A column of which nothing is counted yet.
fn of(serving: &Column<'_>) -> ColumnSkew {
    ColumnSkew {
        name: serving.name.clone(),
        kind: serving.kind,
        bins: Vec::new(),
        training: Vec::new(),
        serving: Vec::new(),
        distance: None,
        missing: [0.0; 2],
        unseen: 0,
        unseen_names: Vec::new(),
        range: None,
        beyond: 0,
        undefined: None,
    }
}

fn counted(
    mut skew: ColumnSkew,
    mut names: Vec<String>,
    (mut training, trained): (Vec<u64>, f64),
    groups: &Groups,
    bin: impl Fn(usize) -> Option<usize> + Sync,
    cx: &JobCx,
) -> Result<(ColumnSkew, [f64; 2]), CompareError> {
    let mut serving = groups.counts(cx, names.len(), &bin)?.swap_remove(0);
    let effect = match groups.clustered() {
        true => groups.design_effects(cx, (1, |_| 0), names.len(), &bin)?[0],
        false => 1.0,
    };
    let share = |counts: &[u64]| {
        let all = counts.iter().sum::<u64>().max(1) as f64;
        counts.last().copied().unwrap_or(0) as f64 / all
    };
    skew.missing = [share(&training), share(&serving)];
    for extra in [MISSING, OTHERS] {
        if let Some(at) = names.iter().rposition(|name| name == extra)
            && training[at] + serving[at] == 0
        {
            names.remove(at);
            training.remove(at);
            serving.remove(at);
        }
    }
    (skew.bins, skew.training, skew.serving) = (names, training, serving);
    Ok((skew, [trained, effect]))
}
