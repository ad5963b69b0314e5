//! Coverage and false claims of every default by simulation, as a Markdown table.
//!
//! `cargo run --release --example coverage -- 4000` (the number of runs of each row). The table in
//! `docs/statistics.md` is its output; the test suite does the same with few runs.

// Every scenario is made so that its method has an answer.
#![allow(clippy::unwrap_used)]

mod scenarios;

fn main() {
    let runs = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2000);
    println!("| method | data | nominal | accepted | found | ± |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for s in scenarios::all() {
        let found = s.error_rate(runs);
        let error = 1.96 * (found * (1.0 - found) / runs as f64).sqrt();
        println!("| {} | {} | {:.2} | {:.3} | {found:.3} | {error:.3} |", s.method, s.data, s.nominal, s.most);
    }
}
