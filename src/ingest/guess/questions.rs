//! Classes, pairing, zone, conflicts, bad rows: what is settled by evidence and what is asked.

use super::classes::{self, Group};
use super::evidence::{ModelOf, SHARED, add_counts, repeats, shared_ids};
use super::position::{Part, Proof, prove};
use super::roles::Pick;
use super::{Input, Outcome, State};
use crate::ingest::answer::Patch;
use crate::ingest::formats::Reject;
use crate::ingest::issue::{IngestError, Issue, Severity};
use crate::ingest::mapping::{ColumnRole, Duplicates, Pairing, Role, Side};
use crate::ingest::open::{MAX_BAD_SHARE, OpenOptions};
use crate::ingest::opened::{Confidence, Question, QuestionKind};
use crate::job::JobCx;
use crate::log::RunKind;

/// Text rows searched for repeated ids by the first look; larger logs are searched when loaded.
const REPEAT_ROWS: usize = 500_000;

impl<'a> State<'a> {
    /// Values of the labels, else of the decisions, as two classes.
    pub(super) fn classes(&mut self) -> Result<(), IngestError> {
        let mut labels: Vec<(String, u64)> = Vec::new();
        let in_files = self.label_column(Role::Label).map(str::to_owned);
        let inline = self.with_role(Role::Label).map(|place| self.columns[place].0);
        let named = in_files.clone().or_else(|| inline.map(str::to_owned));
        for (input, is_labels) in self.inputs.iter().zip(&self.is_labels) {
            let column = if *is_labels { in_files.as_deref() } else { inline };
            let Some(column) = column.filter(|column| input.table.column(column).is_some()) else {
                continue;
            };
            let Some(values) = input.values(column) else {
                return Err(IngestError::Mapping(format!(
                    "The label column `{column}` holds more than a thousand different values; two classes are needed."
                )));
            };
            add_counts(&mut labels, values);
        }
        let mut decisions: Vec<(String, u64)> = Vec::new();
        let outputs: Vec<&str> = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .filter(|(_, pick)| pick.as_ref().is_some_and(|pick| pick.role == Role::Prediction))
            .map(|((name, _), _)| *name)
            .collect();
        for (input, output) in self.predictions().flat_map(|input| outputs.iter().map(move |output| (input, *output))) {
            add_counts(&mut decisions, input.values(output).unwrap_or_default());
        }
        (self.values.labels, self.values.decisions) = (labels.clone(), decisions.clone());
        let column = named.unwrap_or_else(|| outputs.first().map_or_else(String::new, |name| (*name).to_owned()));
        let mut groups = classes::groups(if labels.is_empty() { &decisions } else { &labels });
        if !labels.is_empty() {
            classes::add_answered(&mut groups, &decisions);
        }
        if groups.is_empty() {
            self.mapping.label_map = [("1".to_owned(), true), ("0".to_owned(), false)].into();
            for (class, place) in &self.roles.family {
                let (role, why) = family_role(class == "1");
                self.roles.picks[*place] = Some(Pick {
                    role,
                    side: Side::Both,
                    class: None,
                    confidence: Confidence::Likely,
                    why: why.to_owned(),
                });
            }
            return Ok(());
        }
        self.classes_of(&column, &groups, &decisions)
    }

