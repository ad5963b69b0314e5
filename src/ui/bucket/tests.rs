use super::*;

#[test]
fn choices_become_options() {
    let mut state = BucketState::new(vec![Profile { name: "work".to_owned(), kind: None }]);
    assert_eq!(state.options(), S3Options::default());
    state.credentials = Credentials::Profile(0);
    state.endpoint = " http://localhost:9000 ".to_owned();
    let options = state.options();
    assert_eq!(options.profile.as_deref(), Some("work"));
    assert_eq!(options.endpoint.as_deref(), Some("http://localhost:9000"));
    (state.region, state.since, state.requester_pays) = ("eu-west-1".to_owned(), "1970-01-02".to_owned(), true);
    state.largest = "2.5".to_owned();
    assert_eq!(state.problem(), None);
    assert_eq!(state.options().region.as_deref(), Some("eu-west-1"));
    assert_eq!((state.options().since, state.options().requester_pays), (Some(86_400), true));
    assert_eq!(state.options().largest, Some(2_500_000));
    // An address that is typed where no filter is to be seen is read whole.
    let whole = state.unfiltered();
    assert_eq!((whole.since, whole.largest, whole.region.as_deref()), (None, None, Some("eu-west-1")));
    state.largest = "big".to_owned();
    assert!(state.problem().is_some_and(|problem| problem.contains("MB")));
    state.until = "soon".to_owned();
    assert!(state.problem().is_some_and(|problem| problem.contains("2026-11-01")));
    state.credentials = Credentials::Nobody;
    assert!(state.options().anonymous && state.options().profile.is_none());
}

#[test]
fn errors_speak_of_what_is_on_screen() {
    for text in [
        "Access denied: the bucket cannot be read without credentials; leave out --s3-anonymous and name a profile with --s3-profile",
        "No credentials were found; name a profile with --s3-profile or AWS_PROFILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or read a public bucket with --s3-anonymous",
        "ask the owner for s3:ListBucket and s3:GetObject, name another profile with --s3-profile, or add --s3-requester-pays if the owner demands it",
        "The bucket lies in another region; name it with --s3-region",
        "Name a deeper prefix, take fewer with --s3-since and --s3-until, or allow more with --s3-limit-gb",
        "passes the filter by date and size; widen --s3-since, --s3-until or --s3-largest",
        "do not pass the filter by date and size; open it without --s3-since, --s3-until and --s3-largest",
    ] {
        let shown = in_window(text);
        assert!(!shown.contains("--"), "{shown}");
    }
    assert_eq!(
        in_window("The bucket lies in another region; name it with --s3-region"),
        "The bucket lies in another region; name it under Region"
    );
}
