//! Looking into buckets against moto: buckets, folders, pages, counts, and a table that its log decides.

use assay::ingest::source::{Entry, EntryKind, Extent, Link, Place, Remote, S3Options};
use assay::job::JobCx;

use super::s3::Folder;
use super::s3_cli::Moto;
use super::s3_delta;

fn entries(remote: &Remote<'_>, place: &str) -> Result<Vec<Entry>, String> {
    let mut found = Vec::new();
    let browsed = remote.browse(&Place::typed(place), &mut |page| found.extend(page));
    browsed.map(|()| found).map_err(|error| error.to_string())
}

#[test]
fn buckets_and_folders_are_listed_and_counted() {
    let Some(moto) = Moto::start(&[]) else {
        return;
    };
    let folder = Folder::new("browse");
    moto.put("/logs", "");
    moto.put("/other", "");
    for (key, text) in
        [("run/a%20b.csv", "12345"), ("run/day%3D1/c.csv", "1"), ("run/_SUCCESS", ""), ("run/two//d.csv", "123")]
    {
        moto.put(&format!("/logs/{key}"), text);
    }
    s3_delta::put(&moto, "runs/table", &s3_delta::table());
    let options = S3Options {
        endpoint: Some(moto.endpoint.clone()),
        anonymous: true,
        cache: Some(folder.0.clone()),
        ..S3Options::default()
    };
    let (cx, link) = (JobCx::new(), Link::default());
    let remote = Remote::over(link.clone(), &options, &cx);
    let keys =
        |place: &str| -> Vec<String> { entries(&remote, place).unwrap().into_iter().map(|entry| entry.key).collect() };
    assert_eq!(keys(""), ["logs", "other"]);
    assert_eq!(keys("s3://logs"), ["run/", "runs/"]);
    assert_eq!(keys("s3://logs/run/"), ["run/day=1/", "run/two/", "run/_SUCCESS", "run/a b.csv"]);
    assert_eq!(keys("s3://logs/run/two/"), ["run/two//"]);
    assert_eq!(keys("s3://logs/ru"), ["run/", "runs/"], "a prefix need not end with a folder");
    let listed = entries(&remote, "logs/run/").unwrap();
    let object = listed.iter().find(|entry| entry.key == "run/a b.csv").unwrap();
    assert_eq!(object.kind, EntryKind::Object { bytes: 5, archived: false });
    assert!(object.modified.is_some_and(|secs| secs > 1_700_000_000), "{object:?}");

    // Another look over the same link, and counts of what opening would bring.
    let again = Remote::over(link, &options, &cx);
    let extent = |address: &str| again.measure(&[address.to_owned()]).map_err(|error| error.to_string());
    assert_eq!(extent("s3://logs/run/"), Ok(Extent { objects: 3, bytes: 9 }), "a marker is no log");
    assert_eq!(extent("s3://logs/run/*.csv"), Ok(Extent { objects: 1, bytes: 5 }));
    assert_eq!(extent("s3://logs/runs/").unwrap().objects, 3, "of a table what its log says");
    let missing = entries(&again, "s3://nowhere/").unwrap_err();
    assert!(missing.starts_with("There is no such bucket") && missing.ends_with("s3://nowhere/"), "{missing}");
    cx.cancel();
    assert_eq!(entries(&again, "logs").unwrap_err(), "cancelled");
}
