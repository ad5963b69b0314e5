//! Every default at its level, in small; `examples/coverage` does the same with many runs.

#[path = "../../examples/coverage/scenarios.rs"]
mod scenarios;

#[test]
fn defaults_keep_their_level() {
    let runs = 200;
    let mut failures = Vec::new();
    for s in scenarios::all() {
        let found = s.error_rate(runs);
        println!("{}, {}: {found:.3} (nominal {})", s.method, s.data, s.nominal);
        // Four standard errors of the simulation above what is accepted.
        let most = s.most + 4.0 * (s.most * (1.0 - s.most) / runs as f64).sqrt();
        if found > most {
            failures.push(format!("{}, {}: {found} > {most:.3}", s.method, s.data));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
