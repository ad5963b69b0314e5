use proptest::prelude::*;

use super::METRICS;
use super::boxes::Rect;
use super::coco::{Evaluation, Summary};
use super::images::{Planes, Window, psnr, ssim};
use super::matching::{Detection, Image, Object, Rate, mean_iou, rate};

fn rect(numbers: [f64; 4]) -> Rect {
    Rect::xywh(numbers).unwrap()
}

fn object(class: u32, rect: Rect) -> Object {
    Object { class, rect, area: rect.area(), crowd: false }
}

fn detection(class: u32, rect: Rect, score: f64) -> Detection {
    Detection { class, rect, score }
}

/// Images with objects of two classes, found more or less well.
fn images(count: usize) -> Vec<Image> {
    (0..count)
        .map(|at| {
            let mut image = Image::default();
            for nth in 0..1 + at % 4 {
                let side = 20.0 + (at * 7 + nth * 31) as f64 % 90.0;
                let place = rect([(nth * 150) as f64, (at % 10) as f64, side, side]);
                let class = ((at + nth) % 2) as u32;
                image.objects.push(object(class, place));
                let shift = ((at * 13 + nth * 5) % 11) as f64 * side / 30.0;
                let score = ((at * 29 + nth * 17) % 97) as f64 / 97.0;
                image.detections.push(detection(class, Rect { x: place.x + shift, ..place }, score));
            }
            image
        })
        .collect()
}

fn summary(name: &str) -> Summary {
    Summary::named(name).unwrap()
}

#[test]
fn overlap_by_hand() {
    let (a, b) = (rect([0.0, 0.0, 10.0, 10.0]), rect([5.0, 5.0, 10.0, 10.0]));
    assert!((a.iou(&b) - 25.0 / 175.0).abs() < 1e-15);
    assert_eq!(a.iou(&rect([10.0, 0.0, 5.0, 5.0])), 0.0);
    assert_eq!(rect([0.0; 4]).iou(&rect([0.0; 4])), 0.0);
    assert_eq!(Rect::xyxy([0.0, 0.0, 10.0, 10.0]).unwrap(), a);
    assert!(Rect::xyxy([5.0, 0.0, 1.0, 1.0]).unwrap_err().contains("corners"));
    assert!(Rect::xywh([0.0, 0.0, -1.0, 1.0]).unwrap_err().contains("negative"));
    assert!(Rect::xywh([f64::NAN, 0.0, 1.0, 1.0]).unwrap_err().contains("finite"));
    let crowd = Object { crowd: true, ..object(0, b) };
    let found = [detection(0, a, 0.5), detection(0, b, 0.4), detection(1, a, 0.3)];
    let best = Image { objects: vec![object(0, a), crowd], detections: found.to_vec() }.best_overlaps();
    assert_eq!(best, [1.0, 1.0 / 7.0, 0.0]);
    assert!((mean_iou(&[[3.0, best.iter().sum()], [1.0, 0.0]]).unwrap().value - 2.0 / 7.0).abs() < 1e-15);
    assert_eq!(mean_iou(&[[0.0, 0.0]]).unwrap_err(), "no box was found");
}

#[test]
fn matched_boxes_of_an_image() {
    let place = rect([0.0, 0.0, 10.0, 10.0]);
    let far = rect([100.0, 100.0, 10.0, 10.0]);
    let mut image = Image { objects: vec![object(1, place), object(1, far), object(2, far)], ..Image::default() };
    image.objects.push(Object { crowd: true, ..object(1, rect([50.0, 0.0, 30.0, 30.0])) });
    image.detections = vec![
        detection(1, place, 0.4),
        detection(1, Rect { x: 1.0, ..place }, 0.9),
        detection(2, place, 0.8),
        detection(1, rect([55.0, 5.0, 5.0, 5.0]), 0.7),
        detection(1, far, 0.1),
    ];
    let found = image.matched(0.5, 0.3);
    assert_eq!(found.hits, [(1, 0, 90.0 / 110.0)]);
    assert_eq!((found.false_alarms, found.ignored), (vec![0, 2], vec![3]));
    assert_eq!(found.missed, [1, 2]);
    assert_eq!(rate(&[[1, 2, 2]], Rate::Precision).unwrap().value, 1.0 / 3.0);
    assert_eq!(rate(&[[1, 2, 2], [1, 0, 1]], Rate::F1).unwrap().value, 4.0 / 9.0);
}

#[test]
fn what_has_no_value_says_why() {
    assert_eq!(Evaluation::new::<Image>(&[]).unwrap_err(), "no image");
    let place = rect([0.0, 0.0, 10.0, 10.0]);
    let truth = Image { objects: vec![object(0, place)], ..Image::default() };
    let found = Image { detections: vec![detection(0, place, 0.5)], ..Image::default() };
    assert_eq!(Evaluation::new(std::slice::from_ref(&truth)).unwrap_err(), "no box was found");
    assert_eq!(Evaluation::new(std::slice::from_ref(&found)).unwrap_err(), "no image has an object");
    let crowd = Image { objects: vec![Object { crowd: true, ..object(0, place) }], ..found.clone() };
    assert_eq!(Evaluation::new(&[crowd]).unwrap_err(), "no image has an object");
    let score = Image { detections: vec![detection(0, place, f64::NAN)], ..truth.clone() };
    assert!(Evaluation::new(&[score]).unwrap_err().contains("not a number"));
    let one = Evaluation::new(&[Image { detections: found.detections.clone(), ..truth.clone() }]).unwrap();
    let value = one.measure(summary("ap")).unwrap();
    assert!((value.value - 1.0).abs() < 1e-12 && value.influence.is_none() && value.no_interval.is_some());
    assert!(one.measure(summary("ap_large")).unwrap_err().contains("no object of this size"));
    assert_eq!(rate(&[[0, 0, 3]], Rate::Precision).unwrap_err(), "no box was found");
    assert_eq!(rate(&[[0, 3, 0]], Rate::Recall).unwrap_err(), "no image has an object");
    assert!(rate(&[[0, 0, 0]], Rate::F1).is_err() && rate(&[], Rate::F1).is_err());
}

