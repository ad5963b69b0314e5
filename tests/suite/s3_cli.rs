//! `assay-cli` on `s3://` addresses: credentials as the AWS tools find them, against the stub, and whole runs
//! against moto, a server that speaks S3 (`pip install 'moto[server]==5.2.1'`).

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::s3::Folder;
use super::s3_stub::{Answer, Stub};

/// The program with no settings but those of `variables`; its cache and settings lie in `folder`.
pub fn cli(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay-cli"));
    command.args(args).current_dir(&folder.0).stdin(Stdio::null()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        command.env(name, folder.0.join("none"));
    }
    command.env("XDG_CACHE_HOME", &folder.0).env("HOME", &folder.0).env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().copied()).output().unwrap()
}

pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A log of both models with labels.
fn log() -> String {
    let mut text = "request,old,new,label\n".to_owned();
    for row in 0..400u32 {
        let (yes, noise) = (row % 3 == 0, row * 37 % 100);
        let score = |weight: u32| f64::from(noise * (10 - weight) + u32::from(yes) * weight * 100) / 1_000.0;
        text.push_str(&format!("r{row},{:.3},{:.3},{}\n", score(3), score(5), u8::from(yes)));
    }
    text
}

const ROLES: [&str; 10] = [
    "--map",
    "id=request",
    "--map",
    "score.champion=old",
    "--map",
    "score.challenger=new",
    "--map",
    "label=label",
    "--positive",
    "1",
];

/// A bucket with the log in it, that knows the region it is in and one key.
fn bucket() -> Stub {
    let log = log();
    Stub::start(move |asked| {
        let signed = asked.header("authorization").unwrap_or_default();
        if !signed.contains("Credential=AKIDWORK/") {
            return Answer::error(403, "InvalidAccessKeyId", "");
        }
        if !signed.contains("/eu-central-1/s3/") {
            return Answer::error(400, "AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>");
        }
        match asked.method.as_str() {
            "HEAD" => Answer::new(404, ""),
            _ if asked.is_list() => Answer::list(&[("run/log.csv", "one", log.len())]),
            _ => Answer::new(200, log.as_bytes()).header("ETag", "\"one\""),
        }
    })
}

