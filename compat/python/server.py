"""The real binary as a process on free ports, with known credentials."""

import os
import re
import secrets
import shutil
import signal
import string
import subprocess
import tempfile
import threading

START_SECONDS = 120
STOP_SECONDS = 60
LISTENING = re.compile(r"listening on (https?)://(\S+)")


class Server:
    """A running `stagepost serve --demo`; `urls` holds its address by scheme."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.dir = tempfile.mkdtemp(prefix="stagepost-compat-")
        self.data = os.path.join(self.dir, "data")
        self.certificate = os.path.join(self.data, "tls", "cert.pem")
        self.user, self.password = "admin", secrets.token_urlsafe(24)
        self.ak = word(string.ascii_uppercase + string.digits, 20)
        self.sk = word(string.ascii_letters + string.digits, 40)
        self.token = "spt_" + secrets.token_hex(32)
        self.urls, self.said = {}, []
        self._moved = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            [self.binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--data", self.data],
            env=clean_environment(
                STAGEPOST_ADMIN_USER=self.user,
                STAGEPOST_ADMIN_PASSWORD=self.password,
                STAGEPOST_ADMIN_AK=self.ak,
                STAGEPOST_ADMIN_SK=self.sk,
                STAGEPOST_ADMIN_TOKEN=self.token,
            ),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self):
        with self._moved:
            self._moved.wait_for(lambda: len(self.urls) == 2 or self._ended, START_SECONDS)
        if len(self.urls) != 2:
            raise RuntimeError("the server did not become ready:\n" + "".join(self.said))

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.remove()

    def remove(self):
        """Leaves nothing behind, however it went."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def sdk_environment(self, scheme):
        """Everything a user sets to point a sample here, and no more."""
        url = self.urls[scheme]
        return {
            "CLOUD_SDK_AK": self.ak,
            "CLOUD_SDK_SK": self.sk,
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": url,
            "HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4": url,
            "HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4": url,
            "REQUESTS_CA_BUNDLE": self.certificate,
            "NO_PROXY": "127.0.0.1",
        }

    def _read(self):
        # To the end, or a full pipe would stop the server.
        for line in self.process.stderr:
            with self._moved:
                self.said.append(line)
                found = LISTENING.search(line)
                if found:
                    self.urls[found[1]] = f"{found[1]}://{found[2]}"
                self._moved.notify_all()
        with self._moved:
            self._ended = True
            self._moved.notify_all()


def clean_environment(**extra):
    """This process's environment without settings that would reach the server or an SDK."""
    prefixes = ("STAGEPOST_", "HUAWEICLOUD_", "CLOUD_SDK_", "REQUESTS_", "CURL_CA")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(prefixes) and not name.lower().endswith("_proxy")
    }
    return kept | extra


def word(alphabet, length):
    return "".join(secrets.choice(alphabet) for _ in range(length))
