//! The report page: a decision box first, then numbered sections whose paragraphs can be cited.

mod agreement;
mod business;
mod evidence;
mod families;
mod figures;
mod front;
mod gates;
mod matrices;
mod method;
mod metrics;
mod operations;
mod people;
mod reliability;
mod split;
mod style;

use super::embed;
use super::markup::{escape, unbroken};
use crate::decision::DecisionRecord;
use crate::decision::canonical::sha256_hex;
use crate::log::Task;

/// Sections and paragraphs with their numbers.
#[derive(Default)]
pub(super) struct Doc {
    out: String,
    section: usize,
    paragraph: usize,
}

impl Doc {
    fn section(&mut self, title: &str) {
        if self.section > 0 {
            self.out.push_str("</section>");
        }
        self.section += 1;
        self.paragraph = 0;
        self.out.push_str(&format!(
            "<section id=\"s{0}\"><h2><span class=\"no\">§{0}</span>{1}</h2>",
            self.section,
            escape(title)
        ));
    }

    /// A numbered paragraph of markup.
    fn item(&mut self, html: &str) {
        self.paragraph += 1;
        let (section, paragraph) = (self.section, self.paragraph);
        self.out.push_str(&format!(
            "<div class=\"par\" id=\"s{section}-{paragraph}\"><span class=\"no\">§{section}.{paragraph}</span>{html}</div>"
        ));
    }

    /// A numbered paragraph of text.
    fn text(&mut self, text: &str) {
        self.item(&format!("<p>{}</p>", escape(&unbroken(text))));
    }

    /// A numbered block with a title and a muted qualifier beside it.
    fn block(&mut self, title: &str, qualifier: &str, html: &str) {
        self.item(&format!("<h3>{} <span class=\"qualifier\">{}</span></h3>{html}", escape(title), escape(qualifier)));
    }

    fn finish(mut self) -> String {
        if self.section > 0 {
            self.out.push_str("</section>");
        }
        self.out
    }
}

pub(super) fn page(record: &DecisionRecord) -> String {
    let canonical = record.to_bytes();
    let digest = canonical.as_ref().map(|bytes| sha256_hex(bytes)).map_err(ToString::to_string);
    let mut doc = Doc::default();
    front::write(&mut doc, record, &digest);
    evidence::write(&mut doc, record);
    gates::write(&mut doc, record);
    metrics::scorecard(&mut doc, record);
    let confusion = &record.comparison.confusion;
    let answered =
        record.comparison.plan.split.is_none() || confusion.champion.is_some() || confusion.challenger.is_some();
    if record.comparison.plan.task == Task::Binary && answered {
        matrices::write(&mut doc, record);
        figures::write(&mut doc, record);
    }
    families::write(&mut doc, record);
    agreement::write(&mut doc, record);
    split::write(&mut doc, record);
    operations::write(&mut doc, record);
    business::write(&mut doc, record);
    evidence::validity(&mut doc, record);
    evidence::triggers(&mut doc, record);
    metrics::slices(&mut doc, record);
    people::write(&mut doc, record);
    method::write(&mut doc, record, &digest);
    let embedded = match canonical.ok().as_deref().and_then(embed::element) {
        Some(element) => element,
        None => "<p>This page carries no record: it has no canonical form.</p>".to_owned(),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; font-src data:\"/>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><meta name=\"color-scheme\" content=\"light\"/>\
         <title>{}</title><style>{}</style></head><body>{}<main>{}</main>\n{embedded}\n</body></html>\n",
        escape(&format!("{}: {}", front::question(record), record.verdict.recommendation.word())),
        style::sheet(&record.header.record_id),
        front::running_head(record),
        doc.finish(),
    )
}
