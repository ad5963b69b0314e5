//! Delta tables in a bucket: the log is downloaded first, then the files it says are the table.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::{Partitions, delta};
use super::client::Connection;
use super::download;
use super::list::{Object, Table};
use super::uri::Uri;
use crate::ingest::issue::IngestError;
use crate::job::JobCx;

/// Objects of the table's newest version with their partitions.
///
/// # Errors
/// As [`delta::live`]; the log cannot be downloaded.
pub(super) fn live(
    table: Table,
    connection: &Connection,
    bucket: &str,
    cache: &Path,
    cx: &JobCx,
) -> Result<Vec<Object>, IngestError> {
    let Table { root, log, data } = table;
    let log: BTreeMap<&str, &Object> =
        log.iter().filter_map(|object| Some((object.key[root.len()..].split_once('/')?.1, object))).collect();
    let address = Uri::of(bucket, &root);
    let refuse = |message: &str| IngestError::Source { message: message.to_owned(), path: address.clone() };
    let again = |name: &str| {
        refuse(&format!("{}; it was removed meanwhile or never copied: open it again", delta::not_there(name)))
    };
    let fetch = |names: &[String]| {
        let object = |name: &String| log.get(name.as_str()).map(|&object| object.clone()).ok_or_else(|| again(name));
        let objects: Vec<Object> = names.iter().map(object).collect::<Result<_, _>>()?;
        let fetched = download::fetch(connection, bucket, &objects, cache, cx)?;
        let file = |(object, fetched): (&Object, download::Fetched)| (fetched.path, Some(Uri::of(bucket, &object.key)));
        Ok(objects.iter().zip(fetched).map(file).collect())
    };
    let names: Vec<String> = log.keys().map(|&name| name.to_owned()).collect();
    let live = delta::live(&names, &fetch, &refuse, cx)?;
    let mut data: BTreeMap<String, Object> = data.into_iter().map(|object| (object.key.clone(), object)).collect();
    let place = |(path, told): (String, Partitions)| {
        let object = data.remove(&format!("{root}{path}")).ok_or_else(|| again(&path))?;
        Ok(Object { told: Some(told), ..object })
    };
    live.into_iter().map(place).collect()
}