#[test]
fn a_profile_and_its_credential_process_are_used_and_the_region_is_found() {
    let (folder, stub) = (Folder::new("profile"), bucket());
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIDWORK", "SecretAccessKey": "s"}"#;
    fs::write(folder.0.join("keys.json"), keys).unwrap();
    let config = format!(
        "[default]\nregion = us-west-2\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s\n\
         [profile work]\nendpoint_url = {}\ncredential_process = cat {}\n",
        stub.endpoint,
        folder.0.join("keys.json").display()
    );
    let path = folder.0.join("config");
    fs::write(&path, config).unwrap();
    let file = ("AWS_CONFIG_FILE", path.to_str().unwrap());
    let args: Vec<&str> = ["inspect", "s3://logs/run/", "--json"].into_iter().chain(ROLES).collect();
    let by_name: Vec<&str> = args.iter().copied().chain(["--s3-profile", "work"]).collect();
    for output in [
        cli(&folder, &args, &[file, ("AWS_PROFILE", "work")]),
        cli(&folder, &by_name, &[file, ("AWS_ACCESS_KEY_ID", "AKIDOTHER"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    ] {
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["sources"][0]["path"], "s3://logs/run/log.csv");
        assert_eq!(found["sources"][0]["records"], 400);
    }
    let other = cli(&folder, &["inspect", "s3://logs/run/", "--s3-endpoint", &stub.endpoint], &[file]);
    assert!(errors(&other).contains("The server does not know the key"), "{}", errors(&other));
    let unknown = cli(&folder, &["inspect", "s3://logs/run/", "--s3-profile", "nobody"], &[file]);
    assert!(errors(&unknown).contains("nobody"), "{}", errors(&unknown));
}

#[test]
fn without_credentials_the_error_names_the_ways_to_have_some() {
    let folder = Folder::new("none");
    let output = cli(&folder, &["inspect", "s3://logs/run/", "--s3-endpoint", "http://127.0.0.1:9"], &[]);
    let text = errors(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("No credentials were found") && text.contains("--s3-anonymous"), "{text}");
    assert!(text.trim_end().ends_with(": s3://logs/run/"), "{text}");
}

/// The Python that has moto: as `ASSAY_MOTO_PYTHON` says, else that of `target/moto`, else the system's.
fn python() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/moto/bin/python");
    let has = |python: &PathBuf| {
        let status = Command::new(python).args(["-c", "import moto.server"]).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if let Some(said) = std::env::var_os("ASSAY_MOTO_PYTHON").filter(|said| !said.is_empty()).map(PathBuf::from) {
        assert!(has(&said), "ASSAY_MOTO_PYTHON names {}, which has no moto[server]", said.display());
        return Some(said);
    }
    [beside, PathBuf::from("python3")].into_iter().find(has)
}

/// A moto server, ended when dropped.
pub struct Moto {
    child: Child,
    pub endpoint: String,
    port: u16,
}

impl Moto {
    /// `None` where Python or moto is missing, which the test says.
    pub fn start(variables: &[(&str, &str)]) -> Option<Self> {
        let Some(python) = python() else {
            // Straight to standard error, which the test harness does not swallow.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: no S3 server to test against; set ASSAY_MOTO_PYTHON to a Python with moto[server]"
            );
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self { child: command.spawn().unwrap(), endpoint: format!("http://127.0.0.1:{port}"), port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "moto did not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    pub fn put(&self, target: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "PUT {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nx-amz-acl: public-read\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub const KEYS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "AKIDTEST"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_REGION", "us-east-1")];

#[test]
fn a_run_in_a_bucket_is_evaluated_recorded_and_verified() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("moto");
    moto.put("/logs", "");
    moto.put("/logs/run/log.csv", log());
    let s3 = ["--s3-endpoint", moto.endpoint.as_str()];
    let args: Vec<&str> =
        ["evaluate", "s3://logs/run/", "--out", "out", "--json"].into_iter().chain(ROLES).chain(s3).collect();
    let output = cli(&folder, &args, &KEYS);
    assert!(matches!(output.status.code(), Some(0 | 3..=6)), "{}", errors(&output));
    let record: Value = serde_json::from_slice(&fs::read(folder.0.join("out/record.json")).unwrap()).unwrap();
    let source = &record["evidence"]["sources"][0];
    assert_eq!(source["path"], "s3://logs/run/log.csv");
    assert_eq!(source["object"]["etag"].as_str().unwrap().len(), 32, "{source}");
    assert_eq!(source["sha256"].as_str().unwrap().len(), 64);
    assert!(!record.to_string().contains(folder.0.to_str().unwrap()), "the place in the cache is in the record");

    let verify: Vec<&str> = ["verify", "out/record.json"].into_iter().chain(s3).collect();
    let output = cli(&folder, &verify, &KEYS);
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
    moto.put("/logs/run/log.csv", log().replace("r7,", "r7777,"));
    let output = cli(&folder, &verify, &KEYS);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("DIFFERS"), "{}", errors(&output));

    let config = folder.0.join("config");
    let profiles = "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\nregion = us-east-1\n\
                    [profile role]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = base\n";
    fs::write(&config, profiles).unwrap();
    // The role is asked for at the same server.
    let variables = [("AWS_CONFIG_FILE", config.to_str().unwrap()), ("AWS_ENDPOINT_URL", moto.endpoint.as_str())];
    let output = cli(&folder, &["inspect", "s3://logs/run/", "--s3-profile", "role"], &variables);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));

    let missing: Vec<&str> = ["inspect", "s3://nowhere/run/"].into_iter().chain(s3).collect();
    let text = errors(&cli(&folder, &missing, &KEYS));
    assert!(text.contains("There is no such bucket") && text.trim_end().ends_with("s3://nowhere/run/"), "{text}");
    let missing: Vec<&str> = ["inspect", "s3://logs/walk/"].into_iter().chain(s3).collect();
    let text = errors(&cli(&folder, &missing, &KEYS));
    assert!(text.contains("There is no object with this key or prefix"), "{text}");
}

#[test]
fn odd_keys_are_read_byte_for_byte() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("odd");
    moto.put("/logs", "");
    let keys = [
        ("a%20b.csv", "a b.csv"),
        ("t=10%3A00%3A00.csv", "t=10:00:00.csv"),
        ("two//slashes.csv", "two//slashes.csv"),
        ("up/../x.csv", "up/../x.csv"),
        ("%C3%A9/%E6%97%A5.csv", "é/日.csv"),
        ("plus%2B%26.csv", "plus+&.csv"),
    ];
    for (index, (sent, _)) in keys.iter().enumerate() {
        moto.put(&format!("/logs/odd/{sent}"), log().replace("\nr", &format!("\nk{index}-")));
    }
    let options = assay::ingest::source::S3Options {
        endpoint: Some(moto.endpoint.clone()),
        anonymous: true,
        cache: Some(folder.0.clone()),
        ..Default::default()
    };
    let cx = assay::job::JobCx::new();
    let remote = assay::ingest::source::Remote::new(&options, &cx);
    let found = assay::ingest::source::find(&["s3://logs/odd".into()], None, &remote).unwrap();
    let mut wanted: Vec<String> = keys.iter().map(|(_, key)| format!("s3://logs/odd/{key}")).collect();
    wanted.sort();
    assert_eq!(found.iter().map(|found| found.display.clone()).collect::<Vec<_>>(), wanted);
    for (index, (_, key)) in keys.iter().enumerate() {
        let address = format!("s3://logs/odd/{key}");
        let one = assay::ingest::source::find(&[address.clone().into()], None, &remote).unwrap();
        assert_eq!(one.len(), 1);
        assert!(fs::read_to_string(&one[0].path).unwrap().contains(&format!("\nk{index}-")), "{address}");
    }
    let some = assay::ingest::source::find(&["s3://logs/odd/*.csv".into()], None, &remote).unwrap();
    assert_eq!(some.len(), 3);
}

#[test]
fn a_server_that_checks_keys_refuses_wrong_ones_in_words() {
    let Some(moto) = Moto::start(&[("INITIAL_NO_AUTH_ACTION_COUNT", "2")]) else {
        return;
    };
    let folder = Folder::new("keys");
    moto.put("/logs", "");
    moto.put("/logs/run/log.csv", log());
    let args = ["inspect", "s3://logs/run/", "--s3-endpoint", moto.endpoint.as_str()];
    let text = errors(&cli(&folder, &args, &KEYS));
    assert!(text.contains("The server does not know the key"), "{text}");
    assert!(text.trim_end().ends_with(": s3://logs/run/"), "{text}");
}

/// What `zip` writes for one stored file.
fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Evaluate what lies at `address` and verify the record; the record.
fn recorded_and_verified(moto: &Moto, folder: &Folder, address: &str, more: &[&str]) -> Value {
    let s3 = ["--s3-endpoint", moto.endpoint.as_str()];
    let args: Vec<&str> = ["evaluate", address, "--out", "out", "--json"]
        .into_iter()
        .chain(ROLES)
        .chain(s3)
        .chain(more.iter().copied())
        .collect();
    let output = cli(folder, &args, &KEYS);
    assert!(matches!(output.status.code(), Some(0 | 3..=6)), "{}", errors(&output));
    let verify: Vec<&str> = ["verify", "out/record.json"].into_iter().chain(s3).collect();
    let output = cli(folder, &verify, &KEYS);
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
    let record: Value = serde_json::from_slice(&fs::read(folder.0.join("out/record.json")).unwrap()).unwrap();
    assert!(!record.to_string().contains(folder.0.to_str().unwrap()), "the place in the cache is in the record");
    record
}

#[test]
fn a_zip_in_a_bucket_is_evaluated_and_verified() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("zip");
    moto.put("/logs", "");
    moto.put("/logs/run%20a/both.zip", zipped("day/log.csv", &log()));
    let record = recorded_and_verified(&moto, &folder, "s3://logs/run a/both.zip", &[]);
    let source = &record["evidence"]["sources"][0];
    assert_eq!(source["path"], "s3://logs/run a/both.zip/day/log.csv");
    assert_eq!(source["object"]["etag"].as_str().unwrap().len(), 32, "{source}");

    moto.put("/logs/bad.zip", b"PK\x03\x04 and no more".as_slice());
    let args = ["inspect", "s3://logs/bad.zip", "--s3-endpoint", moto.endpoint.as_str()];
    let text = errors(&cli(&folder, &args, &KEYS));
    assert!(text.contains("zip archive") && text.trim_end().ends_with("s3://logs/bad.zip"), "{text}");
}

