//! The same record always has the same bytes: canonical JSON (RFC 8785) and its SHA-256.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Largest integer that every JSON reader keeps exactly (RFC 7493).
const LARGEST_EXACT: u64 = 1 << 53;

/// Why a value has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    #[error("{path} holds {value}, which JSON readers do not keep exactly; the largest such integer is 2^53")]
    Integer { path: String, value: String },
    #[error("not serialisable: {0}")]
    Serialize(String),
}

/// Canonical bytes of a JSON value: sorted keys, no white space, shortest numbers.
pub fn canonical_bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    check_integers(value, &mut String::new())?;
    serde_json_canonicalizer::to_vec(value).map_err(|error| CanonicalError::Serialize(error.to_string()))
}

fn check_integers(value: &Value, path: &mut String) -> Result<(), CanonicalError> {
    let length = path.len();
    match value {
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_some_and(|size| size > LARGEST_EXACT) {
                return Err(CanonicalError::Integer { path: path.clone(), value: number.to_string() });
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "/{index}");
                check_integers(item, path)?;
                path.truncate(length);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let _ = write!(path, "/{key}");
                check_integers(item, path)?;
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
    Ok(())
}

/// SHA-256 of `bytes`, lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(canonical_bytes(&serde_json::from_str(text).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn objects_are_sorted_and_numbers_are_shortest() {
        // RFC 8785, section 3.2.2.
        let text = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        assert_eq!(
            canonical(text),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn keys_are_sorted_by_utf16_units() {
        // RFC 8785, section 3.2.3.
        let text = r#"{"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}"#;
        let bytes = canonical(text);
        let values: Vec<u32> = bytes.chars().filter(|c| c.is_ascii_digit()).filter_map(|c| c.to_digit(10)).collect();
        // "\r" is written \r, so that no digit is in the keys but the key "1".
        assert_eq!(values, [2, 1, 4, 6, 7, 1, 5, 3]);
    }

    #[test]
    fn numbers_follow_ecmascript() {
        // RFC 8785, appendix B.
        for (bits, text) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let value = serde_json::json!(f64::from_bits(bits));
            assert_eq!(String::from_utf8(canonical_bytes(&value).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn integers_that_json_readers_round_are_refused() {
        let error = canonical_bytes(&serde_json::json!({"plan": {"seed": u64::MAX}})).unwrap_err();
        assert_eq!(
            error,
            CanonicalError::Integer { path: "/plan/seed".to_owned(), value: "18446744073709551615".to_owned() }
        );
        assert!(canonical_bytes(&serde_json::json!(9_007_199_254_740_992_u64)).is_ok());
    }

    #[test]
    fn sha256_of_the_standard() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
