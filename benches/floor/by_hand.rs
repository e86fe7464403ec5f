//! What one would write by hand: reqwest, serde, and the fields that answers are known to have.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    pub fn new(base_url: &str) -> Self {
        let http = reqwest::Client::builder()
            .user_agent("floor")
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60));
        Self {
            http: http.build().expect("a client"),
            base_url: base_url.into(),
        }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> T {
        let url = format!("{}{path}", self.base_url);
        let request = self.http.get(url).bearer_auth("EXAMPLE_TOKEN").query(query);
        let response = request.send().await.expect("an answer");
        let response = response.error_for_status().expect("a success");
        response.json().await.expect("what was asked for")
    }

    /// The items of a page and, if it is not the last, the token of the next.
    pub async fn page<P: Page>(
        &self,
        path: &str,
        size: &str,
        token: &str,
    ) -> (Vec<P::Item>, Option<String>) {
        let query = [("page_size", size), ("page_token", token)];
        let query = &query[..if token.is_empty() { 1 } else { 2 }];
        let (items, next) = self.get::<P>(path, query).await.parts();
        (items, next.filter(|next| !next.is_empty()))
    }

    pub async fn list<P: Page>(&self, path: &str, page_size: &str) -> Vec<P::Item> {
        let (mut items, mut token) = (Vec::new(), String::new());
        loop {
            let (page, next) = self.page::<P>(path, page_size, &token).await;
            items.extend(page);
            match next {
                Some(next) => token = next,
                None => return items,
            }
        }
    }
}

pub trait Page: DeserializeOwned {
    type Item;
    fn parts(self) -> (Vec<Self::Item>, Option<String>);
}

#[derive(Deserialize)]
pub struct Sources {
    sources: Vec<Source>,
    next_page_token: Option<String>,
}

impl Page for Sources {
    type Item = Source;

    fn parts(self) -> (Vec<Source>, Option<String>) {
        (self.sources, self.next_page_token)
    }
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Source {
    name: String,
    parent: String,
    catalog_name: String,
    write_keys: Vec<String>,
    library_config: LibraryConfig,
    create_time: Option<jiff::Timestamp>,
    id: Option<String>,
    display_name: Option<String>,
    function_config: Option<Vec<FunctionConfigItem>>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct FunctionConfigItem {
    name: String,
    value: String,
    r#type: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct LibraryConfig {
    metrics_enabled: bool,
    retry_queue: bool,
    cross_domain_id_enabled: bool,
    api_host: String,
}

#[derive(Deserialize)]
pub struct Catalog {
    destinations: Vec<CatalogDestination>,
    next_page_token: Option<String>,
}

impl Page for Catalog {
    type Item = CatalogDestination;

    fn parts(self) -> (Vec<CatalogDestination>, Option<String>) {
        (self.destinations, self.next_page_token)
    }
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct CatalogDestination {
    name: String,
    display_name: String,
    description: String,
    r#type: String,
    website: String,
    status: String,
    logos: BTreeMap<String, String>,
    categories: Categories,
    components: Vec<Component>,
    platforms: Platforms,
    methods: Methods,
    #[serde(rename = "browserUnbundlingSupported")]
    browser_unbundling_supported: bool,
    #[serde(rename = "browserUnbundlingPublic")]
    browser_unbundling_public: bool,
    settings: Vec<Setting>,
    #[serde(default)]
    previous_names: Vec<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Categories {
    primary: String,
    secondary: String,
    additional: Vec<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Component {
    r#type: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Platforms {
    browser: bool,
    server: bool,
    mobile: bool,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Methods {
    alias: bool,
    group: bool,
    identify: bool,
    page_view: bool,
    track: bool,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Setting {
    name: String,
    display_name: String,
    r#type: String,
    deprecated: bool,
    required: bool,
    description: String,
    string_validators: Option<StringValidators>,
    number_validators: Option<NumberValidators>,
    map_validators: Option<MapValidators>,
    select_validators: Option<SelectValidators>,
    #[serde(default)]
    settings: Vec<Setting>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct StringValidators {
    regexp: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct NumberValidators {
    min: i64,
    max: i64,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct MapValidators {
    regexp: String,
    min: i64,
    max: i64,
    map_prefix: String,
    select_options: Vec<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct SelectValidators {
    select_options: Vec<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Plan {
    name: String,
    display_name: String,
    rules: Rules,
    create_time: jiff::Timestamp,
    update_time: jiff::Timestamp,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Rules {
    events: Vec<Event>,
    global: Value,
    identify: Value,
    group: Value,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Event {
    name: String,
    description: String,
    version: i64,
    rules: Value,
}
