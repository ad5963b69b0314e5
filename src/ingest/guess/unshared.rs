//! Two models whose ids do not meet: an A/B run, or one request that goes by two names. What was seen is said.

use super::State;
use super::column::cell_text;
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::Role;

/// Code of the issue.
pub(in crate::ingest) const CODE: &str = "ids_not_shared";

impl State<'_> {
    /// Say that fewer than one in a hundred values of `id` occur with both models.
    pub(super) fn ids_not_shared(&mut self, id: &str) {
        let without: Vec<&str> =
            self.predictions().filter(|input| input.table.column(id).is_none()).map(|input| input.display).collect();
        let message = match without.as_slice() {
            [] => {
                let models = [Some(&self.mapping.champion), self.mapping.challenger.as_ref()];
                let seen: Vec<String> = models
                    .into_iter()
                    .flatten()
                    .filter_map(|model| Some(format!("{model} has `{}`", self.first_id(id, model)?)))
                    .collect();
                format!(
                    "Fewer than one in a hundred ids of `{id}` occur with both models; for example {}.",
                    seen.join(", ")
                )
            }
            [file, ..] => format!("Requests are told apart by `{id}`, and {file} has no such column."),
        };
        self.issues.push(Issue {
            code: CODE.to_owned(),
            severity: Severity::Blocking,
            message,
            consequence: "So the models seem to have answered different requests, as in an A/B run.".to_owned(),
            mend: "If users or requests were split between the models, say so with --kind ab (or canary). If both answered the same requests, name the id column of each file with --map id=COLUMN (once for each name), write the ids alike in both, or pair rows by their place with --pairing position.".to_owned(),
            count: without.len().max(1) as u64,
            share: 1.0,
            examples: Vec::new(),
        });
    }

    fn first_id(&self, id: &str, model: &str) -> Option<String> {
        let names = self.with_role(Role::Model).map(|place| self.columns[place].0);
        self.predictions().find_map(|input| {
            let ids = &input.table.column(id)?.data;
            let mut rows = 0..input.table.records;
            let row = match self.mapping.file_models.get(input.display) {
                Some(of_file) => rows.find(|_| of_file == model)?,
                None => {
                    let models = &input.table.column(names?)?.data;
                    rows.find(|&row| cell_text(models, row).is_some_and(|name| name == model))?
                }
            };
            cell_text(ids, row)
        })
    }
}
