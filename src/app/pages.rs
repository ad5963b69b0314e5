//! The views of a workspace: one small function each. Models are kept until what they show changes.

use eframe::egui::Ui;

use super::clock;
use super::pictures::{Gallery, Pictures};
use super::session_desk::Listed;
use crate::compare::{Live, Selection, SliceSpec};
use crate::decision::verify::VerifyReport;
use crate::log::Task;
use crate::present::Sheet;
use crate::present::agreement::{self, AgreementModel};
use crate::present::business::{self, BusinessModel};
use crate::present::classes::{self, Choice, ClassScope, ClassesModel};
use crate::present::confusion::{self, ConfusionModel, Normalise};
use crate::present::curves::{self, CurvesModel};
use crate::present::decision::{self, DecisionModel, DraftText, RecordState, Verified};
use crate::present::errors::{self, ErrorsModel};
use crate::present::format;
use crate::present::frame::{self, FrameInputs};
use crate::present::image_pairs::{self, ImagePairsModel};
use crate::present::images::{self, ImagesModel, PictureModel};
use crate::present::operations::{self, OperationsModel};
use crate::present::overview::{self, OverviewModel};
use crate::present::queries::{self, QueriesModel};
use crate::present::reliability::{self, ReliabilityModel};
use crate::present::rows::{self, Column, RowSource, RowsModel, Sort};
use crate::present::scores::{self, ScoresModel};
use crate::present::similarity::{self, SimilarityModel};
use crate::present::staleness::{self, StalenessModel};
use crate::present::texts::{self, TextsModel};
use crate::present::timeline::{self, TimelineModel};
use crate::present::validity::{self, ValidityModel};
use crate::session::{Session, View};
use crate::ui::Outbox;
use crate::ui::shell::{ShellModel, StatusModel};
use crate::ui::views;
use crate::ui::views::agreement::{AgreementState, agreement_ui};
use crate::ui::views::business::{BusinessState, business_ui};
use crate::ui::views::classes::{ClassesState, classes_ui};
use crate::ui::views::confusion::{ConfusionState, confusion_ui};
use crate::ui::views::curves::{CurvesState, curves_ui};
use crate::ui::views::decision::{Decided, DecisionState, decision_ui};
use crate::ui::views::errors::{ErrorsState, errors_ui};
use crate::ui::views::image_pairs::{ImagePairsState, image_pairs_ui};
use crate::ui::views::images::{ImagesState, images_ui};
use crate::ui::views::operations::{OperationsState, operations_ui};
use crate::ui::views::overview::{OverviewState, overview_ui};
use crate::ui::views::queries::{QueriesState, queries_ui};
use crate::ui::views::reliability::{ReliabilityState, reliability_ui};
use crate::ui::views::rows::{RowsResponse, RowsState, rows_ui};
use crate::ui::views::scores::{ScoresState, scores_ui};
use crate::ui::views::similarity::{SimilarityState, similarity_ui};
use crate::ui::views::staleness::{StalenessState, staleness_ui};
use crate::ui::views::texts::{TextsState, texts_ui};
use crate::ui::views::timeline::{TimelineState, timeline_ui};
use crate::ui::views::validity::{ValidityState, validity_ui};

/// What a view is drawn from.
pub struct Shown<'a> {
    pub session: &'a Session,
    /// Follows a threshold that is being dragged.
    pub live: Option<&'a Live>,
    /// Rows of the selection, or of all the population.
    pub rows: &'a Listed,
    pub verified: Option<&'a VerifyReport>,
}

impl Shown<'_> {
    /// Whether something is chosen and its rows are at hand.
    fn chosen(&self) -> bool {
        let selection = self.session.selection();
        selection.is_some() && self.rows.selection.as_ref() == selection
    }
}

/// A model and what it was made for.
struct Memo<K, M>(Option<(K, M)>);

impl<K, M> Default for Memo<K, M> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: PartialEq, M> Memo<K, M> {
    /// The model for `key`, made anew where another one is held.
    fn get(&mut self, key: K, make: impl FnOnce() -> M) -> &M {
        let held = self.0.take().filter(|(held, _)| *held == key);
        &self.0.insert(held.unwrap_or_else(|| (key, make()))).1
    }
}

type Drag = Option<Live>;

/// Models of the views, made when they are first shown, and what the views remember.
#[derive(Default)]
pub struct Pages {
    frame: Memo<u64, ShellModel>,
    overview: Memo<u64, OverviewModel>,
    validity: Memo<u64, ValidityModel>,
    confusion: Memo<(u64, Drag, Normalise, Option<Selection>), ConfusionModel>,
    classes: Memo<(u64, Normalise, String, Option<Selection>, ClassScope), ClassesModel>,
    errors: Memo<u64, ErrorsModel>,
    timeline: Memo<u64, TimelineModel>,
    queries: Memo<(u64, String), QueriesModel>,
    curves: Memo<(u64, Drag), CurvesModel>,
    reliability: Memo<(u64, String, Option<u32>), ReliabilityModel>,
    scores: Memo<(u64, Drag), ScoresModel>,
    rows: Memo<(u64, u64, Vec<Column>, Sort), RowsModel>,
    decision: Memo<(u64, u64, Option<Verified>), DecisionModel>,
    texts: Memo<u64, TextsModel>,
    operations: Memo<u64, OperationsModel>,
    staleness: Memo<u64, StalenessModel>,
    images: Memo<u64, ImagesModel>,
    image_pairs: Memo<u64, ImagePairsModel>,
    similarity: Memo<u64, SimilarityModel>,
    agreement: Memo<u64, AgreementModel>,
    business: Memo<u64, BusinessModel>,
    picture: Memo<(u64, Option<u32>), Option<PictureModel>>,
    pictures: Pictures,
    gallery: Gallery,
    overview_state: OverviewState,
    validity_state: ValidityState,
    confusion_state: ConfusionState,
    classes_state: ClassesState,
    errors_state: ErrorsState,
    timeline_state: TimelineState,
    queries_state: QueriesState,
    curves_state: CurvesState,
    reliability_state: ReliabilityState,
    scores_state: ScoresState,
    rows_state: RowsState,
    decision_state: DecisionState,
    texts_state: TextsState,
    operations_state: OperationsState,
    staleness_state: StalenessState,
    images_state: ImagesState,
    image_pairs_state: ImagePairsState,
    similarity_state: SimilarityState,
    agreement_state: AgreementState,
    business_state: BusinessState,
    /// Number of the list whose places the states hold.
    list: u64,
}

