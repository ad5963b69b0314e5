//! Images held against references: values of scikit-image and NumPy (`image_pairs.py` wrote `image_pairs.json`), layouts,
//! files that are missing or cannot be used, and the way to the record and back.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assay::compare::{Detail, ImagePairRows};
use assay::job::JobCx;
use assay::log::{Content, Task};
use assay::session::pipeline::{self, Evaluation, Request};
use image::{ImageBuffer, Luma, Rgb};
use serde_json::Value;

use crate::kernels::Draws;
use crate::similarity::{metric, value};

const ROWS: usize = 40;
const ARMS: [&str; 2] = ["champion", "challenger"];

fn reference() -> Value {
    serde_json::from_str(include_str!("image_pairs.json")).unwrap()
}

/// A folder with the images of all rows, in `ref`, `champion` and `challenger`.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-image-pairs-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for of in ["ref", "champion", "challenger"] {
            std::fs::create_dir_all(folder.join(of)).unwrap();
        }
        (0..ROWS).for_each(|row| write(&folder, row));
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Reference and both outputs of a row: colour, grey, and grey of 16 bits.
fn write(folder: &Path, row: usize) {
    let mut draws = Draws(100 + row as u64);
    let deep = row % 10 == 9;
    let (width, height, channels) = if row.is_multiple_of(2) { (33, 26, 3) } else { (21, 40, 1) };
    let scale = if deep { 250 } else { 1 };
    let size = width * height * channels;
    let value = |at: usize, draws: &mut Draws| ((at * 5 / channels + row * 11) % 200) as i64 + draws.below(40);
    let of_row: Vec<i64> = (0..size).map(|at| scale * value(at, &mut draws)).collect();
    save(&folder.join(format!("ref/{row}.png")), &of_row, (width, height, channels), deep);
    for (arm, spread) in ARMS.into_iter().zip([6 + row % 20, 4 + row * 7 % 23]) {
        let (wide, most) = (spread as i64 * scale, if deep { 65_535 } else { 255 });
        let noisy = |&value: &i64| (value + draws.below(2 * wide as u64 + 1) - wide).clamp(0, most);
        let output: Vec<i64> = of_row.iter().map(noisy).collect();
        save(&folder.join(format!("{arm}/{row}.png")), &output, (width, height, channels), deep);
    }
}

fn save(path: &Path, values: &[i64], (width, height, channels): (usize, usize, usize), deep: bool) {
    let (width, height) = (width as u32, height as u32);
    let bytes = || values.iter().map(|&value| value as u8).collect::<Vec<u8>>();
    match (channels, deep) {
        (_, true) => {
            let words: Vec<u16> = values.iter().map(|&value| value as u16).collect();
            ImageBuffer::<Luma<u16>, _>::from_raw(width, height, words).unwrap().save(path).unwrap();
        }
        (1, _) => ImageBuffer::<Luma<u8>, _>::from_raw(width, height, bytes()).unwrap().save(path).unwrap(),
        _ => ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, bytes()).unwrap().save(path).unwrap(),
    }
}

fn wide(arms: [&str; 2], order: impl IntoIterator<Item = usize>) -> String {
    let scene = |row: usize| ["day", "night"][row % 3 / 2];
    let line =
        |row: usize| format!("r{row},{},ref/{row}.png,{}/{row}.png,{}/{row}.png\n", scene(row), arms[0], arms[1]);
    "id,scene,reference_image,champion_image,challenger_image\n".to_owned()
        + &order.into_iter().map(line).collect::<String>()
}

fn long(rows: usize) -> String {
    let lines = ARMS
        .into_iter()
        .zip(["srnet production", "srnet candidate"])
        .flat_map(|(arm, model)| (0..rows).map(move |row| format!("r{row},{model},ref/{row}.png,./{arm}/{row}.png\n")));
    "request_id,model,ground_truth,output_path\n".to_owned() + &lines.collect::<String>()
}

fn evaluated(file: PathBuf) -> Result<Evaluation, String> {
    let cx = JobCx::new();
    let request = Request { files: vec![file], ..Request::default() };
    let opened = pipeline::open(&request, &cx).map_err(|error| error.to_string())?;
    let run = pipeline::load(&opened, &opened.guess, &cx).map_err(|error| error.to_string())?;
    let policy = pipeline::default_policy(&run.log);
    pipeline::evaluate(run, &request, policy, &cx).map_err(|error| error.to_string())
}

