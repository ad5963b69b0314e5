//! Proof of pairing, label coverage, and what was mended or set aside.

use eframe::egui::{Rect, ScrollArea, Ui, vec2};

use super::{MappingModel, thousands};
use crate::ingest::mapping::{Mapping, Pairing, Role};
use crate::ingest::{Day, Issue, Severity};
use crate::log::{JoinAudit, PairBasis};
use crate::present::format::short_date;
use crate::ui::layout::{self, Part};
use crate::ui::marks::Mark;
use crate::ui::text::{self, Spans};
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Axis, Chart, Column, Table, Tile, states};

pub(super) fn proof_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>) {
    let days = model.audit.map_or(&[][..], |audit| &audit.days);
    // The course over time is drawn where the counts and the quality list leave room for it.
    let spare = rect.height() - PAIRING - LABELS - 120.0;
    let course = if days.len() > 1 && days.iter().any(|day| day.lines > 0) && spare > 2.0 * 74.0 {
        (spare / 2.0).min(104.0)
    } else {
        0.0
    };
    let parts = [Part::Fixed(PAIRING + course), Part::Fixed(LABELS + course), Part::Share(1.0)];
    let [pairing, labels, quality] = layout::rows(rect, parts);
    pairing_ui(ui, pairing, model, course);
    labels_ui(ui, labels, model, course);
    Tile::new("Quality").qualifier("what was mended or set aside").show_at(ui, quality, |ui| quality_ui(ui, model));
}

/// Heights of the tiles without the course over time.
const PAIRING: f32 = 190.0;
const LABELS: f32 = 104.0;

fn basis(mapping: &Mapping, audit: Option<&JoinAudit>) -> String {
    match audit.map(|audit| &audit.basis) {
        Some(PairBasis::Id { column }) => format!("{column} = {column}, exact text"),
        Some(PairBasis::SameRow) => "both models stand in the same row".to_owned(),
        Some(PairBasis::Position { proof }) => format!("by row number: {proof}"),
        Some(PairBasis::OneModel) => "one model, nothing to pair".to_owned(),
        Some(PairBasis::Split { .. }) => "each request went to one arm, nothing to pair".to_owned(),
        None if mapping.pairing == Pairing::Position => "by row number".to_owned(),
        None => mapping
            .columns
            .iter()
            .find(|column| column.role == Role::Id)
            .map_or("no id column".to_owned(), |column| format!("{0} = {0}, exact text", column.column)),
    }
}

fn pairing_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, course: f32) {
    let join = model.audit.map(|audit| &audit.join);
    let qualifier = basis(model.mapping, join);
    let Some(audit) = join else {
        Tile::new("Pairing").qualifier(&qualifier).show_at(ui, rect, |ui| {
            states::empty_ui(
                ui,
                "Counted when the files are loaded: matched, one-sided and duplicate ids, before any number is shown.",
                None,
            );
        });
        return;
    };
    let kept = if audit.conflicts_kept { "kept as chosen" } else { "kept out" };
    let open = |count: u64| {
        if count > 0 { Mark::Inconclusive } else { Mark::Bullet }
    };
    let lines = [
        (Mark::Pass, "matched one to one", audit.paired, "the analysis uses these"),
        (Mark::Bullet, "champion only", audit.champion_only, "kept out, counted as missing"),
        (Mark::Bullet, "challenger only", audit.challenger_only, "kept out"),
        (Mark::Bullet, "duplicate, same", audit.duplicate_same, "lines, merged to one"),
        (open(audit.duplicate_different), "duplicate, different", audit.duplicate_different, kept),
        (open(audit.without_id), "lines without an id", audit.without_id, "cannot be paired"),
    ];
    let columns = [
        Column::mark(),
        Column::text("", 128.0),
        Column::number("", 78.0),
        Column::number("", 66.0),
        Column::text("", 100.0).grow(1.0),
    ];
    Tile::new("Pairing").qualifier(&qualifier).flush().show_at(ui, rect, |ui| {
        let [counts, chart] = layout::rows(ui.available_rect_before_wrap(), [Part::Share(1.0), Part::Fixed(course)]);
        if course > 0.0 {
            let days = model.audit.map_or(&[][..], |audit| &audit.days);
            let shown = Course::new(days, "unmatched", |day| [day.unmatched, day.lines]);
            layout::at_ui(ui, "unmatched by day", chart.shrink2(vec2(size::TILE_PADDING, 0.0)), |ui| shown.ui(ui));
        }
        layout::at_ui(ui, "pairing counts", counts, |ui| {
            Table::new("pairing", &columns).header_height(0.0).show(ui, lines.len(), |cell, row, column| {
                let (mark, name, count, remark) = lines[row];
                match column {
                    0 => cell.mark(mark),
                    1 => cell.text(name),
                    2 => cell.number(&thousands(count)),
                    3 => cell.number_muted(&share(count, audit.ids)),
                    _ => cell.small(remark),
                }
            });
        });
    });
}

/// A share by day or week as bars.
struct Course {
    name: &'static str,
    /// From and to along the axis, and the share.
    bars: Vec<(f64, f64, f64)>,
    /// Start and share of each bar in words.
    hovers: Vec<String>,
    ticks: Vec<(f64, String)>,
    most: f64,
    description: String,
}

