//! An authority and certificates that it signed, made by the chart functions that
//! make them for charts.

use std::sync::OnceLock;

use super::{directory, stdout, tiphys};

/// PEM texts.
#[derive(Debug, Clone)]
pub struct Certs {
    pub ca: String,
    pub server: String,
    pub server_key: String,
    pub client: String,
    pub client_key: String,
}

/// A host that stands for ECR in the tests.
pub const ECR: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// The registry of public charts.
pub const PUBLIC: &str = "public.ecr.aws";

/// One authority for all tests of a process; its server is 127.0.0.1 and [`ECR`].
pub fn certs() -> &'static Certs {
    static MADE: OnceLock<Certs> = OnceLock::new();
    MADE.get_or_init(|| {
        let template = format!(
            "{{{{ $ca := genCAWithKey \"test\" 30 (genPrivateKey \"ecdsa\") }}}}{{{{ $s := genSignedCertWithKey \"127.0.0.1\" (list \"127.0.0.1\") (list \"{ECR}\" \"{PUBLIC}\") 30 $ca (genPrivateKey \"ecdsa\") }}}}{{{{ $c := genSignedCertWithKey \"me\" nil (list \"me\") 30 $ca (genPrivateKey \"ecdsa\") }}}}\n{{{{ toJson (list $ca.Cert $s.Cert $s.Key $c.Cert $c.Key) | printf \"texts: %s\" }}}}\n"
        );
        let chart = directory(&[
            ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
            ("templates/a.yaml", &template),
        ]);
        let output = tiphys(&["template", chart.path().to_str().unwrap()]);
        let printed = stdout(&output);
        let line = printed.lines().find_map(|line| line.strip_prefix("texts: "));
        let line = line.unwrap_or_else(|| panic!("{}", super::stderr(&output)));
        let texts: Vec<String> = serde_json::from_str(line).unwrap();
        let [ca, server, server_key, client, client_key] = <[String; 5]>::try_from(texts).unwrap();
        Certs { ca, server, server_key, client, client_key }
    })
}

/// A server's side of TLS; with `clients`, it asks for a certificate of the authority's.
pub fn server(clients: bool) -> rustls::ServerConfig {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certs = certs();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if clients {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certs.ca.as_bytes()).unwrap()).unwrap();
        let verifier =
            rustls::server::WebPkiClientVerifier::builder_with_provider(std::sync::Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(certs.server.as_bytes()).unwrap()];
    builder
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(certs.server_key.as_bytes()).unwrap())
        .unwrap()
}

/// A line of a password file, as `htpasswd -B` writes it.
pub fn htpasswd(user: &str, password: &str) -> String {
    let template = format!("line: {{{{ htpasswd {user:?} {password:?} | quote }}}}\n");
    let chart = directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/a.yaml", &template),
    ]);
    let printed = stdout(&tiphys(&["template", chart.path().to_str().unwrap()]));
    let line = printed.lines().find_map(|line| line.strip_prefix("line: ")).unwrap();
    format!("{}\n", line.trim_matches('"'))
}