    fn classes_of(&mut self, column: &str, groups: &[Group], decisions: &[(String, u64)]) -> Result<(), IngestError> {
        let listed: Vec<String> =
            groups.iter().take(12).map(|group| format!("{} ({})", group.name, group.count)).collect();
        let listed = if groups.len() > 12 {
            format!("{} and {} more", listed.join(", "), groups.len() - 12)
        } else {
            listed.join(", ")
        };
        let no_value = |word: &str| {
            IngestError::Mapping(format!("The label column `{column}` has no value `{word}`; it holds {listed}."))
        };
        let mut candidates = classes::candidates(groups);
        let mut settled = classes::evident(groups);
        if let Some(told) = &self.options.positive {
            match (classes::find(groups, told), told.split_once('/')) {
                (Some(positive), _) => {
                    candidates.retain(|pair| pair.0 == positive);
                    settled = match groups.len() {
                        1 => Some((positive, usize::MAX)),
                        2 => Some((positive, 1 - positive)),
                        // The natural opposite of what was told: `0` for `1`. The rest is set aside and said.
                        _ => {
                            let opposite = match groups[positive].name.as_str() {
                                "1" => classes::find(groups, "0").or_else(|| classes::find(groups, "-1")),
                                _ => None,
                            };
                            opposite.map(|negative| (positive, negative))
                        }
                    };
                }
                (None, Some((positive, negative))) => {
                    let positive = classes::find(groups, positive).ok_or_else(|| no_value(positive))?;
                    let negative = classes::find(groups, negative).ok_or_else(|| no_value(negative))?;
                    settled = Some((positive, negative));
                }
                (None, None) if groups.len() == 1 => settled = Some((usize::MAX, 0)),
                (None, None) => return Err(no_value(told)),
            }
        } else if groups.len() == 1 && settled.is_none() {
            settled = Some((0, usize::MAX));
        }
        let patch = |&(positive, negative): &(usize, usize)| {
            let mut pair = classes::pair(groups, positive, negative, decisions);
            if positive == usize::MAX
                && let Some(told) = &self.options.positive
            {
                pair.map.remove(&pair.positive);
                pair.positive.clone_from(told);
                pair.map.insert(told.clone(), true);
            }
            let family = self.roles.family.iter().map(|(class, place)| {
                let is_positive =
                    groups.get(positive).is_some_and(|group| group.spellings.contains(class) || group.name == *class);
                ColumnRole::new(
                    self.columns[*place].0.to_owned(),
                    if is_positive { Role::Score } else { Role::Ignored },
                    Side::Both,
                )
            });
            Patch { positive: Some((pair.positive, pair.map)), columns: family.collect(), ..Patch::default() }
        };
        if let Some(pair) = settled.or_else(|| candidates.first().copied()) {
            let chosen = patch(&pair);
            for role in &chosen.columns {
                if let Some(place) = self.columns.iter().position(|(name, _)| *name == role.column) {
                    let (_, why) = family_role(role.role == Role::Score);
                    self.roles.picks[place] = Some(Pick {
                        role: role.role,
                        side: Side::Both,
                        class: None,
                        confidence: Confidence::Certain,
                        why: why.to_owned(),
                    });
                }
            }
            chosen.apply(&mut self.mapping);
        }
        if let Some((positive, negative)) = settled {
            self.other_values(column, groups, positive, negative);
            return Ok(());
        }
        let name = |place: usize| groups[place].name.as_str();
        let choices = candidates.iter().map(|&(positive, negative)| {
            if groups.len() == 2 {
                name(positive).to_owned()
            } else {
                format!("{} positive, {} negative, the rest set aside", name(positive), name(negative))
            }
        });
        self.questions.push(Question {
            kind: QuestionKind::Positive,
            text: if groups.len() == 2 {
                format!("Which value of {column} is the positive class?")
            } else {
                format!("{column} has {} values: which is positive, which negative?", groups.len())
            },
            choices: choices.collect(),
            evidence: format!("Values with their counts: {listed}."),
            answer: None,
            flag: if groups.len() == 2 {
                "--positive VALUE".to_owned()
            } else {
                "--positive POSITIVE/NEGATIVE (or --task multiclass, --task regression, where it is none of two classes)".to_owned()
            },
            patches: candidates.iter().map(patch).collect(),
        });
        Ok(())
    }

