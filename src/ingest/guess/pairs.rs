//! Pairs of items: which columns hold the vectors of each model.

use super::column::Look;
use super::names::{pair_role_of, role_of, without_side, words};
use super::roles::{Judge, Pick, Roles};
use super::{Input, State};
use crate::ingest::mapping::{Role, Side};
use crate::ingest::opened::Confidence;
use crate::ingest::table::ColumnData;

/// Words that say of a column that it holds vectors.
const VECTORS: [&str; 8] = ["embedding", "embeddings", "embed", "emb", "vector", "vectors", "vec", "encoding"];
/// Words that tell the two items of a pair apart.
const HALVES: [&str; 26] = [
    "a",
    "b",
    "1",
    "2",
    "0",
    "x",
    "y",
    "left",
    "right",
    "first",
    "second",
    "query",
    "doc",
    "document",
    "passage",
    "source",
    "target",
    "text1",
    "text2",
    "sentence1",
    "sentence2",
    "s1",
    "s2",
    "anchor",
    "positive",
    "pair",
];

/// Whether the files hold pairs of vectors without being told so: columns named like vectors, and no other answer.
pub(super) fn seen(inputs: &[Input<'_>], looks: &[Vec<Look>]) -> bool {
    let columns = || inputs.iter().zip(looks).flat_map(|(input, looks)| input.table.columns.iter().zip(looks));
    let named = |name: &str| words(name).iter().any(|word| VECTORS.contains(&word.as_str()));
    let mut vectors: Vec<&str> = columns()
        .filter(|(column, look)| named(&column.name) && look.is_vector())
        .map(|(column, _)| &*column.name)
        .collect();
    vectors.sort_unstable();
    vectors.dedup();
    let answer = |name: &str| {
        let (rest, _) = without_side(name);
        matches!(role_of(&rest), Some((Role::Score | Role::Prediction, _)))
    };
    matches!(vectors.len(), 2 | 4) && !columns().any(|(column, _)| answer(&column.name))
}

impl Judge<'_> {
    /// Two columns of vectors per model. False where there are none and none was told.
    pub(super) fn embeddings(&self, roles: &mut Roles) -> bool {
        if !self.told(Role::Embedding) {
            let free = |place: &usize| roles.picks[*place].is_none() && self.columns[*place].look.is_vector();
            let places: Vec<usize> = (0..self.columns.len()).filter(free).collect();
            match places.as_slice() {
                [] => return false,
                &[a, b] => {
                    let why = "one of two columns of vectors";
                    for place in [a, b] {
                        roles.picks[place] = Some(Pick::new(Role::Embedding, Confidence::Certain, why));
                    }
                }
                &[a, b, c, d] => self.side_by_side(roles, [a, b, c, d]),
                _ => {}
            }
        }
        let names = |roles: &Roles, role: Role| roles.picks.iter().flatten().any(|pick| pick.role == role);
        if !names(roles, Role::Label) && !self.told(Role::Label) {
            // What a model says of the pair are the vectors: a single score beside them is the gold one.
            let scored = |place: &usize| {
                let of = words(self.columns[*place].name);
                let role = role_of(&of).or_else(|| pair_role_of(&of)).map(|(role, _)| role);
                roles.picks[*place].is_none() && role == Some(Role::Score) && self.columns[*place].look.is_number()
            };
            let found: Vec<usize> = (0..self.columns.len()).filter(scored).collect();
            if let &[place] = found.as_slice() {
                let why = "the one score beside the vectors";
                roles.picks[place] = Some(Pick::new(Role::Label, Confidence::Likely, why));
            }
        }
        true
    }

    /// Four columns are two of each model where their names say so.
    fn side_by_side(&self, roles: &mut Roles, places: [usize; 4]) {
        let mut give = |sides: [Side; 4], why: &str, confidence: Confidence| {
            for (place, side) in places.into_iter().zip(sides) {
                roles.picks[place] = Some(Pick { side, ..Pick::new(Role::Embedding, confidence, why) });
            }
        };
        let said = places.map(|place| without_side(self.columns[place].name).1);
        if let [Some(a), Some(b), Some(c), Some(d)] = &said {
            let sides = [a.0, b.0, c.0, d.0];
            if sides.iter().filter(|side| **side == Side::Champion).count() == 2 {
                let word = |side: Side| {
                    said.iter().flatten().find(|of| of.0 == side).map_or_else(String::new, |of| of.1.clone())
                };
                give(sides, "one of two vectors per model; the name says the side", Confidence::Certain);
                roles.wide = Some((word(Side::Champion), word(Side::Challenger), true));
                return;
            }
        }
        let of_columns = places.map(|place| words(self.columns[place].name));
        // Words of two columns whose counterpart the other two share.
        let has = |word: &String| of_columns.each_ref().map(|words| words.contains(word));
        let of_two = |word: &&String| {
            let known = HALVES.contains(&word.as_str()) || VECTORS.contains(&word.as_str());
            !known && has(word).iter().filter(|has| **has).count() == 2
        };
        let mut models: Vec<&String> = of_columns.iter().flatten().filter(of_two).collect();
        models.dedup();
        let pair = models.iter().find_map(|a| {
            let other = models.iter().find(|b| has(a).iter().zip(has(b)).all(|(a, b)| *a != b))?;
            Some((*a, *other))
        });
        if let Some((a, b)) = pair {
            let sides = has(a).map(|of_a| if of_a { Side::Champion } else { Side::Challenger });
            give(sides, "one of two vectors per model; the name says the model", Confidence::Likely);
            roles.wide = Some((a.clone(), b.clone(), false));
        }
    }
}

impl State<'_> {
    /// Long lists of numbers are nothing to slice by: only a run of pairs reads them.
    pub(super) fn long_lists(&mut self) {
        for ((name, _), pick) in self.columns.iter().zip(&mut self.roles.picks).filter(|(_, pick)| pick.is_none()) {
            let columns = self.inputs.iter().filter_map(|input| input.table.column(name));
            if columns.into_iter().any(|column| matches!(column.data, ColumnData::Vectors(_))) {
                let why = "long lists of numbers, which are read where they are embeddings (--task similarity)";
                *pick = Some(Pick::new(Role::Ignored, Confidence::Certain, why));
            }
        }
    }

    /// What the columns of a model's vectors have in common in their names.
    pub(super) fn embedded(&self, side: Side) -> Option<String> {
        let is =
            |pick: &Option<Pick>| pick.as_ref().is_some_and(|pick| pick.role == Role::Embedding && pick.side == side);
        let columns = self.columns.iter().zip(&self.roles.picks).filter(|(_, pick)| is(pick));
        let names: Vec<&str> = columns.map(|((name, _), _)| *name).collect();
        let first = names.first()?;
        let shared = words(first)
            .into_iter()
            .filter(|word| !VECTORS.contains(&word.as_str()) && names.iter().all(|name| words(name).contains(word)));
        let shared: Vec<String> = shared.collect();
        Some(if shared.is_empty() { (*first).to_owned() } else { shared.join("-") })
    }
}
