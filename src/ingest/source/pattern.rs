//! Patterns of paths: `*`, `?` within a name, `**` for any folders. `[` stands for itself.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// Whether a path that does not exist may be a pattern.
pub(super) fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?'])
}

/// Paths that match, by name. Hidden names match only a pattern that begins with a dot.
pub(super) fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut heads = vec![PathBuf::new()];
    for part in pattern.components() {
        let Component::Normal(name) = part else {
            heads.iter_mut().for_each(|head| head.push(part));
            continue;
        };
        let name = name.to_string_lossy();
        heads = if name == "**" {
            heads.iter().flat_map(|head| folders(head)).collect()
        } else if name.contains(['*', '?']) {
            heads
                .iter()
                .flat_map(|head| {
                    children(head).into_iter().filter(|child| matches_name(&name, child)).map(|child| head.join(child))
                })
                .collect()
        } else {
            heads.iter().map(|head| head.join(name.as_ref())).filter(|path| path.exists()).collect()
        };
    }
    heads.sort();
    heads.dedup();
    heads
}

fn children(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// A folder and all folders below it.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_path_buf()];
    let mut next = 0;
    while let Some(folder) = all.get(next).cloned() {
        next += 1;
        for name in children(&folder).into_iter().filter(|name| !name.starts_with('.')) {
            let child = folder.join(name);
            if fs::symlink_metadata(&child).is_ok_and(|metadata| metadata.is_dir()) {
                all.push(child);
            }
        }
    }
    all
}

/// Greedy match with one step back: linear for what people write.
pub fn matches_name(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut star = None;
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == name[of] => {
                at += 1;
                of += 1;
            }
            _ => match star {
                Some((star_at, from)) => {
                    star = Some((star_at, from + 1));
                    (at, of) = (star_at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches_name;

    #[test]
    fn names_match_as_written() {
        assert!(matches_name("a[1]*.csv", "a[1]-x.csv"));
        assert!(!matches_name("a[1]*.csv", "a1.csv"));
        assert!(matches_name("*_pred_*", "live_pred_2026"));
        assert!(matches_name("?.csv", "ü.csv"));
        assert!(!matches_name("*", ".hidden"));
        assert!(!matches_name("*.csv", "a.csv.gz"));
    }
}
