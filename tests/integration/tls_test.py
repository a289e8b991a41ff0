#!/usr/bin/env python3
"""TLS of the two faces (security requirement 17): versions and ciphers, client certificates, and certificates that are renewed while the gateway runs."""
import http.client
import pathlib
import socket
import ssl
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from certificates import authority, certificate  # noqa: E402
from gateway import ROOT, Gateway, Refused, Verdicts, eventually, run  # noqa: E402

CONFIG = """gateway: {{ name: test }}
listen:
  webhooks: {{ address: "127.0.0.1:{hooks}", tls: {{ certificate: tls/hooks.pem, key: tls/hooks.key }} }}
  admin: {{ address: "127.0.0.1:{admin}", tls: {{ certificate: tls/admin.pem, key: tls/admin.key, client_authority: tls/clients.pem }} }}
store: {{ type: sqlite, path: data/tributary.db }}
vault: {{ master: {{ type: file, path: keys/master.key }} }}
paths:
  connectors: [none]
  mappings: [none]
  canonical: {root}/mappings/canonical
  purposes: {root}/config/purposes.yaml
connections: {{}}
"""


class Faces:
    def __init__(self, gateway):
        self.gateway, self.folder = gateway, gateway.folder / "tls"
        self.folder.mkdir()
        (gateway.folder / "none").mkdir()
        authority(self.folder, "servers")
        authority(self.folder, "clients")
        for name in ("hooks", "admin"):
            certificate(self.folder, name, "servers")
        certificate(self.folder, "client", "clients", purpose="clientAuth")
        certificate(self.folder, "stranger", "servers", purpose="clientAuth")
        gateway.write("gateway.yaml", CONFIG.format(hooks=gateway.webhook_port, admin=gateway.admin_port, root=ROOT))
        gateway.init()
        gateway.spawn()
        if not eventually(lambda: self.ask("admin", "/readyz", "client")[0] == 200, 60):
            raise Refused("not ready:\n" + gateway.log_text()[-3000:])

    def port(self, face):
        return self.gateway.webhook_port if face == "hooks" else self.gateway.admin_port

    def context(self, client=None):
        context = ssl.create_default_context(cafile=str(self.folder / "servers.pem"))
        if client:
            context.load_cert_chain(self.folder / f"{client}.pem", self.folder / f"{client}.key")
        return context

    def shake_hands(self, face, context):
        """The connection, or the error of the handshake. TLS 1.3 tells of a missing certificate with the first answer."""
        raw = socket.create_connection(("127.0.0.1", self.port(face)), 10)
        try:
            secured = context.wrap_socket(raw, server_hostname="localhost")
            secured.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return secured if secured.recv(1) else None
        except (ssl.SSLError, OSError):
            raw.close()
            return None

    def ask(self, face, path, client=None):
        connection = http.client.HTTPSConnection("localhost", self.port(face), timeout=10, context=self.context(client))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def serial(self, face):
        connection = self.shake_hands(face, self.context())
        return connection and connection.getpeercert()["serialNumber"]


