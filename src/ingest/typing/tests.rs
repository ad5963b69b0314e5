use super::*;

fn text(cells: &[&str]) -> ColumnData {
    let mut column = TextColumn::default();
    for cell in cells {
        column.push(Some(cell.as_bytes()));
    }
    ColumnData::Text(column)
}

#[test]
fn nan_null_and_failure_are_three_things() {
    let typed =
        numbers(&text(&["0.5", "NaN", "nan", "", "null", " 1e-3 ", "-Infinity", "inf", "+2", "93 of 100", "-nan"]));
    assert_eq!((typed.empty, typed.failed, typed.not_finite), (2, 1, 5));
    assert_eq!(typed.failures, vec![(9, "93 of 100".to_owned())]);
    assert!(typed.values[1].is_nan() && !crate::log::is_not_logged(typed.values[1]));
    assert!(crate::log::is_not_logged(typed.values[3]) && crate::log::is_not_logged(typed.values[9]));
    assert_eq!(typed.values[5], 1e-3);
    assert_eq!(typed.values[8], 2.0);
    assert_eq!(typed.values[6], f64::NEG_INFINITY);
}

#[test]
fn percentages_are_shares() {
    let typed = numbers(&text(&["80%", "12.5 %", "-3%", "%", "NaN%", "5%%"]));
    assert_eq!((typed.values[0], typed.values[1], typed.values[2], typed.failed), (0.8, 0.125, -0.03, 3));
    assert_eq!(numbers(&text(&["12,5%", "1,5"])).values, [0.125, 1.5]);
}

#[test]
fn decimal_commas_only_where_nothing_else_is_possible() {
    assert_eq!(numbers(&text(&["0,25", "1", "1,5e-3", ""])).values[..3], [0.25, 1.0, 1.5e-3]);
    assert_eq!(numbers(&text(&["1,234", "2,345"])).failed, 2);
    assert_eq!(numbers(&text(&["1,2", "0.5"])).failed, 1);
    assert_eq!(numbers(&text(&["1,2", "abc"])).failed, 2);
}

#[test]
fn times_with_and_without_offset() {
    let cells = [
        "2026-09-07T00:01:35.052Z",
        "2026-09-07 02:01:35.052+02:00",
        "2026-09-07 00:01:35,052",
        "1788739295",
        "1788739295052",
        "1788739295052000",
        "1788739295.052",
        "07/09/2026",
        "",
        "2026-02-30",
    ];
    let typed = times(&text(&cells), None, None);
    assert_eq!(typed.values[0], 1_788_739_295_052_000);
    assert_eq!(typed.values[1], typed.values[0]);
    assert_eq!(typed.values[2], typed.values[0]);
    assert_eq!(typed.values[3], 1_788_739_295_000_000);
    assert_eq!(typed.values[4], typed.values[0]);
    assert_eq!(typed.values[5], typed.values[0]);
    assert_eq!(typed.values[6], typed.values[0]);
    assert_eq!((typed.naive, typed.failed, typed.empty), (1, 2, 1));
    let berlin = times(&text(&["2026-09-07 02:01:35.052", "2026-01-07"]), Some("Europe/Berlin"), None);
    assert_eq!(berlin.values[0], typed.values[0]);
    assert_eq!(Clock(berlin.values[1]).to_string(), "2026-01-06T23:00:00Z");
    assert_eq!(times(&text(&["2026-09-07"]), Some("Mars/Olympus"), None).failed, 1);
}

#[test]
fn times_in_other_spellings() {
    let utc = |cell: &str| match parse_time(cell.as_bytes()) {
        Parsed::Instant(time) => Clock(time).to_string(),
        Parsed::Naive(time) => Clock(time).to_string().trim_end_matches('Z').to_owned(),
        other => format!("{other:?}"),
    };
    for (cell, expected) in [
        ("20260907", "2026-09-07T00:00:00"),
        ("20260907T000135Z", "2026-09-07T00:01:35Z"),
        ("2026-09-07 12:05:58 AM", "2026-09-07T00:05:58"),
        ("2026-09-07 9:05:58 pm", "2026-09-07T21:05:58"),
        ("Mon, 07 Sep 2026 00:01:35 +0200", "2026-09-06T22:01:35Z"),
        ("7 Sep 2026 00:01:35 GMT", "2026-09-07T00:01:35Z"),
        ("20261307", "Bad"),
        ("2026-09-07 13:05 PM", "Bad"),
        ("2026-09-07 0:05 AM", "Bad"),
        ("99 Sep 2026", "Bad"),
    ] {
        assert_eq!(utc(cell), expected, "{cell}");
    }
    // As ad logs and behaviour logs write them.
    let typed = times(&text(&["11/11/2019 9:05:58 AM", "11/12/2019, 9:05:58 PM"]), Some("UTC"), Some(false));
    let shown: Vec<String> = typed.values.iter().map(|&time| Clock(time).to_string()).collect();
    assert_eq!(shown, ["2019-11-11T09:05:58Z", "2019-11-12T21:05:58Z"]);
}

#[test]
fn dates_agree_with_jiff() {
    for day in (-800_000..800_000).step_by(97) {
        let time = Clock(day * 86_400_000_000).to_string();
        if !time.starts_with('-') {
            assert_eq!(parse_time(time.as_bytes()), Parsed::Instant(day * 86_400_000_000), "{time}");
        }
    }
}

#[test]
fn values_of_neither_class_are_listed_and_never_merged() {
    let map = BTreeMap::from([("1".to_owned(), true), ("0".to_owned(), false)]);
    let typed = classes(&text(&["1", "0", "2", " 1", "", "NaN", "2", "x"]), &map);
    assert_eq!(typed.values, [1, 0, NO_LABEL, 1, NO_LABEL, NO_LABEL, NO_LABEL, NO_LABEL]);
    assert_eq!(typed.others, [("2".to_owned(), 2), ("x".to_owned(), 1)]);
    assert_eq!((typed.empty, typed.failed), (2, 3));
    let floats = classes(&ColumnData::Float(vec![1.0, 0.0, f64::NAN, NOT_LOGGED, 2.0]), &map);
    assert_eq!(floats.values, [1, 0, NO_LABEL, NO_LABEL, NO_LABEL]);
    let bytes = classes(&ColumnData::Byte(vec![1, 0, 255, 2]), &map);
    assert_eq!(bytes.values, [1, 0, NO_LABEL, NO_LABEL]);
}

#[test]
fn codes_merge_over_chunks_in_order_of_appearance() {
    let cells: Vec<String> =
        (0..200_000).map(|row| if row % 7 == 0 { String::new() } else { format!("v{}", row / 50_000) }).collect();
    let refs: Vec<&str> = cells.iter().map(String::as_str).collect();
    let codes = codes(&text(&refs));
    assert_eq!(codes.names, ["v0", "v1", "v2", "v3"]);
    for row in [0, 1, 49_999, 50_000, 199_999] {
        assert_eq!(codes.get(row).unwrap_or_default(), cells[row]);
    }
}

#[test]
fn many_rows_count_all_failures_and_show_the_first() {
    let cells: Vec<String> =
        (0..150_000).map(|row| if row % 2 == 0 { format!("{row}.5") } else { "bad".to_owned() }).collect();
    let refs: Vec<&str> = cells.iter().map(String::as_str).collect();
    let typed = numbers(&text(&refs));
    assert_eq!(typed.failed, 75_000);
    assert_eq!(typed.failures.len(), EXAMPLES);
    assert_eq!(typed.failures[99].0, 199);
}
