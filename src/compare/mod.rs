//! From a plan and a log to a [`Comparison`]: every number of both models, with the interval of each difference.
//!
//! A `Comparison` is plain data. The window, the command line, the record and the report all read it, so
//! that the same thing has the same number everywhere.

mod agreement;
mod custom;
mod detail;
mod engine;
mod plan;
mod result;
mod selection;
mod slice;
pub mod staleness;
mod value;

pub use agreement::{Agreement, AnswerCell, Answers, ChurnSpan, LabelBounds, ScoreShift, SliceChurn, TopOverlap};
pub use custom::{CustomError, CustomMetric, ExpressionError, Kind, Scope};
pub use detail::{
    Adjusted, Balance, BalanceTest, BoxClass, Cell, CellShift, ClassCalibration, ClassReliability, ClassRow, Classes,
    Detail, ErrorAxis, ErrorBin, ErrorQuantile, Errors, ErrorsBy, Grouping, ImageOutput, ImagePairRow, ImagePairRows,
    ImageRow, Images, IntervalForecast, KayentaMetric, Lift, Look, LookSeries, LossDifferences, NaiveScale, Operations,
    OperationsSpan, PairPoint, PairRow, QuantileForecasts, QuantileLevel, Queries, QueryCut, QueryRow, QueryWins,
    Similarities, SimilarityBin, SplitDetail, Stage, StageOutcome, TextRow, Texts, TimeLoss, TimeTest, Traffic,
    WorstRow,
};
pub use engine::{
    CompareError, Engine, Live, PlanRequest, ThresholdRule, check_custom, cross_slices, outcome_directions,
};

pub use plan::{KayentaDesign, Looks, Plan, SplitDesign, Threshold, ThresholdBasis};
pub use result::{
    Better, CalibrationBin, Check, CheckOutcome, Comparison, Confusion, Curve, CurvePoint, Curves, Difference,
    Estimate, FlipTable, Histogram, JointCounts, MetricResult, PerArm, Population, ScoreSummary, SeriesPoint, Unit,
};
pub use selection::{AnswerRows, ClassCell, Selection};
pub use slice::{Condition, SliceError, SliceSpec};
pub use value::{
    Business, Ends, METRIC as BUSINESS_VALUE, PairValue, Scaled, Traffic as RunTraffic, ValueCell, ValueCurve,
    ValueModel,
};