def strength(faces):
    def reach(change):
        context = faces.context()
        change(context)
        return faces.shake_hands("hooks", context) is not None

    def version(minimum, maximum):
        def change(context):
            context.set_ciphers("DEFAULT@SECLEVEL=0")  # so that our side would take the old versions
            context.minimum_version, context.maximum_version = minimum, maximum
        return change

    def cipher(names):
        def change(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(names)
        return change
    wanted = {"TLS 1.3": (version(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3), True),
              "TLS 1.2": (version(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2), True),
              "TLS 1.1": (version(ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1), False),
              "TLS 1.0": (version(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1), False),
              "forward secrecy and AEAD": (cipher("ECDHE+AESGCM"), True),
              "CBC": (cipher("ECDHE+AES:!AESGCM:!AESCCM"), False),
              "no forward secrecy": (cipher("kRSA"), False)}
    wrong = [name for name, (change, good) in wanted.items() if reach(change) != good]
    return f"decided otherwise: {wrong}" if wrong else None


def plain(faces):
    connection = http.client.HTTPConnection("127.0.0.1", faces.gateway.webhook_port, timeout=10)
    try:
        connection.request("GET", "/")
        return f"plain HTTP was answered with {connection.getresponse().status}"
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def mutual(faces):
    if faces.shake_hands("admin", faces.context()):
        return "let in without a certificate"
    if faces.shake_hands("admin", faces.context("stranger")):
        return "let in with a certificate of another authority"
    if not faces.shake_hands("admin", faces.context("client")):
        return "a client of the authority was not let in"
    return None


def command_line(faces):
    """It knows its own face by its key, and shows the face's own certificate, which names no address of this machine."""
    told = faces.gateway.cli("status")
    return None if told.code == 0 and "streams" in (told.json or {}) else f"{told}"


def renewed(faces):
    before = faces.serial("hooks")
    kept = faces.shake_hands("hooks", faces.context())
    certificate(faces.folder, "hooks", "servers", days=5)
    if not eventually(lambda: faces.serial("hooks") not in (None, before), 30, 0.2):
        return "the new certificate was not taken up"
    kept.settimeout(10)
    while b"\r\n\r\n" not in (head := kept.recv(4096)):  # the rest of the first answer
        if not head:
            return "the open connection was cut"
    kept.sendall(b"GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not kept.recv(4096).startswith(b"HTTP/1.1"):
        return "the open connection was not served on"
    text = faces.gateway.log_text()
    if "certificate taken up" not in text or "the certificate ends soon" not in text:
        return f"the log does not tell: {text[-600:]}"
    status, metrics = faces.ask("admin", "/metrics", "client")
    line = next((x for x in metrics.splitlines() if x.startswith('tributary_certificate_expires_seconds{face="webhooks"}')), "")
    left = float(line.split()[-1]) if line else 0
    return None if status == 200 and 4 * 86400 < left <= 5 * 86400 else f"{status} {line}"


def broken(faces):
    """A key that is not the certificate's: the pair before stays in use, and the right key ends the trouble."""
    before = faces.serial("hooks")
    key = (faces.folder / "hooks.key").read_bytes()
    (faces.folder / "hooks.key").write_bytes((faces.folder / "admin.key").read_bytes())
    if not eventually(lambda: "was not taken up" in faces.gateway.log_text(), 30, 0.2):
        return "the log does not tell of the wrong key"
    if faces.serial("hooks") != before:
        return "the face serves something else"
    (faces.folder / "hooks.key").write_bytes(key)
    taken = faces.gateway.log_text().count("certificate taken up")
    if not eventually(lambda: faces.gateway.log_text().count("certificate taken up") > taken, 30, 0.2):
        return "the right key was not taken up"
    return None


def checked(faces):
    """What `check` says of the mistakes that people make."""
    good = faces.gateway.config.read_text()
    mistakes = {
        "listen.admin": (f'admin: {{ address: "127.0.0.1:{faces.gateway.admin_port}", tls: {{ certificate: tls/admin.pem, '
                         "key: tls/admin.key, client_authority: tls/clients.pem } }", "admin: { address: 0.0.0.0:1 }", "needs tls"),
        "listen.webhooks.tls.key": ("key: tls/hooks.key", "key: tls/none.key", "is missing"),
    }
    wrong = []
    for where, (old, new, why) in mistakes.items():
        faces.gateway.write("wrong.yaml", good.replace(old, new))
        told = run("--config", faces.gateway.folder / "wrong.yaml", "--json", "check", cwd=faces.gateway.folder)
        problems = (told.json or {}).get("problems", [])
        if told.code != 1 or not any(where in p["path"] and why in p["message"] for p in problems):
            wrong.append(f"{where}: {told}")
    return "; ".join(wrong) or None


def main():
    verdicts = Verdicts()
    with Gateway("tls") as gateway:
        faces = Faces(gateway)
        for name, test in (("req 17: only TLS 1.2 and 1.3, with forward secrecy and AEAD", strength),
                           ("req 17: a face with TLS speaks no plain HTTP", plain),
                           ("req 17: a face with a client authority lets nobody else in", mutual),
                           ("the command line reaches its own gateway through both", command_line),
                           ("a renewed certificate is taken up, open connections stay", renewed),
                           ("a wrong key changes nothing and is told", broken),
                           ("check names missing files and an admin face without TLS", checked)):
            verdicts.run(name, lambda test=test: test(faces))
        verdicts.check("it stops cleanly", gateway.stop() == 0, gateway.last_words())
    return verdicts.exit_code()


if __name__ == "__main__":
    sys.exit(main())
