//! `s3://` addresses against a server that misbehaves on purpose: cuts, changes, redirects, refusals.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assay::ingest::IngestError;
use assay::ingest::source::{Found, Remote, S3Options, find};
use assay::job::JobCx;

use super::s3_stub::{Answer, Asked, Stub};

/// A folder that is removed when dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("assay-s3-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options(endpoint: &str, cache: &Folder) -> S3Options {
    S3Options {
        endpoint: Some(endpoint.to_owned()),
        region: Some("us-east-1".to_owned()),
        anonymous: true,
        cache: Some(cache.0.clone()),
        ..S3Options::default()
    }
}

fn open(uri: &str, options: &S3Options) -> Result<Vec<Found>, IngestError> {
    let cx = JobCx::new();
    find(&[uri.into()], None, &Remote::new(options, &cx))
}

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 % 251) as u8).collect()
}

/// The object from the byte that is asked for, as S3 gives it.
fn object(asked: &Asked, whole: &[u8], etag: &str) -> Answer {
    let etag = format!("\"{etag}\"");
    if asked.header("if-match").is_some_and(|wanted| wanted != etag) {
        return Answer::error(412, "PreconditionFailed", "");
    }
    let range = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let answer = match range {
        None => Answer::new(200, whole),
        Some(from) => Answer::new(206, &whole[from..])
            .header("Content-Range", &format!("bytes {from}-{}/{}", whole.len() - 1, whole.len())),
    };
    answer.header("ETag", &etag)
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let whole = body(300_000);
    let gets = AtomicUsize::new(0);
    let (served, cache) = (whole.clone(), Folder::new("cut"));
    let stub = Stub::start(move |asked| match asked.method.as_str() {
        "GET" if asked.is_list() => Answer::list(&[("run/a.csv", "one", served.len())]),
        "GET" => {
            let mut answer = object(asked, &served, "one");
            if gets.fetch_add(1, Ordering::Relaxed) < 2 {
                answer.cut = Some(100_000);
            }
            answer
        }
        _ => Answer::new(404, ""),
    });
    let found = open("s3://logs/run", &options(&stub.endpoint, &cache)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].display, "s3://logs/run/a.csv");
    assert_eq!(found[0].object.as_ref().unwrap().etag, "one");
    assert!(fs::read(&found[0].path).unwrap() == whole);
    let ranges: Vec<_> = stub
        .asked()
        .iter()
        .filter(|asked| asked.method == "GET" && !asked.is_list())
        .map(|asked| (asked.header("range").map(str::to_owned), asked.header("if-match").map(str::to_owned)))
        .collect();
    assert_eq!(ranges.len(), 3, "{ranges:?}");
    assert_eq!(ranges[0].0, None);
    assert!(ranges[1..].iter().all(|(range, _)| range.is_some()), "{ranges:?}");
    assert!(ranges.iter().all(|(_, wanted)| wanted.as_deref() == Some("\"one\"")), "{ranges:?}");

    let before = stub.asked().len();
    open("s3://logs/run", &options(&stub.endpoint, &cache)).unwrap();
    let later = stub.asked().split_off(before);
    assert!(later.iter().all(|asked| asked.method == "HEAD" || asked.is_list()), "read from the cache: {later:?}");
}

#[test]
fn a_download_given_up_is_resumed_by_the_next_attempt() {
    let whole = body(50_000);
    let healthy = Arc::new(AtomicUsize::new(0));
    let (served, mended, cache) = (whole.clone(), healthy.clone(), Folder::new("resume"));
    let stub = Stub::start(move |asked| match asked.method.as_str() {
        "GET" if asked.is_list() => Answer::list(&[("run/a.csv", "one", served.len())]),
        "GET" => {
            let mut answer = object(asked, &served, "one");
            if mended.load(Ordering::Relaxed) == 0 {
                answer.cut = Some(if asked.header("range").is_some() { 0 } else { 20_000 });
            }
            answer
        }
        _ => Answer::new(404, ""),
    });
    let error = open("s3://logs/run/", &options(&stub.endpoint, &cache)).unwrap_err().to_string();
    assert!(error.starts_with("The connection was cut after 20000 of 50000 bytes"), "{error}");
    assert!(error.contains("open it again") && error.ends_with(": s3://logs/run/a.csv"), "{error}");
    healthy.store(1, Ordering::Relaxed);
    let before = stub.asked().len();
    let found = open("s3://logs/run/", &options(&stub.endpoint, &cache)).unwrap();
    assert!(fs::read(&found[0].path).unwrap() == whole);
    let ranges: Vec<_> =
        stub.asked()[before..].iter().filter_map(|asked| asked.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, ["bytes=20000-"]);
}

#[test]
fn an_object_changed_after_the_listing_is_an_error() {
    let (whole, cache) = (body(1_000), Folder::new("changed"));
    let stub = Stub::start(move |asked| match asked.method.as_str() {
        "GET" if asked.is_list() => Answer::list(&[("run/a.csv", "one", 1_000)]),
        "GET" => object(asked, &whole, "two"),
        _ => Answer::new(404, ""),
    });
    let error = open("s3://logs/run/", &options(&stub.endpoint, &cache)).unwrap_err().to_string();
    assert_eq!(
        error,
        "The object was changed after it was listed; open it again to read the new version: s3://logs/run/a.csv"
    );
}

