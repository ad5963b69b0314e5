//! Boxes in images from COCO files to numbers, gates and a record that verifies: a run made here against pycocotools
//! (values by `images.py`), the files published with COCO's API, and files of which something is wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assay::compare::{Detail, Images};
use assay::ingest::{self, OpenOptions};
use assay::job::JobCx;
use assay::log::{Content, Task};
use assay::session::pipeline::{self, Evaluation, Request};
use serde_json::{Value, json};

use crate::images::{boxes, reference};

const NAMES: [&str; 12] = [
    "ap",
    "ap_50",
    "ap_75",
    "ap_small",
    "ap_medium",
    "ap_large",
    "ar_1",
    "ar_10",
    "ar_100",
    "ar_small",
    "ar_medium",
    "ar_large",
];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &Value)]) -> Self {
        let path = std::env::temp_dir().join(format!("assay-detection-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        for (name, value) in files {
            std::fs::write(path.join(name), serde_json::to_string(value).unwrap()).unwrap();
        }
        Self(path)
    }

    fn paths(&self, names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(|name| self.0.join(name)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Annotations and the results of two models, as `images.py` gives them to pycocotools.
fn run() -> [Value; 3] {
    let images = boxes();
    let xywh = |rect: &assay::metrics::vision::boxes::Rect| json!([rect.x, rect.y, rect.width, rect.height]);
    let (mut annotations, mut champion) = (Vec::new(), Vec::new());
    for (id, image) in images.iter().enumerate() {
        for object in &image.objects {
            annotations.push(json!({
                "id": annotations.len() + 1, "image_id": id, "category_id": object.class, "area": object.area,
                "iscrowd": u8::from(object.crowd), "bbox": xywh(&object.rect), "segmentation": [[1.0, 2.0, 3.0, 4.0]],
            }));
        }
        for found in &image.detections {
            champion.push(json!({
                "image_id": id, "category_id": found.class, "score": found.score, "bbox": xywh(&found.rect),
            }));
        }
    }
    let mut challenger: Vec<Value> =
        champion.iter().enumerate().filter(|(at, _)| at % 5 != 3).map(|(_, found)| found.clone()).collect();
    for found in &mut challenger {
        found["bbox"][0] = json!(found["bbox"][0].as_f64().unwrap() + 2.0);
    }
    let images: Vec<Value> = (0..images.len())
        .map(|id| json!({"id": id, "file_name": format!("{id:04}.png"), "width": 500, "height": 500}))
        .collect();
    let names = ["ant", "bee", "cow", "dog", "eel"];
    let categories: Vec<Value> = (0..5).map(|id| json!({"id": id, "name": names[id]})).collect();
    [
        json!({"images": images, "annotations": annotations, "categories": categories}),
        json!(champion),
        json!(challenger),
    ]
}

fn evaluated(files: Vec<PathBuf>) -> Evaluation {
    let (request, cx) = (Request { files, ..Request::default() }, JobCx::new());
    let opened = pipeline::open(&request, &cx).unwrap();
    let run = pipeline::load(&opened, &opened.guess, &cx).unwrap();
    let policy = pipeline::policy(&request).unwrap();
    pipeline::evaluate(run, &request, policy, &cx).unwrap()
}

fn detail(found: &Evaluation) -> &Images {
    match &found.comparison.detail {
        Detail::Images(images) => images,
        other => panic!("{other:?} is no run of images"),
    }
}

fn close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("no {what}"));
    assert!((found - expected).abs() < 1e-12, "{what}: {found}, pycocotools {expected}");
}

fn cli(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn two_models_have_the_figures_of_pycocotools() {
    let [annotations, champion, challenger] = run();
    let folder = Folder::new(
        "figures",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("challenger.json", &challenger)],
    );
    let found = evaluated(vec![folder.0.clone()]);
    let (comparison, log) = (&found.comparison, &found.run.log);
    assert_eq!((log.task, log.rows, comparison.population.analysed), (Task::Detection, 60, 60));
    assert_eq!(comparison.plan.unit.as_deref(), Some("image_id"));
    let stored = reference();
    let detail = detail(&found);
    for (arm, stored) in [&stored["coco"], &stored["second"]].into_iter().enumerate() {
        let value = |name: &str| {
            let arms = &comparison.metric(name).unwrap().arms;
            [&arms.champion, &arms.challenger][arm].as_ref().unwrap().value
        };
        for name in NAMES {
            close(value(name), &stored["summary"][name], name);
        }
        close(value("mean_iou"), &stored["mean_iou"], "mean_iou");
        for class in &detail.classes {
            let at = ["ant", "bee", "cow", "dog", "eel"].iter().position(|name| *name == class.name).unwrap();
            close([class.ap.champion, class.ap.challenger][arm].unwrap(), &stored["map_by_class"][at], &class.name);
            close([class.ar.champion, class.ar.challenger][arm].unwrap(), &stored["mar_by_class"][at], &class.name);
        }
    }
    assert_eq!(detail.classes.len(), 4, "the class without an object is in no mean");
    for metric in comparison.metrics.iter().filter(|metric| !metric.name.starts_with("latency")) {
        let difference = metric.difference.as_ref().unwrap_or_else(|| panic!("{} has no difference", metric.name));
        let (lo, hi) = (difference.lo.unwrap(), difference.hi.unwrap());
        assert!(lo <= difference.value && difference.value <= hi && lo < hi, "{}", metric.name);
        assert_eq!((difference.n, metric.rows), (60, 60), "{}", metric.name);
    }
    let [better, equal, worse] = detail.better.unwrap();
    assert_eq!((better + equal + worse, detail.images.len()), (60, 60));
    let gain = |at: usize| detail.images[at].values.challenger.unwrap() - detail.images[at].values.champion.unwrap();
    assert!((1..60).all(|at| gain(at - 1) <= gain(at)));
    assert!(
        comparison.notes.iter().any(|note| note.contains("classes of which no analysed image has")),
        "{:?}",
        comparison.notes
    );
    let Content::Boxes(boxes) = &log.content else { panic!("no boxes") };
    assert_eq!((boxes.pictures[7].file.as_deref(), boxes.pictures[7].size), (Some("0007.png"), Some([500, 500])));
}

#[test]
fn a_model_against_itself_differs_nowhere() {
    let [annotations, champion, _] = run();
    let folder = Folder::new(
        "same",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("challenger.json", &champion)],
    );
    let found = evaluated(vec![folder.0.clone()]);
    for name in NAMES {
        let difference = found.comparison.metric(name).unwrap().difference.clone().unwrap();
        // That they are alike on these images says nothing of how far apart they are on others.
        assert_eq!((difference.value, difference.lo, difference.hi), (0.0, None, None), "{name}");
        assert!(difference.method.contains("alike"), "{name}: {}", difference.method);
    }
    assert_eq!(detail(&found).better, Some([0, 60, 0]));
}

