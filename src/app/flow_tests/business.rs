//! Outcomes and values in money, as a person goes through them.

use super::*;

fn type_into(window: &mut Window, well: &str, text: &str) {
    let by = || egui_kittest::kittest::By::new().role(Role::TextInput).label_contains(well);
    window.get(by()).focus();
    window.step();
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::A);
    window.step();
    window.get(by()).type_text(text);
    window.step();
    window.key_press(eframe::egui::Key::Enter);
    window.step();
    idle(window);
}

#[test]
fn values_are_said_measured_and_undone() {
    let mut window = opened("shadow-outreach");
    tab(&mut window, "Business");
    assert!(has(&window, "Nothing is said yet of what a decision is worth"), "{}", texts(&window));
    press(&mut window, "Take these values");
    assert!(has(&window, "At these values a request is worth"), "{}", texts(&window));
    for part in
        ["Outcomes", "At full traffic", "Value by kind of answer", "Value over the threshold", "Difference in value"]
    {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    type_into(&mut window, "unit of money", "EUR");
    assert!(has(&window, "Business value, EUR"), "{}", texts(&window));
    type_into(&mut window, "true positive", "20");
    type_into(&mut window, "false negative", "much");
    assert!(has(&window, "much is no number"), "{}", texts(&window));
    tab(&mut window, "Overview");
    assert!(has(&window, "business_value, EUR"), "{}", texts(&window));
    for _ in 0..3 {
        window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::Z);
        window.step();
        idle(&mut window);
    }
    tab(&mut window, "Business");
    assert!(has(&window, "Nothing is said yet of what a decision is worth"), "{}", texts(&window));
}

#[test]
fn outcomes_of_a_split_run_have_lifts_and_adjusted_differences() {
    let mut window = opened("ab-places");
    tab(&mut window, "Business");
    for part in ["Outcomes", "At full traffic", "Adjusted by what was known before", "revenue_eur", "pre_revenue_eur"] {
        assert!(has(&window, part), "{part}: {}", texts(&window));
    }
    assert!(has(&window, "seasons"), "{}", texts(&window));
}
