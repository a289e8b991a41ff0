"""A little witness of transparency logs (c2sp.org/tlog-witness): signs a checkpoint only when the log goes on from what it signed
before. Ed25519 by the openssl program."""
import base64
import hashlib
import http.server
import pathlib
import subprocess
import tempfile
import threading
import time

COSIGNATURE = b"\4"  # the kind of its key
DER_OF_ED25519 = bytes.fromhex("302a300506032b6570032100")


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True)


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def consistent(old, old_root, new, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if old == new:
        return old_root == new_root and not proof
    if old == 0:
        return not proof
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for hash_ in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(hash_, fr), node(hash_, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, hash_)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


class Witness(http.server.ThreadingHTTPServer):
    """`log`: the log's public key, name+id+key. `url` and `key` are what the log is configured with."""

    def __init__(self, name, port):
        self.name, self.log, self.signed, self.answers = name, None, (0, b""), []
        self.folder = tempfile.TemporaryDirectory()
        self.secret = pathlib.Path(self.folder.name) / "key.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.secret)
        public = openssl("pkey", "-in", self.secret, "-pubout", "-outform", "DER").stdout[-32:]
        self.id = hashlib.sha256(name.encode() + b"\n" + COSIGNATURE + public).digest()[:4]
        self.key = f"{name}+{self.id.hex()}+{base64.b64encode(COSIGNATURE + public).decode()}"
        super().__init__(("127.0.0.1", port), Calls)
        self.url = f"http://127.0.0.1:{port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(content)
        return path

    def is_signed_by_log(self, text, lines):
        name, _, key = self.log.split("+", 2)
        public = self.file("log.der", DER_OF_ED25519 + base64.b64decode(key)[1:])
        for line in lines:
            if line.startswith(f"— {name} "):
                signature = base64.b64decode(line.rsplit(" ", 1)[1])[4:]
                done = openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", public, "-in",
                               self.file("text", text.encode()), "-sigfile", self.file("signature", signature))
                if done.returncode == 0:
                    return True
        return False

    def cosign(self, text):
        at = int(time.time())
        message = self.file("message", f"cosignature/v1\ntime {at}\n{text}".encode())
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.secret, "-in", message).stdout
        return f"— {self.name} {base64.b64encode(self.id + at.to_bytes(8, 'big') + signature).decode()}\n"

    def add_checkpoint(self, body):
        """(status, content type, text)"""
        head, _, note = body.partition("\n\n")
        text, _, signatures = note.partition("\n\n")
        text += "\n"
        old, *proof = head.split("\n")
        origin, size, root = text.split("\n")[:3]
        known, known_root = self.signed
        if origin != self.log.split("+")[0]:
            return 404, "text/plain", "unknown log"
        if not self.is_signed_by_log(text, signatures.split("\n")):
            return 403, "text/plain", "not signed"
        old, size, root = int(old.removeprefix("old ")), int(size), base64.b64decode(root)
        if old > size:
            return 400, "text/plain", "old size"
        if old != known:
            return 409, "text/x.tlog.size", f"{known}\n"
        if old == size and root != known_root:
            return 409, "text/plain", "another root"
        if not consistent(old, known_root, size, root, [base64.b64decode(line) for line in proof]):
            return 422, "text/plain", "not consistent"
        self.signed = size, root
        return 200, "text/plain", self.cosign(text)


class Calls(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, kind, text = self.server.add_checkpoint(body) if self.path == "/add-checkpoint" else (404, "text/plain", "")
        self.server.answers.append(status)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass
