//! One logged call of a model: its request, its response, and what is known about it, as rows.

use super::payload::Body;
use super::rows::{Cells, Rows};
use crate::ingest::guess::names::{role_of, words};
use crate::ingest::mapping::Role;

/// A call as its log has it.
#[derive(Default)]
pub(super) struct Event {
    /// Ids; those of a batch get `#0`, `#1` and so on.
    pub ids: Cells,
    /// The same in every row.
    pub facts: Cells,
    pub input: Option<Body>,
    pub output: Option<Body>,
    pub labels: Option<Body>,
}

impl Event {
    pub fn id(&mut self, name: &str, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.ids.push((name.to_owned(), Some(value.to_vec())));
        }
    }

    pub fn fact(&mut self, name: &str, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.facts.push((name.to_owned(), Some(value.to_vec())));
        }
    }

    /// Write the rows of a call that stands at `line`.
    ///
    /// # Errors
    /// Request, response and labels hold different numbers of instances.
    pub fn write(mut self, rows: &mut Rows, line: u64) -> Result<(), String> {
        self.agree()?;
        let count = [&self.output, &self.labels, &self.input]
            .into_iter()
            .flatten()
            .map(|body| body.rows.len())
            .find(|&count| count > 0)
            .unwrap_or(1);
        let bodies = [&self.output, &self.labels].into_iter().flatten();
        for body in bodies.clone() {
            for (name, value) in &body.beside {
                if !self.facts.iter().chain(&self.ids).any(|(known, _)| known == name) {
                    self.facts.push((name.clone(), value.clone()));
                }
            }
        }
        for row in 0..count {
            for (name, value) in &self.ids {
                if count == 1 {
                    rows.cell(name, value.as_deref());
                } else if let Some(id) = value {
                    let numbered = [id.as_slice(), format!("#{row}").as_bytes()].concat();
                    rows.cell(name, Some(&numbered));
                }
            }
            rows.cells(&self.facts);
            for body in [&self.output, &self.labels].into_iter().flatten() {
                if let Some(cells) = body.rows.get(row) {
                    rows.cells(cells);
                }
            }
            if let Some(cells) = self.input.as_ref().and_then(|body| body.rows.get(row)) {
                for (name, value) in cells {
                    write_input(rows, name, value.as_deref());
                }
            }
            rows.close(line);
        }
        Ok(())
    }

    /// Bring the numbers of instances together where one side was written as one line or list.
    fn agree(&mut self) -> Result<(), String> {
        let inputs = self.input.as_ref().map_or(0, |body| body.rows.len());
        let Some(output) = &mut self.output else { return Ok(()) };
        let outputs = output.rows.len();
        if inputs > 0 && inputs != outputs {
            if inputs == 1 && output.bare {
                let values = std::mem::take(&mut output.rows).into_iter().flatten();
                let named = values.enumerate().map(|(place, (_, value))| (format!("value_{place}"), value));
                output.rows = vec![named.collect()];
            } else if outputs == 1 && output.bare && output.rows[0].len() == inputs {
                let values = std::mem::take(&mut output.rows).into_iter().flatten();
                output.rows = values.map(|(_, value)| vec![("prediction".to_owned(), value)]).collect();
            } else if outputs > 0 {
                return Err(format!("holds {inputs} inputs and {outputs} predictions, which cannot be matched"));
            }
        }
        let outputs = output.rows.len();
        match &self.labels {
            Some(labels) if outputs > 0 && labels.rows.len() != outputs => {
                Err(format!("holds {outputs} predictions and {} labels, which cannot be matched", labels.rows.len()))
            }
            _ => Ok(()),
        }
    }
}

/// A feature keeps its name unless it would be taken for what the model or the log says.
pub(super) fn write_input(rows: &mut Rows, name: &str, value: Option<&[u8]>) {
    let role = role_of(&words(name)).map(|(role, _)| role);
    if rows.has(name) || role.is_some_and(|role| role != Role::Unit) {
        rows.cell(&format!("input.{name}"), value);
    } else {
        rows.cell(name, value);
    }
}

/// Columns that an event log writes beside inputs and outputs.
pub(super) fn is_fact(name: &str) -> bool {
    matches!(
        name,
        "correlationid"
            | "request_id"
            | "time"
            | "deployment"
            | "modelversion"
            | "model"
            | "model_version"
            | "namespace"
            | "component"
    )
}
