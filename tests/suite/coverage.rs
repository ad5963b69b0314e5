//! Every default at its level, in small; `examples/coverage` does the same with many runs.

#[path = "../../examples/coverage/engine/mod.rs"]
mod engine;
#[path = "../../examples/coverage/scenarios.rs"]
mod scenarios;

/// Whether a share found in `runs` is above what is accepted by more than four standard errors of the simulation.
fn exceeds(found: f64, most: f64, runs: u64) -> bool {
    found > most + 4.0 * (most * (1.0 - most) / runs as f64).sqrt()
}

#[test]
fn defaults_keep_their_level() {
    let runs = 200;
    let mut failures = Vec::new();
    for s in scenarios::all() {
        let found = s.error_rate(runs);
        println!("{}, {}: {found:.3} (nominal {})", s.method, s.data, s.nominal);
        if exceeds(found, s.most, runs) {
            failures.push(format!("{}, {}: {found} > {}", s.method, s.data, s.most));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn defaults_keep_their_level_through_the_engine() {
    let mut failures = Vec::new();
    for world in engine::all() {
        for (claim, rate) in world.claims.iter().zip(world.rates(world.small)) {
            println!(
                "{}, {}: {} of {} (nominal {})",
                claim.method, world.data, rate.wrong, rate.answered, claim.nominal
            );
            if rate.answered == 0 || exceeds(rate.found(), claim.most, rate.answered) {
                failures.push(format!("{}, {}: {rate:?}, accepted {}", claim.method, world.data, claim.most));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
