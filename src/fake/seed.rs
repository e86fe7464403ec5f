//! A made-up workspace: nothing in it is anybody's.

use super::{clock::Clock, facts::Facts, refusal::Refusal, state::State};
use serde_json::{Value, json};
use std::{
    sync::OnceLock,
    time::{Duration, UNIX_EPOCH},
};

const WORKSPACE: &str = "workspaces/acme";
const WORKSPACE_ID: &str = "w1x9c2k7bq";
/// When everything was created that says nothing else: 2019-04-01T10:15:30.123Z.
const CREATED: Duration = Duration::from_millis(1_554_113_730_123);

/// What is there at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seed {
    /// The catalogs, and a workspace without anything.
    #[default]
    Empty,
    /// The same with all that a workspace of some size has.
    Acme,
}

impl Seed {
    /// A state with it, which is made once and copied.
    pub fn state(self, facts: &'static Facts) -> Result<State, Refusal> {
        static EMPTY: OnceLock<State> = OnceLock::new();
        static ACME: OnceLock<State> = OnceLock::new();
        let kept = match self {
            Self::Empty => &EMPTY,
            Self::Acme => &ACME,
        };
        if let Some(state) = kept.get() {
            return Ok(state.clone());
        }
        let mut state = State::new(facts);
        state.clock = Clock::standing_at(Some(UNIX_EPOCH + CREATED));
        empty(&mut state)?;
        if self == Self::Acme {
            acme(&mut state)?;
        }
        Ok(kept.get_or_init(|| state).clone())
    }
}

fn empty(state: &mut State) -> Result<(), Refusal> {
    for (slug, title) in SOURCES {
        let logos = logos(slug);
        state.insert(
            &format!("catalog/sources/{slug}"),
            json!({"display_name": title, "categories": ["Website"], "logos": logos, "type": "event"}),
        )?;
    }
    for (slug, title, settings) in DESTINATIONS {
        let settings = settings
            .iter()
            .map(|(name, title, kind)| setting(name, title, kind));
        destination(state, slug, title, settings.collect())?;
    }
    for number in 1..=300 {
        let kind = KINDS[number % KINDS.len()];
        let settings = (0..=number % 7).map(|n| {
            let (name, title, _) = EXAMPLE_SETTINGS[(number + n) % EXAMPLE_SETTINGS.len()];
            setting(
                name,
                title,
                EXAMPLE_SETTINGS[(number + n) % EXAMPLE_SETTINGS.len()].2,
            )
        });
        let slug = format!("example-{}-{number:03}", kind.to_lowercase());
        destination(
            state,
            &slug,
            &format!("Example {kind} {number:03}"),
            settings.collect(),
        )?;
    }
    state.insert(
        WORKSPACE,
        json!({"display_name": "Acme", "id": WORKSPACE_ID, "create_time": "2018-08-08T13:24:02.651Z"}),
    )
}

fn acme(state: &mut State) -> Result<(), Refusal> {
    people(state)?;
    sources(state)?;
    plans(state)?;
    functions(state)?;
    state.insert(
        "apps/318",
        json!({"display_name": "Acme Orders", "scope": "destination/webhooks"}),
    )?;
    state.insert(
        "installs/742",
        json!({
            "access_token": "EXAMPLE_INSTALL_TOKEN", "token_type": "bearer", "expires_in": 3600,
            "scope": "destination/webhooks", "app_name": "apps/318", "install_name": "installs/742",
            "workspace_names": [WORKSPACE], "source_names": [format!("{WORKSPACE}/sources/js")],
        }),
    )
}

/// Slugs and titles of sources; some slugs have dots.
const SOURCES: [(&str, &str); 12] = [
    ("javascript", "Javascript"),
    ("ios", "iOS"),
    ("android", "Android"),
    ("node.js", "Node.js"),
    ("python", "Python"),
    ("ruby", "Ruby"),
    ("go", "Go"),
    ("java", "Java"),
    (".net", ".NET"),
    ("php", "PHP"),
    ("http-api", "HTTP API"),
    ("customer.io", "Customer.io"),
];