fn detail(found: &Evaluation) -> &ImagePairRows {
    match &found.comparison.detail {
        Detail::ImagePairs(found) => found,
        other => panic!("{other:?} is no run of images"),
    }
}

fn near(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-11 * (1.0 + expected.abs()), "{what}: {found}, scikit-image {expected}");
}

#[test]
fn values_of_scikit_image_whatever_the_layout() {
    let (stored, folder) = (reference(), Folder::new("layouts"));
    for (name, text) in [("wide.csv", wide(ARMS, 0..ROWS)), ("long.csv", long(ROWS))] {
        // The task and the roles are seen from names and cells.
        let found = evaluated(folder.file(name, &text)).unwrap();
        assert_eq!((found.run.log.task, found.comparison.population.analysed), (Task::Image, 40), "{name}");
        let Content::ImagePairs(pairs) = &found.run.log.content else { panic!("no images") };
        assert_eq!((pairs.files.files, pairs.files.unread, pairs.files.list.len()), (120, 0, 120));
        for (arm, of) in ARMS.iter().enumerate() {
            for row in 0..ROWS {
                let id = found.run.log.ids.get(row);
                let stored = &stored["rows"][id[1..].parse::<usize>().unwrap()][arm];
                let likeness = pairs.measured[arm][row];
                near(likeness.ssim, &stored["ssim"], &format!("{name}, SSIM of {id}"));
                near(likeness.mse, &stored["pixel_mse"], &format!("{name}, MSE of {id}"));
                near(likeness.mae, &stored["pixel_mae"], &format!("{name}, MAE of {id}"));
            }
            let values = stored["values"][of].as_object().unwrap();
            assert_eq!(values.len(), 5);
            for (metric, expected) in values {
                near(value(&found.comparison, metric, arm), expected, &format!("{name}, {metric} of {of}"));
            }
        }
    }
}

#[test]
fn intervals_of_the_difference_are_those_of_paired_rows() {
    let (stored, folder) = (reference(), Folder::new("intervals"));
    let found = evaluated(folder.file("run.csv", &wide(ARMS, 0..ROWS))).unwrap();
    for (name, expected) in stored["differences"].as_object().unwrap() {
        let difference = metric(&found.comparison, name).difference.clone().unwrap();
        near(difference.value, &expected["value"], name);
        // Student's t at 39 degrees of freedom.
        let error = (difference.hi.unwrap() - difference.lo.unwrap()) / 2.0 / 2.022_690_9;
        let (of, tolerance) = expected.get("error").map_or((&expected["jackknife"], 0.1), |error| (error, 1e-6));
        assert!((error / of.as_f64().unwrap() - 1.0).abs() < tolerance, "{name}: {error}, {of}");
    }
    let gates: Vec<&str> = found.policy.gates.iter().map(|gate| gate.metric.as_str()).collect();
    assert_eq!(gates, ["ssim", "psnr_pooled", "latency_p95"]);
}

#[test]
fn swapping_the_arms_flips_the_sign_and_the_order_of_rows_does_not_matter() {
    let folder = Folder::new("laws");
    let of = |name: &str, text: String| evaluated(folder.file(name, &text)).unwrap();
    let plain = of("plain.csv", wide(ARMS, 0..ROWS));
    let swapped = of("swapped.csv", wide([ARMS[1], ARMS[0]], 0..ROWS));
    let shuffled = of("shuffled.csv", wide(ARMS, (0..ROWS).map(|row| row * 17 % ROWS)));
    for name in ["ssim", "psnr", "psnr_pooled", "pixel_mse", "pixel_mae"] {
        let of = |found: &Evaluation| metric(&found.comparison, name).difference.clone().unwrap();
        let (a, b, c) = (of(&plain), of(&swapped), of(&shuffled));
        for (found, expected) in [(a.value, -b.value), (a.lo.unwrap(), -b.hi.unwrap()), (a.value, c.value)] {
            assert!((found - expected).abs() < 1e-9, "{name}: {found}, {expected}");
        }
    }
    let (found, other) = (detail(&plain), detail(&swapped));
    let [better, equal, worse] = found.better.unwrap();
    assert_eq!((other.better, better + equal + worse), (Some([worse, equal, better]), 40));
    assert_eq!((found.losses.len() as u64, found.gains.len() as u64), (worse, better));
    let ids = |rows: &[assay::compare::ImagePairRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found.losses), ids(&other.gains));
    assert_eq!(found.histogram.champion.as_ref().unwrap().iter().sum::<u64>(), 40);
    let first = &found.losses[0];
    let ssim = |output: &Option<assay::compare::ImageOutput>| output.as_ref().unwrap().ssim.unwrap();
    assert!(ssim(&first.outputs.challenger) < ssim(&first.outputs.champion));
}

