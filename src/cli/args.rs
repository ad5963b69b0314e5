//! The arguments as typed; what they ask for stands in [`request`](super::request).

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::s3_args::S3Args;
use crate::compare::staleness::Window;
use crate::compare::{CustomMetric, SliceSpec, ValueModel};

/// Compare a candidate model with the one in production, judge it by a policy, keep a record that replays.
#[derive(Debug, Parser)]
#[command(name = "assay-cli", version, after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes of evaluate: 0 promote (also with conditions), 3 extend, 4 reject, 5 rollback, \
                          6 invalid. Of all commands: 1 error, 2 usage.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What the files hold and what they seem to mean: dialect, columns, roles, pairing, quality.
    Inspect(Box<InspectArgs>),
    /// Compare the models, judge them by the policy, and exit with the verdict.
    #[command(after_help = EXIT_CODES)]
    Evaluate(Box<EvaluateArgs>),
    /// Write a record as documents.
    Report(ReportArgs),
    /// Compute every number of a record again from the logs, and compare.
    Verify(VerifyArgs),
    /// Check a policy, or print the default one.
    Policy(PolicyArgs),
    /// Print the JSON Schema of what this program reads and writes.
    Schema(SchemaArgs),
    /// Time the phases of the first screen on a log.
    Bench(BenchArgs),
    /// Sign a record.
    Sign(SignArgs),
}

/// What is compared, and how the files are read.
#[derive(Debug, ClapArgs)]
pub(super) struct RunArgs {
    /// A workspace (`*.assay`), or log files, folders, patterns and s3://BUCKET/PREFIX: models and labels together.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How the two models were run beside each other.
    #[arg(long)]
    pub kind: Option<KindName>,
    /// The kind of prediction the models make.
    #[arg(long)]
    pub task: Option<TaskName>,
    /// Model in production: value of the model column, file or folder name, or column.
    #[arg(long, value_name = "NAME")]
    pub champion: Option<String>,
    /// Candidate model; once for each of several, any of which may be promoted: they share the error.
    #[arg(long, value_name = "NAME")]
    pub challenger: Vec<String>,
    /// File or folder that holds labels.
    #[arg(long, value_name = "PATH")]
    pub labels: Vec<PathBuf>,
    /// Mapping profile (TOML), as `inspect --write-profile` keeps it.
    #[arg(long, value_name = "P.toml")]
    pub profile: Option<PathBuf>,
    /// Do not apply a mapping profile only because it lies beside the logs and fits their columns.
    #[arg(long, conflicts_with = "profile")]
    pub ignore_profiles: bool,
    /// What a column is: id, unit, ts, model, score, prediction, embedding, logprobs, tokens,
    /// preference, item, rank, label, label_ts, latency_ms, cost,
    /// error, weight, series, horizon, feature, ignored; of one model in a wide log: score.champion, score.challenger; of
    /// a class or a level: probability.CLASS, quantile.0.1, quantile.champion.0.1.
    #[arg(long, value_name = "ROLE=COLUMN", value_parser = role_and_column)]
    pub map: Vec<(String, String)>,
    /// Label value of the positive class, or POSITIVE/NEGATIVE.
    #[arg(long, value_name = "LABEL")]
    pub positive: Option<String>,
    /// Classes from the least to the greatest, for kappa with weights; numbers need none.
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub class_order: Vec<String>,
    /// Rows per season of a time series (24 for hours of a day), which MASE is scaled by; 1 where nothing is said.
    #[arg(long, value_name = "N")]
    pub season: Option<NonZeroU32>,
    /// Zone of times without an offset, e.g. Europe/Berlin.
    #[arg(long, value_name = "NAME")]
    pub zone: Option<String>,
    /// Order of dates such as 03/04/2026.
    #[arg(long, value_name = "ORDER")]
    pub dates: Option<DatesName>,
    /// How rows of the models are brought together.
    #[arg(long)]
    pub pairing: Option<PairingName>,
    /// Which prediction counts where one model has two different ones of one id.
    #[arg(long)]
    pub duplicates: Option<DuplicatesName>,
    /// Go on although many records could not be read.
    #[arg(long)]
    pub accept_bad_rows: bool,
    #[command(flatten)]
    pub s3: S3Args,
}

