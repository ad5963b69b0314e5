//! What went wrong, in words that say what to do about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::super::redact;
use crate::ingest::issue::IngestError;

/// Whose credentials are sent.
pub(super) enum Who {
    Nobody,
    Profile(String),
    /// Whatever the chain of the SDK finds.
    Default,
}

impl Who {
    fn text(&self) -> String {
        match self {
            Self::Nobody => "anonymous requests".to_owned(),
            Self::Profile(name) => format!("the credentials of profile {name}"),
            Self::Default => "the credentials of the environment".to_owned(),
        }
    }

    /// How to log in again.
    fn login(&self) -> String {
        match self {
            Self::Profile(name) => format!("log in again (for SSO: aws sso login --profile {name})"),
            _ => "log in again (for SSO: aws sso login), or renew the keys in the environment".to_owned(),
        }
    }
}

/// The region a bucket lies in, where the answer is that it lies elsewhere.
pub(super) fn region_of_bucket<E>(error: &SdkError<E, HttpResponse>) -> Option<String>
where
    SdkError<E, HttpResponse>: ProvideErrorMetadata,
{
    let response = error.raw_response()?;
    let moved = matches!(response.status().as_u16(), 301 | 307)
        || matches!(error.code(), Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"))
        // An answer to HEAD has no text that could say so.
        || (response.status().as_u16() == 400 && error.code().is_none_or(|code| code == "BadRequest"));
    if !moved {
        return None;
    }
    let named = response.headers().get("x-amz-bucket-region").map(str::to_owned);
    named.or_else(|| {
        let text = std::str::from_utf8(response.body().bytes()?).ok()?;
        Some(text.split_once("<Region>")?.1.split_once("</Region>")?.0.to_owned())
    })
}

/// The error for the user; `uri` says what was asked for.
pub(super) fn explain<E>(error: &SdkError<E, HttpResponse>, uri: &str, who: &Who, endpoint: &str) -> IngestError
where
    E: Error + 'static,
    SdkError<E, HttpResponse>: ProvideErrorMetadata,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let message = match credentials(error) {
        Some(problem) => no_credentials(problem, who),
        None if status.is_none() => unreachable(error, endpoint),
        None => answered(error, status.unwrap_or(0), who),
    };
    IngestError::Source { message: redact(&message), path: redact(uri) }
}

fn credentials<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    causes(error).find_map(|cause| cause.downcast_ref::<CredentialsError>())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

/// The causes below an error, the last and most telling ones, without repetition.
fn why(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in causes(error).skip(1) {
        let text = cause.to_string();
        if !words.last().is_some_and(|last| last.contains(&text)) {
            words.push(text);
        }
    }
    words.split_off(words.len().saturating_sub(2)).join(": ")
}

fn no_credentials(problem: &CredentialsError, who: &Who) -> String {
    match (problem, who) {
        (CredentialsError::CredentialsNotLoaded(_), Who::Profile(name)) => format!(
            "No credentials were found under the profile {name}; check the name (aws configure list-profiles) or {}",
            who.login()
        ),
        // The metadata service of a machine in the cloud is the last in the chain; elsewhere it may answer anything.
        (problem, Who::Default | Who::Nobody) if is_not_loaded(problem) => {
            "No credentials were found; name a profile with --s3-profile or \
             AWS_PROFILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or read a public bucket with --s3-anonymous"
                .to_owned()
        }
        (CredentialsError::ProviderTimedOut(_), _) => {
            format!("The credentials did not come in time ({}); try again or {}", why(problem), who.login())
        }
        (CredentialsError::InvalidConfiguration(_), _) => {
            format!("The AWS settings cannot be used ({}); correct them in ~/.aws/config", why(problem))
        }
        _ => format!("{} cannot be had ({}); {}", capital(&who.text()), why(problem), who.login()),
    }
}

fn is_not_loaded(problem: &CredentialsError) -> bool {
    matches!(problem, CredentialsError::CredentialsNotLoaded(_)) || why(problem).contains("IMDS")
}

fn unreachable<E: Error + 'static>(error: &SdkError<E, HttpResponse>, endpoint: &str) -> String {
    let server = if endpoint.is_empty() { "S3".to_owned() } else { format!("The server {endpoint}") };
    let why = why(error);
    let timed_out = match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout(),
        _ => false,
    };
    if timed_out {
        format!("{server} did not answer in time; check the network, a proxy or the endpoint, and try again")
    } else if matches!(error, SdkError::ConstructionFailure(_)) {
        format!("The request cannot be made ({why}); check region and endpoint")
    } else {
        format!("{server} cannot be reached ({why}); check the network and the endpoint, and try again")
    }
}

fn answered<E>(error: &SdkError<E, HttpResponse>, status: u16, who: &Who) -> String
where
    SdkError<E, HttpResponse>: ProvideErrorMetadata,
{
    let code = error.code().unwrap_or("");
    let whose = who.text();
    match (code, status) {
        ("NoSuchBucket", _) => "There is no such bucket; check its name, and the endpoint if it is not at Amazon".to_owned(),
        ("NoSuchKey" | "NotFound", _) => "The object is not there any more; open the prefix again".to_owned(),
        ("InvalidAccessKeyId", _) => format!("The server does not know the key of {whose}; {}", who.login()),
        ("SignatureDoesNotMatch", _) => {
            format!("The secret key of {whose} is wrong; enter both keys again (aws configure)")
        }
        ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "InvalidToken", _) => {
            format!("The session token of {whose} has expired or is damaged; {}", who.login())
        }
        ("RequestTimeTooSkewed", _) => "The clock of this machine is wrong; set it and try again".to_owned(),
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _) | (_, 301 | 307) => {
            "The bucket lies in another region; name it with --s3-region".to_owned()
        }
        ("PreconditionFailed", _) | (_, 412) => {
            "The object was changed after it was listed; open it again to read the new version".to_owned()
        }
        ("InvalidObjectState", _) => "The object lies in the archive; restore it in S3, then open it".to_owned(),
        ("SlowDown" | "RequestLimitExceeded" | "Throttling", _) | (_, 429 | 503) => {
            "The server asks for fewer requests; wait a moment and try again".to_owned()
        }
        ("AccessDenied" | "AllAccessDisabled" | "Forbidden" | "", 403) if matches!(who, Who::Nobody) => {
            "Access denied: the bucket cannot be read without credentials; leave out --s3-anonymous and name a profile with --s3-profile"
                .to_owned()
        }
        ("AccessDenied" | "AllAccessDisabled" | "Forbidden" | "", 403) => format!(
            "Access denied: {whose} may not read here; ask the owner for s3:ListBucket and s3:GetObject, name another \
             profile with --s3-profile, or add --s3-requester-pays if the owner demands it"
        ),
        (code, 500..) => format!("The server failed ({status} {code}); try again later"),
        (code, _) => {
            let said = error.message().map(|text| format!(", {text}")).unwrap_or_default();
            format!("The server refused the request ({status} {code}{said})")
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