#[test]
fn images_that_cannot_be_used_are_counted_by_arm_with_the_reason() {
    let folder = Folder::new("faults");
    let at = |name: &str| folder.0.join(name);
    std::fs::remove_file(at("ref/3.png")).unwrap();
    std::fs::remove_file(at("champion/5.png")).unwrap();
    std::fs::write(at("challenger/6.png"), b"\x89PNG but no image").unwrap();
    std::fs::copy(at("ref/7.png"), at("challenger/8.png")).unwrap();
    save(&at("challenger/10.png"), &vec![9; 33 * 26], (33, 26, 1), false);
    let mut text = wide(ARMS, 0..ROWS).replace("champion/12.png", "../champion/12.png");
    text = text.replace("challenger/14.png", "");
    let found = evaluated(folder.file("run.csv", &text)).unwrap();
    let population = &found.comparison.population;
    assert_eq!(population.analysed, 33, "{population:?}");
    let lost: Vec<(String, u64)> = population.flow.iter().flat_map(|step| step.lost.clone()).collect();
    let expected =
        [("no usable reference", 1), ("champion has no usable image", 2), ("challenger has no usable image", 4)];
    assert_eq!(lost, expected.map(|(why, rows)| (why.to_owned(), rows)));
    let said: Vec<(&str, &str)> = found
        .run
        .report
        .issues
        .iter()
        .filter(|issue| issue.code.starts_with("image_"))
        .map(|issue| (issue.code.as_str(), issue.message.as_str()))
        .collect();
    for (code, part) in [
        ("image_missing", "1 reference images are not beside the log, e.g. row r3: ref/3.png is not beside the log."),
        ("image_missing", "2 images of champion are not beside the log, e.g. row r5: champion/5.png"),
        ("image_broken", "1 images of challenger cannot be used, e.g. row r6: challenger/6.png cannot be decoded"),
        ("image_shape", "row r8: challenger/8.png is 21 x 40 and its reference 33 x 26 pixels"),
    ] {
        assert!(said.iter().any(|(of, message)| *of == code && message.contains(part)), "{part}: {said:?}");
    }
    let shapes = found.run.report.issues.iter().find(|issue| issue.code == "image_shape").unwrap();
    assert!(shapes.count == 2 && shapes.examples[1].raw.contains("is grey and its reference in colour"));
    let nowhere = wide(ARMS, 0..3).replace("ref/", "r/").replace("champion/", "c/").replace("challenger/", "d/");
    let error = evaluated(folder.file("nowhere.csv", &nowhere)).err().unwrap();
    assert!(error.contains("None of the images that the log names") && error.contains("nowhere.csv"), "{error}");
}