#[test]
fn a_bucket_elsewhere_is_asked_for_once_more() {
    let cache = Folder::new("region");
    let stub =
        Stub::start(|_| Answer::error(301, "PermanentRedirect", "").header("x-amz-bucket-region", "eu-central-1"));
    // Without credentials nothing is signed, so the answer stays the same and becomes an error in words.
    let error = open("s3://logs/", &options(&stub.endpoint, &cache)).unwrap_err().to_string();
    assert!(error.starts_with("The bucket lies in another region; name it with --s3-region"), "{error}");
    assert_eq!(stub.asked().len(), 2, "asked once more with the region");
}

#[test]
fn refusals_say_what_to_do() {
    for (status, code, words) in [
        (403, "AccessDenied", "Access denied: the bucket cannot be read without credentials"),
        (404, "NoSuchBucket", "There is no such bucket"),
        (403, "InvalidAccessKeyId", "The server does not know the key"),
        (403, "SignatureDoesNotMatch", "The secret key of"),
        (400, "ExpiredToken", "The session token of"),
        (403, "RequestTimeTooSkewed", "The clock of this machine is wrong"),
        (400, "Odd", "The server refused the request (400 Odd, said so)"),
    ] {
        let cache = Folder::new(code);
        let stub = Stub::start(move |asked| match asked.method.as_str() {
            "HEAD" => Answer::new(status, ""),
            _ => Answer::error(status, code, ""),
        });
        for uri in ["s3://logs/run/", "s3://logs/run/a.csv"] {
            let error = open(uri, &options(&stub.endpoint, &cache)).unwrap_err().to_string();
            assert!(error.contains(words) && error.ends_with(&format!(": {uri}")), "{code}: {error}");
        }
    }
    let cache = Folder::new("nobody");
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = open("s3://logs/run/", &options(&format!("http://{free}"), &cache)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("The server http://{free} cannot be reached")), "{error}");
}

#[test]
fn what_is_not_wanted_is_not_downloaded() {
    let (whole, cache) = (body(10), Folder::new("filter"));
    let stub = Stub::start(move |asked| match asked.method.as_str() {
        "GET" if asked.is_list() => Answer::list(&[
            ("run/", "m", 0),
            ("run/_SUCCESS", "s", 0),
            ("run/a.csv", "one", 10),
            ("run/big.csv", "two", 2_000_000),
        ]),
        "GET" => object(asked, &whole, "one"),
        _ => Answer::new(404, ""),
    });
    let base = options(&stub.endpoint, &cache);
    let small = S3Options { largest: Some(100), ..base.clone() };
    assert_eq!(open("s3://logs/run/", &small).unwrap().len(), 1);
    let pays = S3Options { requester_pays: true, ..small.clone() };
    open("s3://logs/run/", &pays).unwrap();
    assert_eq!(stub.asked().last().unwrap().header("x-amz-request-payer"), Some("requester"));
    let error =
        open("s3://logs/run/", &S3Options { since: Some(1_800_000_000), ..base.clone() }).unwrap_err().to_string();
    assert!(error.starts_with("None of the 2 objects here passes the filter"), "{error}");
    let error = open("s3://logs/run/", &S3Options { limit: Some(1_000_000), ..base }).unwrap_err().to_string();
    assert!(error.starts_with("Here lie 0.0 GB in 2 objects, more than"), "{error}");
}

#[test]
fn a_download_can_be_cancelled() {
    let cache = Folder::new("cancel");
    let stub = Stub::start(move |asked| match asked.method.as_str() {
        "GET" if asked.is_list() => Answer::list(&[("run/a.csv", "one", 10)]),
        "GET" => {
            std::thread::sleep(std::time::Duration::from_secs(20));
            Answer::new(500, "")
        }
        _ => Answer::new(404, ""),
    });
    let (options, cx) = (options(&stub.endpoint, &cache), JobCx::new());
    let cancelling = cx.clone();
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(400));
        cancelling.cancel();
    });
    let started = std::time::Instant::now();
    let error = find(&["s3://logs/run/".into()], None, &Remote::new(&options, &cx)).unwrap_err();
    assert!(matches!(error, IngestError::Cancelled(_)), "{error}");
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn all_pages_are_listed_and_eight_objects_come_at_a_time() {
    let cache = Folder::new("pages");
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let stub = Stub::start(move |asked| {
        if asked.is_list() {
            let page = if asked.target.contains("continuation-token=second") { 1 } else { 0 };
            let keys: Vec<String> = (page * 6..page * 6 + 6).map(|number| format!("run/{number:02}.csv")).collect();
            let objects: Vec<_> = keys.iter().map(|key| (key.as_str(), "one", 5)).collect();
            let mut answer = Answer::list(&objects);
            if page == 0 {
                let text = String::from_utf8(answer.body).unwrap();
                let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>second</NextContinuationToken>";
                answer.body = text.replace("<IsTruncated>false</IsTruncated>", more).into_bytes();
            }
            return answer;
        }
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(60));
        now.fetch_sub(1, Ordering::SeqCst);
        object(asked, b"a,b\n1", "one")
    });
    let (options, cx) = (options(&stub.endpoint, &cache), JobCx::new());
    let found = find(&["s3://logs/run/".into()], None, &Remote::new(&options, &cx)).unwrap();
    let names: Vec<_> = found.iter().map(|found| found.display.as_str()).collect();
    assert_eq!(names.len(), 12);
    assert_eq!((names[0], names[11]), ("s3://logs/run/00.csv", "s3://logs/run/11.csv"));
    assert_eq!(most.load(Ordering::SeqCst), 8);
    assert_eq!(cx.progress().read(), ("Downloading from s3://logs".to_owned(), 60, 60));
}
