use crate::ingest::table::ColumnData;
use crate::log::CodeColumn;
use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};

use super::*;
use crate::ingest::guess::column::cell_text;

const ROWS: usize = 200_000;
/// Longer than what is surveyed of the first row group.
const GROUP: usize = 100_000;
/// After the surveyed rows, in the first row group.
const LATE: usize = 90_000;

type Cell<T> = (&'static str, fn(usize) -> Option<T>);

const TEXTS: [Cell<String>; 6] = [
    ("few", |row| (row % 7 > 0).then(|| ["mobile", "desktop", "a longer name than twelve bytes"][row % 3].to_owned())),
    ("many late", |row| Some(if row < LATE { "x".to_owned() } else { format!("n{}", row % 400) })),
    ("many in the second group", |row| Some(if row < GROUP { "x".to_owned() } else { format!("n{}", row % 400) })),
    ("other order", |row| Some(format!("k{}", (if row < GROUP { row } else { row + 2 }) % 5))),
    ("all differ late", |row| Some(if row < LATE { "x".to_owned() } else { format!("request {row}") })),
    ("all differ", |row| (row % 1000 > 0).then(|| format!("request {row}"))),
];

const NUMBERS: [Cell<i64>; 3] = [
    ("bytes", |row| (row % 11 > 0).then_some(row as i64 % 200)),
    ("large late", |row| Some(if row < LATE { row as i64 % 2 } else { row as i64 })),
    ("large", |row| (row != LATE).then_some(row as i64 * 1_000_000_007)),
];

#[test]
fn every_cell_is_read_whatever_the_first_rows_suggest() {
    let mut columns: Vec<Column> = Vec::new();
    for (name, cell) in TEXTS {
        columns.push(Series::new(name.into(), (0..ROWS).map(cell).collect::<Vec<_>>()).into());
    }
    for (name, cell) in NUMBERS {
        columns.push(Series::new(name.into(), (0..ROWS).map(cell).collect::<Vec<_>>()).into());
    }
    let mut frame = DataFrame::new(ROWS, columns).unwrap();
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_row_group_size(Some(GROUP));
    writer.finish(&mut frame).unwrap();
    let path = std::env::temp_dir().join(format!("assay-parquet-{}.parquet", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let names: Vec<&str> = TEXTS.map(|text| text.0).into_iter().chain(NUMBERS.map(|number| number.0)).collect();
    let table = read(&path, &names, &JobCx::new()).unwrap();
    let peeked = peek(&path, &JobCx::new()).unwrap().table;
    let lengths: Vec<usize> = Footer::open(&path).unwrap().parts.iter().map(Part::len).collect();
    std::fs::remove_file(&path).unwrap();

    assert_eq!((table.records, peeked.records), (ROWS, PEEK_ROWS));
    assert_eq!(lengths, [GROUP, ROWS - GROUP]);
    let start = |group: usize| lengths[..group].iter().sum::<usize>();
    let of_part = |part: Part| part.rows.into_iter().flatten().map(move |row| start(part.group) + row);
    let seen = part::spread(&lengths, PEEK_ROWS).into_iter().flat_map(of_part).collect();
    for (table, rows) in [(&table, (0..ROWS).collect::<Vec<_>>()), (&peeked, seen)] {
        for (at, row) in rows.into_iter().enumerate() {
            for (name, cell) in TEXTS {
                assert_eq!(cell_text(&table.column(name).unwrap().data, at), cell(row), "{name}, row {row}");
            }
            for (name, cell) in NUMBERS {
                let wanted = cell(row).map(|number| number.to_string());
                assert_eq!(cell_text(&table.column(name).unwrap().data, at), wanted, "{name}, row {row}");
            }
        }
    }
    // Names in order of their first row, as if the column had been read cell by cell.
    let ColumnData::Coded(codes) = &table.column("other order").unwrap().data else { panic!("not coded") };
    assert_eq!(codes.names, ["k0", "k1", "k2", "k3", "k4"]);
    assert!(matches!(codes.codes, CodeColumn::U8(_)));
}

/// A page header that claims more values than its chunk, or fewer than none, once made the decoder ask for more memory
/// than there is, which ends the process.
#[test]
fn no_flipped_bit_ends_the_process() {
    let folder = std::env::temp_dir().join(format!("assay-flipped-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("flipped.parquet");
    let mut frame = DataFrame::new_infer_height(vec![
        Column::new("id".into(), (0..70i64).map(|row| (row % 7 != 0).then_some(row * 11)).collect::<Vec<_>>()),
        Column::new("score".into(), (0..70).map(|row| f64::from(row) / 70.0).collect::<Vec<_>>()),
        Column::new("site".into(), (0..70).map(|row| ["north", "south"][row % 2]).collect::<Vec<_>>()),
    ])
    .unwrap();
    let mut whole = Vec::new();
    ParquetWriter::new(&mut whole).finish(&mut frame).unwrap();
    let (mut read, mut refused) = (0, 0);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
            match read_all(&path, &JobCx::new()) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
