"""The binary as a process on free ports, with known credentials."""

import json
import os
import re
import secrets
import string
import subprocess

import postgres
from process import Fixture, Process

START_SECONDS = 120
COMMAND_SECONDS = 60
LISTENING = re.compile(r"listening on (https?)://(\S+)")


class Server(Fixture):
    """A running `stagepost serve --demo` on an empty store, "sqlite" or "postgres"; `urls` holds its address by
    scheme. `options` are further arguments of `serve`.
    """

    def __init__(self, binary, store, options=()):
        super().__init__("stagepost-compat-")
        self.binary, self.store = os.path.abspath(binary), store
        self.data = os.path.join(self.dir, "data")
        self.certificate = os.path.join(self.data, "tls", "cert.pem")
        self.user, self.password = "admin", secrets.token_urlsafe(24)
        self.ak = random_text(string.ascii_uppercase + string.digits, 20)
        self.sk = random_text(string.ascii_letters + string.digits, 40)
        self.token = "spt_" + secrets.token_hex(32)
        self._printed = {}
        database = ["--database", postgres.database()] if store == "postgres" else []
        listen = ["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]
        self.process = Process(
            [self.binary, "serve", "--demo", *listen, "--data", self.data, *database, *options],
            clean_environment(
                STAGEPOST_ADMIN_USER=self.user,
                STAGEPOST_ADMIN_PASSWORD=self.password,
                STAGEPOST_ADMIN_AK=self.ak,
                STAGEPOST_ADMIN_SK=self.sk,
                STAGEPOST_ADMIN_TOKEN=self.token,
            ),
            stderr=subprocess.PIPE,
        )

    @property
    def urls(self):
        found = filter(None, map(LISTENING.search, self.lines))
        return {listening[1]: f"{listening[1]}://{listening[2]}" for listening in found}

    def wait_until_ready(self):
        if not self.process.wait_for(lambda: len(self.urls) == 2, START_SECONDS):
            raise RuntimeError("the server did not become ready:\n" + "".join(self.lines))

    def cli(self, *args):
        """Runs the command line of the binary as the administrator; returns the output of `--json`."""
        environment = clean_environment(
            STAGEPOST_SERVER=self.urls["http"],
            STAGEPOST_TOKEN=self.token,
            STAGEPOST_LANG="en",
            XDG_CONFIG_HOME=self.dir,
        )
        done = subprocess.run(
            [self.binary, *args, "--json"],
            env=environment,
            cwd=self.dir,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise RuntimeError(f"stagepost {' '.join(args)}: exit code {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def printed_environment(self, language):
        """The variables that `stagepost env LANGUAGE` sets in a shell that has only PATH. The command runs once for
        each language.
        """
        if language not in self._printed:
            self._printed[language] = self._print_environment(language)
        return dict(self._printed[language])

    def _print_environment(self, language):
        script = 'eval "$("$1" env "$2")" && env -0'
        bare = {"PATH": os.environ["PATH"], "STAGEPOST_DATA": self.data}
        done = subprocess.run(
            ["bash", "-c", script, "bash", self.binary, language],
            env=bare,
            cwd=self.dir,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise RuntimeError(f"stagepost env {language}: exit code {done.returncode}: {done.stderr}")
        left = dict(setting.split("=", 1) for setting in done.stdout.split("\0") if setting)
        # Those of bash, and the one that named the server.
        others = ("PWD", "OLDPWD", "SHLVL", "_", "STAGEPOST_DATA")
        return {name: value for name, value in left.items() if name not in others}

    def sdk_environment(self, scheme):
        """The variables that a user sets for a sample."""
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


def clean_environment(**extra):
    """The environment of this process without the variables that the server or an SDK would read."""
    prefixes = ("STAGEPOST_", "HUAWEICLOUD_", "CLOUD_SDK_", "REQUESTS_", "CURL_CA")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(prefixes) and not name.lower().endswith("_proxy")
    }
    return environment | extra


def random_text(alphabet, length):
    return "".join(secrets.choice(alphabet) for _ in range(length))
