"""The files: checksums, the archive, the list of components, and the package as lintian sees it."""

import json
import os
import stat
import subprocess
import tarfile
import tempfile
import unittest

import built
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

# Of lintian: each takes seconds, one renders every manual page.
SLOW_CHECKS = "documentation/manual,binaries/spelling,libraries/embedded"


class Files(unittest.TestCase):
    def test_the_checksums_are_right_and_complete(self):
        built.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=built.files())
        with open(built.find("SHA256SUMS"), encoding="utf-8") as file:
            summed = {line.split()[1] for line in file}
        self.assertEqual(summed | {"SHA256SUMS", "old"}, set(os.listdir(built.files())))

    def test_compose_files_name_the_image(self):
        version = built.run([built.find("stagepost-*-linux"), "--version"]).split()[1]
        for name in ("compose.yaml", "compose.cluster.yaml"):
            with open(built.find(name), encoding="utf-8") as file:
                text = file.read()
            self.assertIn(f"image: stagepost:{version}\n", text)
            self.assertNotIn("@VERSION@", text)

    def test_compose_accepts_the_compose_files(self):
        for name, services in (
            ("compose.yaml", ["server"]),
            ("compose.cluster.yaml", ["database", "node1", "node2", "node3"]),
        ):
            listed = built.run(["docker-compose", "--file", built.find(name), "config", "--services"])
            self.assertEqual(sorted(listed.split()), services)

    def test_the_archive_unpacks_below_a_prefix(self):
        with tempfile.TemporaryDirectory() as prefix:
            # A folder that exists, such as /usr/local/bin, keeps its mode.
            folder = os.path.join(prefix, "bin")
            os.mkdir(folder)
            os.chmod(folder, 0o2775)
            unpack = ["tar", "--extract", "--file", built.find("*-linux.tar.gz"), "--directory", prefix]
            built.run([*unpack, "--strip-components=1", "--no-overwrite-dir", "--keep-directory-symlink"])
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o2775)
            program = os.path.join(prefix, "bin", "stagepost")
            version = built.run([program, "--version"]).split()[1]
            self.assertIn(f"stagepost-{version}-", os.path.basename(built.find("*-linux.tar.gz")))
            for shell, path in (
                ("bash", "share/bash-completion/completions/stagepost"),
                ("zsh", "share/zsh/site-functions/_stagepost"),
                ("fish", "share/fish/vendor_completions.d/stagepost.fish"),
            ):
                with open(os.path.join(prefix, path), encoding="utf-8") as file:
                    self.assertIn("COMPLETE", file.read(), shell)
            completion = os.path.join(prefix, "share/bash-completion/completions/stagepost")
            built.run(["bash", "--norc", "-n", completion])
            pages = os.listdir(os.path.join(prefix, "share/man/man1"))
            self.assertIn("stagepost-report-exec.1", pages)

    def test_everything_in_the_archive_belongs_to_root_and_has_one_time(self):
        with tarfile.open(built.find("*-linux.tar.gz")) as archive:
            members = archive.getmembers()
        self.assertEqual({(member.uid, member.gid, member.uname) for member in members}, {(0, 0, "")})
        self.assertEqual(len({member.mtime for member in members}), 1)

    def test_the_list_of_components_is_valid_and_has_the_locked_crates(self):
        with open(built.find("*.cdx.json"), encoding="utf-8") as file:
            text = file.read()
        self.assertIsNone(JsonStrictValidator(SchemaVersion.V1_5).validate_str(text))
        listed = json.loads(text)
        components = {component["name"]: component for component in listed["components"]}
        for name in ("tokio", "rustls", "serde", "libsqlite3-sys"):
            self.assertEqual(len(components[name]["hashes"][0]["content"]), 64, name)
            self.assertTrue(components[name]["purl"].startswith(f"pkg:cargo/{name}@"), name)
        self.assertIn("sqlite", components)
        self.assertIn("jemalloc", components)
        # Only for tests, or not for Linux.
        self.assertFalse({"proptest", "windows-sys", "testkit"} & set(components))
        known = {component["bom-ref"] for component in listed["components"]}
        known.add(listed["metadata"]["component"]["bom-ref"])
        for edge in listed["dependencies"]:
            self.assertLessEqual({edge["ref"], *edge["dependsOn"]}, known)

    def test_the_package_has_no_error_for_lintian(self):
        done = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error", "--dont-check-part", SLOW_CHECKS]
            + [built.find("stagepost_*.deb")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