#[test]
fn images_by_hand() {
    let flat = |value: u8, side: usize| Planes::new(&vec![value; side * side], side, side).unwrap();
    let (a, b) = (flat(100, 12), flat(110, 12));
    assert!((psnr(&a, &b, 255.0).unwrap() - 20.0 * (25.5_f64).log10()).abs() < 1e-12);
    // Without contrast only the term of light is left.
    let c = (0.01_f64 * 255.0).powi(2);
    let expected = (2.0 * 11_000.0 + c) / (10_000.0 + 12_100.0 + c);
    assert!((ssim(&a, &b, 255.0, Window::Uniform).unwrap() - expected).abs() < 1e-9);
    assert!((ssim(&a, &a, 255.0, Window::Gaussian).unwrap() - 1.0).abs() < 1e-12);
    assert!(psnr(&a, &a, 255.0).unwrap_err().contains("infinite"));
    assert!(ssim(&a, &flat(0, 13), 255.0, Window::Uniform).unwrap_err().contains("12 x 12 x 1"));
    assert!(ssim(&flat(0, 6), &flat(0, 6), 255.0, Window::Uniform).unwrap_err().contains("window"));
    assert!(Planes::new(&[0_u8; 5], 2, 2).is_err() && Planes::new(&[f64::NAN], 1, 1).is_err());
    assert!(Planes::new::<u8>(&[], 0, 0).is_err());
    assert!(Planes::interleaved(&[0_u8; 5], 1, 1, 3).is_err());
}

#[test]
fn influence_has_the_error_of_the_bootstrap() {
    let images = images(120);
    let run = Evaluation::new(&images).unwrap();
    for name in ["ap", "ap_50", "ar_100"] {
        let influence = run.measure(summary(name)).unwrap().influence.unwrap();
        let n = images.len() as f64;
        let from_influence = (influence.iter().map(|u| u * u).sum::<f64>() / (n * (n - 1.0))).sqrt();
        let mut state = 3_u64;
        let values: Vec<f64> = (0..400)
            .map(|_| {
                let mut weights = vec![0_u32; images.len()];
                for _ in 0..images.len() {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    weights[(state >> 33) as usize % images.len()] += 1;
                }
                run.weighted(summary(name), |image| weights[image]).unwrap()
            })
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let bootstrap = (squares / (values.len() - 1) as f64).sqrt();
        // The bootstrap's own error is 1 / sqrt(2 * 400), 3.5 %.
        assert!((from_influence / bootstrap - 1.0).abs() < 0.15, "{name}: {from_influence} and {bootstrap}");
    }
}

fn an_image() -> impl Strategy<Value = Image> {
    let place = || (0u8..40, 0u8..40, 1u8..60, 1u8..60).prop_map(|(x, y, w, h)| rect([x, y, w, h].map(f64::from)));
    let objects = prop::collection::vec((0u32..3, place(), prop::bool::weighted(0.1)), 0..5);
    let boxes = prop::collection::vec((0u32..3, place(), 0u8..100), 0..6);
    (objects, boxes).prop_map(|(objects, boxes)| Image {
        objects: objects.into_iter().map(|(class, place, crowd)| Object { crowd, ..object(class, place) }).collect(),
        detections: boxes.into_iter().map(|(class, place, score)| detection(class, place, f64::from(score))).collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws(images in prop::collection::vec(an_image(), 2..10)) {
        let Ok(run) = Evaluation::new(&images) else { return Ok(()) };
        // Every image twice changes precision and recall nowhere; weights do the same as copies.
        let twice: Vec<Image> = images.iter().flat_map(|image| [image.clone(), image.clone()]).collect();
        let copies = Evaluation::new(&twice).unwrap();
        for metric in METRICS.iter().filter(|metric| Summary::named(metric.name).is_some()) {
            let summary = summary(metric.name);
            let Some(value) = run.weighted(summary, |_| 1) else { continue };
            prop_assert!((0.0..=1.0).contains(&value), "{} {value}", metric.name);
            let weights = |image: usize| 1 + (image % 3) as u32;
            let copied: Vec<Image> =
                images.iter().enumerate().flat_map(|(at, image)| vec![image.clone(); weights(at) as usize]).collect();
            if summary.recall {
                prop_assert!((copies.weighted(summary, |_| 1).unwrap() - value).abs() < 1e-12);
                let weighted = run.weighted(summary, weights);
                prop_assert_eq!(weighted, Evaluation::new(&copied).unwrap().weighted(summary, |_| 1));
            }
            if let Ok(found) = run.measure(summary) {
                prop_assert_eq!(found.value, value);
            }
        }
        for image in &images {
            let found = image.matched(0.5, 0.0);
            prop_assert_eq!(found.hits.len() + found.false_alarms.len() + found.ignored.len(), image.detections.len());
            let objects = image.objects.iter().filter(|object| !object.crowd).count();
            prop_assert_eq!(found.hits.len() + found.missed.len(), objects);
        }
    }

    #[test]
    fn overlap_is_symmetric_and_at_most_one(a in prop::array::uniform4(0u8..50), b in prop::array::uniform4(0u8..50)) {
        let [a, b] = [a, b].map(|numbers| rect(numbers.map(f64::from)));
        prop_assert_eq!(a.iou(&b), b.iou(&a));
        prop_assert!((0.0..=1.0).contains(&a.iou(&b)));
    }
}
