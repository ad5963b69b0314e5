//! Latency as steps with its quantiles, and figures over the time of a run.

use super::plot::{Name, Plot, Scale};
use super::{Anchor, marks};
use crate::present::format::{plain, round_significant};
use crate::present::operations::{CourseModel, LatencyModel};
use crate::present::scores::round_top;

const HEIGHT: f64 = 230.0;

/// Per cent of each arm's lines by latency; above them the quantiles with their intervals.
pub(in crate::report) fn latency(found: &LatencyModel) -> String {
    let (Some(&first), Some(&last)) = (found.edges.first(), found.edges.last()) else {
        return String::new();
    };
    let lowest = if found.log { first.max(last * 1e-9) } else { first };
    let at = |value: f64| if found.log { value.max(lowest).log10() } else { value };
    let number = |value: f64| plain(round_significant(value, 2));
    let ticks = (0..=4).map(|step| {
        let share = f64::from(step) / 4.0;
        let value = if found.log { lowest * (last / lowest).powf(share) } else { first + (last - first) * share };
        (at(value), number(value))
    });
    let x = Scale { lo: at(lowest), hi: at(last), ticks: ticks.collect(), title: "latency, ms".to_owned() };
    let top = found.top.max(1e-9);
    let per = if found.log { "doubling" } else { "ms" };
    let ticks = [0.0, top / 2.0, top].map(|at| (at, number(at))).to_vec();
    let y = Scale { lo: 0.0, hi: top * 1.9, ticks, title: format!("% of the arm’s lines per {per}") };
    let mut plot = Plot::new(x, y, HEIGHT);
    for (arm, shares) in &found.arms {
        let bins = shares.iter().zip(found.edges.windows(2));
        let outline: Vec<[f64; 2]> =
            bins.flat_map(|(share, ends)| [[at(ends[0]), *share], [at(ends[1]), *share]]).collect();
        plot.polyline(&format!("curve a{}", arm.index()), &outline);
    }
    let mut said = Vec::new();
    for mark in &found.quantiles {
        let arm = mark.arm.index();
        let lane = top * if arm == 0 { 1.62 } else { 1.22 };
        if let Some((lo, hi)) = mark.interval {
            plot.line(&format!("whisker a{arm}"), [at(lo), lane], [at(hi), lane]);
        }
        let place = plot.place([at(mark.value), lane]);
        marks::arm_at(&mut plot.scene, arm, place, 4.0);
        // Neighbours are named on either side of the lane.
        let y = place[1] + if matches!(mark.name, "p50" | "p95") { -8.0 } else { 16.0 };
        plot.scene.text("tick", [place[0], y], Anchor::Middle, mark.name);
        said.push(format!("{} {} {} ms", ["champion", "challenger"][arm], mark.name, number(mark.value)));
    }
    plot.scene.finish("latency", "Latency", &format!("Marks: {}.", said.join(", ")))
}

/// A line an arm.
pub(in crate::report) fn course(found: &CourseModel, key: &str, title: &str) -> String {
    let (top, _) = round_top(if found.top > 0.0 { found.top * 1.2 } else { 1.0 });
    let ticks = [0.0, top / 2.0, top].map(|at| (at, plain(round_significant(at, 3)))).to_vec();
    // A plot this narrow has room for the ends.
    let ends = found.ticks.iter().take(1).chain(found.ticks.iter().skip(1).last()).cloned().collect();
    let x = Scale { lo: -0.04, hi: 1.04, ticks: ends, title: String::new() };
    let mut plot = Plot::new(x, Scale { lo: 0.0, hi: top, ticks, title: found.axis.clone() }, HEIGHT);
    let mut names = Vec::new();
    for (arm, line) in &found.lines {
        let arm = arm.index();
        plot.polyline(&format!("curve a{arm}"), &line.iter().map(|(at, value)| [*at, *value]).collect::<Vec<_>>());
        let text = ["champion", "challenger"][arm];
        names.push(Name { arm, text, height: if arm == 0 { 0.86 } else { 0.96 }, point: None });
    }
    plot.names(0.99, &names);
    plot.scene.finish(key, title, &format!("{} over the time of the run.", found.axis))
}
