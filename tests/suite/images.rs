//! Metrics of boxes and images against pycocotools and scikit-image: boxes and pixels made here and, by the same integer
//! generator, in `images.py`, which wrote `images.json`; and against the values published with COCO's API.

use std::collections::BTreeMap;

use assay::metrics::vision::METRICS;
use assay::metrics::vision::boxes::Rect;
use assay::metrics::vision::coco::{Evaluation, Summary};
use assay::metrics::vision::images::{Planes, Window, pixel_mse, psnr, ssim};
use assay::metrics::vision::matching::{Detection, Image, Object};
use serde_json::Value;

use crate::kernels::{Draws, case, close, expected};

pub(crate) fn reference() -> Value {
    serde_json::from_str(include_str!("images.json")).unwrap()
}

pub(crate) fn boxes() -> Vec<Image> {
    let mut draws = Draws(11);
    let rect = |numbers: [i64; 4]| Rect::xywh(numbers.map(|number| number as f64)).unwrap();
    (0..60)
        .map(|_| {
            let mut image = Image::default();
            for _ in 0..draws.below(7) {
                let side = [20, 60, 200][draws.below(3) as usize];
                let [x, y] = [(); 2].map(|()| draws.below(300));
                let [w, h] = [(); 2].map(|()| 2 + draws.below(side as u64));
                let (kind, crowd) = (draws.below(4), draws.below(12) == 0);
                let area = (w * h * (60 + draws.below(41))) as f64 / 100.0;
                image.objects.push(Object { class: kind as u32, rect: rect([x, y, w, h]), area, crowd });
                for _ in 0..draws.below(4) {
                    let [dx, dy, dw, dh] = [(); 4].map(|()| draws.below((2 * (1 + side / 8)) as u64) - side / 8);
                    let moved = rect([x + dx, y + dy, (w + dw).max(1), (h + dh).max(1)]);
                    let (same, other) = (draws.below(8) > 0, draws.below(5));
                    let class = if same { kind } else { other } as u32;
                    image.detections.push(Detection { class, rect: moved, score: draws.below(40) as f64 / 40.0 });
                }
            }
            for _ in 0..draws.below(3) {
                let (class, score) = (draws.below(5) as u32, draws.below(40) as f64 / 40.0);
                let [x, y] = [(); 2].map(|()| draws.below(300));
                let [w, h] = [(); 2].map(|()| 1 + draws.below(90));
                image.detections.push(Detection { class, rect: rect([x, y, w, h]), score });
            }
            image
        })
        .collect()
}

#[test]
fn boxes_as_pycocotools() {
    let stored = &reference()["coco"];
    let images = boxes();
    let count = |of: fn(&Image) -> usize| images.iter().map(of).sum::<usize>() as u64;
    assert_eq!(stored["objects"].as_u64(), Some(count(|image| image.objects.len())));
    assert_eq!(stored["boxes"].as_u64(), Some(count(|image| image.detections.len())));
    let run = Evaluation::new(&images).unwrap();
    let named: Vec<&str> =
        METRICS.iter().map(|metric| metric.name).filter(|name| Summary::named(name).is_some()).collect();
    assert_eq!(named.len(), 12);
    for name in named {
        let found = run.measure(Summary::named(name).unwrap()).unwrap();
        close(found.value, &stored["summary"][name], 1e-12, name);
        assert_eq!(found.influence.unwrap().len(), images.len());
    }
    for (name, stored) in [("ap", &stored["map_by_class"]), ("ar_100", &stored["mar_by_class"])] {
        let found: BTreeMap<u32, f64> = run.by_class(Summary::named(name).unwrap()).into_iter().collect();
        for (class, value) in (0..).zip(stored.as_array().unwrap()) {
            match found.get(&class) {
                Some(found) => close(*found, value, 1e-12, name),
                None => assert!(value.is_null(), "{name} of class {class}"),
            }
        }
    }
}

