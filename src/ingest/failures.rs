//! Which requests failed, from a column that says it somehow: yes or no, an HTTP or gRPC status, words, or the text of
//! an error that is empty where there was none.

use super::guess::column::{Kind, Look};
use super::split::may_hold_messages;
use super::table::ColumnData;
use super::typing::{self, Typed, is_null_token};
use crate::log::{FAILED, NO_LABEL, SERVED, TIMED_OUT};

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    /// A flag; what it means lies in the column's name.
    Flag(bool),
    Served,
    TimedOut,
    /// A status or a word for failure.
    Failed,
    /// Anything else: the text of an error.
    Message,
}

const FINE: [&str; 14] = [
    "ok",
    "okay",
    "success",
    "succeeded",
    "successful",
    "complete",
    "completed",
    "done",
    "passed",
    "healthy",
    "served",
    "2xx",
    "3xx",
    "no error",
];
const WRONG: [&str; 16] = [
    "error",
    "err",
    "errored",
    "fail",
    "failed",
    "failure",
    "exception",
    "unavailable",
    "internal",
    "cancelled",
    "canceled",
    "rejected",
    "refused",
    "aborted",
    "4xx",
    "5xx",
];
const LATE: [&str; 6] = ["timeout", "timed out", "timed_out", "timedout", "time out", "deadline"];

fn said(cell: &str) -> Said {
    let cell = cell.trim();
    if cell.is_empty() || is_null_token(cell.as_bytes()) {
        return Said::Nothing;
    }
    if let typing::Number::Value(value) = typing::parse_number(cell.as_bytes()) {
        return status(value);
    }
    let word = cell.to_lowercase();
    match word.as_str() {
        "true" | "t" | "yes" | "y" => return Said::Flag(true),
        "false" | "f" | "no" | "n" => return Said::Flag(false),
        _ => {}
    }
    if LATE.iter().any(|late| word.contains(late)) {
        Said::TimedOut
    } else if FINE.contains(&word.as_str()) {
        Said::Served
    } else if WRONG.contains(&word.as_str()) {
        Said::Failed
    } else {
        // `503 Service Unavailable`
        let code = word.split(|letter: char| !letter.is_ascii_digit()).next().filter(|code| code.len() == 3);
        code.and_then(|code| code.parse().ok()).map_or(Said::Message, status)
    }
}

/// A number: 0 and 1 are a flag, 100 to 599 an HTTP status, others a gRPC or exit status, of which 0 is none.
fn status(value: f64) -> Said {
    match value {
        0.0 => Said::Flag(false),
        1.0 => Said::Flag(true),
        // Request timeout, gateway timeout, and what proxies write for it; gRPC's deadline exceeded.
        408.0 | 504.0 | 524.0 | 598.0 | 4.0 => Said::TimedOut,
        value if (100.0..400.0).contains(&value) => Said::Served,
        _ => Said::Failed,
    }
}

/// `200`, `204 No Content`.
fn is_success(cell: &str) -> bool {
    let code = cell.trim().split(|letter: char| !letter.is_ascii_digit()).next();
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| (200..300).contains(&code))
}

fn starts_with_digit(cell: &str) -> bool {
    cell.trim().starts_with(|letter: char| letter.is_ascii_digit())
}

/// Whether the name says that yes is good.
fn praises(name: &str) -> bool {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    words
        .into_iter()
        .any(|word| ["ok", "success", "successful", "succeeded", "answered", "served"].contains(&word.as_str()))
}

fn is_late(name: &str) -> bool {
    let name = name.to_lowercase();
    LATE.iter().any(|late| name.contains(late))
}

/// What the columns of a side held, over all files.
#[derive(Debug, Default)]
pub(super) struct Seen {
    fine: u64,
    messages: u64,
}

/// One file's column, as [`SERVED`], [`FAILED`], [`TIMED_OUT`] or [`NO_LABEL`].
pub(super) fn typed(data: &ColumnData, names: &[String], seen: &mut Seen) -> Typed<Vec<u8>> {
    let name = names.first().map_or("", String::as_str);
    let bad = if is_late(name) { TIMED_OUT } else { FAILED };
    let codes = typing::codes(data);
    // Codes of errors that stand only where a request failed are no status, whatever numbers they are.
    let lacks = (0..codes.len())
        .any(|row| codes.code(row).is_none_or(|code| said(&codes.names[code as usize]) == Said::Nothing));
    let of_errors = may_hold_messages(name) && lacks && !codes.names.iter().any(|cell| is_success(cell));
    let of_code: Vec<(Said, u8)> = codes
        .names
        .iter()
        .map(|cell| {
            let said = said(cell);
            let value = match said {
                Said::Nothing => NO_LABEL,
                Said::Flag(flag) if flag == praises(name) => SERVED,
                Said::Served if of_errors && starts_with_digit(cell) => bad,
                Said::Served => SERVED,
                Said::TimedOut => TIMED_OUT,
                Said::Flag(_) | Said::Failed | Said::Message => bad,
            };
            (said, value)
        })
        .collect();
    let value = |row: usize| codes.code(row).map(|code| of_code[code as usize]);
    let mut values = Vec::with_capacity(codes.len());
    let mut empty = 0;
    for row in 0..codes.len() {
        let (said, value) = value(row).unwrap_or((Said::Nothing, NO_LABEL));
        seen.fine += u64::from(value == SERVED);
        seen.messages += u64::from(said == Said::Message);
        empty += u64::from(value == NO_LABEL);
        values.push(value);
    }
    Typed { values, empty, ..Typed::default() }
}

