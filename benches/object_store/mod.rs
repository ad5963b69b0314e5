//! A server of small objects on loopback that answers after a fixed wait, as a bucket in the same region does.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: u64 = 1_000;

/// A small object of S3 comes after 10 to 30 ms.
const LATENCY: Duration = Duration::from_millis(10);

/// Content of an object.
pub fn body(number: u64) -> String {
    format!("id,champion,challenger,label\nr{number:05},0.{:02},0.{:02},{}\n", number % 97, number % 89, number % 2)
}

/// Serve `objects` objects under `s3://bucket/run/` until the program ends.
pub fn serve(objects: u64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer_all(stream, objects));
        }
    });
    address
}

fn answer_all(mut stream: TcpStream, objects: u64) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    while let Some(head) = read_head(&mut stream) {
        let target = head.split(' ').nth(1)?;
        let (status, etag, body) = if head.starts_with("HEAD") {
            (404, String::new(), String::new())
        } else if let Some((_, query)) = target.split_once('?').filter(|(_, query)| query.contains("list-type")) {
            (200, String::new(), page(query, objects))
        } else {
            thread::sleep(LATENCY);
            let number = target.split(['/', '.', '?']).find_map(|part| part.parse().ok())?;
            (200, format!("ETag: \"e{number}\"\r\n"), body(number))
        };
        let answer = format!("HTTP/1.1 {status} Said\r\n{etag}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).ok()?;
    }
    None
}

fn page(query: &str, objects: u64) -> String {
    let token = query.split('&').find_map(|pair| pair.strip_prefix("continuation-token=")?.parse().ok());
    let from: u64 = token.unwrap_or(0);
    let to = (from + PAGE).min(objects);
    let mut text = format!("<ListBucketResult><IsTruncated>{}</IsTruncated>", to < objects);
    if to < objects {
        // Writing into a string cannot fail.
        let _ = write!(text, "<NextContinuationToken>{to}</NextContinuationToken>");
    }
    for number in from..to {
        let bytes = body(number).len();
        let _ = write!(
            text,
            "<Contents><Key>run/{number:05}.csv</Key><LastModified>2026-10-01T00:00:00.000Z</LastModified>\
             <ETag>&quot;e{number}&quot;</ETag><Size>{bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        );
    }
    text + "</ListBucketResult>"
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut some = [0; 4_096];
    while !head.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut some).ok().filter(|&count| count > 0)?;
        head.extend_from_slice(&some[..count]);
    }
    String::from_utf8(head).ok()
}

/// Seconds that bare connections, `at_a_time` of them, need for all objects: the limit of server and machine.
pub fn bare_secs(address: SocketAddr, objects: u64, at_a_time: usize) -> f64 {
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let fetch = || {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP stream");
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= objects {
                return;
            }
            let request = format!("GET /bucket/run/{number:05}.csv HTTP/1.1\r\nHost: {address}\r\n\r\n");
            stream.write_all(request.as_bytes()).expect("the server reads");
            let wanted = body(number);
            let mut answer = Vec::new();
            let mut some = [0; 4_096];
            while !answer.ends_with(wanted.as_bytes()) {
                let count = stream.read(&mut some).expect("the server answers");
                answer.extend_from_slice(&some[..count]);
            }
        }
    };
    thread::scope(|scope| (0..at_a_time).for_each(|_| drop(scope.spawn(fetch))));
    started.elapsed().as_secs_f64()
}