type Setting = (&'static str, &'static str, &'static str);

/// Destinations that examples speak of.
const DESTINATIONS: [(&str, &str, &[Setting]); 6] = [
    (
        "google-analytics",
        "Google Analytics",
        &[
            ("trackingId", "Tracking ID", "STRING"),
            ("anonymizeIp", "Anonymize IP", "BOOLEAN"),
            ("dimensions", "Custom dimensions", "MAP"),
            ("siteSpeedSampleRate", "Site speed sample rate", "NUMBER"),
        ],
    ),
    (
        "webhooks",
        "Webhooks",
        &[
            ("globalHook", "Global Webhook", "STRING"),
            ("hooks", "Webhooks", "MIXED"),
            ("sharedSecret", "Shared Secret", "PASSWORD"),
        ],
    ),
    (
        "amplitude",
        "Amplitude",
        &[
            ("apiKey", "API Key", "STRING"),
            ("secretKey", "Secret Key", "PASSWORD"),
            ("trackAllPages", "Track all pages", "BOOLEAN"),
        ],
    ),
    (
        "customer.io",
        "Customer.io",
        &[
            ("siteId", "Site ID", "STRING"),
            ("apiKey", "API Key", "PASSWORD"),
        ],
    ),
    (
        "intercom",
        "Intercom",
        &[("appId", "App ID", "STRING"), ("color", "Colour", "COLOR")],
    ),
    ("slack", "Slack", &[("channels", "Channels", "LIST")]),
];

const KINDS: [&str; 6] = [
    "Analytics",
    "Advertising",
    "CRM",
    "Email",
    "Surveys",
    "Warehouse",
];

/// One setting of each type.
const EXAMPLE_SETTINGS: [Setting; 10] = [
    ("apiKey", "API key", "STRING"),
    ("secret", "Secret", "PASSWORD"),
    ("region", "Region", "SELECT"),
    ("sendAll", "Send everything", "BOOLEAN"),
    ("sampleRate", "Sample rate", "NUMBER"),
    ("mappings", "Mappings", "MAP"),
    ("blockedEvents", "Blocked events", "LIST"),
    ("color", "Colour", "COLOR"),
    ("template", "Template", "MULTI_LINE_STRING"),
    ("rules", "Rules", "MIXED"),
];

fn logos(slug: &str) -> Value {
    json!({"logo": format!("https://static.example.com/{slug}.svg"), "mark": ""})
}

fn destination(
    state: &mut State,
    slug: &str,
    title: &str,
    settings: Vec<Value>,
) -> Result<(), Refusal> {
    state.insert(
        &format!("catalog/destinations/{slug}"),
        json!({
            "display_name": title,
            "description": format!("{title} receives events."),
            "type": "STREAMING",
            "website": format!("https://{slug}.example.com"),
            "status": if slug.ends_with('7') { "PUBLIC_BETA" } else { "PUBLIC" },
            "logos": logos(slug),
            "categories": {"primary": "Analytics", "secondary": "", "additional": []},
            "components": [{"type": "WEB"}, {"type": "CLOUD"}],
            "platforms": {"browser": true, "server": true, "mobile": !slug.ends_with('3')},
            "methods": {"alias": true, "group": true, "identify": true, "page_view": true, "track": true},
            "settings": settings,
        }),
    )
}

/// Which validators a setting has is a matter of its type.
fn setting(name: &str, title: &str, kind: &str) -> Value {
    let mut setting = json!({
        "name": name, "display_name": title, "type": kind, "deprecated": false,
        "required": name == "apiKey" || name == "trackingId", "description": "", "settings": [],
    });
    let (validators, value) = match kind {
        "STRING" | "PASSWORD" | "COLOR" | "MULTI_LINE_STRING" => {
            ("string_validators", json!({"regexp": ""}))
        }
        "NUMBER" => ("number_validators", json!({"min": 0, "max": 100})),
        "SELECT" => ("select_validators", json!({"select_options": ["us", "eu"]})),
        "MAP" => (
            "map_validators",
            json!({"regexp": "", "min": 0, "max": 0, "map_prefix": "", "select_options": []}),
        ),
        _ => return setting,
    };
    setting[validators] = value;
    setting
}

fn people(state: &mut State) -> Result<(), Refusal> {
    for (id, title) in [
        ("owner", "Workspace Owner"),
        ("admin", "Source Admin"),
        ("viewer", "Source Viewer"),
    ] {
        let role = format!("{WORKSPACE}/roles/{id}");
        state.insert(
            &role,
            json!({"display_name": title, "description": "", "actions": []}),
        )?;
    }
    let users = [
        "ada", "grace", "edsger", "barbara", "donald", "frances", "alan", "radia",
    ];
    for (number, name) in users.into_iter().enumerate() {
        let user = format!("user-{:03}", number + 1);
        let email = format!("{name}@acme.example.com");
        state.insert(
            &format!("{WORKSPACE}/users/{user}"),
            json!({"email": email}),
        )?;
        let role = ["owner", "admin", "viewer"][number.min(2)];
        state.insert(
            &format!("{WORKSPACE}/roles/{role}/policies/policy-{:03}", number + 1),
            json!({"subject": format!("users/{user}"), "resource": WORKSPACE}),
        )?;
    }
    state.insert(
        &format!("{WORKSPACE}/invites/invite-001"),
        json!({"email": "new@acme.example.com", "policies": [{"role": format!("{WORKSPACE}/roles/viewer"), "resource": WORKSPACE}]}),
    )?;
    state.insert(
        "access-tokens/5",
        json!({"description": "nightly backup", "scopes": "workspace:read", "workspace_names": [WORKSPACE]}),
    )?;
    let users = json!({"name": "userId", "values": ["u-1017", "u-2044"]});
    state.insert(
        &format!("{WORKSPACE}/suppressed-users/regulation-001"),
        users.clone(),
    )?;
    state.insert(
        &format!("{WORKSPACE}/regulations/regulation-001"),
        json!({
            "regulate_id": "regulation-001", "workspace_id": WORKSPACE_ID, "attributes": users,
            "regulation_type": "Suppress_With_Delete", "overall_status": "failed", "status": "failed",
            "created_at": "2022-05-02T19:02:27Z", "finished_at": "2022-05-04T09:48:52Z",
            "stream_status": [{"id": "s7k2m4q9xa", "destination_status": [{
                "name": "Amplitude", "id": "Amplitude", "status": "failed",
                "err_string": "the secret key is missing", "finished_at": "2022-05-04T09:48:51Z",
            }]}],
        }),
    )
}

const TEAMS: [&str; 13] = [
    "account", "billing", "catalog", "checkout", "growth", "loyalty", "mobile", "partners",
    "returns", "search", "stores", "studio", "support",
];
const PLATFORMS: [(&str, &str); 5] = [
    ("web", "javascript"),
    ("ios", "ios"),
    ("android", "android"),
    ("api", "node.js"),
    ("jobs", "python"),
];

fn sources(state: &mut State) -> Result<(), Refusal> {
    for (slug, kind) in [
        ("js", "javascript"),
        ("ios", "ios"),
        ("orders-api", "node.js"),
        ("crm", "http-api"),
    ] {
        source(state, slug, kind)?;
    }
    for team in TEAMS {
        for (platform, kind) in PLATFORMS {
            for stage in ["", "-staging", "-demo", "-dev"] {
                source(state, &format!("{team}-{platform}{stage}"), kind)?;
            }
        }
    }
    let js = format!("{WORKSPACE}/sources/js/destinations");
    connect(
        state,
        &js,
        "google-analytics",
        true,
        &[
            ("trackingId", json!("UA-EXAMPLE-1")),
            ("anonymizeIp", json!(true)),
            ("dimensions", json!({"plan": "dimension1"})),
        ],
    )?;
    connect(
        state,
        &js,
        "webhooks",
        true,
        &[
            (
                "hooks",
                json!([{"hook": "https://hooks.example.com/segment", "headers": []}]),
            ),
            ("sharedSecret", json!("EXAMPLE_SHARED_SECRET")),
        ],
    )?;
    let orders = format!("{WORKSPACE}/sources/orders-api/destinations");
    connect(
        state,
        &orders,
        "customer.io",
        true,
        &[("siteId", json!("EXAMPLE_SITE"))],
    )?;
    for (number, team) in TEAMS.into_iter().enumerate() {
        let web = format!("{WORKSPACE}/sources/{team}-web/destinations");
        let id = format!("UA-EXAMPLE-{}", number + 2);
        connect(
            state,
            &web,
            "google-analytics",
            number % 4 != 3,
            &[("trackingId", json!(id))],
        )?;
        connect(
            state,
            &web,
            "amplitude",
            true,
            &[("apiKey", json!("EXAMPLE_API_KEY"))],
        )?;
    }
    for (id, title, condition, action) in [
        (
            "df_drop_internal",
            "Drop internal traffic",
            "context.ip = '192.0.2.1'",
            json!({"type": "drop_event"}),
        ),
        (
            "df_sample_scroll",
            "Sample scrolling",
            "event = 'Page Scrolled'",
            json!({"type": "sample_event", "percent": 0.1, "path": "userId"}),
        ),
    ] {
        let path = format!("{js}/google-analytics/filters/{id}");
        state.insert(
            &path,
            json!({"title": title, "if": condition, "actions": [action], "enabled": true}),
        )?;
    }
    Ok(())
}

fn source(state: &mut State, slug: &str, kind: &str) -> Result<(), Refusal> {
    let stage = ["staging", "demo", "dev"]
        .into_iter()
        .find(|stage| slug.ends_with(stage));
    state.insert(
        &format!("{WORKSPACE}/sources/{slug}"),
        json!({
            "catalog_name": format!("catalog/sources/{kind}"),
            "display_name": slug, "function_config": [],
            "labels": {"environment": stage.unwrap_or("production")},
        }),
    )
}

fn connect(
    state: &mut State,
    destinations: &str,
    slug: &str,
    enabled: bool,
    settings: &[(&str, Value)],
) -> Result<(), Refusal> {
    let name = format!("{destinations}/{slug}");
    let setting = |(key, value): &(&str, Value)| json!({"name": format!("{name}/config/{key}"), "value": value});
    let config: Vec<_> = settings.iter().map(setting).collect();
    state.insert(
        &name,
        json!({
            "enabled": enabled, "connection_mode": "CLOUD", "config": config, "update_time": "2019-04-02T08:00:00Z",
        }),
    )
}

fn plans(state: &mut State) -> Result<(), Refusal> {
    for (number, title) in ["Web", "Mobile", "Orders"].into_iter().enumerate() {
        let plan = format!("{WORKSPACE}/tracking-plans/rs_example{:019}", number + 1);
        let events = ["Order Completed", "Product Viewed", "Signed Up"].map(|event| {
            json!({
                "name": event, "description": format!("Sent when: {event}."), "version": 1,
                "rules": {
                    "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
                    "properties": {"context": {}, "traits": {}, "properties": {
                        "type": "object", "required": ["id"],
                        "properties": {"id": {"type": "string", "description": "What it is about."}, "total": {"type": ["number", "null"]}},
                    }},
                },
            })
        });
        state.insert(
            &plan,
            json!({
                "display_name": format!("{title} events"), "rules": {"events": events},
                "create_time": "2019-02-05T01:21:25Z", "update_time": "2019-02-05T01:21:25Z",
            }),
        )?;
        let source = format!(
            "{WORKSPACE}/sources/{}",
            ["js", "ios", "orders-api"][number]
        );
        let slug = source.rsplit('/').next().unwrap_or_default();
        state.insert(
            &format!("{plan}/source-connections/{slug}"),
            json!({"source_name": source}),
        )?;
    }
    Ok(())
}

fn functions(state: &mut State) -> Result<(), Refusal> {
    let source =
        "async function onRequest(request, settings) {\n  Segment.track(request.json());\n}\n";
    let destination = "async function onTrack(event, settings) {\n  console.log(event);\n}\n";
    for (id, title, kind, code) in [
        ("sfnc_example_orders", "Orders", "SOURCE", source),
        ("dfnc_example_log", "Log (Acme)", "DESTINATION", destination),
    ] {
        state.insert(
            &format!("workspaces/{WORKSPACE_ID}/functions/{id}"),
            json!({
                "display_name": title, "type": kind, "code": code, "buildpack": "boreal",
                "settings": [{"name": "apiKey", "label": "API key", "type": "string", "sensitive": true}],
                "created_by": "user-001", "workspace_id": WORKSPACE_ID,
            }),
        )?;
    }
    Ok(())
}
