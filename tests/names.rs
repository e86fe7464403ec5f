//! Resource names: what parses, what is refused and why, and where calls go.

mod support;

use proptest::prelude::*;
use segment_config_api::{names::*, patch::*, types};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::server::{Reply, Server};

/// A name of each kind: its text, its parts, and its parent's text if it has one.
macro_rules! for_each_name {
    ($check:ident) => {
        $check! {
            AccessTokenName "access-tokens/25" { access_token "25" };
            AppName "apps/7" { app "7" };
            CatalogDestinationName "catalog/destinations/customer.io" { destination "customer.io" };
            CatalogSourceName "catalog/sources/.net" { source ".net" };
            CloudSourceCollectionName "workspaces/acme/sources/crm/contacts"
                { workspace "acme", source "crm", collection "contacts" } parent "workspaces/acme/sources/crm";
            DestinationName "workspaces/acme/sources/js/destinations/node.js"
                { workspace "acme", source "js", destination "node.js" } parent "workspaces/acme/sources/js";
            DestinationSettingName "workspaces/acme/sources/js/destinations/mixpanel/config/apiKey"
                { workspace "acme", source "js", destination "mixpanel", setting "apiKey" }
                parent "workspaces/acme/sources/js/destinations/mixpanel";
            FilterName "workspaces/acme/sources/js/destinations/mixpanel/filters/df_1"
                { workspace "acme", source "js", destination "mixpanel", filter "df_1" }
                parent "workspaces/acme/sources/js/destinations/mixpanel";
            InstallName "installs/10" { install "10" };
            InviteName "workspaces/acme/invites/i-1" { workspace "acme", invite "i-1" } parent "workspaces/acme";
            MetricName "workspaces/acme/sources/js/destinations/mixpanel/metrics/delivered"
                { workspace "acme", source "js", destination "mixpanel", metric "delivered" }
                parent "workspaces/acme/sources/js/destinations/mixpanel";
            PolicyName "workspaces/acme/roles/r/policies/p" { workspace "acme", role "r", policy "p" }
                parent "workspaces/acme/roles/r";
            RoleName "workspaces/acme/roles/-" { workspace "acme", role "-" } parent "workspaces/acme";
            SchemaConfigName "workspaces/acme/sources/js/schema-config" { workspace "acme", source "js" }
                parent "workspaces/acme/sources/js";
            SourceName "workspaces/acme/sources/my_site.v2-eu" { workspace "acme", source "my_site.v2-eu" }
                parent "workspaces/acme";
            TrackingPlanName "workspaces/acme/tracking-plans/rs_2Fh7" { workspace "acme", tracking_plan "rs_2Fh7" }
                parent "workspaces/acme";
            UserName "users/u1" { user "u1" };
            WorkspaceName "workspaces/acme" { workspace "acme" };
        }
    };
}

#[test]
fn every_kind_of_name_parses_prints_and_gives_its_parts() {
    let mut kinds = BTreeSet::new();
    macro_rules! check {
        ($($ty:ident $text:literal { $($part:ident $value:literal),* } $(parent $parent:literal)?;)*) => {$(
            kinds.insert(stringify!($ty));
            let name: $ty = $text.parse().expect($text);
            assert_eq!(name.to_string(), $text);
            assert_eq!(name.as_str(), $text);
            assert_eq!(String::from(&name), $text);
            $(assert_eq!(name.$part(), $value);)*
            assert_eq!($ty::new($($value),*).expect($text), name);
            $(assert_eq!(name.parent().to_string(), $parent);)?
            assert_eq!(json!(name), json!($text));
            assert_eq!(serde_json::from_value::<$ty>(json!($text)).expect($text), name);
            assert!(serde_json::from_value::<$ty>(json!("nonsense")).is_err());
        )*};
    }
    for_each_name!(check);
    assert_eq!(kinds.len(), 18);
}

/// A value that may be a part of a name.
fn safe_part() -> impl Strategy<Value = String> {
    let unsafe_part = |p: &String| p == "." || p == ".." || p.contains(['/', '\\', ':']);
    "[^/\\\\:]{1,12}".prop_filter("safe", move |p| !unsafe_part(p))
}