impl Pages {
    /// Draw the view that is chosen.
    pub fn page_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) -> RowsResponse {
        if self.list != shown.rows.number {
            self.list = shown.rows.number;
            self.confusion_state.rows.new_list();
            self.classes_state.rows.new_list();
            self.rows_state.new_list();
        }
        match shown.session.view() {
            View::Confusion => return self.confusion_ui(ui, shown, out),
            View::Classes => return self.classes_ui(ui, shown, out),
            View::Rows => return self.rows_ui(ui, shown, out),
            View::Decision => self.decision_ui(ui, shown, out),
            View::Curves => self.curves_ui(ui, shown, out),
            View::Scores => self.scores_ui(ui, shown, out),
            View::Errors => self.errors_ui(ui, shown, out),
            View::Timeline => self.timeline_ui(ui, shown, out),
            View::Queries => self.queries_ui(ui, shown, out),
            View::Texts => self.texts_ui(ui, shown, out),
            View::Operations => self.operations_ui(ui, shown, out),
            View::Staleness => self.staleness_ui(ui, shown, out),
            View::Images => self.images_ui(ui, shown, out),
            View::ImagePairs => self.image_pairs_ui(ui, shown, out),
            View::Similarity => self.similarity_ui(ui, shown, out),
            View::Agreement => self.agreement_ui(ui, shown, out),
            View::Business => self.business_ui(ui, shown, out),
            View::Overview => self.overview_ui(ui, shown, out),
            View::Validity => self.validity_ui(ui, shown, out),
        }
        RowsResponse::default()
    }

    fn confusion_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) -> RowsResponse {
        let (session, normalise) = (shown.session, self.confusion_state.normalise);
        let key = (session.revision(), shown.live.cloned(), normalise, session.selection().cloned());
        let model = self
            .confusion
            .get(key, || confusion::confusion(&session.sheet(), shown.live, normalise, session.selection()));
        let sheet = session.sheet();
        let source = RowSource::new(&sheet, &shown.rows.rows);
        let state = &mut self.confusion_state;
        let rows = shown.chosen().then(|| (&source, rows_model(&mut self.rows, shown, &source, &state.rows)));
        confusion_ui(ui, model, rows, state, out)
    }

    fn classes_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) -> RowsResponse {
        let (session, state) = (shown.session, &mut self.classes_state);
        let scope = session.analysis().classes;
        let key = (session.revision(), state.normalise, state.search.clone(), session.selection().cloned(), scope);
        let choice =
            Choice { normalise: state.normalise, search: &state.search, selection: session.selection(), scope };
        let make = || classes::classes(&session.sheet(), choice);
        let model = self.classes.get(key, make);
        let sheet = session.sheet();
        let source = RowSource::new(&sheet, &shown.rows.rows);
        let rows = shown.chosen().then(|| (&source, rows_model(&mut self.rows, shown, &source, &state.rows)));
        classes_ui(ui, model, rows, state, out)
    }

    fn errors_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.errors.get(shown.session.revision(), || errors::errors(&shown.session.sheet()));
        errors_ui(ui, model, &mut self.errors_state, out);
    }

    fn timeline_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.timeline.get(shown.session.revision(), || timeline::timeline(&shown.session.sheet()));
        timeline_ui(ui, model, &mut self.timeline_state, out);
    }

    fn queries_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let (session, metric) = (shown.session, self.queries_state.metric.clone());
        let make = || queries::queries(&session.sheet(), session.engine().analysed(), &metric);
        let model = self.queries.get((session.revision(), metric.clone()), make);
        queries_ui(ui, session.sheet().log, model, &mut self.queries_state, out);
    }

    fn texts_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.texts.get(shown.session.revision(), || texts::texts(&shown.session.sheet()));
        texts_ui(ui, model, &mut self.texts_state, out);
    }

    fn operations_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let make = || operations::operations(&shown.session.sheet());
        let model = self.operations.get(shown.session.revision(), make);
        operations_ui(ui, model, &mut self.operations_state, out);
    }

    fn similarity_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let make = || similarity::similarity(&shown.session.sheet());
        let model = self.similarity.get(shown.session.revision(), make);
        similarity_ui(ui, model, &mut self.similarity_state, out);
    }

    fn agreement_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.agreement.get(shown.session.revision(), || agreement::agreement(&shown.session.sheet()));
        agreement_ui(ui, model, &mut self.agreement_state, out);
    }

    fn business_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.business.get(shown.session.revision(), || business::business(&shown.session.sheet()));
        business_ui(ui, model, &mut self.business_state, out);
    }

    fn staleness_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let session = shown.session;
        // Drift is told of all rows, whatever slice is in view.
        let whole = Sheet { comparison: &session.evaluation().comparison, ..session.sheet() };
        let model = self.staleness.get(session.revision(), || staleness::staleness(&whole));
        staleness_ui(ui, model, whole.comparison.staleness.as_deref(), &mut self.staleness_state, out);
    }

    fn images_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let session = shown.session;
        let model = self.images.get(session.revision(), || images::images(&session.sheet()));
        let row = self.images_state.shown(model);
        let make = || images::picture(session.sheet().log, &model.cuts, row? as usize);
        let picture = self.picture.get((session.revision(), row), make);
        let backdrop =
            self.pictures.get(ui.ctx(), picture.as_ref().and_then(|one| one.file.as_deref()), session.paths());
        let picture = picture.as_ref().map(|picture| (picture, &backdrop));
        images_ui(ui, model, picture, &mut self.images_state, out);
    }

    fn image_pairs_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let session = shown.session;
        let model = self.image_pairs.get(session.revision(), || image_pairs::image_pairs(&session.sheet()));
        let files = self.image_pairs_state.files(model);
        let sights = if files.is_empty() { None } else { self.gallery.get(ui.ctx(), &files, session.paths()) };
        image_pairs_ui(ui, model, sights, &mut self.image_pairs_state, out);
    }

    fn curves_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        if shown.session.sheet().log.task == Task::Multiclass {
            let state = &mut self.reliability_state;
            let key = (shown.session.revision(), state.search.clone(), state.class);
            let make = || reliability::reliability(&shown.session.sheet(), &state.search, state.class);
            return reliability_ui(ui, self.reliability.get(key, make), state);
        }
        let key = (shown.session.revision(), shown.live.cloned());
        let model = self.curves.get(key, || curves::curves(&shown.session.sheet(), shown.live));
        curves_ui(ui, model, &mut self.curves_state, out);
    }

    fn scores_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let key = (shown.session.revision(), shown.live.cloned());
        let model = self.scores.get(key, || scores::scores(&shown.session.sheet(), shown.live));
        scores_ui(ui, model, &mut self.scores_state, out);
    }

    fn rows_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) -> RowsResponse {
        let sheet = shown.session.sheet();
        let source = RowSource::new(&sheet, &shown.rows.rows);
        let model = rows_model(&mut self.rows, shown, &source, &self.rows_state);
        rows_ui(ui, &source, model, &mut self.rows_state, out)
    }

    fn decision_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let session = shown.session;
        let verified = shown.verified.map(Verified::from);
        let key = (session.revision(), session.said_revision(), verified.clone());
        let model = self.decision.get(key, || {
            let (said, record) = said(session, verified);
            decision::decision(&session.sheet(), &said, &record)
        });
        let challengers = session.challengers();
        let decided = Decided { model, challengers: challengers.as_ref() };
        decision_ui(ui, decided, &mut self.decision_state, out);
    }

    fn overview_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let model = self.overview.get(shown.session.revision(), || overview::overview(&shown.session.sheet()));
        overview_ui(ui, model, &mut self.overview_state, out);
    }

    fn validity_ui(&mut self, ui: &mut Ui, shown: &Shown<'_>, out: &mut Outbox) {
        let issues = &shown.session.evaluation().run.report.issues;
        let make = || validity::validity(&shown.session.sheet(), issues);
        let model = self.validity.get(shown.session.revision(), make);
        validity_ui(ui, model, &mut self.validity_state, out);
    }

    /// What stands around the view; `policy_file` names the policy's file.
    pub fn frame(&mut self, session: &Session, policy_file: Option<&str>) -> ShellModel {
        let shell = self.frame.get(session.revision(), || {
            let evaluation = session.evaluation();
            let slices = session.analysis().slices.iter().filter(|slice| session.is_removable(slice));
            let added: Vec<SliceSpec> = slices.cloned().collect();
            let note = format!("read in {:.1} s, all digests kept", evaluation.run.report.read_secs);
            let inputs = FrameInputs {
                workspace: session.title(),
                whole: &evaluation.comparison,
                added: &added,
                policy_file,
                files_note: &note,
            };
            let frame = frame::frame(&session.sheet(), &inputs);
            ShellModel {
                top: Some((&frame.top).into()),
                rail: Some((&frame.rail).into()),
                tabs: views::frame::tabs(&frame, session.views()),
                tab: 0,
                status: StatusModel { facts: frame.facts, ..StatusModel::default() },
            }
        });
        let tab = session.views().iter().position(|view| *view == session.view()).unwrap_or(0);
        ShellModel { tab, ..shell.clone() }
    }
}