    /// Say which label values are in neither class.
    fn other_values(&mut self, column: &str, groups: &[Group], positive: usize, negative: usize) {
        let others: Vec<&Group> = groups
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != positive && *place != negative)
            .map(|(_, group)| group)
            .collect();
        if others.is_empty() {
            return;
        }
        let count: u64 = others.iter().map(|group| group.count).sum();
        let total: u64 = groups.iter().map(|group| group.count).sum();
        let listed: Vec<String> =
            others.iter().take(12).map(|group| format!("{} ({})", group.name, group.count)).collect();
        self.issues.push(Issue {
            code: "other_label_values".to_owned(),
            severity: Severity::Warning,
            message: format!("{count} of {total} labels in {column} are neither class: {}.", listed.join(", ")),
            consequence: "These rows count as unlabelled; they are in neither class.".to_owned(),
            mend: "Name both classes with --positive POSITIVE/NEGATIVE, or map the values in the file.".to_owned(),
            count,
            share: count as f64 / total.max(1) as f64,
            examples: Vec::new(),
        });
    }

    /// By id, by row of the same line, or by position with proof; and the kind of run.
    pub(super) fn pairing_and_kind(&mut self, _cx: &JobCx) -> Result<(), IngestError> {
        let has_time = self.with_role(Role::Ts).is_some();
        let id = self.with_role(Role::Id).map(|place| self.columns[place].0);
        let two = self.mapping.challenger.is_some();
        if self.is_wide() || !two {
            self.mapping.kind = if two && has_time { RunKind::Shadow } else { RunKind::Offline };
        } else if let Some(id) = id {
            let model = self.with_role(Role::Model).map(|place| self.columns[place].0);
            let ids = self.roles.picks.iter().flatten().filter(|pick| pick.role == Role::Id).count();
            let shared = match model {
                // Told file by file: that the ids are the same requests is said with it.
                _ if ids > 1 => 1.0,
                Some(column) => {
                    let parts: Vec<_> = self.predictions().map(|input| (input, ModelOf::Column(column))).collect();
                    shared_ids(&parts, id)
                }
                None => {
                    let models = &self.mapping.file_models;
                    let parts: Vec<_> = self
                        .predictions()
                        .filter_map(|input| Some((input, ModelOf::File(models.get(input.display)?))))
                        .collect();
                    shared_ids(&parts, id)
                }
            };
            self.mapping.kind = if shared >= SHARED { RunKind::Shadow } else { RunKind::Ab };
            if shared < SHARED && self.options.pairing != Some(Pairing::Position) {
                self.ids_not_shared(id);
            }
        } else {
            self.position();
        }
        if let Some(pairing) = self.options.pairing {
            self.mapping.pairing = pairing;
            // Whoever pairs rows by position says that both models answered the same requests.
            if pairing == Pairing::Position && self.mapping.kind == RunKind::Ab {
                self.mapping.kind = RunKind::Shadow;
            }
        }
        if let Some(kind) = self.options.kind {
            self.mapping.kind = kind;
        }
        Ok(())
    }

    /// No id: rows can only be paired by position, and only with proof.
    fn position(&mut self) {
        let (champion, challenger) =
            (self.mapping.champion.clone(), self.mapping.challenger.clone().unwrap_or_default());
        let label = self.with_role(Role::Label).map(|place| self.columns[place].0);
        let of = |model: &str| -> Vec<Part<'_>> {
            let inputs = self
                .predictions()
                .filter(|input| self.mapping.file_models.get(input.display).is_some_and(|known| known == model));
            let read = |input: &'a Input<'a>| Some(Part { display: input.display, table: input.whole(&[label?]) });
            inputs.filter_map(read).collect()
        };
        let (first, second) = (of(&champion), of(&challenger));
        let proof = match label {
            Some(column) if !first.is_empty() && !second.is_empty() => prove(&first, &second, column),
            _ => Proof::default(),
        };
        let holds = proof.holds();
        let evidence = match label {
            Some(column) if proof.pairs > 0 => proof.text(column),
            _ => "No column is the same in both models' files".to_owned(),
        };
        if holds {
            self.mapping.pairing = Pairing::Position;
            self.mapping.kind = RunKind::Shadow;
        } else {
            self.mapping.kind = RunKind::Ab;
        }
        let patch = |pairing, kind| Patch { pairing: Some(pairing), kind: Some(kind), ..Patch::default() };
        let told = self.options.pairing.is_some();
        self.questions.push(Question {
            kind: QuestionKind::Position,
            text: "There is no id. Do rows with the same number in corresponding files belong to the same request?"
                .to_owned(),
            choices: vec!["Yes, pair them by position".to_owned(), "No, compare the models unpaired".to_owned()],
            evidence: format!("{evidence}."),
            answer: if holds || told {
                Some(usize::from(!holds && self.options.pairing != Some(Pairing::Position)))
            } else {
                None
            },
            flag: "--pairing position|id".to_owned(),
            patches: vec![patch(Pairing::Position, RunKind::Shadow), patch(Pairing::Id, RunKind::Ab)],
        });
    }

    /// Times without an offset are read as UTC, and that is said.
    pub(super) fn zone(&mut self) {
        let naive = |look: &super::Look| look.kind == super::column::Kind::Time { zoned: false };
        let mut found: Vec<(&str, bool)> = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .filter(|((_, look), pick)| {
                naive(look) && pick.as_ref().is_some_and(|pick| matches!(pick.role, Role::Ts | Role::LabelTs))
            })
            .map(|((name, look), _)| (*name, look.has_zoned))
            .collect();
        if let Some(column) = self.label_column(Role::LabelTs) {
            let looks =
                self.inputs.iter().zip(&self.is_labels).filter(|(_, labels)| **labels).filter_map(|(input, _)| {
                    Some(super::look(&input.table.column(column)?.data, input.table.records, 100))
                });
            let looks: Vec<_> = looks.collect();
            if looks.iter().any(naive) {
                found.push((column, looks.iter().any(|look| look.has_zoned)));
            }
        }
        let is_mixed = found.iter().any(|(_, zoned)| *zoned);
        let mut columns: Vec<&str> = found.into_iter().map(|(name, _)| name).collect();
        columns.dedup();
        if columns.is_empty() {
            return;
        }
        let listed = columns.join(" and ");
        let mut zones = vec!["UTC".to_owned()];
        zones.extend(self.options.naive_zone.clone().filter(|zone| zone != "UTC"));
        for zone in [
            "Europe/London",
            "Europe/Berlin",
            "America/New_York",
            "America/Los_Angeles",
            "Asia/Kolkata",
            "Asia/Shanghai",
            "Asia/Tokyo",
        ] {
            if !zones.iter().any(|known| known == zone) {
                zones.push(zone.to_owned());
            }
        }
        let answer =
            self.options.naive_zone.as_ref().and_then(|told| zones.iter().position(|zone| zone == told)).unwrap_or(0);
        self.mapping.naive_zone = Some(zones[answer].clone());
        if self.options.naive_zone.is_none() {
            self.issues.push(Issue {
                code: "assumed_zone".to_owned(),
                severity: Severity::Warning,
                message: if is_mixed {
                    format!("Some times in {listed} carry no offset, others do; those without are read as UTC.")
                } else {
                    format!("The times in {listed} carry no offset and are read as UTC.")
                },
                consequence: if is_mixed {
                    "If they are of another zone, they stand in the wrong place among the others.".to_owned()
                } else {
                    "The order of rows and all differences between times stay right; hours of the day and dates may be shifted.".to_owned()
                },
                mend: "Say the zone with --zone NAME.".to_owned(),
                count: 1,
                share: 1.0,
                examples: Vec::new(),
            });
        }
        self.questions.push(Question {
            kind: QuestionKind::Zone,
            text: format!("Which zone are the times in {listed} in?"),
            evidence: format!(
                "{} no offset. UTC is what servers write by default; nothing in the files contradicts it.",
                if is_mixed { "Some carry an offset, others carry" } else { "They carry" }
            ),
            answer: Some(answer),
            flag: "--zone NAME".to_owned(),
            patches: zones.iter().map(|zone| Patch { zone: Some(zone.clone()), ..Patch::default() }).collect(),
            choices: zones,
        });
    }

    /// Ids with two different predictions of one model: left out unless told otherwise, and said.
    pub(super) fn conflicts(&mut self, cx: &JobCx) -> Result<(), IngestError> {
        let Some(id) = self.with_role(Role::Id).map(|place| self.columns[place].0) else {
            return Ok(());
        };
        let rows: usize = self.predictions().map(|input| input.table.records).sum();
        if rows > REPEAT_ROWS || self.predictions().any(|input| input.rest.is_some()) {
            return Ok(());
        }
        let model = self.with_role(Role::Model).map(|place| self.columns[place].0);
        let outputs: Vec<&str> = self
            .columns
            .iter()
            .zip(&self.roles.picks)
            .filter(|(_, pick)| pick.as_ref().is_some_and(|pick| matches!(pick.role, Role::Score | Role::Prediction)))
            .map(|((name, _), _)| *name)
            .collect();
        let models = &self.mapping.file_models;
        let parts: Vec<_> =
            self.predictions().map(|input| (input.table, models.get(input.display).map(String::as_str))).collect();
        let found = repeats(&parts, id, model, &outputs, cx)?;
        if found.different == 0 {
            return Ok(());
        }
        let patch = |duplicates| Patch { duplicates: Some(duplicates), ..Patch::default() };
        let ids = if found.different == 1 { "1 id has".to_owned() } else { format!("{} ids have", found.different) };
        let example = found.example.map(|example| format!(", for example {example}")).unwrap_or_default();
        let same = if found.same > 0 {
            format!(" Another {} lines repeat an id with the same prediction and count once.", found.same)
        } else {
            String::new()
        };
        self.questions.push(Question {
            kind: QuestionKind::Conflicts,
            text: "Some ids have two different predictions of one model. Which one counts?".to_owned(),
            choices: vec![
                "Neither: leave such ids out".to_owned(),
                "The first in the file".to_owned(),
                "The last in the file".to_owned(),
            ],
            evidence: format!("{ids} different predictions of the same model{example}.{same}"),
            answer: Some(0),
            flag: "--duplicates refuse|first|last".to_owned(),
            patches: vec![patch(Duplicates::Refuse), patch(Duplicates::First), patch(Duplicates::Last)],
        });
        Ok(())
    }
}