/// A text near to a name, or not.
fn near_name() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "workspaces",
        "sources",
        "destinations",
        "config",
        "filters",
        "metrics",
        "schema-config",
        "tracking-plans",
        "roles",
        "policies",
        "invites",
        "users",
        "apps",
        "installs",
        "catalog",
        "access-tokens",
        "a",
        ".",
        "..",
        "",
        "\\",
        "x:y",
        "%2e%2e",
        "a b",
        "é",
        "?",
        "#",
    ]);
    let joined = prop::collection::vec(words, 0..10).prop_map(|w| w.join("/"));
    prop_oneof![joined, any::<String>()]
}

#[test]
fn a_part_with_braces_stays_in_its_place() {
    let name = SourceName::new("{source}", "js").unwrap();
    assert_eq!(name.to_string(), "workspaces/{source}/sources/js");
    assert_eq!((name.workspace(), name.source()), ("{source}", "js"));
}

proptest! {
    #[test]
    fn a_name_made_of_parts_parses_to_the_same_name(parts in prop::collection::vec(safe_part(), 4)) {
        macro_rules! check {
            ($($ty:ident $text:literal { $($part:ident $value:literal),* } $(parent $parent:literal)?;)*) => {$(
                let mut given = parts.iter();
                $(let $part = given.next().expect("four parts are enough");)*
                let name = $ty::new($($part),*).expect("safe parts");
                let parsed: $ty = name.to_string().parse().expect("a printed name parses");
                prop_assert_eq!(&parsed, &name);
                prop_assert_eq!(parsed.to_string(), name.to_string());
                $(prop_assert_eq!(parsed.$part(), $part);)*
            )*};
        }
        for_each_name!(check);
    }

    #[test]
    fn any_text_fails_to_parse_or_stays_inside_its_segments(text in near_name()) {
        macro_rules! check {
            ($($ty:ident $sample:literal { $($part:ident $value:literal),* } $(parent $parent:literal)?;)*) => {$(
                if let Ok(name) = text.parse::<$ty>() {
                    prop_assert_eq!(name.as_str(), &text);
                    for part in [$(name.$part()),*] {
                        prop_assert!(!matches!(part, "" | "." | ".."), "{:?}", part);
                        prop_assert!(!part.contains(['/', '\\', ':']), "{:?}", part);
                        prop_assert!(text.split('/').any(|segment| segment == part));
                    }
                }
            )*};
        }
        for_each_name!(check);
    }

    #[test]
    fn an_unsafe_part_makes_no_name(part in prop_oneof![Just(String::new()), Just(".".into()), Just("..".into()), ".*[/\\\\:].*"]) {
        prop_assert!(SourceName::new("acme", &part).is_err());
        prop_assert!(SourceName::new(&part, "js").is_err());
        let is_source = format!("workspaces/acme/sources/{part}").parse::<SourceName>();
        prop_assert!(is_source.is_err());
    }
}

#[test]
fn a_filter_parses_with_and_without_the_id_of_its_configuration() {
    let documented: FilterName = "workspaces/acme/sources/js/destinations/mixpanel/filters/df_1"
        .parse()
        .unwrap();
    let live_text = "workspaces/acme/sources/js/destinations/mixpanel/config/5f3a9c/filters/df_1";
    let live: FilterName = live_text.parse().unwrap();
    assert_eq!((documented.config(), live.config()), (None, Some("5f3a9c")));
    assert_eq!(live.to_string(), live_text);
    for name in [&documented, &live] {
        assert_eq!(name.filter(), "df_1");
        assert_eq!(
            name.parent().to_string(),
            "workspaces/acme/sources/js/destinations/mixpanel"
        );
    }
}

#[test]
fn an_install_parses_as_a_published_sample_spells_it() {
    let name: InstallName = "install/10".parse().unwrap();
    assert_eq!((name.install(), name.as_str()), ("10", "install/10"));
}

#[test]
fn names_order_and_hash_by_their_text() {
    let names: BTreeSet<SourceName> = [
        "workspaces/b/sources/a",
        "workspaces/a/sources/z",
        "workspaces/a/sources/z",
    ]
    .map(|n| n.parse().unwrap())
    .into();
    let texts: Vec<_> = names.iter().map(SourceName::as_str).collect();
    assert_eq!(texts, ["workspaces/a/sources/z", "workspaces/b/sources/a"]);
}

