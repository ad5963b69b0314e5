//! Looking into buckets: what is listed, what of it is shown, what is chosen, and what opening it would bring.
//!
//! Plain state without IO: listings and counts come from jobs, in pieces.

use std::collections::BTreeSet;

use crate::ingest::source::{Entry, EntryKind, Extent, LIMIT_BYTES, Place, matches_name};

/// Single objects that are opened by name; more are opened by their folder and a filter.
pub const MOST_CHOSEN: usize = 200;

/// What of a listing is shown, and of what lies below a folder is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a name, or a pattern with `*` and `?`.
    pub name: String,
    /// Changed at or after this, seconds since 1970.
    pub since: Option<i64>,
    /// Changed before this.
    pub until: Option<i64>,
    /// At most so many bytes.
    pub largest: Option<u64>,
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As a pattern of names.
    fn pattern(&self) -> Option<String> {
        let name = self.name.trim();
        (!name.is_empty()).then(|| if name.contains(['*', '?']) { name.to_owned() } else { format!("*{name}*") })
    }
}

/// What lines are ordered by; folders stand first in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    #[default]
    Name,
    Size,
    Changed,
}

/// How far something is that a job brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage<T> {
    #[default]
    Nothing,
    Running,
    Done(T),
    /// A person stopped it; what came stays.
    Stopped,
    /// What happened and what to do.
    Failed(String),
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Go(Place),
    Up,
    /// Walk into a folder or bucket; an object is opened. Place in the list.
    Enter(usize),
    /// Choose it, or not any more. Place in the list.
    Tick(usize),
    /// Choose these and all between.
    TickTo(usize, usize),
    TickAll,
    TickNone,
    Filter(Filter),
    Sort(Key),
    Open,
    /// End the listing that is under way; what came stays.
    Stop,
    /// List once more.
    Again,
    /// Count once more what opening would download.
    Count,
    Close,
}

/// What has to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    List(Place),
    /// Stop listing, counting and opening.
    Stop,
    /// Count what opening these addresses would download.
    Measure(Vec<String>),
    Open(Vec<String>),
    Close,
}

/// A look into buckets.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    place: Place,
    entries: Vec<Entry>,
    /// Places in `entries`, in the order of the list.
    shown: Vec<u32>,
    /// Places in `entries`.
    ticked: BTreeSet<u32>,
    filter: Filter,
    key: Key,
    descending: bool,
    pub listing: Stage<()>,
    /// What opening would download.
    pub extent: Stage<Extent>,
}

impl Browser {
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn rows(&self) -> usize {
        self.shown.len()
    }

    /// Everything that was listed here, shown or not.
    pub fn listed(&self) -> usize {
        self.entries.len()
    }

    pub fn entry(&self, row: usize) -> Option<&Entry> {
        self.entries.get(*self.shown.get(row)? as usize)
    }

