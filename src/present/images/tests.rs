use super::*;
use crate::log::{Boxes, FoundBox, Picture, TrueBox};
use crate::present::rows::fixture::Case;

/// A dog that both found, a cat that the challenger missed, a crowd; the champion has a false alarm below its score.
fn boxes() -> Boxes {
    let object = |class, place: Xywh, crowd| TrueBox { class, place, area: place[2] * place[3], crowd };
    let found = |class, place, score| FoundBox { class, place, score };
    let (dog, cat, crowd) = ([10.0, 10.0, 40.0, 40.0], [100.0, 20.0, 30.0, 30.0], [200.0, 0.0, 80.0, 60.0]);
    Boxes {
        classes: vec!["dog".to_owned(), "cat".to_owned()],
        pictures: vec![Picture {
            file: Some("a.jpg".to_owned()),
            size: None,
            objects: vec![object(0, dog, false), object(1, cat, false), object(0, crowd, true)],
        }],
        arms: vec![
            vec![vec![
                found(1, cat, 0.8),
                found(0, [12.0, 10.0, 40.0, 40.0], 0.9),
                found(0, [0.0, 90.0, 9.0, 9.0], 0.1),
            ]],
            vec![vec![found(0, dog, 0.7), found(0, [210.0, 5.0, 20.0, 20.0], 0.6), found(1, dog, 0.5)]],
        ],
    }
}

#[test]
fn every_box_says_what_became_of_it() {
    let mut log = Case::new(2).log;
    log.content = Content::Boxes(boxes());
    let cuts = PerArm { champion: Some(0.3), challenger: Some(0.3) };
    let found = picture(&log, &cuts, 0).unwrap();
    let said: Vec<(&str, &str, &str, &str)> = found
        .lines
        .iter()
        .map(|line| (line.class.as_str(), line.score.as_str(), line.iou.as_str(), line.said))
        .collect();
    // The champion's dog box: 38 x 40 of 42 x 40.
    assert_eq!(
        said,
        [
            ("dog", "", "", "found by both"),
            ("cat", "", "", "missed by challenger"),
            ("dog", "", "", "crowd, not counted"),
            ("dog", "0.90", "0.90", "hit"),
            ("cat", "0.80", "1.00", "hit"),
            ("dog", "0.70", "1.00", "hit"),
            ("dog", "0.60", "", "in a crowd, not counted"),
            ("cat", "0.50", "", "false alarm"),
        ]
    );
    // Without a size in the annotations: as far as the boxes reach.
    assert_eq!((found.size, found.sized), ([280.0, 60.0], false));
    let all = picture(&log, &PerArm { champion: Some(0.0), challenger: None }, 0).unwrap();
    assert_eq!(all.lines.iter().filter(|line| line.said == "false alarm").count(), 1);
    assert_eq!(all.lines[0].said, "missed by challenger");
    assert_eq!(picture(&log, &cuts, 1), None);
}
