"""The image: read by skopeo and umoci, and started by runc as a container engine starts it."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import built
from machine import REFUSAL
from process import Process

SECONDS = 60
DATA = "var/lib/stagepost"


def restrict(bundle):
    """Removes the rights that compose.yaml removes, and makes the root read-only. Returns the folder of the data."""
    path = os.path.join(bundle, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    volume = os.path.join(bundle, "volume")
    # An engine gives a new volume the owner and the mode of the folder that it covers.
    below = os.stat(os.path.join(bundle, "rootfs", DATA))
    os.mkdir(volume, below.st_mode & 0o777)
    os.chown(volume, below.st_uid, below.st_gid)
    config["process"] |= {"terminal": False, "capabilities": {}}
    config["root"]["readonly"] = True
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != f"/{DATA}"] + [
        {"destination": f"/{DATA}", "type": "bind", "source": volume, "options": ["bind", "rw"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return volume


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="stagepost-image-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.archive = built.find("*-image.tar")
        cls.layout = os.path.join(cls.folder, "layout")
        os.mkdir(cls.layout)
        built.run(["tar", "--extract", "--file", cls.archive, "--directory", cls.layout])
        [cls.tag] = built.run(["umoci", "ls", "--layout", cls.layout]).split()
        cls.config = json.loads(built.run(["skopeo", "inspect", "--config", "--raw", f"oci:{cls.layout}:{cls.tag}"]))

    def test_it_has_one_layer_and_starts_a_user_without_rights(self):
        inspected = json.loads(built.run(["skopeo", "inspect", f"oci:{self.layout}:{self.tag}"]))
        self.assertEqual(len(inspected["Layers"]), 1)
        self.assertEqual(f"stagepost:{inspected['Labels']['org.opencontainers.image.version']}", self.tag)
        process = self.config["config"]
        self.assertEqual((process["User"], process["StopSignal"]), ("65532:65532", "SIGTERM"))
        self.assertEqual(process["Healthcheck"]["Test"][0], "CMD")

    def test_docker_archives_are_read_from_the_same_file(self):
        inspected = json.loads(built.run(["skopeo", "inspect", f"docker-archive:{self.archive}"]))
        self.assertEqual(len(inspected["Layers"]), 1)

    @unittest.skipIf(REFUSAL, REFUSAL)
    def test_a_container_becomes_healthy_and_ends_on_sigterm(self):
        bundle = os.path.join(self.folder, "bundle")
        # umoci checks the digests.
        built.run(["umoci", "unpack", "--image", f"{self.layout}:{self.tag}", bundle])
        volume = restrict(bundle)
        name = f"stagepost-{os.getpid()}"
        command = ["runc", "run", "--bundle", bundle, name]
        container = Process(command, os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(container.kill)
        self.addCleanup(subprocess.run, ["runc", "delete", "--force", name], capture_output=True)
        ready = container.wait_for(lambda: any("listening on https://" in line for line in container.lines), SECONDS)
        self.assertTrue(ready, "".join(container.lines))
        health = self.config["config"]["Healthcheck"]["Test"][1:]
        self.assertEqual(built.run(["runc", "exec", name, *health]).strip(), "ok")
        status = built.run(["runc", "exec", name, "/usr/bin/stagepost", "repo", "add", "acme/demo"])
        self.assertIn("acme/demo", status)
        # It is the first process, for which the kernel ignores signals that it does not handle.
        [process] = json.loads(built.run(["runc", "ps", "--format", "json", name]))
        with open(f"/proc/{process}/status", encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
        self.assertEqual((status["Uid"].split()[0], status["NSpid"].split()[-1]), ("65532", "1"))
        built.run(["runc", "kill", name, "TERM"])
        self.assertEqual(container.wait(SECONDS), 0, "".join(container.lines))
        self.assertTrue(container.lines[-1].endswith("INFO stopped\n"), "".join(container.lines))
        self.assertIn("stagepost.db", os.listdir(volume))
