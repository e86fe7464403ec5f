//! Whom a client takes for the server over https.

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use segment_config_api::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::answer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// A certificate authority that no system knows.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("no hosts");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("a certificate"))
    }

    fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    fn pem(&self) -> String {
        let begin = "-----BEGIN CERTIFICATE-----";
        let text = STANDARD.encode(self.der());
        format!("{begin}\n{text}\n-----END CERTIFICATE-----\n")
    }

    /// A server with a certificate of this authority.
    async fn server(&self, host: &str, last_year: i32) -> Server {
        let key = key();
        let mut params = CertificateParams::new([host.to_string()]).expect("a name");
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            );
        Server::start(config.expect("a certificate with its key")).await
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key")
}

/// Answers every request with a source.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections: Arc<AtomicUsize> = Arc::default();
        let count = connections.clone();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(acceptor.clone(), stream));
            }
        });
        Self {
            address,
            connections,
        }
    }

    fn client_builder(&self) -> ClientBuilder {
        let policy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
        support::server::client_builder(&format!("https://{}/v1beta", self.address)).retry(policy)
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let body = answer("get_source").to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await?;
    stream.shutdown().await
}

async fn call(builder: ClientBuilder) -> Result<(), Error> {
    let client: Client = builder.build().expect("a client");
    let call = client.get_source().workspace("acme").source("js");
    call.send().await.map(drop)
}

#[tokio::test]
async fn a_certificate_that_is_added_is_trusted() {
    let authority = Authority::new("Trusted");
    let server = authority.server("127.0.0.1", 4000).await;
    let other = Authority::new("Other").pem();
    for roots in [
        vec![authority.der()],
        vec![authority.pem().into_bytes()],
        vec![(other.clone() + &authority.pem()).into_bytes()],
        vec![other.into_bytes(), authority.der()],
    ] {
        let builder = server.client_builder();
        let builder = roots
            .into_iter()
            .fold(builder, |builder, root| builder.root_certificate(root));
        call(builder).await.expect("a source");
    }
}

#[tokio::test]
async fn a_certificate_error_says_what_is_wrong_and_is_not_tried_again() {
    let (trusted, unknown) = (&Authority::new("Trusted"), &Authority::new("Unknown"));
    for (issuer, host, last_year, what) in [
        (unknown, "127.0.0.1", 4000, "UnknownIssuer"),
        (trusted, "127.0.0.1", 1999, "expired"),
        (trusted, "example.com", 4000, "not valid for name"),
    ] {
        let server = issuer.server(host, last_year).await;
        let builder = server.client_builder().root_certificate(trusted.der());
        let error = call(builder).await.expect_err("a wrong certificate");
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Connect, "{text}");
        assert!(
            text.contains("certificate") && text.contains(what),
            "{text}"
        );
        assert!(!error.may_have_been_sent(), "{text}");
        assert_eq!(error.attempts(), 1, "{text}");
        assert_eq!(server.connections.load(Ordering::SeqCst), 1, "{text}");
    }
}

#[test]
fn what_is_no_certificate_is_refused_when_the_client_is_built() {
    for garbage in ["", "CANARY", "-----BEGIN CERTIFICATE-----\nCANARY"] {
        let builder = Client::builder().access_token("EXAMPLE_TOKEN");
        let error = builder.root_certificate(garbage).build();
        let error = error.expect_err("no certificate");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = format!("{error} {error:?}");
        assert!(text.contains("root_certificate"), "{text}");
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn a_client_of_the_application_takes_no_certificate_from_here() {
    let _ = ring::default_provider().install_default();
    let builder = Client::builder().access_token("EXAMPLE_TOKEN");
    let builder = builder.http_client(reqwest::Client::new());
    let error = builder
        .root_certificate(Authority::new("Trusted").der())
        .build();
    let error = error.expect_err("two places for certificates");
    assert!(error.to_string().contains("http_client"), "{error}");
}
