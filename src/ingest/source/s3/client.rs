//! The SDK behind calls that wait: a runtime of its own, one client per region, the region found by asking.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_types::service_config::ServiceConfigKey;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::S3Options;
use super::fault::{self, Who};
use super::uri::Uri;
use crate::ingest::issue::IngestError;
use crate::job::{Cancelled, JobCx};

/// How long a wait goes on before it looks whether the job was cancelled.
const GLANCE: Duration = Duration::from_millis(50);

/// Where requests go that name no region.
const FIRST_REGION: &str = "us-east-1";

/// A way to the buckets under one set of options.
pub(super) struct Connection {
    runtime: Runtime,
    config: SdkConfig,
    endpoint: Option<String>,
    who: Who,
    pub(super) requester_pays: bool,
    /// By bucket.
    reached: Mutex<BTreeMap<String, Reached>>,
}

struct Reached {
    client: Client,
    /// Where the bucket lies, if it is elsewhere than was said.
    region: Option<String>,
}

impl Connection {
    /// Read profiles and environment; nothing is sent yet.
    ///
    /// # Errors
    /// Cancelled, or the system gives no threads.
    pub(super) fn open(options: &S3Options, cx: &JobCx) -> Result<Self, IngestError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("s3")
            .enable_all()
            .build()
            .map_err(|error| IngestError::Mapping(format!("S3 cannot be reached: no threads ({error}).")))?;
        let config = wait(&runtime, configure(options), cx)?;
        let endpoint = options.endpoint.clone().or_else(|| configured_endpoint(&config));
        let who = if options.anonymous {
            Who::Nobody
        } else {
            let named = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
            options.profile.clone().or_else(named).map_or(Who::Default, Who::Profile)
        };
        let (requester_pays, reached) = (options.requester_pays, Mutex::default());
        Ok(Self { runtime, config, endpoint, who, requester_pays, reached })
    }

    /// Address of the server, as far as it is not Amazon's own.
    pub(super) fn endpoint(&self) -> &str {
        self.endpoint.as_deref().unwrap_or("")
    }

    /// Send a request for `bucket`; where the bucket lies in another region, once more to that.
    ///
    /// # Errors
    /// Cancelled; the inner error is the server's.
    pub(super) fn call<T, E, F>(
        &self,
        bucket: &str,
        cx: &JobCx,
        send: impl Fn(Client) -> F,
    ) -> Result<Result<T, SdkError<E, HttpResponse>>, Cancelled>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        SdkError<E, HttpResponse>: ProvideErrorMetadata,
    {
        let first = self.wait(send(self.client(bucket)), cx)?;
        let Some(region) = first.as_ref().err().and_then(|error| fault::region_of_bucket(error)) else {
            return Ok(first);
        };
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if reached.get(bucket).is_some_and(|bucket| bucket.region.as_ref() == Some(&region)) {
            return Ok(first);
        }
        let client = self.build(bucket, Some(&region));
        reached.insert(bucket.to_owned(), Reached { client, region: Some(region) });
        drop(reached);
        self.wait(send(self.client(bucket)), cx)
    }

    /// Wait for a future, looking at the job now and then.
    ///
    /// # Errors
    /// Cancelled; the future is dropped, which ends its request.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>, cx: &JobCx) -> Result<T, Cancelled> {
        wait(&self.runtime, future, cx)
    }

    pub(super) fn explain<E>(&self, error: &SdkError<E, HttpResponse>, uri: &str) -> IngestError
    where
        E: std::error::Error + 'static,
        SdkError<E, HttpResponse>: ProvideErrorMetadata,
    {
        fault::explain(error, uri, &self.who, self.endpoint())
    }

    pub(super) fn error(&self, message: &str, uri: &Uri) -> IngestError {
        IngestError::Source { message: message.to_owned(), path: uri.text() }
    }

    fn client(&self, bucket: &str) -> Client {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let first = || Reached { client: self.build(bucket, None), region: None };
        reached.entry(bucket.to_owned()).or_insert_with(first).client.clone()
    }

    fn build(&self, bucket: &str, region: Option<&str>) -> Client {
        let mut builder = aws_sdk_s3::config::Builder::from(&self.config);
        if let Some(region) = region {
            builder = builder.region(Region::new(region.to_owned()));
        }
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        // Names with dots fit no certificate, and servers on a port have no names below them.
        let by_path = self.endpoint.is_some() || bucket.contains(['.', '_']) || bucket.contains(char::is_uppercase);
        let timeouts =
            TimeoutConfig::builder().connect_timeout(Duration::from_secs(8)).read_timeout(Duration::from_secs(60));
        Client::from_conf(builder.force_path_style(by_path).timeout_config(timeouts.build()).build())
    }
}

/// Settings of environment and profile. The metadata service is not asked for a region: on a laptop there is none,
/// and waiting for it takes seconds.
async fn configure(options: &S3Options) -> SdkConfig {
    let mut of_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = &options.profile {
        of_profile = of_profile.profile_name(profile);
    }
    let region = RegionProviderChain::first_try(options.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(of_profile.build())
        .or_else(Region::from_static(FIRST_REGION))
        .region()
        .await;
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(region.clone());
    if let Some(profile) = &options.profile {
        // A profile that was named wins over keys in the environment, which the chain of the SDK takes first.
        let settings = ProviderConfig::without_region().with_region(region);
        let keys = ProfileFileCredentialsProvider::builder().configure(&settings).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(keys);
    }
    if options.anonymous {
        loader = loader.no_credentials();
    }
    loader.load().await
}

/// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and their like in the profile, by the rules of the SDK.
fn configured_endpoint(config: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok()?;
    let of_service = config.service_config().and_then(|settings| settings.load_config(key));
    of_service.or_else(|| config.endpoint_url().map(str::to_owned))
}

fn wait<T>(runtime: &Runtime, future: impl Future<Output = T>, cx: &JobCx) -> Result<T, Cancelled> {
    runtime.block_on(async {
        let mut future = pin!(future);
        loop {
            cx.check()?;
            if let Ok(value) = timeout(GLANCE, &mut future).await {
                return Ok(value);
            }
        }
    })
}
