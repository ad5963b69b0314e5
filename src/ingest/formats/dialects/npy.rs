//! Arrays as `numpy.save` writes them (format 1 to 3): numbers, little or big endian, in C order.

/// Rows of the array along its first dimension, each with its values as text.
///
/// # Errors
/// No such array, or one of a kind that holds no plain numbers.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let damaged = || "holds a damaged NumPy array".to_owned();
    let version = *bytes.get(6).ok_or_else(damaged)?;
    let (start, length) = if version == 1 {
        (10, bytes.get(8..10).map(|two| usize::from(two[0]) | usize::from(two[1]) << 8))
    } else {
        let four = bytes.get(8..12).and_then(|four| <[u8; 4]>::try_from(four).ok());
        (12, four.and_then(|four| usize::try_from(u32::from_le_bytes(four)).ok()))
    };
    let length = length.ok_or_else(damaged)?;
    let end = start + length;
    let header = bytes.get(start..end).and_then(|header| std::str::from_utf8(header).ok()).ok_or_else(damaged)?;
    let after = |key: &str| header.find(key).map(|at| header[at + key.len()..].trim_start_matches(['\'', ':', ' ']));
    let kind = after("'descr").and_then(|rest| rest.split('\'').next()).ok_or_else(damaged)?;
    if after("'fortran_order").is_some_and(|rest| rest.starts_with("True")) {
        return Err("holds a NumPy array in Fortran order, which is not read".to_owned());
    }
    let shape: Vec<usize> = after("'shape")
        .and_then(|rest| rest.strip_prefix('(')?.split(')').next())
        .ok_or_else(damaged)?
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| damaged()))
        .collect::<Result<_, _>>()?;
    let (big, kind) = match kind.split_at_checked(1) {
        Some((">", kind)) => (true, kind),
        Some(("<" | "|" | "=", kind)) => (false, kind),
        _ => return Err(damaged()),
    };
    let size: usize = kind.get(1..).and_then(|size| size.parse().ok()).ok_or_else(damaged)?;
    let known = matches!((&kind[..1], size), ("f", 4 | 8) | ("i" | "u", 1 | 2 | 4 | 8) | ("b", 1));
    if !known {
        return Err(format!("holds a NumPy array of kind {kind}, which is not read"));
    }
    let body = bytes.get(end..).unwrap_or_default();
    let count = shape.iter().try_fold(1_usize, |count, &side| count.checked_mul(side)).ok_or_else(damaged)?;
    if count.checked_mul(size).is_none_or(|length| length > body.len()) {
        return Err(damaged());
    }
    let values: Vec<String> = body.chunks_exact(size).take(count).map(|raw| number(raw, &kind[..1], big)).collect();
    let first = shape.first().copied().unwrap_or(1);
    let width = count.checked_div(first).unwrap_or(0);
    Ok(values.chunks(width.max(1)).map(<[String]>::to_vec).collect())
}

fn number(raw: &[u8], kind: &str, big: bool) -> String {
    let mut eight = [0_u8; 8];
    for (place, &byte) in raw.iter().enumerate() {
        eight[if big { raw.len() - 1 - place } else { place }] = byte;
    }
    let bits = u64::from_le_bytes(eight);
    match (kind, raw.len()) {
        ("f", 4) => f32::from_bits(bits as u32).to_string(),
        ("f", _) => f64::from_bits(bits).to_string(),
        ("i", length) => {
            let unused = 64 - 8 * length as u32;
            ((bits << unused) as i64 >> unused).to_string()
        }
        _ => bits.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::rows;

    fn array(kind: &str, shape: &str, body: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn arrays_of_numbers() {
        let floats: Vec<u8> = [0.25_f64, -1.0, 2.0, 3.5].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(rows(&array("<f8", "(2, 2)", &floats)).unwrap(), [["0.25", "-1"], ["2", "3.5"]]);
        assert_eq!(rows(&array(">i2", "(2,)", &[0xff, 0xfe, 0, 7])).unwrap(), [["-2"], ["7"]]);
        assert!(rows(&array("<f8", "(2, 2)", &floats[..24])).is_err());
        assert!(rows(&array("<U4", "(1,)", &[0; 16])).unwrap_err().contains("U4"));
        assert!(rows(&array("<f8", "(0, 2)", &[])).unwrap().is_empty());
        assert!(rows(b"\x93NUMPY\x01\x00\xff").is_err());
    }
}
