//! Looking into buckets: from the start screen to an open log, against a server on loopback.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use eframe::egui::{Key, Modifiers};

use super::*;
use crate::ui::bucket::BucketState;

/// `key` and content of the objects of every bucket; `many/` holds 100,000 more.
fn objects() -> Vec<(&'static str, String)> {
    let old = "request,old,new,label\nr1,0.1,0.2,1\n".to_owned();
    vec![("readme.txt", "x".to_owned()), ("run/day=1/log.csv", wide()), ("run/log.csv", wide()), ("run/old.csv", old)]
}

fn wide() -> String {
    let line = |row: usize| format!("r{row},0.{:03},0.{:03},{}\n", row * 37 % 1_000, row * 53 % 1_000, row % 3 / 2);
    (100..180).fold("request_id,old_score,new_score,label\n".to_owned(), |text, row| text + &line(row))
}

/// A server that lists and gives [`objects`]; the bucket `locked` is refused.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(stream));
        }
    });
    endpoint
}

fn answer_all(mut stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut head = Vec::new();
    let mut some = [0; 4_096];
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            let count = stream.read(&mut some).ok().filter(|&count| count > 0)?;
            head.extend_from_slice(&some[..count]);
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let mut parts = text.split(' ');
        let (method, target) = (parts.next()?, parts.next()?);
        let (status, body) = answer(target);
        let (bytes, body) = (body.len(), if method == "HEAD" { "" } else { &body });
        let answer = format!("HTTP/1.1 {status} Said\r\nETag: \"e\"\r\nContent-Length: {bytes}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

fn answer(target: &str) -> (u16, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let plain = |text: &str| text.replace("%2F", "/").replace("%3D", "=");
    let said = |name: &str| query.split('&').find_map(|pair| Some(plain(pair.strip_prefix(name)?.strip_prefix('=')?)));
    if path == "/" {
        let bucket = |name: &str| format!("<Bucket><Name>{name}</Name></Bucket>");
        return (
            200,
            format!(
                "<ListAllMyBucketsResult><Buckets>{}</Buckets></ListAllMyBucketsResult>",
                bucket("locked") + &bucket("logs")
            ),
        );
    }
    if path.starts_with("/locked") {
        return (403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_owned());
    }
    if said("list-type").is_none() {
        let key = plain(path).replacen("/logs/", "", 1);
        let found = objects().into_iter().find(|(known, _)| *known == key);
        return found.map_or((404, String::new()), |(_, content)| (200, content));
    }
    let (prefix, delimited) = (said("prefix").unwrap_or_default(), said("delimiter").is_some());
    let entry = |key: &str, bytes: usize| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2026-10-01T06:00:00.000Z</LastModified><ETag>\"e\"</ETag><Size>{bytes}</Size></Contents>"
        )
    };
    let mut folders = std::collections::BTreeSet::new();
    let (mut entries, mut more) = (String::new(), "<IsTruncated>false</IsTruncated>".to_owned());
    for (key, content) in objects().iter().filter(|(key, _)| key.starts_with(&prefix)) {
        match key[prefix.len()..].find('/').filter(|_| delimited) {
            Some(at) => drop(folders.insert(&key[..=prefix.len() + at])),
            None => entries += &entry(key, content.len()),
        }
    }
    if prefix == "many/" {
        let from: usize = said("continuation-token").and_then(|token| token.parse().ok()).unwrap_or(0);
        (from..from + 1_000).for_each(|number| entries += &entry(&format!("many/part-{number:06}.csv"), number));
        if from < 99_000 {
            more = format!(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>",
                from + 1_000
            );
        }
    }
    let folder = |prefix: &&str| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>");
    let folders: String = folders.iter().map(folder).collect();
    (200, format!("<ListBucketResult>{more}{entries}{folders}</ListBucketResult>"))
}

/// The start screen, with buckets at the server and a cache of its own.
fn start(cache: &Folder) -> Window {
    let mut window = window(Vec::new());
    idle(&mut window);
    window.state_mut().as_mut().unwrap().start.bucket = BucketState::reached_at(&server(), &cache.0);
    window.step();
    window
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.step();
    idle(window);
}

/// Write over what stands in a well.
fn replace(window: &mut Window, name: &str, text: &str) {
    type_into(window, name, "");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    type_into(window, name, text);
}

