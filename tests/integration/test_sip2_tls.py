"""A line that is protected: the certificate and the name in it are checked, always."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.errors import ConfigError
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.line import Away, Line
from kiosk.sync.sip2.requests import ItemInformation
from tests.sip2_library import Library
from tests.sip2_server import Sip2Server, serving

NOW = datetime.now(UTC)


def certificate(folder: Path, host: str) -> Path:
    """A certificate for a host that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / f"{host}-{made.serial_number}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def protected(folder: Path, host: str = "localhost") -> Iterator[tuple[Sip2Server, Path]]:
    path = certificate(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with serving(Library(lambda: NOW).fill(2, 4), tls=context) as server:
        yield server, path


def line_to(server: Sip2Server, ca_file: Path | None, tls: bool = True) -> Line:
    settings = Sip2Settings("localhost", server.port, "kiosk", tls=tls, ca_file=ca_file, timeout_s=2.0)
    return Line(settings, Secret("secret"))


def test_a_protected_line_works_and_comes_back(tmp_path: Path) -> None:
    with protected(tmp_path) as (server, path):
        line = line_to(server, path)
        for _ in range(2):
            reply = line.ask(ItemInformation(at=NOW, item="A1"))
            assert reply.text("title") == "Кітап 0"
            line.close()
        line.close()


def test_an_unknown_authority_is_refused_before_the_password_is_told(tmp_path: Path) -> None:
    other = certificate(tmp_path, "localhost")
    with protected(tmp_path) as (server, _):
        for ca_file in (other, None):
            with pytest.raises(Away, match="certificate"):
                line_to(server, ca_file).greet()
        assert server.read == []


def test_another_hosts_certificate_is_refused(tmp_path: Path) -> None:
    with protected(tmp_path, "library.example") as (server, path):
        with pytest.raises(Away, match="certificate"):
            line_to(server, path).greet()
        assert server.read == []


def test_a_server_that_does_not_protect_is_refused(tmp_path: Path) -> None:
    with serving(Library(lambda: NOW)) as server:
        with pytest.raises(Away):
            line_to(server, certificate(tmp_path, "localhost")).greet()
        assert server.read == []


def test_an_authority_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for name in ("no.pem", "missing.pem"):
        with pytest.raises(ConfigError, match=r"central\.sip2\.ca_file"):
            Line(Sip2Settings("localhost", tls=True, ca_file=tmp_path / name), None)
