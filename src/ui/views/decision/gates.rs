//! The table of gates; a click lists a gate's segments and the policy's reason.

use std::sync::Arc;

use eframe::egui::{Galley, Rect, Ui, pos2};

use super::{TILE_TITLE, mark};
use crate::decision::GatePlot;
use crate::present::decision::{DecisionModel, GateRow};
use crate::ui::text::Spans;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::{Cell, Column, ForestAxis, ForestRow, Shade, Table, Tile, forest};
use crate::ui::{fonts, paint};

#[derive(Clone, Copy)]
enum Line {
    Gate(usize),
    Because(usize),
    Segment(usize, usize),
}

/// The tile, laid out: rows grow with their texts, so their heights are known before anything is placed.
pub(super) struct Gates<'a> {
    model: &'a DecisionModel,
    open: Option<usize>,
    lines: Vec<Line>,
    heights: Vec<f32>,
    widths: Widths,
}

#[derive(Clone, Copy)]
struct Widths {
    id: f32,
    gate: f32,
    required: f32,
    value: f32,
    interval: f32,
    forest: f32,
    reason: f32,
}

impl Widths {
    fn new(ui: &Ui, model: &DecisionModel, table: f32) -> Self {
        let painter = ui.painter();
        let widest = |texts: &mut dyn Iterator<Item = &str>, title: &str| {
            let title = paint::text_width(painter, title, fonts::small());
            texts.map(|text| paint::text_width(painter, text, fonts::body_semibold())).fold(title, f32::max)
                + 2.0 * size::CELL_PADDING
                + 2.0
        };
        let values = || {
            let gates = model.gates.iter().map(|gate| (&gate.value, &gate.interval));
            let segments = model.gates.iter().flat_map(|gate| &gate.segments);
            gates.chain(segments.map(|segment| (&segment.value, &segment.interval)))
        };
        let value = widest(&mut values().filter_map(|(value, _)| value.as_deref()), "difference").ceil();
        let interval = widest(&mut values().filter_map(|(_, interval)| interval.as_deref()), "95 % interval").ceil();
        let id = widest(&mut model.gates.iter().map(|gate| gate.id.as_str()), "").clamp(36.0, 120.0).ceil();
        let gate = (table * 0.165).clamp(140.0, 260.0).floor();
        let required = widest(&mut model.gates.iter().map(|gate| gate.required.as_str()), "Required");
        let required = required.min(table * 0.16).floor();
        // Where room is short the reasons need it more than the plot.
        let forest = (175.0 + (table - 1_002.0) * 0.36).clamp(120.0, 320.0).floor();
        let fixed = 28.0 + id + gate + required + value + interval + forest + 2.0 * size::CELL_PADDING;
        Self { id, gate, required, value, interval, forest, reason: (table - fixed).max(110.0) }
    }
}

impl<'a> Gates<'a> {
    pub fn lay_out(ui: &Ui, model: &'a DecisionModel, open: Option<usize>, width: f32) -> Self {
        let widths = Widths::new(ui, model, width - 2.0);
        let mut lines = Vec::new();
        for (index, gate) in model.gates.iter().enumerate() {
            lines.push(Line::Gate(index));
            if open == Some(index) {
                lines.extend(gate.because.as_ref().map(|_| Line::Because(index)));
                lines.extend((0..gate.segments.len()).map(|segment| Line::Segment(index, segment)));
            }
        }
        let heights = lines.iter().map(|line| height(ui, model, *line, &widths)).collect();
        Self { model, open, lines, heights, widths }
    }

    pub fn height(&self) -> f32 {
        TILE_TITLE + size::TABLE_HEADER + self.heights.iter().sum::<f32>() + 9.0
    }

    /// Returns the gate that was clicked.
    pub fn show_at(&self, ui: &mut Ui, rect: Rect) -> Option<usize> {
        let widths = self.widths;
        let axis = ForestAxis::margins();
        let room = widths.forest - 2.0 * size::CELL_PADDING;
        let fits = |text: &&&str| paint::text_width(ui.painter(), text, fonts::small()) <= room;
        let titles = ["in multiples of the margin, better to the right", "in margins, better to the right"];
        let forest_title = *titles.iter().find(fits).unwrap_or(&"better to the right");
        let columns = [
            Column::mark(),
            Column::text("", widths.id),
            Column::text("Gate", widths.gate),
            Column::text("Required", widths.required),
            Column::number("difference", widths.value),
            Column::number(&self.model.interval_title, widths.interval),
            Column::text(forest_title, widths.forest),
            Column::text("Reason", widths.reason),
        ];
        let openable = self.model.gates.iter().any(|gate| !gate.segments.is_empty());
        let trailing = if openable { "a click on a gate lists its segments" } else { "" };
        let tile = Tile::new("Gates").qualifier(&self.model.gates_caption).trailing(trailing).flush();
        let heights = |row: usize| self.heights[row];
        let inert = |row: usize| match self.lines[row] {
            Line::Gate(gate) => !opens(&self.model.gates[gate]),
            Line::Because(_) | Line::Segment(..) => true,
        };
        let selected = self.lines.iter().position(|line| matches!(line, Line::Gate(gate) if self.open == Some(*gate)));
        let table = Table::new("Gates", &columns).heights(&heights).inert(&inert).selected(selected).clickable();
        let response = tile.show_at(ui, rect, |ui| {
            table.show(ui, self.lines.len(), |cell, row, column| match self.lines[row] {
                Line::Gate(gate) => gate_cell(cell, &self.model.gates[gate], column, &axis),
                Line::Because(gate) => because_cell(cell, &self.model.gates[gate], column),
                Line::Segment(gate, segment) => {
                    segment_cell(cell, &self.model.gates[gate], segment, column, &axis);
                }
            })
        });
        match self.lines.get(response.clicked?) {
            Some(Line::Gate(gate)) => Some(*gate),
            _ => None,
        }
    }
}

