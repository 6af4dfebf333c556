"""A package registry on this computer that real PlatformIO fetches from: through a proxy, over TLS, with redirects.

PlatformIO knows its registry by name. So this is the proxy that it is told to use (HTTPS_PROXY), which answers itself,
with a certificate of its own authority (REQUESTS_CA_BUNDLE) for whatever name is asked for. It can cut a download off.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import ssl
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Registry:
    """What is served, and what has been asked for. `cut`: how many downloads are to end in the middle; `pace_s`: a
    pause after each of a download's pieces."""

    folder: Path
    archives: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cut: int = 0
    pace_s: float = 0.0

    def __enter__(self) -> Registry:
        context = _tls_context(self.folder)
        handler = type("BoundHandler", (_Handler,), {"registry": self, "context": context})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """What makes PlatformIO come here."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), proxy) | {"REQUESTS_CA_BUNDLE": str(self.folder / "ca.pem")}

    def add(self, package: Path) -> None:
        """Serve a package as it lies in a folder of PlatformIO."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for file in sorted(package.rglob("*")):
                if file.is_file() and file.name != ".piopm":
                    archive.add(file, file.relative_to(package).as_posix())
        manifest = next(package / name for name in ("platform.json", "package.json") if (package / name).is_file())
        self.archives[package.name] = stream.getvalue()
        self.versions[package.name] = json.loads(manifest.read_text())["version"]

    def describe(self, owner: str, kind: str, name: str) -> dict[str, Any]:
        """A package as the registry's interface describes it."""
        checksum = hashlib.sha256(self.archives[name]).hexdigest()
        file = {"system": "*", "download_url": f"https://dl.test/{name}.tar.gz", "checksum": {"sha256": checksum}}
        version = {"name": self.versions[name], "files": [file], "released_at": "2026-01-01T00:00:00Z"}
        return {
            "id": 1,
            "type": kind,
            "name": name,
            "owner": {"username": owner},
            "version": version,
            "versions": [version],
        }


class _Handler(BaseHTTPRequestHandler):
    registry: Registry
    context: ssl.SSLContext
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def do_HEAD(self) -> None:
        path = urlsplit(self.path).path
        name = Path(path).name.removesuffix(".tar.gz")
        self.send_response(302)
        self.send_header("Location", f"https://files.test{path}")
        self.send_header("X-PIO-Mirror", "files")
        self.send_header("X-PIO-Content-SHA256", hashlib.sha256(self.registry.archives[name]).hexdigest())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.registry.asked.append(path)
        parts = path.strip("/").split("/")
        if parts[:2] == ["v3", "packages"] and parts[-1] in self.registry.archives:
            self._send(json.dumps(self.registry.describe(*parts[2:])).encode())
        elif parts == ["v3", "search"]:
            self._send(json.dumps(self._found()).encode())
        elif path.endswith(".tar.gz"):
            self._send_archive(self.registry.archives[parts[-1].removesuffix(".tar.gz")])
        else:
            self._send(b"{}")

    def log_message(self, *_: object) -> None:
        pass

    def _found(self) -> dict[str, Any]:
        items = [self.registry.describe("platformio", "platform", "espressif32")]
        return {"total": 1, "page": 1, "limit": 50, "items": items}

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_archive(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.registry.cut > 0:
            self.registry.cut -= 1
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            self.connection.close()
            return
        for start in range(0, len(body), len(body) // 10 + 1):
            self.wfile.write(body[start : start + len(body) // 10 + 1])
            threading.Event().wait(self.registry.pace_s)


def _tls_context(folder: Path) -> ssl.SSLContext:
    """A certificate for every name that PlatformIO may ask for, which is its own authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from platformio import __check_internet_hosts__, __registry_mirror_hosts__

    names = ["dl.test", "files.test", *(host for host in __check_internet_hosts__ if not host[0].isdigit())]
    names += [f"{part}.{host}" for host in __registry_mirror_hosts__ for part in ("api", "dl")]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a registry for tests")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context