#[test]
fn the_error_of_the_bootstrap_is_that_of_the_jackknife() {
    use assay::metrics::vision::coco::{Evaluation, Summary};
    let [annotations, champion, challenger] = run();
    let folder = Folder::new(
        "jackknife",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("challenger.json", &challenger)],
    );
    let found = evaluated(vec![folder.0.clone()]);
    let all = Evaluation::new(&boxes()).unwrap();
    for name in ["ap_50", "ar_100"] {
        let influence = all.measure(Summary::named(name).unwrap()).unwrap().influence.unwrap();
        let n = influence.len() as f64;
        let jackknife = (influence.iter().map(|u| u * u).sum::<f64>() / (n * (n - 1.0))).sqrt();
        let arm = found.comparison.metric(name).unwrap().arms.champion.clone().unwrap();
        // Half the width over the quantile of t with 59 degrees of freedom.
        let bootstrap = (arm.hi.unwrap() - arm.value) / 2.000_995_378;
        assert!((bootstrap / jackknife - 1.0).abs() < 0.25, "{name}: {bootstrap} and {jackknife}");
    }
}

#[test]
fn the_record_of_a_run_is_gated_reported_and_verified() {
    let [annotations, champion, challenger] = run();
    let folder = Folder::new(
        "record",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("challenger.json", &challenger)],
    );
    let arguments = ["evaluate", "champion.json", "challenger.json", "--labels", "annotations.json", "--json"];
    let output = cli(&folder.0, &[&arguments[..], &["--out", "out"]].concat());
    assert!(output.status.code().is_some_and(|code| code != 1 && code != 2), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["task"], &found["kind"]), (&json!("detection"), &json!("offline")));
    let gates = found["gates"].as_array().unwrap();
    assert_eq!(gates[0]["metric"], "ap");
    let again = cli(&folder.0, &arguments);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(found["metrics"], again["metrics"], "the same draws");
    let other = cli(&folder.0, &[&arguments[..], &["--seed", "7"]].concat());
    let other: Value = serde_json::from_slice(&other.stdout).unwrap();
    assert_ne!(found["metrics"][0]["difference"]["lo"], other["metrics"][0]["difference"]["lo"]);
    assert_eq!(found["metrics"][0]["difference"]["value"], other["metrics"][0]["difference"]["value"]);
    let files: Vec<PathBuf> =
        std::fs::read_dir(folder.0.join("out")).unwrap().map(|file| file.unwrap().path()).collect();
    let record = files.iter().find(|path| path.to_string_lossy().ends_with(".json")).unwrap();
    let verified = cli(&folder.0, &["verify", record.to_str().unwrap(), "--logs", "."]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("MATCH") && !said.contains("DIFFERS"), "{said}");
    let html = files.iter().find(|path| path.extension().is_some_and(|end| end == "html"));
    let html = std::fs::read_to_string(html.unwrap()).unwrap();
    assert!(html.contains("AP by class") && html.contains("<td>bee</td>"));
    // A box that is moved after the fact is seen.
    let moved =
        std::fs::read_to_string(folder.0.join("challenger.json")).unwrap().replacen("\"bbox\":[", "\"bbox\":[9", 1);
    std::fs::write(folder.0.join("challenger.json"), moved).unwrap();
    let verified = cli(&folder.0, &["verify", record.to_str().unwrap(), "--logs", "."]);
    assert!(!verified.status.success());
}

