//! Figures as inline SVG: a small scene, and the pictures made with it. Colours are classes of the page's style.

pub(super) mod course;
pub(super) mod coverage;
pub(super) mod curves;
pub(super) mod flow;
pub(super) mod forest;
pub(super) mod marks;
pub(super) mod plot;
pub(super) mod scores;
pub(super) mod served;

use super::markup::escape;

/// Where text stands relative to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// Shapes in a box of user units; what is not finite is not drawn.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    width: f64,
    height: f64,
    body: String,
}

fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}

impl Scene {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        if finite(&[from, to].concat()) {
            self.body.push_str(&format!(
                "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                px(from[0]),
                px(from[1]),
                px(to[0]),
                px(to[1])
            ));
        }
    }

    pub fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        if finite(&[x, y, width, height]) && width > 0.0 && height > 0.0 {
            self.body.push_str(&format!(
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                px(x),
                px(y),
                px(width),
                px(height)
            ));
        }
    }

    pub fn circle(&mut self, class: &str, centre: [f64; 2], radius: f64) {
        if finite(&centre) {
            self.body.push_str(&format!(
                "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
                px(centre[0]),
                px(centre[1]),
                px(radius)
            ));
        }
    }

    pub fn polyline(&mut self, class: &str, points: impl IntoIterator<Item = [f64; 2]>) {
        self.points("polyline", class, points);
    }

    pub fn polygon(&mut self, class: &str, points: impl IntoIterator<Item = [f64; 2]>) {
        self.points("polygon", class, points);
    }

    fn points(&mut self, element: &str, class: &str, points: impl IntoIterator<Item = [f64; 2]>) {
        let points: Vec<String> = points
            .into_iter()
            .filter(|point| finite(point))
            .map(|point| format!("{},{}", px(point[0]), px(point[1])))
            .collect();
        if points.len() > 1 {
            self.body.push_str(&format!("<{element} class=\"{class}\" points=\"{}\"/>", points.join(" ")));
        }
    }

    pub fn text(&mut self, class: &str, at: [f64; 2], anchor: Anchor, text: &str) {
        if finite(&at) {
            self.body.push_str(&format!(
                "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                px(at[0]),
                px(at[1]),
                anchor.word(),
                escape(text)
            ));
        }
    }

    /// The picture with its name and description for those who do not see it. `key` is unique on the page.
    pub fn finish(self, key: &str, title: &str, description: &str) -> String {
        format!(
            "<svg role=\"img\" aria-labelledby=\"{key}-t {key}-d\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\"><title id=\"{key}-t\">{2}</title><desc id=\"{key}-d\">{3}</desc>{4}</svg>",
            px(self.width),
            px(self.height),
            escape(title),
            escape(description),
            self.body
        )
    }

    /// The picture beside words that say the same: hidden from screen readers.
    pub fn decoration(self, class: &str) -> String {
        format!(
            "<svg class=\"{class}\" aria-hidden=\"true\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">{2}</svg>",
            px(self.width),
            px(self.height),
            self.body
        )
    }
}
