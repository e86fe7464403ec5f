//! `cargo xtask drift`: what the sources say that the document does not.

use crate::{
    compare::Scope,
    live,
    looked::Looked,
    project::{Project, UPSTREAM},
    read::{self, fetch::Fetch},
    report::{Format, Report},
    upstream,
};
use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use std::{process::ExitCode, time::Duration};

#[derive(Args)]
pub struct Drift {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML) or a Postman collection (2.0, 2.1).
    #[arg(long, value_name = "URL|FILE")]
    from: Vec<String>,

    /// The sources know a part of the API: an operation that they lack is not gone.
    #[arg(long)]
    partial: bool,

    /// Recorded calls (HAR 1.2): their answers are held against the schemas.
    #[arg(long, value_name = "FILE")]
    har: Vec<String>,

    /// The same with answers to read-only calls, made with the token in SEGMENT_ACCESS_TOKEN.
    #[arg(long)]
    live: bool,

    /// Where --live calls; also SEGMENT_CONFIG_API_URL.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// For one answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

impl Drift {
    pub fn run(&self, project: &Project) -> Result<ExitCode> {
        let fetch = Fetch::new(Duration::from_secs(self.timeout));
        let document = project.document()?;
        let mut report = Report::default();
        let scope = Scope {
            partial: self.partial,
            ..Scope::default()
        };
        for from in &self.from {
            report.add(&mut Looked::at(&fetch, &document, from, scope));
        }
        for file in &self.har {
            let read = |text: &str| read::har::read(file, text);
            let mut looked = Looked::of(&fetch, &document, file, Scope::default(), read);
            report.add(&mut looked);
        }
        if self.live {
            let base = self.base_url.as_deref();
            report.add(&mut live::look(&fetch, project, &document, base)?);
        }
        if self.from.is_empty() && self.har.is_empty() && !self.live {
            let sources = upstream::parse(&project.read(UPSTREAM)?)?.sources;
            ensure!(
                !sources.is_empty(),
                "{UPSTREAM} declares no sources to compare with"
            );
            for source in &sources {
                report.add(&mut Looked::at_source(&fetch, &document, source));
            }
        }
        report.sort();
        report.print(self.format);
        Ok(report.exit_code())
    }
}
