//! What no log says: facts that people enter, and results of tests that are attached. Gates read them as metrics whose
//! value is known exactly.

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::staleness;
use crate::compare::{Better, Comparison, Difference, Estimate, MetricResult, PerArm, Unit};
use crate::log::ArmRole;

/// Names of facts as metrics begin so.
pub const FACT: &str = "fact:";
pub const TESTS_FAILED: &str = "tests_failed";
pub const TESTS_RUN: &str = "tests_run";

/// A fact: serving cost, hardware, time to market.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub name: String,
    /// `None`: of the change as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<ArmRole>,
    pub value: FactValue,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

/// A number, which gates can read, or words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactValue {
    Number(f64),
    Words(String),
}

impl Default for FactValue {
    fn default() -> Self {
        Self::Words(String::new())
    }
}

impl FactValue {
    /// As typed: a number where it is one.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Self::Number(value),
            _ => Self::Words(text.to_owned()),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Words(words) => words.clone(),
        }
    }
}

impl Fact {
    /// From `[champion.|challenger.]NAME=VALUE[ UNIT]`.
    ///
    /// # Errors
    /// There is no equals sign, or no name or no value beside it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not like time_to_market=6 weeks or challenger.cost_per_hour=2.40 EUR");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let (arm, name) = match name.trim().split_once('.') {
            Some(("champion", name)) => (Some(ArmRole::Champion), name),
            Some(("challenger", name)) => (Some(ArmRole::Challenger), name),
            _ => (None, name.trim()),
        };
        if name.is_empty() || value.trim().is_empty() {
            return Err(wrong());
        }
        let (number, unit) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
        let fact = |value, unit: &str| Self { name: name.to_owned(), arm, value, unit: unit.trim().to_owned() };
        Ok(match FactValue::of(number) {
            FactValue::Number(number) => fact(FactValue::Number(number), unit),
            FactValue::Words(_) => fact(FactValue::Words(value.trim().to_owned()), ""),
        })
    }

    /// As [`Self::parse`] reads it.
    pub fn text(&self) -> String {
        let arm = match self.arm {
            Some(ArmRole::Champion) => "champion.",
            Some(ArmRole::Challenger) => "challenger.",
            None => "",
        };
        let text = format!("{arm}{}={} {}", self.name, self.value.text(), self.unit);
        text.trim_end().to_owned()
    }

    /// What is wrong with the lines of a text that are no facts.
    pub fn problems(text: &str) -> Vec<String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.filter_map(|line| Self::parse(line).err()).collect()
    }
}

/// Results of one file of tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResults {
    pub path: String,
    pub sha256: String,
    /// Names of the suites.
    pub suites: Vec<String>,
    /// Tests that ran, failed ones among them.
    pub run: u64,
    /// Failures and errors.
    pub failed: u64,
    pub skipped: u64,
    /// Names of what failed, the first fifty.
    pub failures: Vec<String>,
}

/// Everything that is attached to a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attached {
    pub facts: Vec<Fact>,
    pub tests: Vec<TestResults>,
}

impl Attached {
    /// Put numbers among the metrics of `comparison`, in place of those that stood there. Directions of facts are those
    /// that `policy` declares.
    pub fn attach(&self, comparison: &mut Comparison, policy: &Policy) {
        comparison.metrics.retain(|metric| !is_attached(&metric.name) && !staleness::is_staleness(&metric.name));
        if let Some(found) = &mut comparison.staleness {
            found.ages = staleness::ages(found, &self.facts);
        }
        comparison.metrics.extend(staleness::metrics(comparison, policy));
        let level = comparison.plan.level;
        let mut names: Vec<&str> = self.facts.iter().map(|fact| fact.name.as_str()).collect();
        names.dedup();
        let mut told: Vec<&str> = Vec::new();
        for name in names {
            if told.contains(&name) {
                continue;
            }
            told.push(name);
            let of = |arm: Option<ArmRole>| {
                self.facts.iter().rev().filter(|fact| fact.name == name && fact.arm == arm).find_map(|fact| match fact
                    .value
                {
                    FactValue::Number(value) => Some(exact(value, level, "entered by hand", 0)),
                    FactValue::Words(_) => None,
                })
            };
            let challenger = of(Some(ArmRole::Challenger)).or_else(|| of(None));
            let champion = of(Some(ArmRole::Champion));
            if champion.is_none() && challenger.is_none() {
                continue;
            }
            let name = format!("{FACT}{name}");
            let better = policy.metrics.get(&name).copied().unwrap_or(Better::Neither);
            comparison.metrics.push(metric(name, better, champion, challenger));
        }
        if !self.tests.is_empty() {
            let sum = |of: fn(&TestResults) -> u64| self.tests.iter().map(of).sum::<u64>();
            let (failed, run) = (sum(|tests| tests.failed), sum(|tests| tests.run));
            let counted = |name: &str, better: Better, count: u64| {
                let value = (run > 0).then(|| exact(count as f64, level, "attached test results", run));
                let undefined = value.is_none().then(|| "no test ran".to_owned());
                MetricResult { undefined, ..metric(name.to_owned(), better, None, value) }
            };
            comparison.metrics.push(counted(TESTS_FAILED, Better::Lower, failed));
            comparison.metrics.push(counted(TESTS_RUN, Better::Higher, run));
        }
    }
}

