//! Coverage and false claims of every default by simulation, as a Markdown table.
//!
//! `cargo run --release --example coverage -- 2000 [WORD]` (the number of runs of each row, or `small` for as few as the
//! test suite makes; only rows whose data or method hold the word). The tables in `docs/statistics.md` are its output; the test suite does the same with few runs.

// Every scenario is made so that its method has an answer.
#![allow(clippy::unwrap_used)]

mod engine;
mod scenarios;

/// A line of the table; `answered`: the share of runs that gave an answer.
fn line((method, data): (&str, &str), [nominal, most, found]: [f64; 3], (answered, runs): (u64, u64)) {
    let error = 1.96 * (found * (1.0 - found) / answered.max(1) as f64).sqrt();
    let some = if answered < runs {
        format!(" ({:.0} % answered)", 100.0 * answered as f64 / runs as f64)
    } else {
        String::new()
    };
    println!("| {method} | {data}{some} | {nominal} | {most:.3} | {found:.3} | {error:.3} |");
}

fn main() {
    let mut words = std::env::args().skip(1);
    let asked = words.next();
    let small = asked.as_deref() == Some("small");
    let runs = asked.and_then(|n| n.parse().ok()).unwrap_or(if small { 200 } else { 2000 });
    let wanted = words.next().unwrap_or_default();
    println!("| method | data | nominal | accepted | found | ± |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for s in scenarios::all().iter().filter(|s| s.data.contains(&wanted) || s.method.contains(&wanted)) {
        line((s.method, s.data), [s.nominal, s.most, s.error_rate(runs)], (runs, runs));
    }
    for world in engine::all().iter().filter(|world| world.data.contains(&wanted)) {
        let runs = if small { world.small } else { runs };
        for (claim, rate) in world.claims.iter().zip(world.rates(runs)) {
            line((claim.method, world.data), [claim.nominal, claim.most, rate.found()], (rate.answered, runs));
        }
    }
}
