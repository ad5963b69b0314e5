//! Columns in bins; the loss in strata against a direct computation.

use super::column::Bins;

#[test]
fn values_find_their_bins() {
    let sorted: Vec<f64> = (0..100).map(f64::from).collect();
    let bins = Bins::of_numbers(&sorted).unwrap();
    assert_eq!(bins.count(), 11);
    assert_eq!([-5.0, 0.0, 99.0, 1e9, f64::NAN].map(|value| bins.number(value)), [0, 0, 9, 9, 10]);
    assert_eq!(
        (bins.names[0].as_str(), bins.names[9].as_str(), bins.names[10].as_str()),
        ("up to 9.9", "above 89.1", "missing")
    );
    assert!(Bins::of_numbers(&[2.0; 9]).is_err());

    let names: Vec<String> = (0..30).map(|at| format!("v{at}")).collect();
    let counts: Vec<u64> = (0..30).map(|at| 100 - at).collect();
    let bins = Bins::of_words(&names, &counts).unwrap();
    assert_eq!((bins.count(), bins.word(Some(0)), bins.word(Some(29)), bins.word(None)), (22, 0, 20, 21));
    assert!(Bins::of_words(&names, &[5; 1].iter().copied().chain([0; 29]).collect::<Vec<u64>>()).is_err());
    let digits: Vec<String> = ["10", "9", "8"].map(str::to_owned).to_vec();
    let bins = Bins::of_words(&digits, &[5, 50, 500]).unwrap();
    assert_eq!(bins.names[..3], ["8", "9", "10"]);
}
