use eframe::egui::Theme;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::ingest::{Issue, Severity};
use crate::present::overview::tests::made;
use crate::present::validity::validity;
use crate::ui::views::overview::tests::{harness, in_shell};

fn issues() -> Vec<Issue> {
    vec![Issue {
        code: "unreadable_record".to_owned(),
        severity: Severity::Warning,
        message: "14 records of challenger-2026-09.parquet could not be read.".to_owned(),
        consequence: "Their ids count as answered by the champion only.".to_owned(),
        mend: "Read the records set aside.".to_owned(),
        count: 14,
        share: 0.00001,
        examples: Vec::new(),
    }]
}

#[test]
fn validity_is_named_and_copies_a_digest() {
    let made = made();
    let model = validity(&made.sheet(), &issues());
    let said = std::cell::RefCell::new(Vec::new());
    let mut state = ValidityState::default();
    let page = |ui: &mut Ui| {
        let mut out = Outbox::default();
        validity_ui(ui, &model, &mut state, &mut out);
        said.borrow_mut().extend(out.take());
    };
    let mut harness = harness([1280.0, 800.0], Theme::Dark, in_shell(&made, 4, page));
    harness.get_by_label_contains("inconclusive, Label maturity");
    harness.get_by_label_contains("Champion only, 4,276");
    harness.get_by_label_contains("14 records of challenger");
    harness.get_by_label_contains("labels-2026-11-08.csv, labels").focus();
    harness.run();
    harness.key_press(eframe::egui::Key::Enter);
    harness.run();
    drop(harness);
    assert!(matches!(&said.borrow()[0], Command::CopyText(digest) if digest.len() == 64));
}

#[test]
#[ignore = "draws pictures to look at"]
fn pictures() {
    let made = made();
    let model = validity(&made.sheet(), &issues());
    let folder = std::env::temp_dir().join("assay-overview");
    std::fs::create_dir_all(&folder).unwrap();
    for (size, look) in [([1440.0, 900.0], Theme::Dark), ([1280.0, 800.0], Theme::Light)] {
        let mut state = ValidityState::default();
        let page = |ui: &mut Ui| validity_ui(ui, &model, &mut state, &mut Outbox::default());
        let mut harness = harness(size, look, in_shell(&made, 4, page));
        let name = format!("validity-{}-{look:?}.png", size[0]);
        harness.render().unwrap().save(folder.join(name)).unwrap();
    }
}