#[test]
fn a_log_is_found_in_a_bucket_filtered_counted_and_opened() {
    let cache = Folder::new("bucket", &[]);
    let mut window = start(&cache);
    press(&mut window, "List");
    assert!(has(&window, "2 buckets") && has(&window, "locked"), "{}", texts(&window));
    type_into(&mut window, "Place in S3", "s3://logs/");
    key(&mut window, Key::Enter);
    assert!(has(&window, "2 entries") && has(&window, "readme.txt"), "{}", texts(&window));
    assert!(has(&window, "3 objects, "), "what lies below is counted: {}", texts(&window));

    // By keys: the first line is the folder.
    window.query_all_by_label_contains("List of folders and objects").next().unwrap().focus();
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Enter);
    assert!(has(&window, "s3://logs/run/") && has(&window, "day=1/"), "{}", texts(&window));
    key(&mut window, Key::Backspace);
    assert!(has(&window, "readme.txt"), "{}", texts(&window));
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Enter);

    type_into(&mut window, "Name contains", "log");
    assert!(has(&window, "1 of 3 entries") && has(&window, "passes the filter"), "{}", texts(&window));
    type_into(&mut window, "Changed since", "2026-11");
    assert!(has(&window, "write a day or a time"), "{}", texts(&window));
    type_into(&mut window, "Changed since", "-01");
    assert!(has(&window, "Nothing here passes the filter"), "{}", texts(&window));
    replace(&mut window, "Changed since", "2026-09-01");
    press(&mut window, "Choose log.csv");
    assert!(has(&window, "1 line chosen") && has(&window, "1 object, "), "{}", texts(&window));
    press(&mut window, "Open what is chosen");
    assert!(has(&window, "Map columns") || has(&window, "Scorecard"), "{}", texts(&window));
    let app = window.state_mut().as_mut().unwrap();
    assert_ne!(app.desk.screen(), Screen::Bucket, "the look is over once something is open");
    assert!(app.desk.mapping().is_none_or(|model| model.opened.sources[0].display == "s3://logs/run/log.csv"));
}

#[test]
fn what_may_not_be_read_says_so_in_the_words_of_the_window() {
    let cache = Folder::new("locked", &[]);
    let mut window = start(&cache);
    type_into(&mut window, "Address in S3", "s3://locked/");
    press(&mut window, "List");
    assert!(has(&window, "Access denied") && has(&window, "choose other credentials"), "{}", texts(&window));
    assert!(has(&window, "List again") && !has(&window, "--s3"), "{}", texts(&window));
    replace(&mut window, "Place in S3", "https://logs.s3.amazonaws.com/a.csv?X-Amz-Signature=0f0f0f");
    key(&mut window, Key::Enter);
    assert!(has(&window, "is no name of a bucket"), "{}", texts(&window));
    assert!(!has(&window, "0f0f0f") && !has_value(&window, "0f0f0f"), "{}", texts(&window));
    window.key_press_modifiers(Modifiers::COMMAND, Key::B);
    window.step();
    idle(&mut window);
    assert!(has(&window, "2 buckets"), "{}", texts(&window));
    key(&mut window, Key::Escape);
    assert!(has(&window, "Recent workspaces"), "{}", texts(&window));
}

#[test]
fn a_hundred_thousand_objects_stay_responsive() {
    let cache = Folder::new("many", &[]);
    let mut window = start(&cache);
    type_into(&mut window, "Address in S3", "s3://logs/many/");
    let by = |window: &Window| window.query_all_by_label_contains("List").find(|node| !is_text(node)).unwrap().click();
    by(&window);
    let since = Instant::now();
    let (mut frames, mut early) = (Vec::new(), false);
    while !has(&window, "100,000 entries") || window.state().as_ref().unwrap().desk.is_busy() {
        assert!(since.elapsed() < Duration::from_secs(240), "{}", texts(&window));
        let frame = Instant::now();
        window.step();
        frames.push(frame.elapsed());
        early |= has(&window, "entries so far") && has(&window, "part-000000.csv");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(early, "the first page is shown before the last has come");
    key(&mut window, Key::End);
    assert!(has(&window, "part-099999.csv"), "{}", texts(&window));
    assert!(has(&window, "100,000 objects, "), "{}", texts(&window));
    frames.sort();
    let (middle, worst) = (frames[frames.len() / 2], frames[frames.len() - 1]);
    println!("frames while 100,000 objects are listed: median {middle:?}, worst {worst:?} of {}", frames.len());
    // Without optimisation on a busy machine; optimised it is a twentieth.
    assert!(middle < Duration::from_millis(250), "{middle:?}");
}