impl Course {
    fn new(days: &[Day], name: &'static str, counts: impl Fn(&Day) -> [u64; 2]) -> Self {
        let (width, of) = if days.len() > 98 { (7, "week from ") } else { (1, "") };
        let mut course = Self {
            name,
            bars: Vec::new(),
            hovers: Vec::new(),
            ticks: Vec::new(),
            most: 0.0,
            description: String::new(),
        };
        let buckets: Vec<&[Day]> = days.chunks(width).collect();
        let place = |index: usize| index as f64 / buckets.len() as f64;
        let every = buckets.len().div_ceil(5).max(1);
        let mut worst = (0.0, String::new());
        for (index, bucket) in buckets.iter().enumerate() {
            let [part, all] = bucket.iter().map(&counts).fold([0, 0], |sum, day| [sum[0] + day[0], sum[1] + day[1]]);
            let value = if all == 0 { 0.0 } else { part as f64 / all as f64 };
            let start = bucket.first().map_or_else(String::new, |day| short_date(day.start));
            if index % every == 0 {
                course.ticks.push((place(index), start.clone()));
            }
            if value > worst.0 {
                worst = (value, start.clone());
            }
            course.bars.push((place(index), place(index + 1), value));
            course.hovers.push(format!(
                "{of}{start}: {} {name}, {} of {}",
                share(part, all),
                thousands(part),
                thousands(all)
            ));
        }
        course.most = worst.0;
        course.description = format!("{name} by {}", if width == 7 { "week" } else { "day" });
        if worst.0 > 0.0 && worst.0 < 1.0 {
            course.description += &format!("; {of}{} is {:.2} %", worst.1, worst.0 * 100.0);
        }
        course
    }

    fn ui(&self, ui: &mut Ui) {
        let tokens = Tokens::of(ui);
        // A little share is seen too: the axis ends at a round number of per cent above the largest one.
        let top = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|top| self.most <= *top).unwrap_or(1.0);
        let ticks = vec![(0.0, "0 %".to_owned()), (top, format!("{} %", top * 100.0))];
        let (x, y) =
            (Axis::new(0.0, 1.0, "", self.ticks.clone()).without_grid(), Axis::new(0.0, top, &self.description, ticks));
        Chart::new(self.name, &x, &y).describe(&self.description).show(ui, |canvas| {
            canvas.bars(self.bars.iter().copied(), tokens.muted);
            let under =
                canvas.hover().and_then(|(place, _)| self.bars.iter().position(|bar| bar.0 <= place && place < bar.1));
            if let Some(hover) = under.and_then(|bar| self.hovers.get(bar)) {
                canvas.response().clone().on_hover_text(hover);
            }
        });
    }
}

/// Share of all ids in per cent.
fn share(count: u64, all: u64) -> String {
    if all == 0 {
        return "\u{2013}".to_owned();
    }
    let share = count as f64 / all as f64 * 100.0;
    if count > 0 && share < 0.01 { "< 0.01 %".to_owned() } else { format!("{share:.2} %") }
}

fn labels_ui(ui: &mut Ui, rect: Rect, model: &MappingModel<'_>, course: f32) {
    let tokens = Tokens::of(ui);
    let column =
        model.mapping.columns.iter().chain(&model.mapping.label_columns).find(|column| column.role == Role::Label);
    let qualifier = column.map_or_else(|| "none mapped".to_owned(), |column| format!("from {}", column.column));
    Tile::new("Labels").qualifier(&qualifier).show_at(ui, rect, |ui| {
        let Some(audit) = model.audit else {
            let sentence = if column.is_some() {
                "Counted when the files are loaded: present, absent, orphan and conflicting."
            } else {
                "No labels are mapped. Only agreement, scores and latency can be compared without them."
            };
            states::empty_ui(ui, sentence, None);
            return;
        };
        if course > 0.0 {
            let chart = ui.available_rect_before_wrap();
            let [chart, _] = layout::rows(chart, [Part::Fixed(course), Part::Share(1.0)]);
            let shown = Course::new(&audit.days, "present", |day| [day.labelled, day.rows]);
            layout::at_ui(ui, "labels by day", chart, |ui| shown.ui(ui));
            ui.advance_cursor_after_rect(chart);
        }
        let labels = &audit.join.labels;
        Spans::body(tokens)
            .strong(&format!("{} present", thousands(labels.present)))
            .text(&format!(
                ", {} absent, {} orphan, {} conflicting",
                thousands(labels.absent),
                thousands(labels.orphan),
                thousands(labels.conflicting)
            ))
            .ui(ui);
        if let Some([half, most, last]) = labels.lag_hours {
            let lag = format!("lag: half within {half:.1} h, 90 % within {most:.1} h, 99 % within {last:.1} h");
            ui.label(text::small(tokens, &lag));
        }
    });
}

fn quality_ui(ui: &mut Ui, model: &MappingModel<'_>) {
    let tokens = Tokens::of(ui);
    ScrollArea::vertical().id_salt("quality").auto_shrink([false, false]).show(ui, |ui| {
        // The worst first.
        let mut issues: Vec<&Issue> =
            model.opened.issues.iter().chain(model.audit.iter().flat_map(|audit| &audit.issues)).collect();
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
        if issues.is_empty() {
            states::remark_ui(ui, Mark::Pass, Spans::body(tokens).text("nothing was mended or set aside"));
        }
        for issue in issues {
            let mark = match issue.severity {
                Severity::Note => Mark::Bullet,
                Severity::Warning => Mark::Inconclusive,
                Severity::Blocking => Mark::Fail,
            };
            let spans =
                Spans::body(tokens).text(&issue.message).muted(&format!(" {} ", issue.consequence)).text(&issue.mend);
            let examples: Vec<String> = issue
                .examples
                .iter()
                .take(5)
                .map(|example| format!("{}, record {}: {}", example.source, example.record, example.raw))
                .collect();
            let remark = states::remark_ui(ui, mark, spans);
            if !examples.is_empty() {
                remark.on_hover_text(examples.join("\n"));
            }
        }
    });
}
