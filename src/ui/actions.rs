//! Everything that can be asked of the window by name: one list for shortcuts, palette and menus.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

use crate::ingest::source::S3Options;

/// What the user wants of the window as a whole. What belongs to one view is a session command.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    OpenFiles,
    OpenFolder,
    /// Read what was typed or pasted as a path.
    OpenPath(String),
    /// Read an `s3://` address that was typed or pasted.
    OpenBucket(String, Box<S3Options>),
    /// Look into buckets, at an address or from the top.
    Browse(String),
    OpenRecent(usize),
    ForgetRecent(usize),
    OpenSample(usize),
    SaveWorkspace,
    SaveWorkspaceAs,
    CloseWorkspace,
    Undo,
    Redo,
    Palette,
    ToggleTheme,
    /// Number of the tab as shown, from 0.
    Tab(usize),
    NextTab,
    PreviousTab,
    /// Population everywhere: a slice of the rail, or all analysed rows.
    SelectSlice(Option<usize>),
    AddSlice(String),
    RemoveSlice(usize),
    /// Open the threshold control.
    Threshold,
    Recompute,
    ChangeMapping,
    /// Compare another challenger of the run with the champion.
    Challenger(String),
    ZoomIn,
    ZoomOut,
    ZoomReset,
    /// Stop the running job, or close what is open.
    Cancel,
    Quit,
}

/// An action with its name and key, as it stands in the palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub action: Action,
    pub title: String,
    pub keys: Option<KeyboardShortcut>,
}

/// Where the list is read.
#[derive(Clone, Debug, Default)]
pub struct Situation<'a> {
    /// Titles of the tabs in order; empty while no workspace is open.
    pub tabs: &'a [&'a str],
    /// Names of the slices in the rail.
    pub slices: &'a [String],
    /// Other challengers of the run.
    pub rivals: &'a [String],
    pub can_undo: bool,
    pub can_redo: bool,
    pub job_running: bool,
}

const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// Every action that makes sense now, in palette order.
pub fn entries(situation: &Situation<'_>) -> Vec<Entry> {
    let mut list = Vec::new();
    let mut add = |action: Action, title: &str, modifiers: Modifiers, key: Option<Key>| {
        let keys = key.map(|key| KeyboardShortcut::new(modifiers, key));
        list.push(Entry { action, title: title.to_owned(), keys });
    };
    add(Action::Palette, "Find or run", COMMAND, Some(Key::K));
    add(Action::OpenFiles, "Open files…", COMMAND, Some(Key::O));
    add(Action::OpenFolder, "Open folder…", COMMAND_SHIFT, Some(Key::O));
    add(Action::Browse(String::new()), "Browse S3…", COMMAND, Some(Key::B));
    if !situation.tabs.is_empty() {
        add(Action::SaveWorkspace, "Save workspace", COMMAND, Some(Key::S));
        add(Action::SaveWorkspaceAs, "Save workspace as…", COMMAND_SHIFT, Some(Key::S));
        add(Action::CloseWorkspace, "Close workspace", COMMAND, Some(Key::W));
        add(Action::Threshold, "Move the threshold", Modifiers::NONE, Some(Key::T));
        add(Action::Recompute, "Compute again", Modifiers::NONE, Some(Key::F5));
        add(Action::ChangeMapping, "Change the mapping…", Modifiers::NONE, None);
        add(Action::SelectSlice(None), "Show all analysed rows", Modifiers::NONE, None);
        add(Action::NextTab, "Next view", Modifiers::CTRL, Some(Key::Tab));
        add(Action::PreviousTab, "Previous view", Modifiers { shift: true, ..Modifiers::CTRL }, Some(Key::Tab));
    }
    if situation.can_undo {
        add(Action::Undo, "Undo", COMMAND, Some(Key::Z));
    }
    if situation.can_redo {
        add(Action::Redo, "Redo", COMMAND_SHIFT, Some(Key::Z));
    }
    if situation.job_running {
        add(Action::Cancel, "Cancel the running job", Modifiers::NONE, Some(Key::Escape));
    }
    add(Action::ToggleTheme, "Change between dark and light", Modifiers::NONE, None);
    add(Action::ZoomIn, "Larger text", COMMAND, Some(Key::Plus));
    add(Action::ZoomOut, "Smaller text", COMMAND, Some(Key::Minus));
    add(Action::ZoomReset, "Text at its own size", COMMAND, Some(Key::Num0));
    add(Action::Quit, "Quit", COMMAND, Some(Key::Q));
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    for (index, tab) in situation.tabs.iter().enumerate() {
        // The last tab is the decision, which has a key however many there are.
        let last = index >= DIGITS.len() && index + 1 == situation.tabs.len();
        let key = if last { Some(Key::Num0) } else { DIGITS.get(index).copied() };
        add(Action::Tab(index), &format!("Show {tab}"), Modifiers::ALT, key);
    }
    for (index, slice) in situation.slices.iter().enumerate() {
        add(Action::SelectSlice(Some(index)), &format!("Show the rows of {slice}"), Modifiers::NONE, None);
    }
    for rival in situation.rivals {
        add(Action::Challenger(rival.clone()), &format!("Compare challenger {rival}"), Modifiers::NONE, None);
    }
    list
}

/// Actions whose keys were pressed. Keys without Ctrl are left to a text field that has the focus, and to a dialog.
pub fn pressed(ctx: &Context, entries: &[Entry]) -> Vec<Action> {
    let typing = ctx.text_edit_focused() || ctx.memory(|memory| memory.top_modal_layer().is_some());
    // The longer shortcut first, so that Ctrl Shift O is not taken for Ctrl O.
    let mut keyed: Vec<_> = entries.iter().filter_map(|entry| entry.keys.map(|keys| (keys, &entry.action))).collect();
    keyed.sort_by_key(|(keys, _)| !keys.modifiers.shift);
    ctx.input_mut(|input| {
        let mut actions = Vec::new();
        for (keys, action) in keyed {
            let plain = keys.modifiers.is_none() && keys.logical_key != Key::Escape;
            if !(typing && plain) && input.consume_shortcut(&keys) {
                actions.push(action.clone());
            }
        }
        actions
    })
}

/// Keys in words, `Ctrl Shift O`.
pub fn key_words(keys: KeyboardShortcut) -> String {
    let mut words = Vec::new();
    if keys.modifiers.command || keys.modifiers.ctrl {
        words.push(if cfg!(target_os = "macos") && keys.modifiers.command { "Cmd" } else { "Ctrl" });
    }
    if keys.modifiers.alt {
        words.push("Alt");
    }
    if keys.modifiers.shift {
        words.push("Shift");
    }
    words.push(match keys.logical_key {
        Key::Escape => "Esc",
        Key::Plus => "Plus",
        Key::Minus => "Minus",
        key => key.name(),
    });
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key() {
        let tabs = ["Overview"; 11];
        let situation =
            Situation { tabs: &tabs, slices: &[], rivals: &[], can_undo: true, can_redo: true, job_running: true };
        let mut keys: Vec<String> = entries(&situation).iter().filter_map(|entry| entry.keys.map(key_words)).collect();
        keys.sort();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