/// Role of a class's probability, and why.
fn family_role(positive: bool) -> (Role, &'static str) {
    if positive {
        (Role::Score, "probability of the positive class")
    } else {
        (Role::Ignored, "probability of the other class")
    }
}

/// Block on sources of which too many records could not be read.
pub(in crate::ingest) fn ask_bad_rows<'a>(
    outcome: &mut Outcome,
    sources: impl Iterator<Item = (&'a str, u64, u64, Option<&'a Reject>)>,
    options: &OpenOptions,
) {
    let over: Vec<String> = sources
        .filter(|&(_, bad, total, _)| bad as f64 > MAX_BAD_SHARE * total as f64)
        .map(|(display, bad, total, first)| {
            let share = bad as f64 / total.max(1) as f64 * 100.0;
            let first =
                first.map_or_else(String::new, |first| format!(", the first, line {}, {}", first.line, first.reason));
            format!("{display}: {bad} of {total} ({share:.2} %){first}")
        })
        .collect();
    if over.is_empty() {
        return;
    }
    let accepted = options.accept_bad_rows || options.profile.as_ref().is_some_and(|profile| profile.accept_bad_rows);
    outcome.mapping.accept_bad_rows = accepted;
    outcome.questions.push(Question {
        kind: QuestionKind::BadRows,
        text: "More records than one in a thousand could not be read. Go on without them?".to_owned(),
        choices: vec!["Leave them out and go on".to_owned()],
        evidence: format!("{}.", over.join("; ")),
        answer: accepted.then_some(0),
        flag: "--accept-bad-rows".to_owned(),
        patches: vec![Patch { accept_bad_rows: Some(true), ..Patch::default() }],
    });
}
