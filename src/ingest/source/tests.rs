use std::io::Write as _;

use super::*;
use crate::job::JobCx;

fn decoded(raw: &[u8]) -> Text {
    decode(raw.to_vec(), &JobCx::new()).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn several_gzip_members_are_one_file() {
    let mut raw = gzip(b"a,b\n");
    raw.extend(gzip(b"1,2\n"));
    let text = decoded(&raw);
    assert_eq!((text.bytes.as_slice(), text.container), (&b"a,b\n1,2\n"[..], "gzip"));
    assert_eq!(decoded(&zstd::encode_all(&b"x\n"[..], 3).unwrap()).bytes, b"x\n");
}

#[test]
fn what_a_cut_container_still_holds_is_kept() {
    let long: String = (0..20_000).map(|i| format!("{},{}\n", i, i * 7919 % 1000)).collect();
    let raw = gzip(long.as_bytes());
    let text = decoded(&raw[..raw.len() / 2]);
    assert!(text.damage.is_some() && text.bytes.len() > 1000 && long.as_bytes().starts_with(&text.bytes));
}

#[test]
fn encodings() {
    let utf16: Vec<u8> = "\u{feff}id,ü\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decoded(&utf16).bytes, "id,ü\n".as_bytes());
    let no_mark: Vec<u8> = "id,model,score\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!((decoded(&no_mark).bytes, decoded(&no_mark).encoding), (b"id,model,score\n".to_vec(), "utf-16be"));
    assert_eq!(decoded(b"id,S\xfcd\n").bytes, "id,Süd\n".as_bytes());
    assert_eq!(decoded(b"\xef\xbb\xbfid\n").bytes, b"id\n");
    let mixed =
        decoded("id,Süd\nü,ü\n".as_bytes().iter().copied().chain(*b"\xff\xfe\n").collect::<Vec<_>>().as_slice());
    assert!(mixed.check_utf8 && mixed.encoding.is_empty());
}

#[test]
fn folders_leave_out_what_is_no_log() {
    let (options, cx) = (S3Options::default(), JobCx::new());
    let remote = Remote::new(&options, &cx);
    let folder = std::env::temp_dir().join(format!("assay-source-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("dt=1")).unwrap();
    for name in ["a[1].csv", ".hidden", "_SUCCESS", ".part-0.csv.crc", "README.md", "dt=1/part-0"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    let found = find(std::slice::from_ref(&folder), Some(&folder), &remote).unwrap();
    let names: Vec<_> = found.iter().map(|file| file.display.as_str()).collect();
    assert_eq!(names, ["a[1].csv", "dt=1/part-0"]);
    let literal = find(&[folder.join("a[1].csv"), folder.join("a[1].csv")], Some(&folder), &remote).unwrap();
    assert_eq!(literal.len(), 1);
    let starred = find(&[folder.join("**/part-?")], Some(&folder), &remote).unwrap();
    assert_eq!(starred[0].display, "dt=1/part-0");
    assert!(find(&[folder.join("*.parquet")], None, &remote).is_err());
    fs::create_dir_all(folder.join("_delta_log")).unwrap();
    assert!(find(std::slice::from_ref(&folder), None, &remote).unwrap_err().to_string().contains("Delta"));
    let inside = find(&[folder.join("a*.csv")], None, &remote).unwrap_err().to_string();
    assert!(inside.contains("open its folder"), "{inside}");
    fs::remove_dir_all(&folder).unwrap();
}

#[cfg(feature = "s3")]
#[test]
fn signed_web_addresses_are_refused_without_their_signature() {
    let (options, cx) = (S3Options::default(), JobCx::new());
    let address = "https://b.s3.amazonaws.com/log.csv?X-Amz-Signature=0123&X-Amz-Credential=AKIA";
    let error = find(&[address.into()], None, &Remote::new(&options, &cx)).unwrap_err().to_string();
    assert!(error.contains("s3://BUCKET/KEY") && error.ends_with("https://b.s3.amazonaws.com/log.csv?…"), "{error}");
}