fn opens(gate: &GateRow) -> bool {
    !gate.segments.is_empty() || gate.because.is_some()
}

fn height(ui: &Ui, model: &DecisionModel, line: Line, widths: &Widths) -> f32 {
    let tokens = Tokens::of(ui);
    let tall = |spans: Spans, width: f32| wrapped(ui.painter(), spans, width - 2.0 * size::CELL_PADDING).size().y + 8.0;
    let reason = |text: &str| tall(Spans::small(tokens).muted(text), widths.reason);
    let least = match line {
        Line::Gate(gate) => {
            let gate = &model.gates[gate];
            let title = tall(title(tokens, gate), widths.gate);
            reason(&gate.reason).max(title).max(tall(Spans::body(tokens).text(&gate.required), widths.required))
        }
        Line::Because(_) => 0.0,
        Line::Segment(gate, segment) => {
            let segment = &model.gates[gate].segments[segment];
            let evidence = tall(Spans::small(tokens).muted(&segment.evidence), widths.required);
            reason(&segment.reason).max(tall(Spans::body(tokens).text(&segment.name), widths.gate)).max(evidence)
        }
    };
    least.max(size::ROW).round()
}

fn title(tokens: &'static Tokens, gate: &GateRow) -> Spans {
    let spans = Spans::body(tokens).ink(&gate.title);
    let segments = match gate.segments.len() {
        0 => String::new(),
        1 => "1 segment".to_owned(),
        many => format!("{many} segments"),
    };
    let small = [gate.role, &segments].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    // Kept together, so that no line begins with the second word.
    let small = small.replace(' ', "\u{a0}");
    if small.is_empty() { spans } else { spans.run(&format!(" {small}"), fonts::small(), tokens.muted) }
}

fn wrapped(painter: &eframe::egui::Painter, spans: Spans, width: f32) -> Arc<Galley> {
    let mut job = spans.job();
    job.wrap.max_width = width;
    painter.layout_job(job)
}

/// Several lines, centred in the height of the row.
fn paint_wrapped(cell: &mut Cell<'_>, spans: Spans) {
    cell.say(spans.plain());
    let galley = wrapped(cell.painter(), spans, cell.rect.width());
    let top = cell.rect.center().y - galley.size().y / 2.0;
    let place = paint::snap_pos(cell.painter(), pos2(cell.rect.left(), top));
    cell.painter().galley(place, galley, cell.tokens.text);
}

fn gate_cell(cell: &mut Cell<'_>, gate: &GateRow, column: usize, axis: &ForestAxis) {
    let tokens = cell.tokens;
    match column {
        0 => cell.mark(mark(gate.sign)),
        1 => cell.muted(&gate.id),
        2 => paint_wrapped(cell, title(tokens, gate)),
        3 => paint_wrapped(cell, Spans::body(tokens).text(&gate.required)),
        4 => number(cell, gate.value.as_deref(), &gate.reason, true),
        5 => number(cell, gate.interval.as_deref(), &gate.reason, false),
        6 => forest::cell(cell, axis, &forest_row(gate.plot, !gate.binds)),
        _ => paint_wrapped(cell, Spans::small(tokens).muted(&gate.reason)),
    }
}

fn because_cell(cell: &mut Cell<'_>, gate: &GateRow, column: usize) {
    if column == 2 {
        // The sentence runs on under the other columns.
        cell.rect.max.x += 1_000.0;
        cell.rect.max.x = cell.rect.max.x.min(cell.painter().clip_rect().right() - size::TILE_PADDING);
        let because = gate.because.as_deref().unwrap_or_default();
        let spans = Spans::small(cell.tokens).muted("Required because: ").text(because);
        cell.spans(spans);
        let full = Rect::from_min_max(cell.rect.min, cell.rect.max);
        if paint::text_width(cell.painter(), because, fonts::small()) > full.width() - 100.0 {
            cell.hover(because);
        }
    }
}

fn segment_cell(cell: &mut Cell<'_>, gate: &GateRow, segment: usize, column: usize, axis: &ForestAxis) {
    let segment = &gate.segments[segment];
    let tokens = cell.tokens;
    match column {
        0 => {}
        1 => cell.mark(mark(segment.sign)),
        2 => paint_wrapped(cell, Spans::body(tokens).text(&segment.name)),
        3 => paint_wrapped(cell, Spans::small(tokens).muted(&segment.evidence)),
        4 => number(cell, segment.value.as_deref(), &segment.reason, true),
        5 => number(cell, segment.interval.as_deref(), &segment.reason, false),
        6 => forest::cell(cell, axis, &forest_row(segment.plot, !gate.binds)),
        _ => paint_wrapped(cell, Spans::small(tokens).muted(&segment.reason)),
    }
}

fn number(cell: &mut Cell<'_>, text: Option<&str>, reason: &str, strong: bool) {
    match text {
        Some(text) if strong => cell.number_strong(text),
        Some(text) => cell.number(text),
        None => cell.undefined(reason),
    }
}

fn forest_row(plot: Option<GatePlot>, quiet: bool) -> ForestRow {
    let Some(plot) = plot else {
        return ForestRow { quiet, ..ForestRow::default() };
    };
    let shade = match (plot.shade_below, plot.shade_above) {
        (Some(below), Some(above)) => Shade::Outside(below, above),
        (Some(below), None) => Shade::Below(below),
        (None, Some(above)) => Shade::Above(above),
        (None, None) => Shade::None,
    };
    ForestRow { estimate: Some(plot.value), interval: Some((plot.lo, plot.hi)), shade, quiet }
}
