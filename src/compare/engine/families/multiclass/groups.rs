//! Groups of classes that their names tell: `animal/dog` and `animal/cat` are both `animal`.

use std::collections::HashMap;

use crate::compare::detail::{Classes, Grouping};
use crate::metrics::BLOCK;

use rayon::prelude::*;

/// What may stand between the parts of a name, the surest first.
const SEPARATORS: [&str; 10] = ["/", "::", ":", "|", ">", "\\", ".", "_", "-", " "];
/// Parts that are looked at.
const DEPTHS: usize = 3;
/// Groupings that are made at most, and groups of one.
const GROUPINGS: usize = 4;
const GROUPS: usize = 200;

/// Groups without their counts.
#[derive(Debug, PartialEq)]
pub(super) struct Groups {
    separator: &'static str,
    depth: usize,
    groups: Vec<u32>,
    pub names: Vec<String>,
}

impl Groups {
    /// The first `depth` parts of each name; a shorter name is its own group.
    fn of(names: &[String], separator: &'static str, depth: usize) -> Self {
        let mut codes: HashMap<String, u32> = HashMap::new();
        let mut found = Self { separator, depth, groups: Vec::with_capacity(names.len()), names: Vec::new() };
        for name in names {
            let parts: Vec<&str> = name.split(separator).map(str::trim).take(depth).collect();
            let group = parts.join(separator);
            let code = *codes.entry(group).or_insert_with_key(|group| {
                found.names.push(group.clone());
                found.names.len() as u32 - 1
            });
            found.groups.push(code);
        }
        found
    }

    /// Groups in place of classes.
    pub fn recoded(&self, codes: &[u32]) -> Vec<u32> {
        codes.par_iter().with_min_len(BLOCK).map(|code| self.groups[*code as usize]).collect()
    }

    pub fn with(self, counts: Classes) -> Grouping {
        let separator = self.separator.to_owned();
        Grouping { separator, depth: self.depth as u32, groups: self.groups, counts: Box::new(counts) }
    }
}

/// Groupings by every separator that most names have, from coarse to fine: of two groups or more, and at most two
/// thirds as many groups as classes.
pub(super) fn groupings(names: &[String]) -> Vec<Groups> {
    let mut found: Vec<Groups> = Vec::new();
    for separator in SEPARATORS {
        if names.iter().filter(|name| name.contains(separator)).count() * 2 <= names.len() {
            continue;
        }
        for depth in 1..=DEPTHS {
            let groups = Groups::of(names, separator, depth);
            let count = groups.names.len();
            let coarser = (2..=GROUPS).contains(&count) && count * 3 <= names.len() * 2;
            if coarser && !found.iter().any(|known| known.groups == groups.groups) {
                found.push(groups);
            }
        }
    }
    found.truncate(GROUPINGS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn most_names_share_the_separator() {
        let found = groupings(&names(&["animal/dog", "animal/cat", "car/van", "car/bus", "animal/dog/pug", "other"]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].names, ["animal", "car", "other"]);
        assert_eq!(found[0].groups, [0, 0, 1, 1, 0, 2]);
        assert_eq!(found[0].recoded(&[5, 0, 3]), [2, 0, 1]);
    }

    #[test]
    fn names_that_only_look_like_parts_make_no_groups() {
        assert!(groupings(&names(&["prepaid_card", "highstreet_card", "upmarket_card"])).is_empty());
        assert!(groupings(&names(&["class_1", "class_2", "class_3", "class_4"])).is_empty());
        assert!(groupings(&names(&["a", "b", "c/d"])).is_empty());
        assert!(groupings(&[]).is_empty());
    }

    #[test]
    fn deeper_parts_are_groupings_of_their_own() {
        let all: Vec<String> = (0..36).map(|at| format!("{}:{}:{}", at / 12, at / 4, at)).collect();
        let found = groupings(&all);
        assert_eq!(found.iter().map(|groups| (groups.depth, groups.names.len())).collect::<Vec<_>>(), [(1, 3), (2, 9)]);
    }
}