/// Whether a metric is a fact or a count of tests.
pub fn is_attached(name: &str) -> bool {
    name.starts_with(FACT) || matches!(name, TESTS_FAILED | TESTS_RUN)
}

/// What a gate says that finds nothing to read; `None` for a metric of the run.
pub(super) fn nothing_attached(name: &str) -> Option<String> {
    match name.strip_prefix(FACT) {
        Some(fact) => Some(format!("no number is entered for {fact} (--fact {fact}=VALUE)")),
        None if is_attached(name) => {
            Some("no test results are attached (--tests FILE.xml, or Attach in the Decision view)".to_owned())
        }
        None => staleness::is_staleness(name).then(|| "how the models age was not measured in this run".to_owned()),
    }
}

fn exact(value: f64, level: f64, method: &str, n: u64) -> Estimate {
    Estimate { value, lo: Some(value), hi: Some(value), level, method: method.to_owned(), n }
}

fn metric(name: String, better: Better, champion: Option<Estimate>, challenger: Option<Estimate>) -> MetricResult {
    let difference = champion.as_ref().zip(challenger.as_ref()).map(|(a, b)| {
        let value = b.value - a.value;
        Difference {
            value,
            lo: Some(value),
            hi: Some(value),
            level: a.level,
            method: a.method.clone(),
            p: None,
            se: None,
            n: 0,
        }
    });
    MetricResult {
        name,
        slice: None,
        unit: Unit::Number,
        better,
        arms: PerArm { champion, challenger },
        difference,
        rows: 0,
        positives: None,
        arm_positives: None,
        undefined: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Outcome, fixture, judge};

    fn policy(gates: &str) -> Policy {
        let text = format!(
            "schema = \"promotion-policy/1\"\nid = \"p\"\nversion = \"1\"\nowner = \"o\"\n\n[interval]\nlevel = 0.95\n\n\
             [metrics.\"fact:cost_per_hour\"]\nbetter = \"lower\"\n\n{gates}\n\
             [verdict]\nrules = [{{ when = \"validity_failed\", then = \"invalid\" }}, {{ when = \"any_failed\", then = \"reject\" }}, {{ when = \"all_passed\", then = \"promote\" }},\n\
             {{ when = \"otherwise\", then = \"extend\" }}]\n\n[signoff]\nrequired = [{{ role = \"approver\", count = 1 }}]\n"
        );
        Policy::parse(&text).unwrap()
    }

    const GATES: &str = "[[gate]]\nid = \"T\"\nrole = \"critical\"\nmetric = \"tests_failed\"\ntest = \"bound\"\nmax = 0\n\n\
                         [[gate]]\nid = \"N\"\nrole = \"guardrail\"\nmetric = \"tests_run\"\ntest = \"bound\"\nmin = 40\n\n\
                         [[gate]]\nid = \"C\"\nrole = \"guardrail\"\nmetric = \"fact:cost_per_hour\"\ntest = \"non_inferiority\"\n\
                         margin = 0.5\n";

    fn outcomes(attached: &Attached) -> (Vec<Outcome>, Vec<String>) {
        let policy = policy(GATES);
        let mut comparison = fixture::record().comparison;
        comparison.plan.level = 0.95;
        attached.attach(&mut comparison, &policy);
        let verdict = judge(&comparison, &policy);
        let of = |gate: &crate::decision::GateResult| (gate.reading.outcome, gate.reading.reason.clone());
        verdict.gates.iter().map(of).unzip()
    }

    #[test]
    fn gates_read_tests_and_facts() {
        use Outcome::{Fail, NotEvaluable, Pass};
        let (found, reasons) = outcomes(&Attached::default());
        assert_eq!(found, [NotEvaluable; 3]);
        assert!(reasons[0].contains("--tests") && reasons[2].contains("--fact cost_per_hour=VALUE"), "{reasons:?}");
        let facts = ["champion.cost_per_hour=2.0 EUR", "challenger.cost_per_hour=2.4 EUR", "hardware=2 x A100"];
        let mut attached = Attached {
            facts: facts.iter().map(|text| Fact::parse(text).unwrap()).collect(),
            tests: vec![TestResults { run: 40, failed: 0, ..TestResults::default() }],
        };
        assert_eq!(outcomes(&attached).0, [Pass, Pass, Pass], "{:?}", outcomes(&attached).1);
        attached.tests.push(TestResults { run: 2, failed: 1, ..TestResults::default() });
        attached.facts[1].value = FactValue::Number(2.6);
        assert_eq!(outcomes(&attached).0, [Fail, Pass, Fail], "{:?}", outcomes(&attached).1);
    }

    #[test]
    fn what_stands_on_the_edge_keeps_a_bound_and_gains_nothing() {
        use Outcome::{Fail, Pass};
        let gate = |id: &str, rest: &str| {
            format!("[[gate]]\nid = \"{id}\"\nrole = \"guardrail\"\nmetric = \"fact:cost_per_hour\"\n{rest}\n\n")
        };
        let policy = policy(
            &[
                gate("S", "test = \"superiority\"\nmargin = 0"),
                gate("N", "test = \"non_inferiority\"\nmargin = 0.5"),
                gate("E", "test = \"equivalence\"\nmargin = 0.5"),
                gate("U", "test = \"bound\"\nmax = 2"),
                gate("L", "test = \"bound\"\nmin = 2"),
            ]
            .concat(),
        );
        let judged = |champion: &str| {
            let facts = [champion, "challenger.cost_per_hour=2"].map(|text| Fact::parse(text).unwrap());
            let mut comparison = fixture::record().comparison;
            Attached { facts: facts.to_vec(), tests: Vec::new() }.attach(&mut comparison, &policy);
            judge(&comparison, &policy)
        };
        let outcomes = |verdict: &crate::decision::Verdict| {
            verdict.gates.iter().map(|gate| gate.reading.outcome).collect::<Vec<_>>()
        };
        // A tie is no gain; half an hour dearer is not within half an hour.
        let tie = judged("champion.cost_per_hour=2");
        assert_eq!(outcomes(&tie), [Fail, Pass, Pass, Pass, Pass]);
        assert_eq!(outcomes(&judged("champion.cost_per_hour=1.5")), [Fail, Fail, Fail, Pass, Pass]);
        let asked: Vec<&str> = tie.gates.iter().map(|gate| gate.requirement.as_str()).collect();
        assert_eq!(asked[3..], ["at most 2", "at least 2"]);
    }

    #[test]
    fn tests_that_did_not_run_have_no_count() {
        let none = TestResults { skipped: 3, ..TestResults::default() };
        let (found, reasons) = outcomes(&Attached { facts: Vec::new(), tests: vec![none] });
        assert_eq!(found[..2], [Outcome::NotEvaluable; 2], "{reasons:?}");
        assert!(reasons[0].contains("no test ran"), "{reasons:?}");
    }

    #[test]
    fn facts_as_typed() {
        let fact = Fact::parse("challenger.serving_cost=2.40 EUR per hour").unwrap();
        assert_eq!(
            (fact.name.as_str(), fact.arm, fact.unit.as_str()),
            ("serving_cost", Some(ArmRole::Challenger), "EUR per hour")
        );
        assert_eq!(fact.value, FactValue::Number(2.4));
        assert_eq!(Fact::parse(&fact.text()), Ok(fact));
        let words = Fact::parse("hardware=two A100").unwrap();
        assert_eq!((words.value, words.unit.as_str(), words.arm), (FactValue::Words("two A100".to_owned()), "", None));
        assert!(Fact::parse("hardware").is_err() && Fact::parse("=3").is_err() && Fact::parse("a= ").is_err());
    }
}