#[test]
fn the_published_results_of_coco_come_out_of_the_command_line() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/vision-coco-boxes");
    let Ok(expected) = std::fs::read_to_string(case.join("expected.json")) else {
        println!("skipped: {} is missing", case.display());
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    // The folder holds a file that is none of the run.
    let output = cli(&case, &["evaluate", ".", "--json"]);
    assert!(output.status.code().is_some_and(|code| code != 1 && code != 2), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = [
        "AP",
        "AP50",
        "AP75",
        "AP_small",
        "AP_medium",
        "AP_large",
        "AR1",
        "AR10",
        "AR100",
        "AR_small",
        "AR_medium",
        "AR_large",
    ];
    let value = |name: &str| {
        let metric = found["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == name).unwrap();
        metric["arms"]["champion"]["value"].as_f64().unwrap()
    };
    for (name, key) in NAMES.into_iter().zip(keys) {
        close(value(name), &expected["pycocotools"][key], key);
        let published = expected["published_cocoapi"]["values"][key].as_f64().unwrap();
        assert!((value(name) - published).abs() < 5e-4, "{key}");
    }
    close(value("mean_iou"), &expected["best_same_class_iou_over_detections_ignoring_crowd"]["mean"], "mean IoU");
    assert_eq!(found["population"]["analysed"], expected["images_in_gt"]);
    let records: Vec<&Value> = found["sources"].as_array().unwrap().iter().map(|source| &source["records"]).collect();
    assert!(
        records.contains(&&expected["gt_annotations"]) && records.contains(&&expected["detections"]),
        "{records:?}"
    );
}

fn opened(folder: &Folder, names: &[&str]) -> Result<ingest::Opened, ingest::IngestError> {
    ingest::open(&folder.paths(names), &OpenOptions::default(), &JobCx::new())
}

#[test]
fn images_without_boxes_count_and_records_that_are_no_boxes_are_set_aside() {
    let annotations = json!({
        "images": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
        "annotations": [
            {"id": 1, "image_id": "a", "category_id": 1, "bbox": [0, 0, 10, 10]},
            {"id": 2, "image_id": "b", "category_id": 1, "bbox": [0, 0, 10, 10]},
            {"id": 3, "image_id": "z", "category_id": 1, "bbox": [0, 0, 10, 10]},
        ],
        "categories": [{"id": 1, "name": "ant"}],
    });
    let champion = json!([
        {"image_id": "a", "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.5},
        {"image_id": "b", "category_id": 1, "bbox": [0, 0, -1, 10], "score": 0.5},
        {"image_id": "b", "category_id": 1, "bbox": [0, 0, 1], "score": 0.5},
        {"image_id": "b", "category_id": 1, "bbox": [0, 0, 1, 1], "score": null},
    ]);
    let challenger = json!([{"image_id": "b", "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.5}]);
    let folder = Folder::new(
        "broken",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("challenger.json", &challenger)],
    );
    let opened = opened(&folder, &["annotations.json", "champion.json", "challenger.json"]).unwrap();
    let counts: Vec<(u64, u64)> = opened.sources.iter().map(|source| (source.records, source.quarantined)).collect();
    assert_eq!(counts, [(2, 1), (1, 3), (1, 0)]);
    let said: Vec<&str> = opened.issues.iter().map(|issue| issue.message.as_str()).collect();
    for wanted in ["not listed under images", "negative width or height", "has no box in 2 of 3 images"] {
        assert!(said.iter().any(|message| message.contains(wanted)), "{wanted}: {said:?}");
    }
    let log = ingest::load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
    let Content::Boxes(boxes) = &log.content else { panic!("no boxes") };
    assert_eq!((log.rows, log.audit.paired, log.audit.labels.present), (3, 3, 3));
    let found: Vec<Vec<usize>> = boxes.arms.iter().map(|arm| arm.iter().map(Vec::len).collect()).collect();
    let objects: Vec<usize> = boxes.pictures.iter().map(|picture| picture.objects.len()).collect();
    let ids: Vec<String> = (0..3).map(|row| log.ids.get(row)).collect();
    assert_eq!(
        (ids, objects, found),
        (vec!["a".into(), "b".into(), "c".into()], vec![1, 1, 0], vec![vec![1, 0, 0], vec![0, 1, 0]])
    );
}

#[test]
fn files_without_boxes_say_what_to_open() {
    let [annotations, champion, _] = run();
    let captions = json!([{"image_id": 1, "caption": "a dog"}]);
    let folder = Folder::new(
        "wrong",
        &[("annotations.json", &annotations), ("champion.json", &champion), ("captions.json", &captions)],
    );
    let alone = opened(&folder, &["annotations.json"]).unwrap_err().to_string();
    assert!(alone.contains("COCO results"), "{alone}");
    let captions = opened(&folder, &["captions.json"]).unwrap_err().to_string();
    assert!(captions.contains("no boxes"), "{captions}");
    let options = OpenOptions { task: Some(Task::Detection), ..OpenOptions::default() };
    let table = folder.0.join("scores.csv");
    std::fs::write(&table, "id,score,label\n1,0.5,1\n2,0.4,0\n").unwrap();
    let error = ingest::open(&[table], &options, &JobCx::new()).unwrap_err().to_string();
    assert!(error.contains("COCO results"), "{error}");
}
