"""The provider `oidc-provider` of npm as a process, and a server that signs people in with it."""

import functools
import json
import os
import secrets
import shutil
import socket

import commands
import context
import server
from process import Fixture, Process

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALL_SECONDS = 600
START_SECONDS = 60


@functools.cache
def install():
    """Copies this folder and installs node_modules in the copy, outside the source tree."""
    folder = os.path.join(context.folder, "oidc")
    # npm writes this file last.
    complete = os.path.exists(os.path.join(folder, "node_modules", ".package-lock.json"))
    current = complete and lock_file(folder) == lock_file(HERE)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "node_modules"), dirs_exist_ok=True)
    if current:
        return folder
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    done = commands.build(command, folder, INSTALL_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return folder


def lock_file(folder):
    """The packages that a folder names."""
    with open(os.path.join(folder, "package-lock.json"), encoding="utf-8") as file:
        return file.read()


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Provider(Fixture):
    """A provider. Its port is chosen before it starts, so that the server can be started first."""

    def __init__(self):
        super().__init__("stagepost-oidc-")
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.secret = secrets.token_hex(32)
        self.secret_file = self.write("secret", self.secret)
        self.people = self.write("people.json", "{}")

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def set_people(self, people):
        self.write("people.json", json.dumps(people))

    def settings(self, rules):
        """The configuration file of a server: with a client that has a secret, and with one that has none."""
        provider = f'issuer = "{self.issuer}"\nscopes = "profile,email,groups"\n'
        return self.write(
            "config.toml",
            f'[serve]\n{rules}\n[[serve.oidc]]\nid = "company"\nname = "Company"\nclient-id = "confidential"\n'
            f'client-secret-file = "{self.secret_file}"\n{provider}'
            f'[[serve.oidc]]\nid = "public"\nname = "Public"\nclient-id = "public"\n{provider}',
        )

    def start(self, url):
        """Starts it for a server at this URL."""
        settings = {"ISSUER": self.issuer, "PORT": str(self.port), "SERVER": url}
        settings |= {"PEOPLE": self.people, "SECRET": self.secret}
        program = os.path.join(install(), "provider.mjs")
        environment = server.clean_environment(**settings)
        self.process = Process(["node", program], environment, stdout=-1)
        if not self.process.wait_for(lambda: "listening\n" in self.lines, START_SECONDS):
            raise RuntimeError("the provider did not become ready:\n" + "".join(self.lines))

    def kill(self):
        self.process.kill()
