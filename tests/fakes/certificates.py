"""Certificates of a test's own authority, made with openssl."""
import subprocess


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"openssl {arguments[0]}: {done.stderr}")


def authority(folder, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")


def certificate(folder, name, signer, days=30, purpose="serverAuth"):
    """<name>.pem and <name>.key for localhost, replaced in one step each, as a renewing tool does."""
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:localhost\nextendedKeyUsage={purpose}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-keyout", folder / "new.key", "-out", folder / "new.csr")
    openssl("x509", "-req", "-in", folder / "new.csr", "-CA", folder / f"{signer}.pem", "-CAkey", folder / f"{signer}.key",
            "-days", days, "-extfile", extensions, "-out", folder / "new.pem")
    (folder / "new.key").rename(folder / f"{name}.key")
    (folder / "new.pem").rename(folder / f"{name}.pem")
