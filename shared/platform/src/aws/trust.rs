//! Which roots TLS trusts.

use aws_smithy_http_client::tls::TrustStore;
use base64::{Engine, prelude::BASE64_STANDARD};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::{AwsError, Environment, value};

/// Roots: those of a file, or those compiled in.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// Mozilla's list, as `webpki-root-certs` has it.
    BuiltIn,
    /// What `AWS_CA_BUNDLE` names, for a network that looks into TLS.
    Bundle(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// Reads the bundle, if one is named, to its last certificate: the SDK would panic later.
    pub(super) fn read(environment: &Environment<'_>) -> Result<Self, AwsError> {
        let Some(path) = value(environment, "AWS_CA_BUNDLE") else {
            return Ok(Self::BuiltIn);
        };
        let refused = |reason| AwsError::Bundle {
            path: path.clone(),
            reason,
        };
        let text = std::fs::read(&path).map_err(|_| refused("cannot be read"))?;
        let certificates = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| refused("is not a PEM file"))?;
        if certificates.is_empty() {
            return Err(refused("holds no certificate"));
        }
        for certificate in &certificates {
            webpki::anchor_from_trusted_cert(certificate)
                .map_err(|_| refused("holds a certificate that cannot be a root"))?;
        }
        Ok(Self::Bundle(certificates))
    }

    /// As the SDK takes them. For AWS's own endpoints the roots of AWS will do: the others cost
    /// ten times the time.
    pub(super) fn store(&self, endpoints: Endpoints) -> TrustStore {
        let pem = match (self, endpoints) {
            (Self::Bundle(certificates), _) => pem(certificates),
            (Self::BuiltIn, Endpoints::Any) => pem(TLS_SERVER_ROOT_CERTS),
            (Self::BuiltIn, Endpoints::Aws) => pem(TLS_SERVER_ROOT_CERTS.iter().filter(of_aws)),
        };
        TrustStore::empty().with_pem_certificate(pem)
    }
}

/// Whom a client calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoints {
    /// AWS's own, outside of China.
    Aws,
    /// Any other over TLS.
    Any,
}

/// Whether a root is one of Amazon Trust Services (<https://www.amazontrust.com/repository/>).
fn of_aws(certificate: &&CertificateDer<'_>) -> bool {
    let named = |name: &[u8]| certificate.windows(name.len()).any(|part| part == name);
    named(b"Amazon Root CA ") || named(b"Starfield Services Root Certificate Authority - G2")
}

fn pem<'a>(certificates: impl IntoIterator<Item = &'a CertificateDer<'a>>) -> String {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        BASE64_STANDARD.encode_string(certificate, &mut text);
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_roots_of_aws() {
        // Amazon Root CA 1 to 4 and Starfield Services G2.
        assert_eq!(TLS_SERVER_ROOT_CERTS.iter().filter(of_aws).count(), 5);
    }

    #[test]
    fn writes_pem_that_reads_back() {
        let text = pem(TLS_SERVER_ROOT_CERTS);
        let read: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(read, TLS_SERVER_ROOT_CERTS);
    }
}