impl Seen {
    /// The column over all files: where it holds only messages of errors, an empty cell is a request that went well.
    pub fn settled(&self, mut values: Vec<u8>, names: &[String]) -> Vec<u8> {
        let of_messages = names.iter().any(|name| may_hold_messages(name));
        if self.fine == 0 && (self.messages > 0 || of_messages) {
            values.iter_mut().filter(|value| **value == NO_LABEL).for_each(|value| *value = SERVED);
        }
        values
    }
}

/// Whether a column says no more than yes or no.
pub(super) fn is_flag(look: &Look) -> bool {
    !look.values.is_empty() && look.values.iter().all(|(value, _)| matches!(said(value), Said::Flag(_)))
}

/// Why a column of this look tells which requests failed, given that its name says so; `None` where its values do not.
pub(super) fn why(name: &str, look: &Look) -> Option<String> {
    let whole = look.kind == Kind::Whole;
    // `status` says too little for numbers that may be anything.
    let vague = name.eq_ignore_ascii_case("status");
    let of_errors =
        may_hold_messages(name) && look.filled < look.rows && !look.values.iter().any(|(value, _)| is_success(value));
    if whole && !of_errors && look.min >= 100.0 && look.max <= 599.0 {
        return Some(format!("named like a status; from {} to {}", look.min, look.max));
    }
    if !vague && is_flag(look) {
        return Some("named like a failure; yes or no".to_owned());
    }
    let is_word = |(value, _): &(String, u64)| !matches!(said(value), Said::Message | Said::Flag(_));
    if look.kind == Kind::Text && !look.values.is_empty() && look.values.iter().all(is_word) {
        return Some(format!("named like a status; {} different words for how it went", look.distinct));
    }
    let messages = may_hold_messages(name) && look.filled < look.rows;
    match look.kind {
        Kind::Text if messages => Some("text where a request failed, empty elsewhere".to_owned()),
        Kind::Whole if messages => Some("numbers where a request failed, empty elsewhere".to_owned()),
        Kind::Empty if messages => Some("named like the text of errors; empty, so that none failed".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::mapping::{Role, Side};
    use crate::ingest::open_tests::Files;
    use crate::ingest::table::TextColumn;
    use crate::ingest::{OpenOptions, load};
    use crate::job::JobCx;
    use crate::log::{Log, RunKind};

    /// The log of one file, with the roles that its columns were guessed to have.
    fn log(name: &str, text: &str, kind: Option<RunKind>) -> (Log, Vec<(String, Role, Side)>) {
        let files = Files::new(name, &[("log.csv", text.as_bytes())]);
        let opened = files.open(OpenOptions { kind, ..OpenOptions::default() }).unwrap();
        let roles = opened.guess.columns.iter().map(|one| (one.column.clone(), one.role, one.side)).collect();
        (load(&opened, &opened.guess, &JobCx::new()).unwrap().log, roles)
    }

    #[test]
    fn codes_that_stand_only_where_a_request_failed_are_no_status() {
        let mut text = String::from("request_id,model,score,label,error_code\n");
        for row in 0..40 {
            let code = if row % 5 == 3 { "302" } else { "" };
            text += &format!("r{row},champion,0.{},{},\n", 11 + row, row % 2);
            text += &format!("r{row},challenger,0.{},{},{code}\n", 12 + row, row % 2);
        }
        let (log, roles) = log("error-codes", &text, None);
        assert!(roles.contains(&("error_code".to_owned(), Role::Error, Side::Both)), "{roles:?}");
        let failed = |arm: usize| {
            let of = log.arms[arm].served.failed.as_ref().unwrap();
            of.iter().filter(|one| **one == FAILED).count()
        };
        assert_eq!([failed(0), failed(1)], [0, 8]);
    }

    #[test]
    fn long_logs_name_cost_and_status() {
        let mut text = String::from("request_id,model,score,label,http_status,cost_usd\n");
        for row in 0..40 {
            let label = row % 2;
            text += &format!("r{row},champion,0.{},{label},200,0.01\n", 11 + row);
            match row {
                7 => text += &format!("r{row},challenger,,{label},504,0.02\n"),
                8 => text += &format!("r{row},challenger,,{label},500,\n"),
                _ => text += &format!("r{row},challenger,0.{},{label},200,0.02\n", 12 + row),
            }
        }
        let (log, roles) = log("served-long", &text, None);
        assert!(roles.contains(&("http_status".to_owned(), Role::Error, Side::Both)), "{roles:?}");
        assert!(roles.contains(&("cost_usd".to_owned(), Role::Cost, Side::Both)), "{roles:?}");
        let failed = log.arms[1].served.failed.as_ref().unwrap();
        assert_eq!((log.rows, failed[7], failed[8], failed[9]), (40, TIMED_OUT, FAILED, SERVED));
        assert!(log.arms[0].served.failed.as_ref().unwrap().iter().all(|one| *one == SERVED));
        let cost = log.arms[1].served.cost.as_ref().unwrap();
        assert!(cost[7] == 0.02 && crate::log::is_not_logged(cost[8]));
    }

    #[test]
    fn wide_logs_name_a_side() {
        let mut text = String::from(
            "id,score_champion,score_challenger,cost_champion,cost_challenger,error_champion,error_challenger,label\n",
        );
        for row in 0..30 {
            let error = if row == 4 { "upstream reset" } else { "" };
            text += &format!("r{row},0.{},0.{},1.5,2.5,,{error},{}\n", 11 + row, 21 + row, row % 2);
        }
        let (log, roles) = log("served-wide", &text, None);
        assert!(roles.contains(&("error_challenger".to_owned(), Role::Error, Side::Challenger)), "{roles:?}");
        assert_eq!(log.arms[1].served.failed.as_ref().unwrap()[3..6], [SERVED, FAILED, SERVED]);
        assert_eq!(log.arms[0].served.cost.as_ref().unwrap()[0], 1.5);
    }

    #[test]
    fn in_a_split_run_they_are_outcomes() {
        let files = Files::new(
            "served-split",
            &[(
                "log.csv",
                &{
                    let mut text = String::from("request_id,variant,http_status,spent\n");
                    for row in 0..200 {
                        let arm = if row % 2 == 0 { "control" } else { "treatment" };
                        text += &format!("r{row},{arm},{},0.{}\n", if row % 20 == 1 { 503 } else { 200 }, 1 + row % 7);
                    }
                    text
                }
                .into_bytes()[..],
            )],
        );
        let roles =
            [("error", "http_status"), ("cost", "spent")].map(|(role, column)| (role.to_owned(), column.to_owned()));
        let opened = files
            .open(OpenOptions { kind: Some(RunKind::Ab), roles: roles.to_vec(), ..OpenOptions::default() })
            .unwrap();
        let log = load(&opened, &opened.guess, &JobCx::new()).unwrap().log;
        let outcomes = log.split.unwrap().outcomes;
        let of = |name: &str| outcomes.iter().find(|one| one.name == name).unwrap();
        assert_eq!(of("error_rate").values.iter().sum::<f64>(), 10.0);
        assert!(of("error_rate").two_valued && !of("cost_per_request").two_valued);
    }

    fn read(name: &str, cells: &[&str]) -> Vec<u8> {
        let mut text = TextColumn::default();
        cells.iter().for_each(|cell| text.push((!cell.is_empty()).then_some(cell.as_bytes())));
        let names = [name.to_owned()];
        let mut seen = Seen::default();
        let typed = typed(&ColumnData::Text(text), &names, &mut seen);
        seen.settled(typed.values, &names)
    }

    #[test]
    fn statuses_flags_and_messages() {
        assert_eq!(read("http_status", &["200", "503", "504", "302", ""]), [0, 1, 2, 0, NO_LABEL]);
        assert_eq!(read("is_error", &["true", "false", "1", "0"]), [1, 0, 1, 0]);
        assert_eq!(read("success", &["true", "false"]), [0, 1]);
        assert_eq!(read("timed_out", &["yes", "no"]), [2, 0]);
        assert_eq!(read("error", &["", "connection reset", "Read timed out."]), [0, 1, 2]);
        assert_eq!(read("error", &["", ""]), [0, 0]);
        assert_eq!(read("error_code", &["", "-100", "1"]), [0, 1, 1]);
        assert_eq!(read("status", &["ok", "", "504 Gateway Timeout", "500 oops"]), [0, NO_LABEL, 2, 1]);
        assert_eq!(read("grpc_status", &["0", "4", "14"]), [0, 2, 1]);
    }
}
