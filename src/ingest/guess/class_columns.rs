//! Columns that hold the probability of one class each.

use std::collections::BTreeMap;

use super::State;
use super::column::Look;
use super::names::{affixed, role_of, without_side, words};
use super::roles::{Candidate, Judge, Pick, Roles};
use super::task::{SEVERAL, is_text};
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{Role, Side};
use crate::ingest::opened::Confidence;
use crate::ingest::typing::whole_number;

/// How far the mean of the sum of probabilities may be from one.
const ROUNDED: f64 = 0.005;

/// A column whose name may be that of a class.
#[derive(Debug)]
struct Member {
    place: usize,
    class: String,
    /// What columns of the classes of one model have in common.
    family: String,
    /// Whether a label or an answer is of the class.
    known: bool,
    /// Whether the name by itself says something else.
    named: bool,
}

/// What a name has beside `class`.
fn family(name: &str, class: &str) -> String {
    let before = name.strip_suffix(class).map(|before| format!("{before}*"));
    before.or_else(|| name.strip_prefix(class).map(|after| format!("*{after}"))).unwrap_or_default()
}

impl Judge<'_> {
    /// Classes that labels and answers are of.
    fn known_classes(&self, roles: &Roles) -> Vec<String> {
        let written = |value: &str| whole_number(value.trim()).unwrap_or(value.trim()).to_owned();
        let of_look = |look: &Look| look.values.iter().map(|(value, _)| written(value)).collect::<Vec<_>>();
        let label = roles.picks.iter().position(|pick| pick.as_ref().is_some_and(|pick| pick.role == Role::Label));
        let mut classes = label.map_or_else(Vec::new, |place| of_look(self.columns[place].look));
        if classes.is_empty() {
            classes = self.label_values.iter().map(|value| written(value)).collect();
        }
        let answers = self.columns.iter().filter(|Candidate { name, look }| {
            let named = role_of(&without_side(name).0).map(|(role, _)| role).or(affixed(name).map(|(role, _)| role));
            named == Some(Role::Prediction) && look.is_classes() && !look.is_continuous()
        });
        for class in answers.flat_map(|column| of_look(column.look)) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        classes
    }

    /// Those that hold the probability of a class, and those that are named alike and are of no known class.
    ///
    /// A class that no row has is one all the same where the probabilities sum to one with it and not without: over any
    /// rows the mean of the sum is the sum of the means.
    fn settle(&self, members: Vec<Member>, several: bool) -> (Vec<Member>, Vec<Member>) {
        let look = |member: &Member| self.columns[member.place].look;
        let mut families: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for member in members {
            families.entry(member.family.clone()).or_default().push(member);
        }
        let (mut found, mut strangers) = (Vec::new(), Vec::new());
        for members in families.into_values() {
            let sure = members.iter().filter(|member| member.known && !member.named && look(member).in_unit()).count();
            let is_family = several && sure >= 2;
            // Among others of its kind also one that strays out of 0 to 1: what is wrong with it is said of the metric.
            let (known, mut others): (Vec<Member>, Vec<Member>) =
                members.into_iter().partition(|member| member.known && (is_family || look(member).in_unit()));
            let known: Vec<Member> = known.into_iter().filter(|member| is_family || !member.named).collect();
            // A hair out of 0 to 1 is what becomes of 1 less a sum.
            let nearly = |look: &Look| look.is_number() && look.min > -ROUNDED && look.max < 1.0 + ROUNDED;
            others.retain(|member| is_family && !member.known && nearly(look(member)));
            others.sort_by(|a, b| look(b).mean.total_cmp(&look(a).mean));
            let mut sum: f64 = known.iter().map(|member| look(member).mean).sum();
            let mut more = Vec::new();
            for other in others {
                let with = sum + look(&other).mean;
                if (with - 1.0).abs() < (sum - 1.0).abs() {
                    sum = with;
                    more.push(other);
                } else {
                    strangers.push(other);
                }
            }
            found.extend(known);
            if (sum - 1.0).abs() <= ROUNDED { &mut found } else { &mut strangers }.append(&mut more);
        }
        found.sort_by_key(|member| member.place);
        (found, strangers)
    }

    /// One score column per class; what else is named like an output is handed back as (rest, column, role).
    pub(super) fn class_columns(&self, roles: &mut Roles) -> Vec<(String, usize, Role)> {
        let mut classes = self.known_classes(roles);
        if classes.is_empty() {
            // Labels lie in another file or come later; two classes are mostly numbered.
            classes = vec!["0".to_owned(), "1".to_owned()];
        }
        let is_class = |name: &str| classes.iter().any(|class| class == name);
        let mut members: Vec<Member> = Vec::new();
        let mut outputs: Vec<(String, usize, Role)> = Vec::new();
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let name = column.name;
            if column.look.is_number() && is_class(name) {
                let class = name.to_owned();
                members.push(Member { place, class, family: "*".to_owned(), known: true, named: false });
                continue;
            }
            let Some((role, class)) = affixed(name) else {
                continue;
            };
            let named = role_of(&words(name)).is_some();
            if !named {
                outputs.push((class.clone(), place, role));
            }
            if column.look.is_number() {
                let known = is_class(&class);
                members.push(Member { place, family: family(name, &class), class, known, named });
            }
        }
        let (found, strangers) = self.settle(members, classes.len() >= SEVERAL);
        roles.family = found.into_iter().map(|member| (member.class, member.place)).collect();
        roles.strangers = strangers.into_iter().map(|member| (member.class, member.place)).collect();
        outputs.retain_mut(|(_, place, role)| {
            let look = self.columns[*place].look;
            let is_answer = look.is_classes() || is_text(look, self.task) || self.names_class(*role, look);
            let free = !roles.family.iter().any(|(_, of_class)| of_class == place);
            if look.is_continuous() && !self.names_class(*role, look) {
                *role = Role::Score;
                return free;
            }
            free && *role == Role::Prediction && is_answer
        });
        if roles.family.len() == 1 && roles.family[0].0 != "1" {
            // A single column named as one of the classes may be anything.
            roles.family.clear();
        }
        outputs
    }

    /// A probability per class and model: `champion_cat`, `prob_dog_challenger`.
    pub(super) fn sided_classes(&self, roles: &mut Roles) {
        let mut sides: BTreeMap<String, Side> = BTreeMap::new();
        let (found, strangers) = self.of_each_model(roles, |name| {
            let (rest, Some((side, word))) = without_side(name) else {
                return None;
            };
            sides.insert(word.clone(), side);
            Some((rest.join("_"), word))
        });
        let side = |word: &str| sides.get(word).copied();
        let word = |side_wanted: Side| {
            found.iter().map(|(_, word)| word).find(|word| side(word) == Some(side_wanted)).cloned()
        };
        let (Some(champion), Some(challenger)) = (word(Side::Champion), word(Side::Challenger)) else {
            return;
        };
        roles.wide = Some((champion, challenger, true));
        for (member, word) in found {
            let why = format!("probability of one class; `{word}` says the side");
            let pick = Pick::new(Role::Probability, Confidence::Certain, why);
            let side = side(&word).unwrap_or(Side::Both);
            roles.picks[member.place] = Some(Pick { side, class: Some(member.class), ..pick });
        }
        roles.strangers.extend(strangers.into_iter().map(|(member, _)| (member.class, member.place)));
    }

    /// Probabilities beside the answers of two models that the columns name: `bert_cat` and `rf_cat`.
    pub(super) fn classes_of_models(&self, roles: &mut Roles, models: [&str; 2]) {
        let apart = |letter: char| matches!(letter, '_' | '-' | '.' | ' ');
        let (found, strangers) = self.of_each_model(roles, |name| {
            models.into_iter().find_map(|model| {
                let rest = name.strip_prefix(model).or_else(|| name.strip_suffix(model))?;
                let bare = rest.trim_matches(apart);
                (bare.len() < rest.len()).then(|| (bare.to_owned(), model.to_owned()))
            })
        });
        if !models.iter().all(|model| found.iter().any(|(_, of)| of == model)) {
            return;
        }
        for (member, model) in found {
            let why = format!("probability of one class; `{model}` is the model");
            let side = if model == models[0] { Side::Champion } else { Side::Challenger };
            let pick = Pick::new(Role::Probability, Confidence::Likely, why);
            roles.picks[member.place] = Some(Pick { side, class: Some(member.class), ..pick });
        }
        roles.strangers.extend(strangers.into_iter().map(|(member, _)| (member.class, member.place)));
    }

    /// Columns of classes of several models, each with the model. `part` takes the model off a name: (rest, model).
    #[expect(clippy::type_complexity, reason = "two lists of one kind")]
    fn of_each_model(
        &self,
        roles: &Roles,
        mut part: impl FnMut(&str) -> Option<(String, String)>,
    ) -> (Vec<(Member, String)>, Vec<(Member, String)>) {
        let classes = self.known_classes(roles);
        if classes.len() < SEVERAL || self.told(Role::Probability) {
            return Default::default();
        }
        let key = |name: &str| words(name).join("_");
        let classes: Vec<(String, String)> = classes.into_iter().map(|value| (key(&value), value)).collect();
        let mut members = Vec::new();
        let mut models: BTreeMap<usize, String> = BTreeMap::new();
        for (place, column) in self.columns.iter().enumerate().filter(|(place, _)| roles.picks[*place].is_none()) {
            let Some((rest, model)) = part(column.name).filter(|_| column.look.is_number()) else {
                continue;
            };
            let affix = affixed(&rest).map(|(_, class)| class);
            let bare = affix.clone().unwrap_or_else(|| rest.clone());
            let class = classes.iter().find(|(known, _)| *known == key(&rest) || *known == key(&bare));
            // A name without an affix says nothing of columns that are of no class.
            if class.is_none() && affix.is_none() {
                continue;
            }
            let family = format!("{model} {}", family(&rest, &bare));
            let (known, class) = class.map_or((false, bare), |(_, class)| (true, class.clone()));
            members.push(Member { place, class, family, known, named: false });
            models.insert(place, model);
        }
        let (found, strangers) = self.settle(members, true);
        let mut with_model = |members: Vec<Member>| {
            let with = |member: Member| models.remove(&member.place).map(|model| (member, model));
            members.into_iter().filter_map(with).collect::<Vec<_>>()
        };
        (with_model(found), with_model(strangers))
    }
}

impl State<'_> {
    /// Say which columns are named like those of the classes and are of none.
    pub(super) fn strangers(&mut self) {
        let strangers = std::mem::take(&mut self.roles.strangers);
        let Some((class, place)) = strangers.first() else {
            return;
        };
        let first = self.columns[*place].0;
        let names: Vec<String> = strangers.iter().map(|(_, place)| format!("`{}`", self.columns[*place].0)).collect();
        let message = format!(
            "{} {} named like the probabilities of the classes; no label and no answer is of such a class, and with {} they sum to no more nearly 1 than without.",
            names.join(", "),
            if names.len() == 1 { "is" } else { "are" },
            if names.len() == 1 { "it" } else { "them" },
        );
        self.issues.push(Issue::counted(
            "class_columns",
            Severity::Warning,
            (names.len() as u64, self.columns.len() as u64),
            message,
            "They are taken for features: nothing is ever predicted to be of these classes.",
            &format!("If they are classes, say so: --map probability.{class}={first}."),
        ));
    }
}
