"""Meta's client certificate: with http.client_ca_file the webhook lets nobody in without it, while the API on the same
listener is used without one; SIGHUP takes new authorities."""
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import tempfile
import urllib.parse

from support import Installation, Program, must, run_test, settings, wait_for
from installation import PROGRAMS

META = "/CN=client.webhooks.fbclientcerts.com"
KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split()


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=30)


class Authority:
    """A root and an intermediate that signs clients."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.root = self.folder / "root.pem"
        openssl("req", "-x509", "-days", 2, "-subj", "/CN=root", *KEY, "-keyout", self.folder / "root.key", "-out", self.root)
        self.middle = self.signed("middle", "/CN=middle", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n")

    def signed(self, name, subject, by, extensions, days=2):
        at = {end: self.folder / f"{name}.{end}" for end in ("key", "csr", "ext", "pem")}
        at["ext"].write_text(extensions)
        openssl("req", "-subj", subject, *KEY, "-keyout", at["key"], "-out", at["csr"])
        openssl("x509", "-req", "-days", days, "-in", at["csr"], "-CA", self.folder / f"{by}.pem", "-CAkey",
                self.folder / f"{by}.key", "-CAcreateserial", "-extfile", at["ext"], "-out", at["pem"])
        return at["pem"]

    def client(self, name, subject=META, days=2):
        """A TLS context that shows this certificate with its intermediate."""
        leaf = self.signed(name, subject, "middle", "extendedKeyUsage=clientAuth\n", days)
        chain = self.folder / f"{name}.chain"
        chain.write_text(leaf.read_text() + self.middle.read_text())
        context = anonymous()
        context.load_cert_chain(chain, self.folder / f"{name}.key")
        return context


def anonymous():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Client:
    def __init__(self, installation):
        self.installation = installation
        self.where = urllib.parse.urlsplit(installation.url)

    def status(self, context, method, path, body=b"", headers=None):
        """The answer's status; 0 when the connection was ended instead."""
        connection = http.client.HTTPSConnection(self.where.hostname, self.where.port, context=context, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def post(self, context, body):
        mac = hmac.new(self.installation.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return self.status(context, "POST", "/webhooks/whatsapp", body, {"X-Hub-Signature-256": "sha256=" + mac})

    def shake(self, context):
        token = self.installation.verify_token
        return self.status(context, "GET", f"/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}")


def check_who_gets_in(client, ours, theirs):
    body = json.dumps({"entry": []}).encode()
    meta = ours.client("meta")
    must((client.post(meta, body), client.shake(meta)) == (200, 200), "Meta is let in")
    refused = {"nobody": anonymous(), "another name": ours.client("other", "/CN=somebody.else")}
    for who, context in refused.items():
        must((client.post(context, body), client.shake(context)) == (403, 403), f"{who} is refused at the webhook")
        must(client.status(context, "GET", "/api/auth/get-session") == 401, f"{who} may use the API")
    for who, context in {"expired": ours.client("expired", days=-1), "of another authority": theirs.client("meta")}.items():
        must(client.post(context, body) == 0, f"a certificate {who} ends the handshake")
        must(client.status(context, "GET", "/api/auth/get-session") == 0, f"a certificate {who} is not served at all")


def check_reload(installation, client, ca_file, ours, theirs):
    ca_file.write_text(theirs.root.read_text())
    os.kill(installation.daemon.pid, signal.SIGHUP)
    fresh = theirs.client("fresh")
    wait_for("the new authorities", lambda: client.post(fresh, b"{}") == 200)
    must(client.post(ours.client("late"), b"{}") == 0, "the old ones are out of force")
    ca_file.write_text("no certificate")
    os.kill(installation.daemon.pid, signal.SIGHUP)
    log = pathlib.Path(installation.daemon.log)
    wait_for("the complaint", lambda: "clients' authorities" in log.read_text())
    must(client.post(fresh, b"{}") == 200, "a bad file leaves the good ones in force")


def check_half_a_setting(folder, ca_file):
    """Nobody is let in because a proxy was forgotten: it does not start."""
    path = pathlib.Path(folder, "half.toml")
    path.write_text(f'data_dir = "{folder}/half"\n[http]\nlisten = "127.0.0.1:0"\nclient_ca_file = "{ca_file}"\n')
    program = Program("waypostd", [PROGRAMS / "waypostd", "--config", path], pathlib.Path(folder, "half.log"))
    must(program.process.wait(20) != 0, "it does not start without TLS")
    words = pathlib.Path(folder, "half.log").read_text()
    must("needs TLS on this listener" in words and "proxy" in words, "and says what to do", words)


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-mtls-") as folder:
        ours, theirs = Authority(f"{folder}/ours"), Authority(f"{folder}/theirs")
        ca_file, certificate, key = (pathlib.Path(folder, name) for name in ("meta-ca.pem", "server.pem", "server.key"))
        ca_file.write_text(ours.root.read_text())
        openssl("req", "-x509", "-days", 2, "-subj", "/CN=localhost", *KEY, "-keyout", key, "-out", certificate)
        check_half_a_setting(folder, ca_file)
        http_keys = {"certificate_file": str(certificate), "key_file": str(key), "client_ca_file": str(ca_file)}
        with Installation(f"{folder}/waypost", settings=settings(http=http_keys)) as installation:
            installation.add_app()
            client = Client(installation)
            check_who_gets_in(client, ours, theirs)
            check_reload(installation, client, ca_file, ours, theirs)


if __name__ == "__main__":
    run_test(test)
