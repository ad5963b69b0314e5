//! Drift, training data and reasons for a new model, as a person meets them.

use super::*;

/// Training data for the sample: its ages and sites, most of the sites missing.
fn training(folder: &Path) -> PathBuf {
    let mut text = "age_band,sex,site,health,tenure,label\n".to_owned();
    for row in 0..400 {
        let age = ["18-44", "45-64"][row % 2];
        text += &format!("{age},F,north,good,long,{}\n", row % 5 / 4);
    }
    let path = folder.join("train.csv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn drift_is_told_and_training_data_is_read() {
    let folder = std::env::temp_dir().join(format!("assay-flow-staleness-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut window = opened("shadow-outreach");
    tab(&mut window, "Staleness");
    for part in [
        "Reasons for a new model",
        "Drift",
        "Training data",
        "Loss over time",
        "Time since training",
        "champion's scores",
    ] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    assert!(has(&window, "No training data to hold the run against"), "{}", texts(&window));
    let path = training(&folder);
    type_into(&mut window, "Path of training data", &path.to_string_lossy());
    press(&mut window, "Read");
    assert!(has(&window, "400 rows"), "{}", texts(&window));
    assert!(has(&window, "never seen in training"), "{}", texts(&window));
    assert!(has(&window, "training and serving"), "{}", texts(&window));
    press(&mut window, "Leave it out");
    assert!(has(&window, "No training data to hold the run against"), "{}", texts(&window));
    press(&mut window, "Choose files");
    answer(&mut window, &path);
    assert!(has(&window, "400 rows"), "{}", texts(&window));
    let _ = std::fs::remove_dir_all(&folder);
}
