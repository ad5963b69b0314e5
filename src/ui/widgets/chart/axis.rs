//! Axes: bounds, scale, round ticks.

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    #[default]
    Linear,
    /// Base 10; bounds above 0.
    Log,
    /// Log-odds; bounds within (0, 1).
    Logit,
}

impl Scale {
    fn forward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).log10(),
            Self::Logit => {
                let value = value.clamp(1e-12, 1.0 - 1e-12);
                (value / (1.0 - value)).ln()
            }
        }
    }

    fn backward(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10f64.powf(place),
            Self::Logit => 1.0 / (1.0 + (-place).exp()),
        }
    }

    /// Place of `value` between `lo` (0) and `hi` (1); not clamped.
    pub fn share(self, value: f64, lo: f64, hi: f64) -> f64 {
        let (low, high) = (self.forward(lo), self.forward(hi));
        if high == low { 0.0 } else { (self.forward(value) - low) / (high - low) }
    }

    /// Value at a place between `lo` (0) and `hi` (1).
    pub fn value(self, share: f64, lo: f64, hi: f64) -> f64 {
        let (low, high) = (self.forward(lo), self.forward(hi));
        self.backward(low + share * (high - low))
    }
}

/// One axis of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    pub lo: f64,
    pub hi: f64,
    pub scale: Scale,
    /// Value and label.
    pub ticks: Vec<(f64, String)>,
    /// Above the axis for y, right under it for x; says the unit, and `log scale` or `logit scale`.
    pub title: String,
    /// Hairlines at the ticks.
    pub grid: bool,
}

/// Points that a label of a vertical axis takes.
const LABEL_HEIGHT: f32 = 13.0;

impl Axis {
    /// Bounds with ticks of your own.
    pub fn new(lo: f64, hi: f64, title: &str, ticks: Vec<(f64, String)>) -> Self {
        Self { lo, hi, scale: Scale::Linear, ticks, title: title.to_owned(), grid: true }
    }

    /// 0 to 1 with ticks each fifth: ROC, precision and recall.
    pub fn unit(title: &str) -> Self {
        let label = |tick: u32| match tick {
            0 => "0".to_owned(),
            5 => "1".to_owned(),
            tick => format!("0.{}", tick * 2),
        };
        Self::new(0.0, 1.0, title, (0..=5).map(|tick| (f64::from(tick) / 5.0, label(tick))).collect())
    }

    /// Four to six round ticks within the bounds; `label` writes a tick, e.g. through `present`'s formats.
    pub fn linear(lo: f64, hi: f64, title: &str, label: impl Fn(f64) -> String) -> Self {
        let ticks = round_ticks(lo, hi).into_iter().map(|tick| (tick, label(tick))).collect();
        Self::new(lo, hi, title, ticks)
    }

    /// Powers of ten within the bounds.
    pub fn log(lo: f64, hi: f64, title: &str, label: impl Fn(f64) -> String) -> Self {
        let (first, last) = (lo.log10().ceil() as i32, hi.log10().floor() as i32);
        let every = ((last - first) / 5).max(0) + 1;
        let ticks = (first..=last).step_by(every as usize).map(|power| 10f64.powi(power));
        let ticks = ticks.map(|tick| (tick, label(tick))).collect();
        Self { scale: Scale::Log, ..Self::new(lo, hi, title, ticks) }
    }

    /// Shares on log-odds: 0.1 %, 1 %, 10 %, 50 %, 90 %, 99 % and so on, as far as the bounds reach.
    pub fn logit(lo: f64, hi: f64, title: &str) -> Self {
        let places = [
            (1e-7, "0.00001 %"),
            (1e-5, "0.001 %"),
            (1e-3, "0.1 %"),
            (0.01, "1 %"),
            (0.1, "10 %"),
            (0.5, "50 %"),
            (0.9, "90 %"),
            (0.99, "99 %"),
            (0.999, "99.9 %"),
        ];
        let within = |places: &[(f64, &str)]| -> Vec<(f64, String)> {
            let inside = places.iter().filter(|(place, _)| (lo..=hi).contains(place));
            inside.map(|(place, label)| (*place, (*label).to_owned())).collect()
        };
        let mut ticks = within(&places);
        if ticks.len() < 4 {
            // A narrow range needs places between the decades.
            ticks = within(&[
                (1e-3, "0.1 %"),
                (0.002, "0.2 %"),
                (0.005, "0.5 %"),
                (0.01, "1 %"),
                (0.02, "2 %"),
                (0.05, "5 %"),
                (0.1, "10 %"),
                (0.2, "20 %"),
                (0.3, "30 %"),
                (0.5, "50 %"),
                (0.7, "70 %"),
                (0.8, "80 %"),
                (0.9, "90 %"),
                (0.95, "95 %"),
                (0.99, "99 %"),
            ]);
        }
        Self { scale: Scale::Logit, ..Self::new(lo, hi, title, ticks) }
    }

    /// No hairlines.
    pub fn without_grid(mut self) -> Self {
        self.grid = false;
        self
    }

    /// Ticks whose labels do not run into each other on a vertical axis of so many points: each second, third and so
    /// on, with the one at 0 among them.
    pub(super) fn spaced_ticks(&self, height: f32) -> impl Iterator<Item = &(f64, String)> {
        let gap = |pair: &[(f64, String)]| (self.share(pair[1].0) - self.share(pair[0].0)).abs() as f32 * height;
        let least = self.ticks.windows(2).map(gap).fold(f32::INFINITY, f32::min);
        let every = if least > 0.0 { (LABEL_HEIGHT / least).ceil().max(1.0) as usize } else { 1 };
        let first = self.ticks.iter().position(|(value, _)| *value == 0.0).unwrap_or(0) % every;
        self.ticks.iter().skip(first).step_by(every)
    }

    /// No ticks and no title.
    pub fn bare(lo: f64, hi: f64) -> Self {
        Self { grid: false, ..Self::new(lo, hi, "", Vec::new()) }
    }

    /// Place of `value` along the axis, 0 to 1 within the bounds.
    pub fn share(&self, value: f64) -> f64 {
        self.scale.share(value, self.lo, self.hi)
    }

    /// Value at a place along the axis.
    pub fn value(&self, share: f64) -> f64 {
        self.scale.value(share, self.lo, self.hi)
    }
}

/// Four to six round values within the bounds.
fn round_ticks(lo: f64, hi: f64) -> Vec<f64> {
    let span = hi - lo;
    if !(span.is_finite() && span > 0.0) {
        return Vec::new();
    }
    let rough = span / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (lo / step - 1e-9).ceil() as i64;
    let last = (hi / step + 1e-9).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_low_axis_are_thinned_around_zero() {
        let axis = Axis::linear(-7.5, 2.5, "", |value| value.to_string());
        let values = |height: f32| axis.spaced_ticks(height).map(|(value, _)| *value).collect::<Vec<_>>();
        assert_eq!(values(200.0), axis.ticks.iter().map(|(value, _)| *value).collect::<Vec<_>>());
        let few = values(30.0);
        assert!(few.contains(&0.0) && few.len() < axis.ticks.len() && few.len() > 1, "{few:?}");
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(round_ticks(0.0, 1.0), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(round_ticks(0.0, 7.4).len(), 4);
        assert!(round_ticks(3.0, 3.0).is_empty());
    }

    #[test]
    fn scales_run_back_and_forth() {
        for scale in [Scale::Linear, Scale::Log, Scale::Logit] {
            let share = scale.share(0.3, 0.001, 0.99);
            assert!((scale.value(share, 0.001, 0.99) - 0.3).abs() < 1e-12);
        }
    }
}
