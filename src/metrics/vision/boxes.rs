//! Boxes and how much they overlap.

use crate::log::Xywh;

/// A box by its corner of least coordinates and its size, in pixels, as COCO writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    /// From `[x, y, width, height]`.
    ///
    /// # Errors
    /// A number is not finite or a side is negative.
    pub fn xywh([x, y, width, height]: [f64; 4]) -> Result<Self, String> {
        let rect = Self { x, y, width, height };
        if ![x, y, width, height].iter().all(|value| value.is_finite()) {
            return Err(format!("{rect:?} is no box: its numbers must be finite"));
        }
        if width < 0.0 || height < 0.0 {
            return Err(format!("{rect:?} has a negative side; are its numbers [x1, y1, x2, y2]?"));
        }
        Ok(rect)
    }

    /// From two corners `[x1, y1, x2, y2]`.
    ///
    /// # Errors
    /// A number is not finite or the second corner is left of or above the first.
    pub fn xyxy([x1, y1, x2, y2]: [f64; 4]) -> Result<Self, String> {
        Self::xywh([x1, y1, x2 - x1, y2 - y1])
            .map_err(|_| format!("[{x1}, {y1}, {x2}, {y2}] are no corners [x1, y1, x2, y2] of a box"))
    }

    /// From what a log holds, where such numbers were checked.
    pub fn of([x, y, width, height]: Xywh) -> Self {
        Self { x, y, width, height }
    }

    /// Square pixels.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    fn intersection(&self, other: &Self) -> f64 {
        let side = |a: f64, a_size: f64, b: f64, b_size: f64| (a + a_size).min(b + b_size) - a.max(b);
        let width = side(self.x, self.width, other.x, other.width);
        let height = side(self.y, self.height, other.y, other.height);
        if width <= 0.0 || height <= 0.0 { 0.0 } else { width * height }
    }

    /// Intersection over union; 0 where they share no area.
    pub fn iou(&self, other: &Self) -> f64 {
        let shared = self.intersection(other);
        if shared == 0.0 { 0.0 } else { shared / (self.area() + other.area() - shared) }
    }

    /// Share of this box that lies in a crowd region.
    pub fn inside(&self, crowd: &Self) -> f64 {
        let shared = self.intersection(crowd);
        if shared == 0.0 { 0.0 } else { shared / self.area() }
    }
}
