use super::*;

fn folder(key: &str) -> Entry {
    Entry { key: key.to_owned(), kind: EntryKind::Folder, modified: None }
}

fn object(key: &str, bytes: u64, modified: i64) -> Entry {
    Entry { key: key.to_owned(), kind: EntryKind::Object { bytes, archived: false }, modified: Some(modified) }
}

/// A folder with two folders and three objects, listed.
fn browser() -> Browser {
    let mut browser = Browser::default();
    let effect = browser.act(Act::Go(Place::typed("s3://logs/run/")));
    assert_eq!(effect, Some(Effect::List(Place::typed("logs/run/"))));
    browser.take(vec![folder("run/day=1/"), folder("run/day=2/"), object("run/a.csv", 300, 10)]);
    browser.take(vec![object("run/b.csv", 100, 30), object("run/c.parquet", 200, 20)]);
    browser
}

fn names(browser: &Browser) -> Vec<&str> {
    (0..browser.rows()).map(|row| browser.name(browser.entry(row).unwrap())).collect()
}

#[test]
fn places_are_walked_down_and_up() {
    let mut browser = browser();
    assert_eq!(names(&browser), ["day=1/", "day=2/", "a.csv", "b.csv", "c.parquet"]);
    browser.act(Act::Filter(Filter { name: "day".to_owned(), since: Some(5), ..Filter::default() }));
    assert_eq!(names(&browser), ["day=1/", "day=2/"]);
    assert_eq!(browser.act(Act::Enter(1)), Some(Effect::List(Place::typed("logs/run/day=2/"))));
    assert_eq!((browser.rows(), &browser.listing), (0, &Stage::Running));
    let kept = Filter { since: Some(5), ..Filter::default() };
    assert_eq!(browser.filter(), &kept, "a date holds below, a name does not");
    assert_eq!(browser.act(Act::Up), Some(Effect::List(Place::typed("logs/run/"))));
    browser.act(Act::Up);
    assert_eq!(browser.act(Act::Up), Some(Effect::List(Place::default())));
    browser.take(vec![Entry { key: "logs".to_owned(), kind: EntryKind::Bucket, modified: None }]);
    assert_eq!(browser.act(Act::Tick(0)), None, "a bucket is walked into, not chosen");
    assert!(browser.why_not().is_some() && browser.act(Act::Open).is_none());
    assert_eq!(browser.act(Act::Enter(0)), Some(Effect::List(Place::typed("logs"))));
}

#[test]
fn what_is_chosen_is_opened_else_the_place_as_filtered() {
    let mut browser = browser();
    let measure = |addresses: &[&str]| Some(Effect::Measure(addresses.iter().map(|&text| text.to_owned()).collect()));
    assert_eq!(browser.listed_all(Ok(())), measure(&["s3://logs/run/"]));
    browser.measured(Ok(Extent { objects: 9, bytes: 5_000 }));
    let csv = Filter { name: "*.csv".to_owned(), ..Filter::default() };
    assert_eq!(browser.act(Act::Filter(csv)), measure(&["s3://logs/run/*.csv"]));
    assert_eq!(names(&browser), ["a.csv", "b.csv"]);
    assert_eq!(browser.act(Act::TickAll), None, "objects are summed without asking");
    assert_eq!(browser.extent, Stage::Done(Extent { objects: 2, bytes: 400 }));
    browser.act(Act::Filter(Filter::default()));
    assert_eq!(browser.ticked(), 2, "what is chosen stays");
    assert_eq!(
        browser.act(Act::Tick(0)),
        measure(&["s3://logs/run/day=1/", "s3://logs/run/a.csv", "s3://logs/run/b.csv"])
    );
    browser.measured(Err("Access denied".to_owned()));
    assert_eq!(browser.act(Act::Open), None, "what cannot be counted cannot be opened");
    browser.act(Act::TickNone);
    browser.act(Act::TickTo(3, 2));
    let opened = Effect::Open(vec!["s3://logs/run/a.csv".to_owned(), "s3://logs/run/b.csv".to_owned()]);
    assert_eq!(browser.act(Act::Open), Some(opened));
    // A prefix that ends within a name means what begins like it.
    browser.act(Act::Go(Place::typed("s3://logs/run/da")));
    browser.take(vec![folder("run/day=1/")]);
    assert_eq!((browser.addresses(), names(&browser)), (vec!["s3://logs/run/da*".to_owned()], vec!["day=1/"]));
}

#[test]
fn lists_are_filtered_and_ordered() {
    let mut browser = browser();
    browser.act(Act::Sort(Key::Size));
    assert_eq!(names(&browser), ["day=1/", "day=2/", "a.csv", "c.parquet", "b.csv"]);
    browser.act(Act::Sort(Key::Changed));
    assert_eq!(names(&browser)[2..], ["b.csv", "c.parquet", "a.csv"]);
    browser.act(Act::Sort(Key::Changed));
    browser.take(vec![object("run/0.csv", 1, 15), folder("run/day=3/")]);
    assert_eq!(names(&browser), ["day=1/", "day=2/", "day=3/", "a.csv", "0.csv", "c.parquet", "b.csv"]);
    browser.act(Act::Filter(Filter { until: Some(20), largest: Some(200), ..Filter::default() }));
    assert_eq!(names(&browser), ["day=1/", "day=2/", "day=3/", "0.csv"]);
}

#[test]
fn pages_in_another_order_are_put_in_the_shown_one() {
    let mut browser = Browser::default();
    browser.act(Act::Go(Place::typed("s3://logs/")));
    browser.take(vec![folder("ml-logs/"), folder("ml-archive/")]);
    browser.take(vec![folder("ml-cold/"), object("z.csv", 1, 0)]);
    assert_eq!(names(&browser), ["ml-archive/", "ml-cold/", "ml-logs/", "z.csv"]);
}

#[test]
fn too_much_is_not_opened_and_what_stops_says_so() {
    let mut browser = browser();
    browser.listed_all(Ok(()));
    browser.measured(Ok(Extent { objects: 3, bytes: LIMIT_BYTES + 1 }));
    assert!(browser.why_not().unwrap().contains("20 GB"));
    browser.act(Act::Go(Place::typed("logs")));
    assert_eq!(browser.act(Act::Stop), Some(Effect::Stop));
    assert_eq!(browser.listing, Stage::Stopped);
    browser.take((0..=MOST_CHOSEN).map(|number| object(&format!("{number}"), 1, 0)).collect());
    browser.act(Act::TickAll);
    assert!(browser.why_not().unwrap().contains("single objects"));
}

#[test]
fn a_hundred_thousand_lines_are_taken_in_filtered_and_ordered_quickly() {
    let mut browser = Browser::default();
    browser.act(Act::Go(Place::typed("logs")));
    let started = std::time::Instant::now();
    for page in 0..100 {
        browser.take(
            (0..1_000).map(|number| object(&format!("part-{:06}.csv", page * 1_000 + number), number, 0)).collect(),
        );
    }
    browser.act(Act::Filter(Filter { name: "7.csv".to_owned(), ..Filter::default() }));
    assert_eq!(browser.rows(), 10_000);
    browser.act(Act::Sort(Key::Size));
    // Generous, for builds without optimisation on busy machines.
    assert!(started.elapsed().as_secs_f64() < 5.0, "{:?}", started.elapsed());
}