    /// The name of an entry as shown: below this place.
    pub fn name<'a>(&self, entry: &'a Entry) -> &'a str {
        if self.place.bucket.is_empty() {
            &entry.key
        } else {
            entry.key.get(self.place.shared()..).unwrap_or(&entry.key)
        }
    }

    pub fn is_ticked(&self, row: usize) -> bool {
        self.shown.get(row).is_some_and(|index| self.ticked.contains(index))
    }

    /// Lines that are chosen, shown or not.
    pub fn ticked(&self) -> usize {
        self.ticked.len()
    }

    pub fn sort(&self) -> (Key, bool) {
        (self.key, self.descending)
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Take in a page of the listing.
    pub fn take(&mut self, page: Vec<Entry>) {
        let from = self.entries.len();
        self.entries.extend(page);
        if self.key == Key::Name && !self.descending && self.goes_on_in_order(from) {
            let pattern = self.filter.pattern();
            let passes = |&index: &u32| self.passes(&self.entries[index as usize], pattern.as_deref());
            let more: Vec<u32> = (from as u32..self.entries.len() as u32).filter(passes).collect();
            self.shown.extend(more);
        } else {
            self.arrange();
        }
    }

    /// Whether a page goes on in the order that is shown: folders of a later page belong above the objects of earlier
    /// ones, and not every service lists its buckets by name.
    fn goes_on_in_order(&self, from: usize) -> bool {
        fn place(entry: &Entry) -> (bool, &str) {
            (matches!(entry.kind, EntryKind::Object { .. }), &entry.key)
        }
        let page = &self.entries[from..];
        let follows =
            |first: &Entry| self.shown.last().is_none_or(|&last| place(&self.entries[last as usize]) <= place(first));
        page.is_sorted_by(|a, b| place(a) <= place(b)) && page.first().is_none_or(follows)
    }

    /// The listing ended; what to do now.
    pub fn listed_all(&mut self, result: Result<(), String>) -> Option<Effect> {
        self.listing = match result {
            Ok(()) => Stage::Done(()),
            Err(problem) => Stage::Failed(problem),
        };
        if matches!(self.listing, Stage::Done(())) { self.measure() } else { None }
    }

    pub fn measured(&mut self, result: Result<Extent, String>) {
        self.extent = result.map_or_else(Stage::Failed, Stage::Done);
    }

    /// The jobs were stopped; what came stays.
    pub fn stopped(&mut self) {
        if self.listing == Stage::Running {
            self.listing = Stage::Stopped;
        }
        if self.extent == Stage::Running {
            self.extent = Stage::Stopped;
        }
    }

    /// Change the state; what has to be done about it.
    pub fn act(&mut self, act: Act) -> Option<Effect> {
        match act {
            Act::Go(place) => self.go(place),
            Act::Up => self.place.above().and_then(|place| self.go(place)),
            Act::Again => self.go(self.place.clone()),
            Act::Enter(row) => self.enter(row),
            Act::Tick(row) => {
                let &index = self.shown.get(row)?;
                if !self.ticked.remove(&index) && self.may_tick(row) {
                    self.ticked.insert(index);
                }
                self.measure()
            }
            Act::TickTo(from, to) => {
                let rows = from.min(to)..(from.max(to) + 1).min(self.shown.len());
                self.tick_rows(rows)
            }
            Act::TickAll => self.tick_rows(0..self.shown.len()),
            Act::TickNone => {
                self.ticked.clear();
                self.measure()
            }
            Act::Filter(filter) => {
                if filter == self.filter {
                    return None;
                }
                self.filter = filter;
                self.arrange();
                self.measure()
            }
            Act::Sort(key) => {
                self.descending = if key == self.key { !self.descending } else { key != Key::Name };
                self.key = key;
                self.arrange();
                None
            }
            Act::Open => self.why_not().is_none().then(|| Effect::Open(self.addresses())),
            Act::Stop => {
                self.stopped();
                Some(Effect::Stop)
            }
            Act::Count => self.measure(),
            Act::Close => Some(Effect::Close),
        }
    }

    fn go(&mut self, place: Place) -> Option<Effect> {
        let mut filter = std::mem::take(&mut self.filter);
        if place != self.place {
            // Dates and sizes hold from folder to folder, a name does not.
            filter.name.clear();
        }
        *self = Self {
            filter,
            key: self.key,
            descending: self.descending,
            listing: Stage::Running,
            place: place.clone(),
            ..Self::default()
        };
        Some(Effect::List(place))
    }

    fn enter(&mut self, row: usize) -> Option<Effect> {
        let entry = self.entry(row)?;
        match entry.kind {
            EntryKind::Bucket => self.go(Place { bucket: entry.key.clone(), prefix: String::new() }),
            EntryKind::Folder => self.go(Place { prefix: entry.key.clone(), ..self.place.clone() }),
            EntryKind::Object { .. } => Some(Effect::Open(vec![self.address(&entry.key)])),
        }
    }

    fn may_tick(&self, row: usize) -> bool {
        self.entry(row).is_some_and(|entry| entry.kind != EntryKind::Bucket)
    }

    fn tick_rows(&mut self, rows: std::ops::Range<usize>) -> Option<Effect> {
        let indices: Vec<u32> = rows.filter(|&row| self.may_tick(row)).map(|row| self.shown[row]).collect();
        self.ticked.extend(indices);
        self.measure()
    }

    fn passes(&self, entry: &Entry, pattern: Option<&str>) -> bool {
        let name = self.name(entry).trim_end_matches('/');
        if pattern.is_some_and(|pattern| !matches_name(pattern, name)) {
            return false;
        }
        let EntryKind::Object { bytes, .. } = entry.kind else {
            return true;
        };
        let Filter { since, until, largest, .. } = self.filter;
        let time = |wanted: &dyn Fn(i64) -> bool| entry.modified.is_none_or(wanted);
        since.is_none_or(|since| time(&|at| at >= since))
            && until.is_none_or(|until| time(&|at| at < until))
            && largest.is_none_or(|largest| bytes <= largest)
    }

    /// Filter and order anew.
    fn arrange(&mut self) {
        let pattern = self.filter.pattern();
        let mut shown: Vec<u32> = (0..self.entries.len() as u32)
            .filter(|&index| self.passes(&self.entries[index as usize], pattern.as_deref()))
            .collect();
        let entry = |index: &u32| &self.entries[*index as usize];
        let bytes = |entry: &Entry| if let EntryKind::Object { bytes, .. } = entry.kind { bytes } else { 0 };
        shown.sort_by(|a, b| {
            let (a, b) = (entry(a), entry(b));
            let order = match self.key {
                Key::Name => a.key.cmp(&b.key),
                Key::Size => bytes(a).cmp(&bytes(b)),
                Key::Changed => a.modified.cmp(&b.modified),
            };
            let order = if self.descending { order.reverse() } else { order };
            let last = |entry: &Entry| matches!(entry.kind, EntryKind::Object { .. });
            last(a).cmp(&last(b)).then(order)
        });
        self.shown = shown;
    }

    /// What is opened: the chosen lines, else this place as it is filtered.
    pub fn addresses(&self) -> Vec<String> {
        if !self.ticked.is_empty() {
            return self.ticked.iter().map(|&index| self.address(&self.entries[index as usize].key)).collect();
        }
        let prefix = &self.place.prefix;
        let whole = prefix.is_empty() || prefix.ends_with('/');
        let pattern = match self.filter.pattern() {
            Some(pattern) => format!("{}{pattern}", &prefix[..self.place.shared()]),
            None if whole => prefix.clone(),
            None => format!("{prefix}*"),
        };
        vec![self.address(&pattern)]
    }

    fn address(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.place.bucket)
    }

    /// Why nothing can be opened now.
    pub fn why_not(&self) -> Option<String> {
        let single = |index: &&u32| matches!(self.entries[**index as usize].kind, EntryKind::Object { .. });
        let singles = self.ticked.iter().filter(single).count();
        match &self.extent {
            _ if self.place.bucket.is_empty() => Some("Choose a bucket first".to_owned()),
            _ if self.shown.is_empty() && self.ticked.is_empty() => Some("Nothing is listed here".to_owned()),
            _ if singles > MOST_CHOSEN => Some(format!(
                "More than {MOST_CHOSEN} single objects are chosen: clear the choice and open the folder with a filter"
            )),
            Stage::Failed(problem) => Some(problem.clone()),
            Stage::Done(extent) if extent.bytes > LIMIT_BYTES => Some(format!(
                "This is more than the {} GB that are downloaded at once: choose less, or filter",
                LIMIT_BYTES / 1_000_000_000
            )),
            _ => None,
        }
    }

    /// Objects are summed here; what lies below folders has to be listed.
    fn measure(&mut self) -> Option<Effect> {
        if self.place.bucket.is_empty() || (self.shown.is_empty() && self.ticked.is_empty()) {
            self.extent = Stage::Nothing;
            return None;
        }
        let mut chosen = self.ticked.iter().map(|&index| self.entries[index as usize].kind);
        let sum = chosen.try_fold(Extent::default(), |sum, kind| match kind {
            EntryKind::Object { bytes, .. } => Some(Extent { objects: sum.objects + 1, bytes: sum.bytes + bytes }),
            _ => None,
        });
        if let Some(sum) = sum.filter(|sum| sum.objects > 0) {
            self.extent = Stage::Done(sum);
            return None;
        }
        self.extent = Stage::Running;
        Some(Effect::Measure(self.addresses()))
    }
}

#[cfg(test)]
mod tests;