#[test]
fn an_error_says_what_was_expected_and_what_was_met() {
    let cases = [
        (
            "sources/js",
            r#"expected a name like `workspaces/{workspace}/sources/{source}`, found "sources/js""#,
        ),
        (
            "workspaces/acme/sources/js/destinations/mixpanel",
            r#"expected a name like `workspaces/{workspace}/sources/{source}`, found "workspaces/acme/sources/js/destinations/mixpanel""#,
        ),
        (
            "workspaces/acme/sources/..",
            r#"expected a name like `workspaces/{workspace}/sources/{source}`, found "workspaces/acme/sources/..": `source` cannot be used, it would name another path"#,
        ),
        (
            "workspaces//sources/js",
            r#"expected a name like `workspaces/{workspace}/sources/{source}`, found "workspaces//sources/js": `workspace` cannot be used, it is empty"#,
        ),
    ];
    for (text, message) in cases {
        assert_eq!(text.parse::<SourceName>().unwrap_err().to_string(), message);
    }
    let long = "x"
        .repeat(10_000)
        .parse::<SourceName>()
        .unwrap_err()
        .to_string();
    assert!(long.len() < 400, "{} characters", long.len());
}

#[test]
fn a_constructor_tells_a_part_that_is_two() {
    let error = SourceName::new("acme", "js/destinations/x")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`source` cannot be used, it holds a slash"),
        "{error}"
    );
}

#[test]
fn types_with_a_name_give_it_typed() {
    let source: types::Source =
        serde_json::from_value(json!({"name": "workspaces/acme/sources/js"})).unwrap();
    assert_eq!(
        source.resource_name().unwrap(),
        SourceName::new("acme", "js").unwrap()
    );
    let odd: types::Source = serde_json::from_value(json!({"name": "js"})).unwrap();
    assert!(odd.resource_name().is_err());
    assert_eq!(odd.name, "js", "the name is there as it came");
}

/// Calls that a name fills, each with the path it has to go to.
macro_rules! goes_to {
    ($($call:ident $by:ident $ty:ident($name:expr) $(. $more:ident($value:expr))* => $path:expr;)*) => {{
        let server = Server::replies([Reply::json(&json!({}))]).await;
        let client = support::client(&server.url());
        let mut expected = Vec::new();
        $(
            let name = $ty::try_from($name).expect($name);
            // The answers are not those of the calls; only the way there is of interest.
            let _ = client.$call().$by(&name)$(.$more($value))*.send().await;
            expected.push(format!("/v1beta/{}", $path));
        )*
        let sent = server.requests().into_iter().map(|r| r.target);
        assert_eq!(sent.collect::<Vec<_>>(), expected);
    }};
}

const W: &str = "workspaces/acme";
const S: &str = "workspaces/acme/sources/js";
const D: &str = "workspaces/acme/sources/js/destinations/mixpanel";
const P: &str = "workspaces/acme/tracking-plans/rs_1";

fn body<T: serde::de::DeserializeOwned>(operation: &str) -> T {
    let sample: Value = support::sample(operation);
    serde_json::from_value(sample["request"].clone()).expect("the sample's request")
}

