"""A certificate authority of this data directory, made once: it vouches for the vendor's names on this machine.

Its certificate says that it may vouch for those names and for this machine only, so that whoever trusts it risks
nothing elsewhere. Its key never leaves the data directory.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openyun.accounts import write_private
from openyun.cli.proxy.hosts import DOMAIN

_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=90)
_SKEW = timedelta(days=1)
"""clocks of containers and hosts differ"""
_MOST_CONTEXTS = 1000


class Authority:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificate_path = folder / "ca.pem"
        self._key_path = folder / "ca-key.pem"
        self._key, self._certificate = self._load() or self._make()
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    def context(self, host: str) -> ssl.SSLContext:
        """For a server that is `host` to its client."""
        found = self._contexts.get(host)
        if found is None:
            found = self._contexts[host] = self._make_context(host)
            if len(self._contexts) > _MOST_CONTEXTS:
                self._contexts.popitem(last=False)
        return found

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        if not (self._key_path.exists() and self.certificate_path.exists()):
            return None
        key = serialization.load_pem_private_key(self._key_path.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
        known = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
        if not known or certificate.not_valid_after_utc < datetime.now(UTC) + _LEAF_LIFE:
            return None
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101  for the type checker: `known` says so
        return key, certificate

    def _make(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """The key is written first: a certificate without its key would be kept and useless."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"OpenYun {x509.random_serial_number():x}"[:32])])
        here: tuple[ipaddress.IPv4Network, ipaddress.IPv6Network] = (
            ipaddress.IPv4Network("127.0.0.0/8"),
            ipaddress.IPv6Network("::1/128"),
        )
        builder = (
            _certificate(name, name, key.public_key(), _LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(
                x509.NameConstraints([x509.DNSName(DOMAIN), *(x509.IPAddress(one) for one in here)], None),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        certificate = builder.sign(key, hashes.SHA256())
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self._key_path, _pem(key))
        write_private(self.certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
        return key, certificate

    def _make_context(self, host: str) -> ssl.SSLContext:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        leaf = (
            _certificate(name, self._certificate.subject, self._leaf_key.public_key(), _LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        chain = leaf.public_bytes(serialization.Encoding.PEM)
        with tempfile.NamedTemporaryFile(dir=self._folder) as file:  # OpenSSL reads keys from files only
            file.write(_pem(self._leaf_key) + chain)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
