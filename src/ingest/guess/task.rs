//! Which kind of prediction the models make, and the columns that only some kinds have.

use super::column::{Kind, Look};
use super::evidence::add_counts;
use super::names::{image_role_of, pair_role_of, role_of, text_role_of, without_side, words};
use super::references::is_numbered;
use super::roles::{Judge, Pick};
use super::{Input, State};
use crate::ingest::issue::{Issue, Severity};
use crate::ingest::mapping::{ColumnRole, Role, Side};
use crate::ingest::opened::Confidence;
use crate::log::Task;

/// Classes from which a label is taken for one of several: with fewer, two of them are the classes and the rest is odd.
pub(super) const SEVERAL: usize = 3;

/// Classes of a multiclass task at most.
const CLASSES: usize = 10_000;

/// Values of the column that holds the labels, wherever it is; empty where there are too many to be classes.
pub(super) fn label_values(inputs: &[Input<'_>], columns: &[(&str, Look)], told: &[ColumnRole]) -> Vec<String> {
    let of_files = inputs.iter().flat_map(|input| input.table.columns.iter().map(|column| column.name.as_str()));
    let names = columns.iter().map(|(name, _)| *name).chain(of_files);
    let named = || {
        let ranked = names.filter_map(|name| role_of(&words(name)).map(|(role, rank)| (role, rank, name)));
        ranked.filter(|(role, ..)| *role == Role::Label).min_by_key(|(_, rank, _)| *rank).map(|(.., name)| name)
    };
    let told = told.iter().find(|told| told.role == Role::Label).map(|told| told.column.as_str());
    let Some(column) = told.or_else(named) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for input in inputs.iter().filter(|input| input.table.column(column).is_some()) {
        match input.values(column) {
            None => return Vec::new(),
            Some(found) => add_counts(&mut values, found),
        }
    }
    values.into_iter().map(|(value, _)| value).collect()
}

/// Whether the files hold references and answers in sentences, by names and values.
pub(super) fn are_texts(inputs: &[Input<'_>], looks: &[Vec<Look>]) -> bool {
    let columns = || inputs.iter().zip(looks).flat_map(|(input, looks)| input.table.columns.iter().zip(looks));
    let prose = || columns().filter(|(_, look)| look.is_prose()).map(|(column, _)| column.name.as_str());
    let says = |words: &[String]| role_of(words).or_else(|| text_role_of(words)).map(|(role, _)| role);
    let is_answer = |name: &str| {
        let (rest, side) = without_side(name);
        side.is_some() && rest.is_empty() || matches!(says(&rest), Some(Role::Score | Role::Prediction))
    };
    // A list under a name that other tasks have too may be the labels of several classes.
    let of_texts = |words: &[String]| matches!(text_role_of(words), Some((Role::Label, _))) || is_numbered(words);
    let lists = || columns().filter(|(_, look)| look.is_text_lists()).map(|(column, _)| words(&column.name));
    let referenced = prose().map(words).any(|words| says(&words) == Some(Role::Label) || is_numbered(&words))
        || lists().any(|words| of_texts(&words));
    referenced && prose().any(is_answer)
}

/// Whether the files hold names of reference images and of the models' images, by names and values.
pub(super) fn are_images(inputs: &[Input<'_>], looks: &[Vec<Look>]) -> bool {
    let columns = || inputs.iter().zip(looks).flat_map(|(input, looks)| input.table.columns.iter().zip(looks));
    let says = |words: &[String], look: &Look| named(words, look, Some(Task::Image)).map(|(role, _)| role);
    let is_reference = |name: &str, look: &Look| says(&words(name), look) == Some(Role::Label);
    let is_output = |name: &str, look: &Look| {
        let (rest, side) = without_side(name);
        side.is_some() && rest.is_empty() || says(&rest, look) == Some(Role::Prediction)
    };
    let files = || columns().filter(|(_, look)| look.is_image_file());
    files().any(|(column, look)| is_reference(&column.name, look))
        && files().any(|(column, look)| is_output(&column.name, look))
}

/// Role that a name says, and how well; of texts, of pairs and of images also by names that say nothing of other columns.
pub(super) fn named(words: &[String], look: &Look, task: Option<Task>) -> Option<(Role, usize)> {
    let of_pairs = task == Some(Task::Similarity) && look.is_number();
    let images = task == Some(Task::Image) && look.is_image_file();
    role_of(words)
        .or_else(|| image_role_of(words).filter(|_| images))
        .or_else(|| text_role_of(words).filter(|_| is_text(look, task)))
        .or_else(|| (task == Some(Task::Text) && is_numbered(words)).then_some((Role::Label, 300)))
        .or_else(|| pair_role_of(words).filter(|_| of_pairs))
}

/// Whether a column can hold texts to be compared: anything, where they are the task.
pub(super) fn is_text(look: &Look, task: Option<Task>) -> bool {
    match task {
        Some(Task::Text | Task::Detection) => look.filled > 0,
        Some(Task::Image) => look.is_image_file(),
        _ => false,
    }
}

/// Whether a column can hold what is true: classes, or numbers of a regression, or texts where that is the task.
pub(super) fn is_truth(look: &Look, task: Option<Task>) -> bool {
    let classes = look.is_classes() && !look.is_continuous();
    match task {
        None => classes || look.is_continuous() && !look.is_epoch(),
        Some(Task::Binary) => classes,
        Some(Task::Regression | Task::Ranking | Task::Similarity) => look.is_number(),
        Some(Task::Multiclass) => {
            (1..=CLASSES).contains(&look.distinct) && !matches!(look.kind, Kind::Number | Kind::Time { .. })
        }
        Some(Task::Text | Task::Detection | Task::Image) => is_text(look, task),
    }
}

impl Judge<'_> {
    /// Whether a column can hold what a model of the told task answers.
    pub(super) fn answers(&self, look: &Look) -> bool {
        match self.task {
            None | Some(Task::Binary | Task::Ranking | Task::Similarity) => false,
            Some(Task::Regression) => look.is_number(),
            Some(Task::Multiclass | Task::Text | Task::Detection | Task::Image) => is_truth(look, self.task),
        }
    }

    /// Whether a column named like a decision holds classes, however many, as the task has it.
    pub(super) fn names_class(&self, named: Role, look: &Look) -> bool {
        self.task == Some(Task::Multiclass) && named == Role::Prediction && self.answers(look)
    }
}

impl State<'_> {
    /// Settle the task: as told, else by what is true and what was answered. `judged`: what the columns were read as.
    pub(super) fn task(&mut self, told: Option<Task>, judged: Option<Task>, looks: &[Vec<Look>]) {
        self.mapping.task = told.unwrap_or_else(|| self.seen(judged, looks));
        let label = self.label_look(looks).filter(|_| told.is_none() && self.mapping.task != Task::Binary);
        let Some((name, look)) = label else {
            return;
        };
        let (what, is) = match self.mapping.task {
            Task::Regression => ("different numbers", "a regression"),
            Task::Detection => ("different sets of objects", "boxes of objects in images"),
            Task::Text => ("different sentences", "a text, held against a reference"),
            Task::Image => ("different image files", "an image, held against a reference image"),
            Task::Similarity => ("different scores", "how near two items are, by their vectors"),
            _ => ("different values", "one of several classes"),
        };
        let message = format!("{name} holds {} {what}, so what is predicted is taken for {is}.", look.distinct);
        self.issues.push(Issue {
            code: "task_by_labels".to_owned(),
            severity: Severity::Note,
            message,
            consequence: "Metrics, views and the default policy are those of this task.".to_owned(),
            mend: "None needed where that is right; else say the task with --task.".to_owned(),
            count: 1,
            share: 1.0,
            examples: Vec::new(),
        });
    }

    fn seen(&self, judged: Option<Task>, looks: &[Vec<Look>]) -> Task {
        let Some((_, look)) = self.label_look(looks) else {
            return Task::Binary;
        };
        if self.options.positive.is_some() {
            return Task::Binary;
        }
        if judged == Some(Task::Multiclass) && self.with_role(Role::Prediction).is_some() {
            return Task::Multiclass;
        }
        let texts = look.is_prose() || judged == Some(Task::Text) && look.is_text_lists();
        if texts && self.with_role(Role::Prediction).is_some() {
            return Task::Text;
        }
        if (look.is_continuous() || self.are_amounts(look)) && self.roles.family.len() < SEVERAL {
            return Task::Regression;
        }
        let sided = self.with_role(Role::Probability).is_some();
        let decisions = self.with_role(Role::Prediction).map_or(0, |place| self.columns[place].1.distinct);
        if look.distinct >= SEVERAL && (sided || self.roles.family.len() >= SEVERAL || decisions >= SEVERAL) {
            return Task::Multiclass;
        }
        Task::Binary
    }

    /// Whether labels are counts, stars or minutes: few numbers, to which the models answer with fractions that are no
    /// shares.
    fn are_amounts(&self, label: &Look) -> bool {
        let is_output =
            |pick: &Option<Pick>| pick.as_ref().is_some_and(|pick| matches!(pick.role, Role::Score | Role::Prediction));
        let mut outputs = self.columns.iter().zip(&self.roles.picks).filter(|(_, pick)| is_output(pick)).peekable();
        label.is_number()
            && label.distinct >= SEVERAL
            // Two classes with -1 for what is not known.
            && (label.min < -1.0 || label.max > 1.0)
            && outputs.peek().is_some()
            && outputs.all(|((_, look), _)| look.kind == Kind::Number && look.is_continuous() && !look.in_unit())
    }

    /// Name and look of the column of the labels.
    fn label_look<'a>(&'a self, looks: &'a [Vec<Look>]) -> Option<(&'a str, &'a Look)> {
        if let Some(place) = self.with_role(Role::Label) {
            return Some((self.columns[place].0, &self.columns[place].1));
        }
        let name = self.label_column(Role::Label)?;
        let files = self.inputs.iter().zip(looks).zip(&self.is_labels).filter(|(_, labels)| **labels);
        files
            .flat_map(|((input, looks), _)| input.table.columns.iter().zip(looks))
            .find_map(|(column, look)| (column.name == name).then_some((column.name.as_str(), look)))
    }

    /// Probabilities of several classes: each column is one of them.
    pub(super) fn class_probabilities(&mut self) {
        self.no_classes();
        self.strangers();
        for (class, place) in std::mem::take(&mut self.roles.family) {
            let pick = Pick::new(Role::Probability, Confidence::Certain, "probability of one class");
            self.roles.picks[place] = Some(Pick { class: Some(class), ..pick });
        }
        let name = |role: Role| self.with_role(role).map(|place| self.columns[place].0);
        let (label, decision) = (name(Role::Label), name(Role::Prediction));
        let in_files = self.label_column(Role::Label).map(str::to_owned);
        for (input, is_labels) in self.inputs.iter().zip(&self.is_labels) {
            let labels = if *is_labels { in_files.as_deref() } else { label };
            for (column, values) in [(labels, &mut self.values.labels), (decision, &mut self.values.decisions)] {
                let found = column.and_then(|column| input.values(column));
                add_counts(values, found.unwrap_or_default());
            }
        }
    }

    /// What a task without a positive class has: no map of labels, and no score beside the answer.
    pub(super) fn no_classes(&mut self) {
        self.mapping.positive.clear();
        self.mapping.label_map.clear();
        let fits = |look: &Look| self.mapping.task == Task::Regression && look.is_number();
        let free = (0..self.columns.len()).find(|&place| {
            let (name, look) = &self.columns[place];
            self.roles.picks[place].is_none()
                && fits(look)
                && matches!(role_of(&words(name)), Some((Role::Prediction, _)))
        });
        if let Some(place) = free.filter(|_| self.with_role(Role::Prediction).is_none()) {
            self.roles.picks[place] = Some(Pick::new(Role::Prediction, Confidence::Certain, "named like a prediction"));
        }
        let answered = self.with_role(Role::Prediction).is_some() || self.with_role(Role::Probability).is_some();
        let surplus = match self.mapping.task {
            Task::Regression => answered,
            Task::Similarity => self.with_role(Role::Embedding).is_some(),
            _ => true,
        };
        for pick in self.roles.picks.iter_mut().flatten() {
            if surplus && pick.role == Role::Score && pick.side == Side::Both && pick.why != "as told" {
                *pick = Pick::new(Role::Feature, Confidence::Likely, "a score beside the answer");
            }
        }
    }
}