fn rows_model<'m>(
    memo: &'m mut Memo<(u64, u64, Vec<Column>, Sort), RowsModel>,
    shown: &Shown<'_>,
    source: &RowSource<'_>,
    state: &RowsState,
) -> &'m RowsModel {
    let (session, listed) = (shown.session, shown.rows);
    let key = (session.revision(), listed.number, state.columns.clone(), listed.sort);
    memo.get(key, || rows::rows(source, &what(session, listed), &state.columns, listed.sort))
}

/// What the listed rows are, as a sentence part.
fn what(session: &Session, listed: &Listed) -> String {
    let comparison = session.comparison();
    let population = session.population().map(|population| population.slice.to_string());
    match (&listed.selection, population) {
        (Some(selection), population) => {
            let classes = &comparison.population;
            let words = selection.words(&comparison.plan, classes.class_words().each_ref().map(String::as_str));
            population.map_or(words.clone(), |slice| format!("{words}, {slice}"))
        }
        (None, Some(slice)) => format!("rows of {slice}"),
        (None, None) => "all analysed rows".to_owned(),
    }
}

/// What people have said, and where the record stands.
fn said(session: &Session, verified: Option<Verified>) -> (DraftText, RecordState) {
    if let Some(sealed) = session.sealed() {
        let state = RecordState {
            sealed_at: sealed.record.header.sealed_at.clone(),
            sha256: Some(sealed.sha256.clone()),
            missing: Vec::new(),
            verified,
        };
        return (DraftText::of(&sealed.record), state);
    }
    let draft = &session.analysis().draft;
    let said = DraftText {
        use_case: draft.use_case.clone(),
        outcome: draft.outcome,
        rationale: draft.rationale.clone(),
        conditions: draft.conditions.clone(),
        limitations: draft.limitations.clone(),
        facts: draft.facts.clone(),
        tests: session.evaluation().tests.iter().map(|(results, _)| results.clone()).collect(),
        people: draft.people.clone(),
        findings: draft.findings.clone(),
        override_reason: draft.override_reason.clone(),
    };
    let now = format::rfc3339(clock::now());
    let missing = session.record(&now).missing_for_seal(&now);
    (said, RecordState { missing, verified, ..RecordState::default() })
}