#[tokio::test(start_paused = true)]
async fn a_name_leads_a_call_to_its_resource() {
    let filter = format!("{D}/filters/df_1");
    goes_to! {
        get_access_token name AccessTokenName("access-tokens/25") => "access-tokens/25";
        delete_access_token name AccessTokenName("access-tokens/25") => "access-tokens/25";
        get_catalog_source name CatalogSourceName("catalog/sources/.net") => "catalog/sources/.net";
        get_catalog_destination name CatalogDestinationName("catalog/destinations/tray.io") => "catalog/destinations/tray.io";
        get_workspace name WorkspaceName(W) => W;
        get_source name SourceName(S) => S;
        delete_source name SourceName(S) => S;
        update_source name SourceName(S) .body(SourcePatch::new().display_name("x")) => S;
        get_source_schema_config name SchemaConfigName("workspaces/acme/sources/js/schema-config") => format!("{S}/schema-config");
        update_source_schema_config name SchemaConfigName("workspaces/acme/sources/js/schema-config")
            .body(SchemaConfigPatch::new().allow_unplanned_track_events(false)) => format!("{S}/schema-config");
        get_destination name DestinationName(D) => D;
        delete_destination name DestinationName(D) => D;
        update_destination name DestinationName(D) .body(DestinationPatch::new().enabled(true)) => D;
        get_destination_filter name FilterName(filter.as_str()) => filter;
        delete_destination_filter name FilterName(filter.as_str()) => filter;
        update_destination_filter name FilterName(filter.as_str()) .body(FilterPatch::new().enabled(true)) => filter;
        get_destination_metric name MetricName("workspaces/acme/sources/js/destinations/mixpanel/metrics/m") => format!("{D}/metrics/m");
        get_tracking_plan name TrackingPlanName(P) => P;
        delete_tracking_plan name TrackingPlanName(P) => P;
        update_tracking_plan name TrackingPlanName(P) .body(TrackingPlanPatch::new().display_name("x")) => P;
        delete_policy name PolicyName("workspaces/acme/roles/r/policies/p") => "workspaces/acme/roles/r/policies/p";
        delete_invite name InviteName("workspaces/acme/invites/i") => "workspaces/acme/invites/i";
    }
}

#[tokio::test(start_paused = true)]
async fn a_parent_leads_a_call_to_what_it_holds() {
    goes_to! {
        get_install_token parent InstallName("installs/10") => "installs/10/token";
        list_sources parent WorkspaceName(W) => format!("{W}/sources");
        create_source parent WorkspaceName(W) .body(body::<types::CreateSourceRequest>("create_source")) => format!("{W}/sources");
        list_tracking_plans parent WorkspaceName(W) => format!("{W}/tracking-plans");
        list_users parent WorkspaceName(W) => format!("{W}/users");
        list_roles parent WorkspaceName(W) => format!("{W}/roles");
        list_invites parent WorkspaceName(W) => format!("{W}/invites");
        list_regulations parent WorkspaceName(W) => format!("{W}/regulations");
        get_regulation parent WorkspaceName(W) .regulation("1KQ") => format!("{W}/regulations/1KQ");
        list_suppressed_users parent WorkspaceName(W) => format!("{W}/suppressed-users");
        create_policy parent RoleName("workspaces/acme/roles/r") .body(body::<types::CreatePolicyRequest>("create_policy"))
            => format!("{W}/roles/r/policies");
        list_destinations parent SourceName(S) => format!("{S}/destinations");
        create_destination parent SourceName(S) .body(body::<types::CreateDestinationRequest>("create_destination"))
            => format!("{S}/destinations");
        create_source_regulation parent SourceName(S) .body(body::<types::CreateSourceRegulationRequest>("create_source_regulation"))
            => format!("{S}/regulations");
        list_destination_filters parent DestinationName(D) => format!("{D}/filters");
        create_destination_filter parent DestinationName(D) .body(body::<types::CreateDestinationFilterRequest>("create_destination_filter"))
            => format!("{D}/filters");
        list_tracking_plan_source_connections parent TrackingPlanName(P) => format!("{P}/source-connections");
        delete_tracking_plan_source_connection parent TrackingPlanName(P) .source("js") => format!("{P}/source-connections/js");
    }
}

/// The documented path has no `config/{hex}`, and no known call uses it.
#[tokio::test(start_paused = true)]
async fn a_live_filter_name_leads_to_the_documented_path() {
    goes_to! {
        get_destination_filter name FilterName("workspaces/acme/sources/js/destinations/mixpanel/config/5f3a9c/filters/df_1")
            => format!("{D}/filters/df_1");
    }
}

#[tokio::test(start_paused = true)]
async fn odd_parts_stay_one_segment_of_the_path() {
    goes_to! {
        get_workspace name WorkspaceName("workspaces/%2e%2e") => "workspaces/%252e%252e";
        get_workspace name WorkspaceName("workspaces/a?b#c") => "workspaces/a%3Fb%23c";
        get_workspace name WorkspaceName("workspaces/a b") => "workspaces/a%20b";
        get_workspace name WorkspaceName("workspaces/é") => "workspaces/%C3%A9";
        get_workspace name WorkspaceName("workspaces/...") => "workspaces/...";
    }
}
