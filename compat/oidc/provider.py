"""The provider `oidc-provider` of npm as a process, and a server that signs people in with it."""

import json
import os
import secrets
import socket

import node_packages
import server
from process import Fixture, Process

HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 60


def install():
    return node_packages.install(HERE)


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
