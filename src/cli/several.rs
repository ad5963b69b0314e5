//! Several challengers against one champion: each is compared and judged alone, at a level that all share.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::args::EvaluateArgs;
use super::evaluate::{evaluate, write};
use super::table::{Align, Table};
use super::{CliError, json, out, text};
use crate::decision::Recommendation;
use crate::present::challengers::{Challenger, line};
use crate::session::export::check_free;
use crate::session::pipeline::{Evaluation, Request};

/// One challenger and what came of it.
struct Found {
    name: String,
    request: Request,
    evaluation: Evaluation,
    written: Vec<PathBuf>,
}

/// Compare every challenger of `asked` with its champion; the exit code is that of the most urgent recommendation.
pub(super) fn run(args: &EvaluateArgs, asked: &Request) -> Result<u8, CliError> {
    let names: Vec<String> = asked.challenger.iter().chain(&asked.rivals).cloned().collect();
    for (at, name) in names.iter().enumerate() {
        let same = |other: &&String| file_name(other).to_lowercase() == file_name(name).to_lowercase();
        if let Some(other) = names[..at].iter().find(same).filter(|_| args.out.is_some()) {
            let folder = file_name(name);
            return Err(CliError::Usage(format!(
                "{other} and {name} would both be written to {folder}; rename one with --map"
            )));
        }
        if let Some(folder) = &args.out {
            check_free(&folder.join(file_name(name)))?;
        }
    }
    let mut found = Vec::with_capacity(names.len());
    for name in &names {
        let rivals = names.iter().filter(|other| *other != name).cloned().collect();
        let mut request = Request { challenger: Some(name.clone()), rivals, ..asked.clone() };
        request.draft = asked.draft.turned(asked.challenger.as_deref(), name);
        for fact in &args.fact {
            if let Some(fact) = fact_of(fact, name, &names)? {
                request.draft.add_fact(&fact);
            }
        }
        let evaluation = evaluate(&mut request, |request, mapping| args.set_thresholds(request, mapping))?;
        let written = match &args.out {
            Some(folder) => write(&evaluation, &request, &folder.join(file_name(name)))?,
            None => Vec::new(),
        };
        found.push(Found { name: name.clone(), request, evaluation, written });
    }
    let best = best(&found);
    let result = if args.json { json::pretty(&object(&found, best)?)? } else { page(&found, best) };
    out::print_last(&result)?;
    Ok(best.exit_code())
}

/// A typed fact as one of the challenger `name`: `NAME.FACT=VALUE` is that challenger's, what names none is of each.
/// `None`: it is of another.
fn fact_of(line: &str, name: &str, names: &[String]) -> Result<Option<String>, CliError> {
    let of = |name: &String| line.strip_prefix(name.as_str())?.strip_prefix('.');
    match names.iter().find_map(|other| Some((other, of(other)?))) {
        Some((owner, fact)) => Ok((owner == name).then(|| format!("challenger.{fact}"))),
        None if line.starts_with("challenger.") => Err(CliError::Usage(format!(
            "{line}: there are several challengers; write {}, or the name of another.",
            line.replacen("challenger", name, 1)
        ))),
        None => Ok(Some(line.to_owned())),
    }
}

/// A name as that of a folder.
fn file_name(name: &str) -> String {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let name: String = name.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect();
    if name.starts_with('.') { format!("_{name}") } else { name }
}

/// What is most urgent to do: one that harms is to be taken back whatever the others are; else what is best for any
/// challenger.
fn best(found: &[Found]) -> Recommendation {
    use Recommendation::{Extend, Invalid, Promote, PromoteWithConditions, Reject, Rollback};
    let order = [Rollback, Promote, PromoteWithConditions, Extend, Reject, Invalid];
    let has = |wanted: &Recommendation| found.iter().any(|one| one.evaluation.verdict.recommendation == *wanted);
    order.into_iter().find(has).unwrap_or(Extend)
}

fn promotable(found: &[Found]) -> Vec<&str> {
    named(found, &[Recommendation::Promote, Recommendation::PromoteWithConditions])
}

fn named<'f>(found: &'f [Found], wanted: &[Recommendation]) -> Vec<&'f str> {
    let is = |one: &&Found| wanted.contains(&one.evaluation.verdict.recommendation);
    found.iter().filter(is).map(|one| one.name.as_str()).collect()
}

fn object(found: &[Found], best: Recommendation) -> Result<Value, CliError> {
    let each = found.iter().map(|one| json::evaluation(&one.evaluation, &one.request, &one.written));
    Ok(json!({
        "champion": found.first().map(|one| &one.evaluation.comparison.plan.champion),
        "challengers": each.collect::<Result<Vec<_>, _>>()?,
        "may_be_promoted": promotable(found),
        "to_be_rolled_back": named(found, &[Recommendation::Rollback]),
        "recommendation": best,
        "exit_code": best.exit_code(),
    }))
}

/// The challengers side by side, then the page of each.
fn page(found: &[Found], best: Recommendation) -> String {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Left, Align::Right, Align::Left]);
    let mut note = None;
    for one in found {
        let Evaluation { comparison, verdict, .. } = &one.evaluation;
        let shown = line(&Challenger::of(comparison, verdict), false);
        table.row([one.name.clone(), shown.verdict, shown.gates, shown.metric, shown.difference, shown.interval]);
        note = note.or(verdict.level_note.as_deref());
    }
    let champion = found.first().map_or("", |one| one.evaluation.comparison.plan.champion.as_str());
    let mut page = format!("{} challengers against {champion}\n{}\n", found.len(), table.text());
    for one in found {
        page.push_str(&format!("{}: {}\n", one.name, text::finding(&one.evaluation)));
    }
    page.extend(note.map(|note| format!("{note}\n")));
    let harmful = named(found, &[Recommendation::Rollback]);
    if !harmful.is_empty() {
        let verb = if harmful.len() == 1 { "is" } else { "are" };
        page.push_str(&format!("{} {verb} to be rolled back.\n", harmful.join(" and ")));
    }
    let said = match promotable(found).as_slice() {
        [] => format!("None may be promoted yet; the best recommendation is {}.", best.word()),
        [one] => format!("{one} may be promoted."),
        several => format!(
            "{} may be promoted, one of them: which is better of those is a comparison of its own (--champion {} --challenger {}).",
            several.join(" and "),
            several[0],
            several[1]
        ),
    };
    page.push_str(&format!("{said}\n"));
    for one in found {
        page.push_str(&format!("\n{}\n\n", "-".repeat(72)));
        page.push_str(&text::scorecard(&one.evaluation, &one.request, &one.written, out::is_terminal()));
    }
    page
}