#[derive(Debug, ClapArgs)]
pub(super) struct InspectArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// Keep the mapping in this new file, for `--profile` of the next run.
    #[arg(long, value_name = "P.toml")]
    pub write_profile: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct EvaluateArgs {
    #[command(flatten)]
    pub run: RunArgs,
    /// Promotion policy (TOML); without one the default policy applies (`assay-cli policy default`).
    #[arg(long, value_name = "P.toml")]
    pub policy: Option<PathBuf>,
    /// Decision threshold of an arm (champion, challenger, or its name), or of both.
    #[arg(long, value_name = "[ARM=]X", value_parser = arm_and_threshold)]
    pub threshold: Vec<(Option<String>, f64)>,
    /// How thresholds are found where none is given.
    #[arg(long, value_name = "RULE")]
    pub threshold_rule: Option<RuleName>,
    /// Cost of a false positive and of a false negative.
    #[arg(long, value_name = "FP,FN", value_parser = two_costs)]
    pub costs: Option<[f64; 2]>,
    /// Report this slice too: column=value, column!=value, column>=number, column<number, joined by &.
    #[arg(long, value_name = "EXPR")]
    pub slice: Vec<SliceSpec>,
    /// Report a metric of your own too: an expression per row, averaged, or a ratio of two sums after `per`. BETTER is
    /// higher, lower or neither, as in net:higher:EUR=if(prediction, 20 * label - 5, 0).
    #[arg(long, value_name = "NAME:BETTER[:UNIT]=EXPR [per EXPR]", value_parser = CustomMetric::from_line)]
    pub metric: Vec<CustomMetric>,
    /// What a decision is worth, losses below 0: tp, fp, fn, tn of two classes, right and wrong of several, too_high and
    /// too_low of numbers (by each unit off); unit of money, column of amounts, requests a year.
    #[arg(long, value_name = "tp=20,fp=-5,fn=-50,unit=EUR,amount=COLUMN,per_year=N", value_parser = ValueModel::from_line)]
    pub value: Option<ValueModel>,
    /// Seed of whatever is drawn at random.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// A fact that no log says, for record and gates: time_to_market=6 weeks, challenger.cost_per_hour=2.40 EUR.
    #[arg(long, value_name = "[ARM.]NAME=VALUE[ UNIT]", value_parser = a_fact)]
    pub fact: Vec<String>,
    /// Results of smoke, unit or integration tests (JUnit XML), for record and gates.
    #[arg(long, value_name = "FILE.xml")]
    pub tests: Vec<PathBuf>,
    /// Training data of the model in production: file, folder, pattern or s3:// prefix, for training-serving skew.
    #[arg(long, value_name = "PATH")]
    pub reference: Vec<PathBuf>,
    /// Windows of time that drift is told by, as in 6h, 1d or 1w; without it chosen by the span of the log.
    #[arg(long, value_name = "SPAN")]
    pub window: Option<Window>,
    /// Write record, report, policy and manifest into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ReportArgs {
    /// A record (`record.json`), or an HTML report that carries one.
    pub record: PathBuf,
    #[arg(long, value_delimiter = ',', default_value = "html")]
    pub format: Vec<FormatName>,
    /// Folder to write to; without it, that of the record.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct VerifyArgs {
    /// A record (`record.json`), or an HTML report that carries one.
    pub record: PathBuf,
    /// Folder that holds the logs; without it, that of the record, then the current one.
    #[arg(long, value_name = "DIR")]
    pub logs: Option<PathBuf>,
    /// Print every compared value, not only what differs.
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub s3: S3Args,
}

#[derive(Debug, ClapArgs)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    pub what: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Say everything that is wrong or doubtful about a policy.
    Check { policy: PathBuf },
    /// Print the policy that is used when none is given.
    Default {
        /// For which kind of prediction; binary where nothing is said.
        #[arg(long)]
        task: Option<TaskName>,
    },
}

#[derive(Debug, ClapArgs)]
pub(super) struct SchemaArgs {
    pub of: SchemaName,
}

#[derive(Debug, ClapArgs)]
pub(super) struct BenchArgs {
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// Where to write the result; without it, standard output.
    #[arg(long, value_name = "OUT")]
    pub json: Option<PathBuf>,
    /// Bootstrap replicates; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub boot: u32,
}

#[derive(Debug, ClapArgs)]
pub(super) struct SignArgs {
    pub record: PathBuf,
    #[arg(long)]
    pub role: Option<String>,
    #[arg(long)]
    pub meaning: Option<String>,
    #[arg(long)]
    pub key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    Record,
    Policy,
    Profile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    Html,
    Pdf,
    Md,
    Csv,
    Junit,
    /// Flag configuration of the decided step (flagd, OpenFeature).
    Flags,
}

/// As written, once it is known to be a fact.
fn a_fact(text: &str) -> Result<String, String> {
    crate::decision::attached::Fact::parse(text).map(|_| text.to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    Shadow,
    Ab,
    Canary,
    Offline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TaskName {
    Binary,
    Multiclass,
    Regression,
    Ranking,
    Text,
    Similarity,
    Detection,
    Image,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DatesName {
    DayFirst,
    MonthFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PairingName {
    Id,
    Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DuplicatesName {
    Refuse,
    First,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RuleName {
    PerArm,
    MatchedFpr,
    MatchedFlagRate,
    LeastCost,
}

fn role_and_column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((role, column)) if !role.is_empty() && !column.is_empty() => Ok((role.to_owned(), column.to_owned())),
        _ => Err("write ROLE=COLUMN, for example id=request_id".to_owned()),
    }
}

fn arm_and_threshold(text: &str) -> Result<(Option<String>, f64), String> {
    // Names of models may hold an equals sign, numbers never do.
    let (arm, number) = text.rsplit_once('=').map_or((None, text), |(arm, number)| (Some(arm.to_owned()), number));
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((arm, value)),
        _ => Err("write X or ARM=X with a number, for example challenger=0.26".to_owned()),
    }
}

fn two_costs(text: &str) -> Result<[f64; 2], String> {
    let parse = |text: &str| text.trim().parse::<f64>().ok().filter(|cost| cost.is_finite() && *cost >= 0.0);
    text.split_once(',')
        .and_then(|(one, other)| Some([parse(one)?, parse(other)?]))
        .ok_or_else(|| "write two numbers that are not negative, for example 1,12.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_of_arguments_is_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn thresholds_take_an_arm_of_any_name() {
        assert_eq!(arm_and_threshold("0.5"), Ok((None, 0.5)));
        assert_eq!(arm_and_threshold("net k=3=4"), Ok((Some("net k=3".to_owned()), 4.0)));
        assert!(arm_and_threshold("a=").is_err());
        assert!(arm_and_threshold("NaN").is_err());
        assert!(role_and_column("id=").is_err());
        assert_eq!(two_costs("1, 12.5"), Ok([1.0, 12.5]));
        assert!(two_costs("1,-1").is_err());
    }
}
