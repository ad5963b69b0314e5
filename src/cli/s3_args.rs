//! The arguments that say how `s3://` addresses are read.

use clap::Args as ClapArgs;

use crate::ingest::source::{S3Options, day_or_time};

/// A heading of its own, so that other arguments stay where they are.
const S3: &str = "S3";

/// How s3:// addresses are read; what is not said is taken from AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct S3Args {
    /// Profile of ~/.aws/config.
    #[arg(long, help_heading = S3, value_name = "NAME")]
    pub s3_profile: Option<String>,
    /// Region of the credentials; that of a bucket is found on its own.
    #[arg(long, help_heading = S3, value_name = "NAME")]
    pub s3_region: Option<String>,
    /// Address of a server that is not Amazon's, e.g. http://localhost:9000.
    #[arg(long, help_heading = S3, value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// Send no credentials: public buckets.
    #[arg(long, help_heading = S3, conflicts_with = "s3_profile")]
    pub s3_anonymous: bool,
    /// Pay for what is read, where the owner of the bucket demands it.
    #[arg(long, help_heading = S3)]
    pub s3_requester_pays: bool,
    /// Only objects changed at or after this day or time (UTC unless an offset is given).
    #[arg(long, help_heading = S3, value_name = "TIME", value_parser = day_or_time)]
    pub s3_since: Option<i64>,
    /// Only objects changed before this day or time.
    #[arg(long, help_heading = S3, value_name = "TIME", value_parser = day_or_time)]
    pub s3_until: Option<i64>,
    /// Only objects of at most so many bytes.
    #[arg(long, help_heading = S3, value_name = "BYTES")]
    pub s3_largest: Option<u64>,
    /// Gigabytes that may be downloaded for one address [default: 20].
    #[arg(long, help_heading = S3, value_name = "GB", value_parser = gigabytes)]
    pub s3_limit_gb: Option<u64>,
}

impl S3Args {
    /// What is said here wins over `options`.
    pub(crate) fn apply(&self, options: &mut S3Options) {
        let over = |slot: &mut Option<String>, said: &Option<String>| {
            if said.is_some() {
                slot.clone_from(said);
            }
        };
        over(&mut options.profile, &self.s3_profile);
        over(&mut options.region, &self.s3_region);
        over(&mut options.endpoint, &self.s3_endpoint);
        options.anonymous = self.s3_anonymous || (options.anonymous && self.s3_profile.is_none());
        options.requester_pays |= self.s3_requester_pays;
        options.since = self.s3_since.or(options.since);
        options.until = self.s3_until.or(options.until);
        options.largest = self.s3_largest.or(options.largest);
        options.limit = self.s3_limit_gb.or(options.limit);
    }
}

fn gigabytes(text: &str) -> Result<u64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * 1e9) as u64),
        _ => Err("write a number of gigabytes, for example 50".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gigabytes_are_told() {
        assert_eq!(gigabytes("0.5"), Ok(500_000_000));
        assert!(gigabytes("-1").is_err());
    }
}
