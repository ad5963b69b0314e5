//! BentoML monitoring: JSON lines of data, and beside them a schema file that says the role of each column.

use super::super::json_tree::Tree;
use super::rows::{Rows, explode, text};
use super::{Records, has, has_any};
use crate::ingest::guess::names::{role_of, words};
use crate::ingest::mapping::Role;
use crate::ingest::table::{ColumnData, Table, TextColumn};
use crate::job::{Cancelled, JobCx};

const SCHEMA: &str = "bentoml-schema";

pub(super) fn is_schema(table: &Table) -> bool {
    has(table, &["columns"])
        && has_any(table, "meta_data")
        && text(table, "columns", 0).and_then(Tree::one).is_some_and(|columns| {
            columns.list().is_some_and(|columns| columns.iter().all(|column| column.get("role").is_some()))
        })
}

/// The schema as a table of its columns: name, role, type.
pub(super) fn schema(records: Records, cx: &JobCx) -> Result<Records, Cancelled> {
    let mut made = explode(records, SCHEMA, cx, |table: &Table, row, rows: &mut Rows| {
        let columns = text(table, "columns", row).and_then(Tree::one).ok_or("holds columns that are not valid JSON")?;
        for column in columns.list().unwrap_or_default() {
            for key in ["name", "role", "type"] {
                rows.cell(key, column.get(key).and_then(Tree::bytes));
            }
            rows.close(table.line(row));
        }
        Ok(())
    })?;
    made.only_table = Some("a BentoML monitoring schema; open it together with the data files beside it");
    Ok(made)
}

/// Name the columns of data files as the schema among the sources says. Says per source whether it was
/// used up by that.
pub(super) fn name_columns(sources: &mut [&mut Records]) -> Vec<bool> {
    let is_schema = |records: &Records| records.dialect.starts_with(SCHEMA);
    let mut used = vec![false; sources.len()];
    let schemas: Vec<(usize, Vec<(String, String)>)> = sources
        .iter()
        .enumerate()
        .filter(|(_, records)| is_schema(records))
        .map(|(place, records)| {
            let cell =
                |name, row| text(&records.table, name, row).map(|cell| String::from_utf8_lossy(cell).into_owned());
            (
                place,
                (0..records.table.records).filter_map(|row| Some((cell("name", row)?, cell("role", row)?))).collect(),
            )
        })
        .collect();
    for (schema, columns) in &schemas {
        for records in sources.iter_mut().filter(|records| !is_schema(records)) {
            let described = columns.iter().all(|(name, _)| records.table.column(name).is_some());
            if described && has(&records.table, &["timestamp", "request_id"]) && !records.dialect.starts_with("bentoml")
            {
                rename(records, columns);
                number_batches(&mut records.table);
                used[*schema] = true;
            }
        }
    }
    // Every worker writes the schema again.
    if used.contains(&true) {
        schemas.iter().for_each(|(place, _)| used[*place] = true);
    }
    used
}

fn rename(records: &mut Records, columns: &[(String, String)]) {
    records.dialect = format!("bentoml-monitor+{}", records.dialect);
    for (role, wanted, names) in [("prediction", Role::Prediction, "prediction"), ("target", Role::Label, "target")] {
        let mut of_role = columns.iter().filter(|(_, known)| known == role);
        let (Some((name, _)), None) = (of_role.next(), of_role.next()) else {
            continue;
        };
        let says_so = role_of(&words(name)).is_some_and(|(known, _)| known == wanted || known == Role::Score);
        if says_so || records.table.column(names).is_some() {
            continue;
        }
        if let Some(column) = records.table.columns.iter_mut().find(|column| column.name == *name) {
            names.clone_into(&mut column.name);
            records
                .notes
                .push(("schema_role", format!("The column {name} is read as {names}, as the schema file says")));
        }
    }
}

/// Rows of one call share its id; each gets a number.
fn number_batches(table: &mut Table) {
    let Some(column) = table.columns.iter_mut().find(|column| column.name == "request_id") else {
        return;
    };
    let ColumnData::Text(ids) = &column.data else {
        return;
    };
    let same = |a: usize, b: usize| ids.get(a).is_some() && ids.get(a) == ids.get(b);
    let mut numbered = TextColumn::default();
    let mut place = 0;
    for row in 0..ids.len() {
        let follows = row > 0 && same(row - 1, row);
        place = if follows { place + 1 } else { 0 };
        if follows || row + 1 < ids.len() && same(row, row + 1) {
            let id = ids.get(row).map(|id| [id, format!("#{place}").as_bytes()].concat());
            numbered.push(id.as_deref());
        } else {
            numbered.push(ids.get(row));
        }
    }
    column.data = ColumnData::Text(numbered);
}