#[test]
fn folders_of_a_bucket_are_columns() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("partitions");
    moto.put("/logs", "");
    for (index, day) in ["2026-01-01", "2026-01-02"].iter().enumerate() {
        let text = log().replace("\nr", &format!("\nd{index}-"));
        moto.put(&format!("/logs/run/dt%3D{day}/log.csv"), text);
    }
    // A column that is not there could not be mapped, and would not be found again by verify.
    let record = recorded_and_verified(&moto, &folder, "s3://logs/run/", &["--map", "feature=dt"]);
    assert_eq!(record["evidence"]["sources"][1]["path"], "s3://logs/run/dt=2026-01-02/log.csv");
    assert!(record["mapping"].to_string().contains("\"dt\""), "{}", record["mapping"]);

    moto.put("/logs/empty/a.csv", "");
    let args = ["inspect", "s3://logs/empty/a.csv", "--s3-endpoint", moto.endpoint.as_str()];
    let text = errors(&cli(&folder, &args, &KEYS));
    assert!(text.trim_end().ends_with("s3://logs/empty/a.csv"), "{text}");
}

#[test]
fn the_recorded_version_is_verified_where_the_bucket_keeps_versions() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("versions");
    moto.put("/logs", "");
    let keep = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    moto.put("/logs?versioning", keep);
    moto.put("/logs/run/log.csv", log());
    recorded_and_verified(&moto, &folder, "s3://logs/run/", &[]);
    moto.put("/logs/run/log.csv", log().replace("r7,", "r7777,"));
    let verify = ["verify", "out/record.json", "--s3-endpoint", moto.endpoint.as_str()];
    let fresh = Folder::new("versions-fresh");
    fs::create_dir(fresh.0.join("out")).unwrap();
    fs::copy(folder.0.join("out/record.json"), fresh.0.join("out/record.json")).unwrap();
    let output = cli(&fresh, &verify, &KEYS);
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
}