#[test]
fn pixels_as_scikit_image() {
    let stored = &reference()["images"];
    let mut draws = Draws(5);
    let (width, height) = (33, 40);
    let a: Vec<u8> = (0..3 * width * height).map(|_| draws.below(256) as u8).collect();
    let b: Vec<u8> = a.iter().map(|&v| (i64::from(v) / 2 + draws.below(128)).min(255) as u8).collect();
    let colour = [a, b].map(|pixels| Planes::interleaved(&pixels, width, height, 3).unwrap());
    let smooth: Vec<u8> = (0..width * height).map(|at| (at % 256) as u8).collect();
    let shifted: Vec<u8> = smooth.iter().map(|&v| (u16::from(v) * 3 / 4 + 20) as u8).collect();
    let grey = [smooth, shifted].map(|pixels| Planes::new(&pixels, width, height).unwrap());
    for (name, [a, b]) in [("colour", colour), ("grey", grey)] {
        let stored = &stored[name];
        for (key, window) in
            [("uniform", Window::Uniform), ("gaussian", Window::Gaussian), ("gaussian_sample", Window::GaussianSample)]
        {
            close(ssim(&a, &b, 255.0, window).unwrap(), &stored[key], 1e-12, key);
        }
        close(pixel_mse(&a, &b).unwrap(), &stored["mse"], 1e-12, "mse");
        close(psnr(&a, &b, 255.0).unwrap(), &stored["psnr"], 1e-12, "psnr");
    }
}

fn numbers(value: &Value) -> [f64; 4] {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn coco_as_published_with_its_api() {
    let folder = "vision-coco-boxes";
    let Some(expected) = expected(folder) else { return };
    let read = |name: &str| -> Value { serde_json::from_str(&case(&format!("{folder}/{name}")).unwrap()).unwrap() };
    let (truth, found) = (read("instances_val2014_100.json"), read("instances_val2014_fakebbox100_results.json"));
    let rows = |value: &Value| value.as_array().unwrap().clone();
    let integer = |value: &Value| value.as_u64().unwrap();
    let mut images: BTreeMap<u64, Image> =
        rows(&truth["images"]).iter().map(|image| (integer(&image["id"]), Image::default())).collect();
    for row in rows(&truth["annotations"]) {
        let object = Object {
            class: integer(&row["category_id"]) as u32,
            rect: Rect::xywh(numbers(&row["bbox"])).unwrap(),
            area: row["area"].as_f64().unwrap(),
            crowd: row["iscrowd"] == 1,
        };
        images.get_mut(&integer(&row["image_id"])).unwrap().objects.push(object);
    }
    for (at, row) in rows(&found).iter().enumerate() {
        let (class, rect) = (integer(&row["category_id"]) as u32, Rect::xywh(numbers(&row["bbox"])).unwrap());
        let image = images.get_mut(&integer(&row["image_id"])).unwrap();
        if let Some(stored) = expected["first_5_detections"].get(at) {
            let same = image.objects.iter().filter(|object| object.class == class && !object.crowd);
            let best = same.map(|object| rect.iou(&object.rect)).fold(0.0, f64::max);
            close(best, &stored["best_iou_same_class"], 1e-12, "best IoU");
        }
        image.detections.push(Detection { class, rect, score: row["score"].as_f64().unwrap() });
    }
    let images: Vec<Image> = images.into_values().collect();
    let run = Evaluation::new(&images).unwrap();
    for (name, title) in [
        ("ap", "AP"),
        ("ap_50", "AP50"),
        ("ap_75", "AP75"),
        ("ap_small", "AP_small"),
        ("ap_medium", "AP_medium"),
        ("ap_large", "AP_large"),
        ("ar_1", "AR1"),
        ("ar_10", "AR10"),
        ("ar_100", "AR100"),
        ("ar_small", "AR_small"),
        ("ar_medium", "AR_medium"),
        ("ar_large", "AR_large"),
    ] {
        let value = run.measure(Summary::named(name).unwrap()).unwrap().value;
        close(value, &expected["pycocotools"][title], 1e-12, name);
        close(value, &expected["published_cocoapi"]["values"][title], 5e-4, name);
    }
}
