//! Numbers in sentences of checks and notes.

/// `1,234,567`.
pub(in crate::compare) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `0.35 %`.
pub(in crate::compare) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// `1 row`, `1,200 rows`.
pub(super) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}
