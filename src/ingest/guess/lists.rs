//! Ranked lists: a line is an item that a model listed for a query.

use super::column::{Kind, Look};
use super::label_files::pick_label_time;
use super::names::{role_of, words};
use super::roles::{Candidate, Judge, Pick, Roles};
use super::{Input, State};
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::opened::Confidence;
use crate::log::{RunKind, Task};

/// Names of a query, best first; the first ones tell a ranking, the others only name the column of one.
const QUERY: [&str; 17] = [
    "query_id",
    "qid",
    "topic_id",
    "topic",
    "search_id",
    "q_id",
    "query",
    "request_id",
    "impression_id",
    "session_id",
    "user_id",
    "customer_id",
    "context_id",
    "id",
    "request",
    "session",
    "user",
];
const QUERY_TELLS: usize = 7;

const ITEM: [&str; 25] = [
    "doc_id",
    "docno",
    "docid",
    "document_id",
    "item_id",
    "itemid",
    "product_id",
    "passage_id",
    "candidate_id",
    "result_id",
    "article_id",
    "movie_id",
    "track_id",
    "sku",
    "asin",
    "document",
    "doc",
    "item",
    "product",
    "passage",
    "candidate",
    "result",
    "article",
    "movie",
    "url",
];

const RANK: [&str; 7] = ["rank", "position", "pos", "ranking", "place", "rnk", "rank_position"];

const RELEVANCE: [&str; 10] = [
    "relevance",
    "rel",
    "relevance_label",
    "relevance_grade",
    "grade",
    "graded_relevance",
    "judgment",
    "judgement",
    "relevant",
    "is_relevant",
];

/// Dialects whose readers go by the score and take no notice of the rank.
const BY_SCORE: &str = "trec-run";

fn place(names: &[&str], column: &str) -> Option<usize> {
    let name = words(column).join("_");
    names.iter().position(|known| *known == name)
}

/// The column that one of `names` calls, the best of them.
fn named<'a>(names: &[&str], columns: impl Iterator<Item = (usize, &'a str)>) -> Option<usize> {
    columns.filter_map(|(at, column)| Some((place(names, column)?, at))).min().map(|(_, at)| at)
}

fn columns<'a>(input: &'a Input<'_>) -> impl Iterator<Item = (usize, &'a str)> + Clone {
    input.table.columns.iter().map(|column| column.name.as_str()).enumerate()
}

fn is_score(column: &str) -> bool {
    matches!(role_of(&words(column)), Some((Role::Score, _)))
}

/// Whether the files are ranked lists without being told so: a line names query, item and place, or query, item and
/// score with a relevance somewhere, and queries come more than once.
pub(super) fn seen(inputs: &[Input<'_>], looks: &[Vec<Look>]) -> bool {
    let relevance = inputs.iter().any(|input| named(&RELEVANCE[..6], columns(input)).is_some());
    inputs.iter().zip(looks).filter(|(input, _)| !input.labels).any(|(input, looks)| {
        if input.dialect == BY_SCORE {
            return true;
        }
        let Some(query) = named(&QUERY[..QUERY_TELLS], columns(input)) else { return false };
        let repeated = looks[query].distinct * 10 <= looks[query].filled * 8;
        let item = named(&ITEM, columns(input)).is_some();
        let ranked = named(&RANK, columns(input)).is_some();
        repeated && item && (ranked || relevance && columns(input).any(|(_, name)| is_score(name)))
    })
}

/// Which inputs hold judgements: those named so, and those with a relevance but no place, where others have one.
pub(super) fn judgements(inputs: &[Input<'_>], told: &[ColumnRole]) -> Vec<bool> {
    let is = |role: Role, column: &str| told.iter().any(|told| told.column == column && told.role == role);
    let placed = |input: &Input<'_>| {
        columns(input).any(|(_, name)| {
            is(Role::Rank, name) || is(Role::Score, name) || place(&RANK, name).is_some() || is_score(name)
        })
    };
    let any = inputs.iter().any(|input| !input.labels && placed(input));
    let judged =
        |input: &Input<'_>| columns(input).any(|(_, name)| is(Role::Label, name) || is_relevance(name).is_some());
    inputs.iter().map(|input| input.labels || any && !placed(input) && judged(input)).collect()
}

/// How well a name says relevance.
fn is_relevance(column: &str) -> Option<usize> {
    let label = || match role_of(&words(column)) {
        Some((Role::Label, rank)) => Some(RELEVANCE.len() + rank),
        _ => None,
    };
    place(&RELEVANCE, column).or_else(label)
}

impl Judge<'_> {
    /// Roles of the columns of lists, beside those that were told.
    pub(super) fn lists(&self, roles: &mut Roles, by_score: bool) {
        for role in [Role::LabelTs, Role::Model] {
            self.by_name(roles, role);
        }
        if !self.told(Role::Model) {
            self.model_by_values(roles);
        }
        let why = |what: &str| format!("named like {what} of a ranked list");
        self.pick(roles, Role::Id, |name| place(&QUERY, name), &why("the query"));
        self.pick(roles, Role::Item, |name| place(&ITEM, name), &why("an item"));
        self.pick(roles, Role::Label, is_relevance, "named like the relevance of an item");
        let is_long = roles.picks.iter().flatten().any(|pick| pick.role == Role::Model);
        let outputs_told = self.told(Role::Score) || self.told(Role::Rank);
        if !is_long && !outputs_told {
            self.wide_by_side(roles);
        }
        if roles.wide.is_none() && !self.told_sides() {
            self.by_name(roles, Role::Score);
            self.pick(roles, Role::Rank, |name| place(&RANK, name), &why("the place"));
        }
        let rank = roles.picks.iter_mut().flatten().find(|pick| pick.role == Role::Rank && pick.why != "as told");
        if let Some(rank) = rank.filter(|_| by_score) {
            *rank = Pick::new(Role::Ignored, Confidence::Certain, "trec_eval orders by the score and reads no rank");
        }
        for role in [Role::LatencyMs, Role::Cost, Role::Error, Role::Unit, Role::Ts, Role::Weight] {
            self.by_name(roles, role);
        }
    }

    fn pick(&self, roles: &mut Roles, role: Role, known: impl Fn(&str) -> Option<usize>, why: &str) {
        if self.told(role) {
            return;
        }
        let number = |look: &Look| look.is_number() || look.kind == Kind::Empty;
        let fits = |look: &Look| match role {
            Role::Label => number(look) || look.is_classes(),
            Role::Rank => number(look),
            _ => look.filled > 0,
        };
        let free = |at: &usize| roles.picks[*at].is_none() && fits(self.columns[*at].look);
        let best =
            (0..self.columns.len()).filter(free).filter_map(|at| Some((known(self.columns[at].name)?, at))).min();
        if let Some((_, at)) = best {
            let look = self.columns[at].look;
            let why = format!("{why}; {} different values in {} rows", look.distinct, look.filled);
            roles.picks[at] = Some(Pick::new(role, Confidence::Certain, why));
        }
    }
}

