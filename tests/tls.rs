//! Whom a client takes for the server over https, and how it talks to it.

#[path = "support/alone.rs"]
mod alone;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use segment_config_api::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use std::{
    ffi::OsStr,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::answer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ALL_VERSIONS, ProtocolVersion, RootCertStore, ServerConfig, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
        server::{WebPkiClientVerifier, danger::ClientCertVerifier},
        version::{TLS12, TLS13},
    },
};

/// A certificate authority that no system knows.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What its servers send beside their own certificates.
    chain: Vec<CertificateDer<'static>>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let issuer = CertifiedIssuer::self_signed(authority(name), key()).expect("a certificate");
        Self {
            issuer,
            chain: Vec::new(),
        }
    }

    /// An authority that this one vouches for.
    fn below(&self, name: &str) -> Self {
        let issuer = CertifiedIssuer::signed_by(authority(name), key(), &self.issuer);
        let issuer = issuer.expect("a certificate");
        let chain = vec![issuer.der().clone()];
        Self { issuer, chain }
    }

    fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    fn pem(&self) -> String {
        let begin = "-----BEGIN CERTIFICATE-----";
        let text = STANDARD.encode(self.der());
        format!("{begin}\n{text}\n-----END CERTIFICATE-----\n")
    }

    /// A server with a certificate of this authority.
    async fn server(&self, host: &str, last_year: i32) -> Server {
        let anyone = WebPkiClientVerifier::no_client_auth();
        Server::start(self.config(host, last_year, ALL_VERSIONS, anyone)).await
    }

    fn config(
        &self,
        host: &str,
        last_year: i32,
        versions: &[&'static SupportedProtocolVersion],
        clients: Arc<dyn ClientCertVerifier>,
    ) -> ServerConfig {
        let key = key();
        let mut params = CertificateParams::new([host.to_string()]).expect("a name");
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_protocol_versions(versions)
            .expect("versions")
            .with_client_cert_verifier(clients)
            .with_single_cert(
                [&[certificate.der().clone()], &self.chain[..]].concat(),
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            );
        config.expect("a certificate with its key")
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([]).expect("no hosts");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key")
}

/// How a connection was agreed on: the version of TLS, and the protocol inside if the client chose one.
type Agreed = (ProtocolVersion, Option<Vec<u8>>);

/// Answers every request with a source.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    agreed: Arc<Mutex<Vec<Agreed>>>,
}

