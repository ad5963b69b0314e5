//! The policy of an A/B or canary run when none is given: its gates are on the outcomes the log holds.

use std::fmt::Write as _;

use crate::compare::{Better, Unit};
use crate::log::RunKind;

/// Text of the policy.
pub(super) fn text(kind: RunKind, outcomes: &[(String, Better, Unit)]) -> String {
    let canary = kind == RunKind::Canary;
    let (word, level) = if canary { ("canary", 0.99) } else { ("ab", 0.95) };
    let mut text = format!(
        "# The policy Assay uses when none is given, written for the outcomes of this run: cautious, and about no\n\
         # product in particular. Save it, set the margins your business can bear, and pass it with --policy.\n\
         schema  = \"promotion-policy/1\"\nid      = \"assay-default-{word}\"\nversion = \"1\"\n\
         owner   = \"none: shipped with Assay, replace it by a policy of your own\"\n\n[design]\nmode = \"{word}\"\n"
    );
    text.push_str(if canary {
        "looks = \"any\"        # a rollout is watched all the time: confidence sequences\n"
    } else {
        "looks = \"once\"       # at the end of the run; \"any\" for confidence sequences\n"
    });
    // Writing into a string cannot fail.
    let _ = write!(text, "min = {{ units = 200 }}\n\n[interval]\nlevel = {level}\n");
    for (name, better, _) in outcomes {
        let better = if *better == Better::Lower { "lower" } else { "higher" };
        let _ = write!(text, "\n[metrics.{}]\nbetter = \"{better}\"\n", quoted(name));
    }
    let mut first = true;
    for (index, (name, better, unit)) in outcomes.iter().enumerate() {
        let (role, test, margin, because) = match better {
            Better::Lower if canary && *unit != Unit::Share => {
                ("critical", "non_inferiority", "{ rel = 0.10 }", "A rise by more than a tenth is reason to roll back.")
            }
            Better::Lower if canary => {
                ("critical", "non_inferiority", "0.005", "A rise by more than half a hundredth is reason to roll back.")
            }
            Better::Lower => {
                ("guardrail", "non_inferiority", "{ rel = 0.10 }", "At most a tenth more than with the champion.")
            }
            _ if first && !canary => {
                first = false;
                ("primary", "superiority", "0", "The first outcome has to gain, by however little.")
            }
            _ => (
                "guardrail",
                "non_inferiority",
                "{ rel = 0.01 }",
                "At most a hundredth of the champion's value is lost.",
            ),
        };
        let _ = write!(
            text,
            "\n[[gate]]\nid = \"G{}\"\nrole = \"{role}\"\nmetric = {}\ntest = \"{test}\"\nmargin = {margin}\nbecause = \"{because}\"\n",
            index + 1,
            quoted(name)
        );
    }
    if outcomes.is_empty() || canary {
        let _ = write!(
            text,
            "\n[[gate]]\nid = \"G{}\"\nrole = \"critical\"\nmetric = \"missing_rate\"\ntest = \"non_inferiority\"\nmargin = 0.01\nmissing = \"report_only\"\nbecause = \"At most one more request in a hundred may be left without an answer. Read only where answers are logged.\"\n",
            outcomes.len() + 1
        );
        let _ = write!(
            text,
            "\n[[gate]]\nid = \"G{}\"\nrole = \"guardrail\"\nmetric = \"latency_p95\"\ntest = \"non_inferiority\"\nmargin = {{ rel = 0.10 }}\nmissing = \"report_only\"\nbecause = \"A tenth of the champion's p95 is what autoscaling usually absorbs. Read only where latency is logged.\"\n",
            outcomes.len() + 2
        );
    }
    // The share of a rollout's stages is known where it is planned or logged; the run's own check holds it then.
    text.push_str(if canary { "\n[validity]\n" } else { "\n[validity]\nsrm_p = 0.001\n" });
    text.push_str("no_data = \"not_evaluable\"\n\n[verdict]\nrules = [\n");
    let bad_split = "  { when = \"validity_failed\", then = \"invalid\" },\n";
    let harm = "  { when = \"critical_failed\", then = \"rollback\" },\n";
    // Harm is acted on first, even where the comparison is not sound.
    text.push_str(&if canary { format!("{harm}{bad_split}") } else { format!("{bad_split}{harm}") });
    text.push_str(
        "  { when = \"any_failed\", then = \"reject\" },\n  { when = \"all_passed\", then = \"promote\" },\n  \
         { when = \"only_segments_inconclusive\", then = \"promote_with_conditions\" },\n  \
         { when = \"otherwise\", then = \"extend\" },\n]\n\n[signoff]\n\
         required = [{ role = \"validator\", count = 1 }, { role = \"approver\", count = 1 }]\n\
         separate = [[\"author\", \"validator\"], [\"author\", \"approver\"]]\n\
         override = { approvers = 2, min_rationale_chars = 80, valid_days = 90 }\n",
    );
    text
}

/// A name as a TOML key or value.
fn quoted(name: &str) -> String {
    toml::Value::String(name.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::*;

    #[test]
    fn the_text_is_a_valid_policy_for_any_names() {
        let outcomes = [
            ("retention_7".to_owned(), Better::Higher, Unit::Share),
            ("a \"quoted\" name".to_owned(), Better::Higher, Unit::Number),
            ("error".to_owned(), Better::Lower, Unit::Share),
        ];
        for kind in [RunKind::Ab, RunKind::Canary] {
            for count in 0..=outcomes.len() {
                let policy = Policy::default_for_outcomes(kind, &outcomes[..count]);
                assert_eq!(policy.check(), Vec::new());
                assert!(policy.gates.len() >= count.max(1));
            }
        }
    }
}