/// Roles of the columns of a file of judgements.
pub(super) fn label_roles(
    columns: &[Candidate<'_>],
    explicit: &[ColumnRole],
    picks: &[(&str, Role)],
) -> Vec<Option<Pick>> {
    let mut found: Vec<Option<Pick>> = vec![None; columns.len()];
    let of_judgements = |role: Role| matches!(role, Role::Id | Role::Item | Role::Label | Role::LabelTs);
    for told in explicit.iter().filter(|told| of_judgements(told.role)) {
        if let Some(at) = columns.iter().position(|column| column.name == told.column) {
            found[at] = Some(Pick::new(told.role, Confidence::Certain, "as told"));
        }
    }
    for (role, names) in [(Role::Id, &QUERY[..]), (Role::Item, &ITEM[..]), (Role::Label, &[])] {
        if found.iter().flatten().any(|pick| pick.role == role) {
            continue;
        }
        let same = |name: &str| picks.iter().any(|(known, of)| *of == role && *known == name);
        let rank = |name: &str| match role {
            Role::Label => is_relevance(name),
            _ if same(name) => Some(0),
            _ => place(names, name).map(|rank| rank + 1),
        };
        let free = (0..columns.len()).filter(|&at| found[at].is_none());
        if let Some((_, at)) = free.filter_map(|at| Some((rank(columns[at].name)?, at))).min() {
            let why = match role {
                Role::Id => "the query that was judged",
                Role::Item => "the item that was judged",
                _ => "named like the relevance of an item",
            };
            found[at] = Some(Pick::new(role, Confidence::Certain, why));
        }
    }
    pick_label_time(columns, &mut found, Some(Task::Ranking));
    found
}

/// Whether every file of lists is in a dialect whose readers go by the score.
pub(super) fn by_score(inputs: &[Input<'_>], is_labels: &[bool]) -> bool {
    inputs.iter().zip(is_labels).filter(|(_, labels)| !**labels).all(|(input, _)| input.dialect == BY_SCORE)
}

impl State<'_> {
    /// Ranked lists have no classes; and where nobody said that the files are lists, that is said.
    pub(super) fn lists(&mut self, told: bool) {
        self.mapping.positive.clear();
        self.mapping.label_map.clear();
        if told {
            return;
        }
        let name = |role: Role| self.with_role(role).map_or("the query", |at| self.columns[at].0);
        let message = format!(
            "A {} comes in several lines with {} each, so the lines are taken for items of ranked lists.",
            name(Role::Id),
            name(Role::Item)
        );
        self.issues.push(Issue {
            code: "task_by_lines".to_owned(),
            severity: Severity::Note,
            message,
            consequence:
                "A row of the comparison is a query; metrics, views and the default policy are those of rankings."
                    .to_owned(),
            mend: "None needed where that is right; else say the task with --task.".to_owned(),
            count: 1,
            share: 1.0,
            examples: Vec::new(),
        });
    }

    /// Queries and images are known by their id alone; whether both models answered them is seen when they are read.
    pub(super) fn stored_kind(&mut self) {
        let two = self.mapping.challenger.is_some();
        let has_time = self.with_role(Role::Ts).is_some();
        self.mapping.kind = match (self.options.kind, two && has_time) {
            (Some(kind), _) => kind,
            (None, true) => RunKind::Shadow,
            (None, false) => RunKind::Offline,
        };
        debug_assert!(matches!(self.mapping.task, Task::Ranking | Task::Detection));
        debug_assert!(self.roles.picks.iter().flatten().all(|pick| pick.side == Side::Both || self.is_wide()));
    }
}