impl Server {
    async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections: Arc<AtomicUsize> = Arc::default();
        let count = connections.clone();
        let agreed: Arc<Mutex<Vec<Agreed>>> = Arc::default();
        let log = agreed.clone();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(acceptor.clone(), stream, log.clone()));
            }
        });
        Self {
            address,
            connections,
            agreed,
        }
    }

    fn client_builder(&self) -> ClientBuilder {
        let policy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
        support::server::client_builder(&format!("https://{}/v1beta", self.address)).retry(policy)
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    log: Arc<Mutex<Vec<Agreed>>>,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let (_, tls) = stream.get_ref();
    let version = tls.protocol_version().expect("a handshake is over");
    let protocol = tls.alpn_protocol().map(<[u8]>::to_vec);
    log.lock().expect("the log").push((version, protocol));
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

/// Between the certificate that is trusted and that of the server there may be others, which the server sends.
#[tokio::test]
async fn a_chain_of_certificates_is_trusted_if_the_server_sends_it() {
    let trusted = Authority::new("Trusted");
    let mut between = trusted.below("Between").below("Below");
    let server = between.server("127.0.0.1", 4000).await;
    let error = call(server.client_builder().root_certificate(trusted.der())).await;
    let error = error.expect_err("a gap in the chain").to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");

    between = trusted.below("Between");
    let server = between.server("127.0.0.1", 4000).await;
    call(server.client_builder().root_certificate(trusted.der()))
        .await
        .expect("a source");
}

#[tokio::test]
async fn a_certificate_error_says_what_is_wrong_and_is_not_tried_again() {
    let (trusted, unknown) = (&Authority::new("Trusted"), &Authority::new("Unknown"));
    for (issuer, host, last_year, what) in [
        (
            unknown,
            "127.0.0.1",
            4000,
            "UnknownIssuer: trust its issuer with `root_certificate`",
        ),
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

/// HTTP/2 is not offered: reqwest is built without it.
#[tokio::test]
async fn tls_1_2_and_1_3_carry_http_1_1() {
    let authority = Authority::new("Trusted");
    for (versions, expected) in [
        (&[&TLS12][..], ProtocolVersion::TLSv1_2),
        (&[&TLS13], ProtocolVersion::TLSv1_3),
        (ALL_VERSIONS, ProtocolVersion::TLSv1_3),
    ] {
        let mut config = authority.config(
            "127.0.0.1",
            4000,
            versions,
            WebPkiClientVerifier::no_client_auth(),
        );
        config.alpn_protocols = vec!["h2".into(), "http/1.1".into()];
        let server = Server::start(config).await;
        let builder = server.client_builder().root_certificate(authority.der());
        call(builder).await.expect("a source");
        assert_eq!(*server.agreed.lock().expect("the log"), [(expected, None)]);
    }
}

#[tokio::test]
async fn a_handshake_that_fails_says_why() {
    let alert = |description| vec![0x15, 3, 3, 0, 2, 2, description];
    for (answer, what) in [
        (alert(40), "HandshakeFailure"),
        (alert(70), "ProtocolVersion"),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            "no TLS is spoken there",
        ),
        (Vec::new(), "tls handshake eof"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            stream.read_u8().await.expect("a greeting");
            stream.write_all(&answer).await.expect("it is sent");
            stream.shutdown().await.expect("it is closed");
            while stream.read_u8().await.is_ok() {}
        };
        let builder = support::server::client_builder(&format!("https://{address}"));
        let ((), result) = tokio::join!(server, call(builder.retry(RetryPolicy::none())));
        let error = result.expect_err(what);
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Connect, "{text}");
        assert!(text.contains(what), "{text}");
        assert!(!error.may_have_been_sent(), "{text}");
    }
}

/// With TLS 1.3 the client learns of it when its request is on the way.
#[tokio::test]
async fn a_server_that_wants_a_certificate_of_the_client_says_so() {
    let authority = Authority::new("Trusted");
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).expect("a root");
    let provider = ring::default_provider().into();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let clients = clients.expect("a verifier");
    for (version, kind) in [
        (&TLS12, ErrorKind::Connect),
        (&TLS13, ErrorKind::Connection),
    ] {
        let config = authority.config("127.0.0.1", 4000, &[version], clients.clone());
        let server = Server::start(config).await;
        let builder = server.client_builder().root_certificate(authority.der());
        let error = call(builder).await.expect_err("no certificate");
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(
            text.contains("CertificateRequired") || text.contains("HandshakeFailure"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn https_goes_through_a_tunnel_that_a_proxy_opens() {
    let test = "https_goes_through_a_tunnel_that_a_proxy_opens";
    if alone::is_alone() {
        let authority = Authority::new("Trusted");
        let server = authority.server("127.0.0.1", 4000).await;
        let builder = server.client_builder().root_certificate(authority.der());
        match call(builder.retry(RetryPolicy::none())).await {
            Ok(()) => println!("found a source at {}", server.address),
            Err(error) => println!("found {error}"),
        }
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    for (answer, expected) in [
        ("200 Connection established", "a source at "),
        (
            "407 Proxy Authentication Required",
            "get_source: could not connect: tunnel error: proxy authorization required",
        ),
        (
            "403 Forbidden",
            "get_source: could not connect: tunnel error: unsuccessful",
        ),
    ] {
        let environment = address.clone();
        let found = tokio::task::spawn_blocking(move || {
            alone::alone(test, &[("HTTPS_PROXY", Some(OsStr::new(&environment)))])
        });
        let (mut client, _) = listener.accept().await.expect("a connection");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.expect("a request"));
        }
        let head = String::from_utf8(head).expect("a text");
        let target = head.strip_prefix("CONNECT ").expect("a tunnel");
        let (target, _) = target.split_once(' ').expect("a version");
        let line = format!("HTTP/1.1 {answer}\r\n\r\n");
        client.write_all(line.as_bytes()).await.expect("it is sent");
        if answer.starts_with("200") {
            let mut server = TcpStream::connect(target).await.expect("a server");
            let _ = copy_bidirectional(&mut client, &mut server).await;
        }
        drop(client);
        let found = found.await.expect("it runs");
        assert!(found.starts_with(expected), "{answer}: {found}");
        assert!(!head.to_lowercase().contains("authorization"), "{head}");
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
