"""A certificate authority of the tests' own and its certificate for a server on this machine."""

import subprocess
from pathlib import Path
from typing import NamedTuple

from .need import program

# Spelled out, because the machine's own openssl.cnf would add extensions that contradict these,
# and because strict clients want the key identifiers.
_SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = replyby tests
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Certificates(NamedTuple):
    """Files in PEM: what clients trust, and what a server shows and proves it with."""

    ca: Path
    cert: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    settings = folder / "openssl.cnf"
    settings.write_text(_SETTINGS)
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    ca_key = folder / "ca-key.pem"
    authority = ["-extensions", "authority", "-subj", "/CN=replyby tests CA"]
    server = ["-extensions", "server", "-subj", "/CN=localhost"]
    signed = ["-CA", str(made.ca), "-CAkey", str(ca_key)]
    _openssl(settings, [*authority, "-out", str(made.ca), "-keyout", str(ca_key)])
    _openssl(settings, [*server, *signed, "-out", str(made.cert), "-keyout", str(made.key)])
    return made


def _openssl(settings: Path, options: list[str]) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    request = ["req", "-x509", *key, "-days", "30", "-config", str(settings)]
    command = [program("openssl", "openssl"), *request, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl made no certificate: {done.stderr}")
