//! What a column beside the lists tells of: the query, the item, or neither.

use rayon::prelude::*;

use crate::log::{Codes, FeatureValues, NO_CODE, NOT_LOGGED};

/// Whether two lines hold the same value.
fn same(values: &FeatureValues, a: u32, b: u32) -> bool {
    let (a, b) = (a as usize, b as usize);
    match values {
        FeatureValues::Coded(codes) => codes.code(a) == codes.code(b),
        FeatureValues::Numeric(values) => values[a].to_bits() == values[b].to_bits(),
    }
}

fn is_empty(values: &FeatureValues, line: u32) -> bool {
    match values {
        FeatureValues::Coded(codes) => codes.code(line as usize).is_none(),
        FeatureValues::Numeric(values) => values[line as usize].is_nan(),
    }
}

/// Whether the champion's lines of every query hold one value.
pub(super) fn is_of_query(values: &FeatureValues, rows: &[[Vec<u32>; 2]]) -> bool {
    rows.par_iter().all(|[list, _]| list.iter().all(|&line| same(values, list[0], line)))
}

/// Value of each item, where all of its lines that hold one hold the same; `None` where an item has two.
pub(super) fn of_items(
    values: &FeatureValues,
    rows: &[[Vec<u32>; 2]],
    items: &[u32],
    count: usize,
) -> Option<FeatureValues> {
    let mut first: Vec<u32> = vec![u32::MAX; count];
    for &line in rows.iter().flatten().flatten().filter(|line| !is_empty(values, **line)) {
        let slot = &mut first[items[line as usize] as usize];
        if *slot == u32::MAX {
            *slot = line;
        } else if !same(values, *slot, line) {
            return None;
        }
    }
    Some(match values {
        FeatureValues::Coded(codes) => {
            let code = |&line: &u32| {
                if line == u32::MAX { NO_CODE } else { codes.code(line as usize).unwrap_or(NO_CODE) }
            };
            FeatureValues::Coded(Codes::new(codes.names.clone(), &first.iter().map(code).collect::<Vec<_>>()))
        }
        FeatureValues::Numeric(values) => {
            let value = |&line: &u32| if line == u32::MAX { NOT_LOGGED } else { values[line as usize] };
            FeatureValues::Numeric(first.iter().map(value).collect())
        }
    })
}
