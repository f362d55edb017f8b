"""PostgreSQL over TLS, as its URL says: every connection of the daemon is encrypted and the server's certificate is
checked; to a server that another authority vouches for nothing is said, and the log says why, without the password."""
import json
import pathlib
import socket
import subprocess
import tempfile

from support import Installation, ask, must, psql, run_test, settings, wait_for

PASSWORD = "hush-hush"


def openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2,
            "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}")


def make_certificate(folder, authority):
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", 2, "-out", "server.crt", "-extfile", "names")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encrypt(installation, folder):
    """The private server, started anew with TLS on a port; returns the URL of its socket, and the port."""
    home = pathlib.Path((installation.folder / "postgres" / "home").read_text())
    for name in ("server.key", "server.crt"):
        target = home / "data" / name
        target.write_bytes((folder / name).read_bytes())
        target.chmod(0o600)
        subprocess.run(["chown", "--reference", home / "data", target], check=True)
    port, file = free_port(), installation.folder / "postgres" / "settings"
    kept = [word for word in json.loads(file.read_text()) if not word.startswith("-clisten_addresses")]
    file.write_text(json.dumps([*kept, "-clisten_addresses=127.0.0.1", f"-cport={port}", "-cssl=on"]))
    installation.postgres_cluster("crash")
    installation.postgres_cluster("again")
    return f"postgresql://waypost@/postgres?host={home}&port={port}", port


def url_of(port, authority):
    return (f"postgresql://waypost:{PASSWORD}@localhost:{port}/postgres?hostaddr=127.0.0.1&sslmode=verify-full"
            f"&sslrootcert={authority}")


def check_encrypted(installation, local):
    installation.add_app()
    installation.add_workspace("TLS", "admin@example.com", "correct horse battery")
    ways = psql(local, "SELECT ssl, count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL "
                       "AND backend_type = 'client backend' GROUP BY 1")
    must([way for way, _ in ways] == ["t"], "every connection is encrypted", ways)
    print(f"{ways[0][1]} connections, all encrypted")


def check_stranger(installation, port, other):
    node = installation.nodes[0]
    node.program.stop()
    node.sections["store"]["url"] = url_of(port, other)
    node.start()  # webhooks can be acknowledged without the store
    log = pathlib.Path(node.program.log)
    wait_for("the log to say why", lambda: "certificate verify failed" in log.read_text())
    must(ask("GET", node.url + "/api/workflows").status == 503, "the API waits for the store")
    must(PASSWORD not in log.read_text(), "the password is not in the log")


def test():
    with tempfile.TemporaryDirectory(prefix="waypost-tls-") as name:
        folder = pathlib.Path(name)
        installation = Installation(folder / "one", settings=settings())
        installation.folder.mkdir()
        installation.sandbox_url = "http://127.0.0.1:1"  # nothing is sent
        make_authority(folder, "ours")
        make_authority(folder, "others")
        make_certificate(folder, "ours")
        try:
            installation.start_redis()
            installation.start_postgres()
            local, port = encrypt(installation, folder)
            installation.settings["store"]["url"] = url_of(port, folder / "ours.crt")
            installation.start_nodes()
            check_encrypted(installation, local)
            check_stranger(installation, port, folder / "others.crt")
        finally:
            installation.down()


if __name__ == "__main__":
    run_test(test)
