//! The start screen's lines: recent workspaces and bundled samples.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::decision::Recommendation;
use crate::log::{RunKind, Task};
use crate::present::format;
use crate::session::recent::{Input, Inputs, Recent, Recents};
use crate::session::{Session, workspace};
use crate::ui::marks::Mark;
use crate::ui::start::{RecentLine, SampleCard, SampleKind};

/// Bytes and time of change of a file.
pub fn look(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some((metadata.len(), changed.map_or(0, |since| since.as_secs())))
}

/// What is remembered of an open workspace that lies at `file`.
pub fn remember(session: &Session, file: &Path, now: i64) -> Recent {
    let evaluation = session.evaluation();
    let input = |path: &PathBuf| {
        let (bytes, changed_secs) = look(path)?;
        Some(Input { path: path.clone(), bytes, changed_secs })
    };
    let log = &evaluation.run.log;
    Recent {
        path: file.to_path_buf(),
        name: session.title().to_owned(),
        kind: kind(log.kind).to_owned(),
        champion: log.champion().name.clone(),
        challenger: log.challenger().map(|arm| arm.name.clone()).unwrap_or_default(),
        verdict: Some(evaluation.verdict.recommendation),
        opened_at: now,
        inputs: evaluation.run.paths.iter().filter_map(input).collect(),
    }
}

/// Lines of the recent workspaces, as the files stand now.
pub fn recent(recents: &Recents, now: i64) -> Vec<RecentLine> {
    recents.entries.iter().map(|entry| line(entry, now)).collect()
}

fn line(entry: &Recent, now: i64) -> RecentLine {
    let (state, changed) = match entry.inputs(look) {
        Inputs::Unchanged => ("inputs unchanged".to_owned(), false),
        Inputs::Changed(1) => ("1 file changed".to_owned(), true),
        Inputs::Changed(count) => (format!("{count} files changed"), true),
        Inputs::NotFound => ("file not found".to_owned(), true),
    };
    RecentLine {
        name: entry.name.clone(),
        kind: entry.kind.clone(),
        champion: entry.champion.clone(),
        challenger: entry.challenger.clone(),
        verdict: entry.verdict.map(|verdict| (mark(verdict), word(verdict).to_owned())),
        when: when(entry.opened_at, now),
        state,
        changed,
        path: entry.path.display().to_string(),
    }
}

/// `today 14:02`, else `18 Nov 14:02`; UTC like all times of the window.
fn when(at: i64, now: i64) -> String {
    let text = format::time(at);
    match text.split_whitespace().last() {
        Some(clock) if format::date(at) == format::date(now) => format!("today {clock}"),
        _ => text,
    }
}

fn mark(verdict: Recommendation) -> Mark {
    match verdict {
        Recommendation::Promote => Mark::Pass,
        Recommendation::PromoteWithConditions => Mark::PassWithConditions,
        Recommendation::Extend => Mark::Inconclusive,
        Recommendation::Reject => Mark::Fail,
        Recommendation::Rollback => Mark::Rollback,
        Recommendation::Invalid => Mark::Invalid,
    }
}

const fn word(verdict: Recommendation) -> &'static str {
    match verdict {
        Recommendation::Promote => "promote",
        Recommendation::PromoteWithConditions => "promote with conditions",
        Recommendation::Extend => "extend",
        Recommendation::Reject => "reject",
        Recommendation::Rollback => "roll back",
        Recommendation::Invalid => "invalid",
    }
}

/// Word of a run kind.
pub const fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Shadow => "shadow",
        RunKind::Ab => "ab",
        RunKind::Canary => "canary",
        RunKind::Offline => "offline",
    }
}

/// Card of a bundled workspace.
pub fn card(path: &Path) -> SampleCard {
    let Ok(request) = workspace::read(path) else {
        let title = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return SampleCard { title, about: "This sample cannot be read.".to_owned(), ..SampleCard::default() };
    };
    let files = || request.files.iter().chain(&request.labels);
    let bytes: u64 = files().filter_map(|path| look(path)).map(|(bytes, _)| bytes).sum();
    let kind_word = request.kind.map_or("", kind);
    let about = match (&request.champion, &request.challenger) {
        (Some(champion), Some(challenger)) => format!("{challenger} against {champion}"),
        (Some(champion), None) => champion.clone(),
        _ => String::new(),
    };
    SampleCard {
        kind: match request.kind {
            Some(RunKind::Ab) => SampleKind::Ab,
            Some(RunKind::Canary) => SampleKind::Canary,
            _ => SampleKind::Shadow,
        },
        title: request.name.clone(),
        facts: format!("{}, {kind_word}, {} files", request.task.unwrap_or(Task::Binary).word(), files().count()),
        about,
        size: format::size(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::when;

    #[test]
    fn today_is_told_by_its_clock() {
        let noon = 1_788_739_200_000_000 + 12 * 3_600_000_000;
        assert_eq!(when(noon, noon + 3_600_000_000), "today 12:00");
        assert_eq!(when(noon, noon + 86_400_000_000), "7 Sep 12:00");
    }
}