#[test]
fn what_has_no_value_says_why() {
    let folder = Folder::new("undefined");
    for row in [4, 6] {
        std::fs::copy(folder.0.join(format!("ref/{row}.png")), folder.0.join(format!("champion/{row}.png"))).unwrap();
    }
    let found = evaluated(folder.file("run.csv", &wide(ARMS, 0..ROWS))).unwrap();
    let reason = |found: &Evaluation, name: &str| metric(&found.comparison, name).undefined.clone().unwrap_or_default();
    let why = reason(&found, "psnr");
    assert!(why.contains("2 images equal their references, for which PSNR is infinite"), "{why}");
    assert!(metric(&found.comparison, "psnr_pooled").difference.is_some());
    assert!(found.comparison.notes.iter().any(|note| note.contains("2 images equal their references, pixel by pixel")));
    for name in ["ref/1.png", "champion/1.png", "challenger/1.png"] {
        save(&folder.0.join(name), &[1, 2, 3, 4], (2, 2, 1), false);
    }
    let found = evaluated(folder.file("small.csv", &wide(ARMS, 0..ROWS))).unwrap();
    assert!(reason(&found, "ssim").contains("1 image is smaller than the window of SSIM, 11 x 11 pixels"));
    assert_eq!(detail(&found).measure, "pixel_mse");
    let split = Request { kind: Some(assay::log::RunKind::Ab), ..Request::default() };
    let request = Request { files: vec![folder.file("ab.csv", &long(ROWS))], task: Some(Task::Image), ..split };
    let cx = JobCx::new();
    let opened = pipeline::open(&request, &cx).unwrap();
    let error = pipeline::load(&opened, &opened.guess, &cx).err().unwrap().to_string();
    assert!(error.contains("open them as a shadow or offline run"), "{error}");
}

#[test]
fn reading_images_can_be_cancelled() {
    let folder = Folder::new("cancelled");
    let request = Request { files: vec![folder.file("run.csv", &wide(ARMS, 0..ROWS))], ..Request::default() };
    let opened = pipeline::open(&request, &JobCx::new()).unwrap();
    let cx = JobCx::new();
    cx.cancel();
    let error = pipeline::load(&opened, &opened.guess, &cx).err().unwrap().to_string();
    assert!(error.to_lowercase().contains("cancel"), "{error}");
}

fn cli(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_assay-cli")).current_dir(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_command_line_judges_records_reports_and_verifies() {
    let (stored, folder) = (reference(), Folder::new("cli"));
    folder.file("run.csv", &wide(ARMS, 0..ROWS));
    let run =
        cli(&folder.0, &["evaluate", "run.csv", "--task", "image", "--slice", "scene=night", "--json", "--out", "out"]);
    let found: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", said(&run)));
    let ssim = found["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "ssim").unwrap();
    near(ssim["difference"]["value"].as_f64().unwrap(), &stored["differences"]["ssim"]["value"], "ssim");
    let night = found["metrics"].as_array().unwrap().iter().find(|metric| metric["slice"] == "scene=night").unwrap();
    assert_eq!((night["name"].as_str(), night["difference"]["n"].as_u64()), (Some("ssim"), Some(13)));
    // Forty images are too few for the policy's minimum.
    assert_eq!(run.status.code(), Some(3), "{}", said(&run));
    let record = folder.0.join("out/record.json");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&record).unwrap()).unwrap();
    let images = &written["evidence"]["images"];
    assert_eq!((images["files"].as_u64(), images["list"].as_array().unwrap().len()), (Some(120), 120));
    let record = record.to_str().unwrap();
    let verified = cli(&folder.0, &["verify", record, "--logs", "."]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    let report = cli(&folder.0, &["report", record, "--format", "html", "--out", "report"]);
    assert_eq!(report.status.code(), Some(0), "{}", said(&report));
    let page = std::fs::read_dir(folder.0.join("report"))
        .unwrap()
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|of| of == "html"))
        .unwrap();
    let page = std::fs::read_to_string(page.path()).unwrap();
    for part in ["Image pairs", "120 image files were read", "Challenger loses most", "challenger/6.png"] {
        assert!(page.contains(part), "{part}");
    }
    // An image that is another than it was makes other numbers, and its name is told.
    std::fs::copy(folder.0.join("ref/2.png"), folder.0.join("challenger/2.png")).unwrap();
    let changed = cli(&folder.0, &["verify", record, "--logs", "."]);
    assert_ne!(changed.status.code(), Some(0));
    assert!(said(&changed).contains("DIFFERS"), "{}", said(&changed));
    std::fs::remove_file(folder.0.join("challenger/2.png")).unwrap();
    let gone = cli(&folder.0, &["verify", record, "--logs", "."]);
    assert_ne!(gone.status.code(), Some(0));
    let why = "1 of the 120 images of the record are not beside the logs: challenger/2.png";
    assert!(said(&gone).contains(why), "{}", said(&gone));
}