#[test]
fn the_presigned_part_of_an_address_is_never_shown() {
    let folder = Folder::new("signed");
    let address = "https://logs.s3.amazonaws.com/a.csv?X-Amz-Credential=AKIDSECRET&X-Amz-Signature=0f0f0f";
    fs::write(folder.0.join("log.csv"), log()).unwrap();
    let workspace = format!("[workspace]\nname = \"signed\"\nfiles = [\"{address}\"]\n");
    fs::write(folder.0.join("signed.assay"), workspace).unwrap();
    assert!(cli(&folder, &["evaluate", "log.csv", "--out", "."], &[]).status.code().is_some());
    assert!(folder.0.join("record.json").is_file());
    for args in [
        &["inspect", address][..],
        &["inspect", address, "--json"],
        &["inspect", "log.csv", "--labels", address],
        &["inspect", "log.csv", "--profile", address],
        &["evaluate", address, "--json"],
        &["evaluate", "log.csv", "--policy", address, "--json"],
        &["evaluate", "signed.assay", "--json"],
        &["evaluate", "log.csv", "--out", address],
        &["report", "record.json", "--out", address],
        &["inspect", "log.csv", "--write-profile", address],
        &["bench", "log.csv", "--json", address],
        &["verify", address],
        &["report", address],
        &["sign", address, "--role", "r", "--meaning", "m"],
        &["policy", "check", address],
        &["inspect", "s3://logs/run/", "--s3-anonymous", "--s3-endpoint", "http://127.0.0.1:9/?X-Amz-Signature=0f0f0f"],
    ] {
        let output = cli(&folder, args, &[]);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
        assert!(!text.contains("AKIDSECRET") && !text.contains("0f0f0f"), "{args:?}: {text}");
        assert_ne!(output.status.code(), Some(0), "{args:?}: {text}");
    }
    assert!(!folder.0.join("https:").exists(), "an address became a folder");
    let text = errors(&cli(&folder, &["inspect", address], &[]));
    assert!(text.contains("a.csv?…") && text.contains("write s3://BUCKET/KEY"), "{text}");
}
