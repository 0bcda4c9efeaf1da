"""The life of the package on a Debian system with systemd: installed, used, upgraded, put back, removed and purged."""

import json
import os
import stat
import unittest

import built
from machine import REFUSAL, Machine

TOKEN = "spt_" + "0123456789abcdef" * 4
SHA = "1c46c505c84853887efe2ea9ea02a1333bae2237"
DATA = "/var/lib/stagepost"
LOGS = "/var/log/stagepost"
SETTINGS = "/etc/default/stagepost"
OLD = "/packages/old/stagepost.deb"
# systemd counts in tenths: 12 is the exposure 1.2.
MAX_EXPOSURE = 12


@unittest.skipIf(REFUSAL, REFUSAL)
class Package(unittest.TestCase):
    """The tests follow each other on one system, in the order of their names."""

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(built.system()):
            raise unittest.SkipTest("no Debian system was installed")
        cls.machine = Machine(built.system(), built.files())
        cls.addClassCleanup(cls.machine.remove)
        cls.version = cls.machine.run("dpkg-deb", "--field", cls.new(), "Version").strip()

    @classmethod
    def new(cls):
        return f"/packages/{os.path.basename(built.find('stagepost_*.deb'))}"

    def stagepost(self, *command, **variables):
        return self.machine.run("stagepost", *command, STAGEPOST_DATA=DATA, **variables)

    def jobs(self):
        listed = json.loads(self.stagepost("--json", "jobs", "--repo", "acme/demo"))
        return sorted((job["name"], job["status"]) for job in listed)

    def report(self, name):
        commit = ["--repo", "acme/demo", "--sha", SHA, "--ref", "main"]
        self.stagepost("report", *commit, "--name", name, "--status", "success")

    def install(self, package):
        self.machine.run("apt-get", "install", "--yes", "--allow-downgrades", package)

    def installed(self):
        return self.machine.run("dpkg-query", "--show", "--showformat=${Version}", "stagepost")

    def main_process(self):
        return self.machine.run("systemctl", "show", "--property=MainPID", "--value", "stagepost").strip()

    def assert_running(self):
        state = self.machine.try_to("systemctl", "is-active", "stagepost").stdout.strip()
        log = self.machine.try_to("journalctl", "--no-pager", "--unit", "stagepost").stdout
        self.assertEqual(state, "active", log)
        self.assertEqual(self.stagepost("api", "/readyz").strip(), "ok")

    def test_1_installing_starts_the_service_with_its_credential(self):
        credential = self.machine.path("/etc/credstore/stagepost.admin-token")
        os.makedirs(os.path.dirname(credential), mode=0o700, exist_ok=True)
        with open(os.open(credential, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{TOKEN}\n")
        self.install(OLD)
        # The service counts as started when it listens.
        self.assert_running()
        self.assertEqual(self.installed(), built.OLD_VERSION)
        self.assertEqual(self.machine.run("systemctl", "is-enabled", "stagepost").strip(), "enabled")
        me = self.machine.run("stagepost", "--json", "whoami", STAGEPOST_TOKEN=TOKEN)
        self.assertIn('"admin"', me)
        # Only the user of the service reads the data, and the journal shows no secret.
        data = os.stat(self.machine.path(DATA))
        self.assertEqual(stat.S_IMODE(data.st_mode), 0o700)
        self.assertEqual(str(data.st_uid), self.machine.run("id", "--user", "stagepost").strip())
        with open(self.machine.path(f"{DATA}/admin.toml"), encoding="utf-8") as file:
            secrets = [line.split('"')[1] for line in file if '"' in line and not line.startswith("user")]
        log = self.machine.run("journalctl", "--no-pager", "--unit", "stagepost")
        self.assertIn("created the administrator admin", log)
        self.assertFalse([secret for secret in [*secrets, "once="] if secret in log], log)

    def test_2_a_report_is_listed(self):
        self.stagepost("repo", "add", "acme/demo")
        self.report("unit tests")
        self.assertEqual(self.jobs(), [("unit tests", "success")])
        self.assertIn(SHA[:8], self.stagepost("pipelines", "--repo", "acme/demo"))

    def test_3_the_service_has_few_rights(self):
        exposure = self.machine.try_to(
            *["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={MAX_EXPOSURE}"],
            "/lib/systemd/system/stagepost.service",
        )
        self.assertEqual(exposure.returncode, 0, exposure.stdout + exposure.stderr)
        self.assertEqual(
            self.machine.run("systemd-analyze", "verify", "--man=no", "/lib/systemd/system/stagepost.service"), ""
        )
        status = self.machine.run("cat", f"/proc/{self.main_process()}/status")
        process = dict(line.split(":\t", 1) for line in status.splitlines())
        self.assertNotIn("0", process["Uid"].split())
        self.assertEqual((int(process["CapEff"], 16), process["NoNewPrivs"], process["Seccomp"]), (0, "1", "2"))

    def test_4_a_reload_and_a_stop_are_clean(self):
        process = self.main_process()
        self.machine.run("systemctl", "reload", "stagepost")
        self.assert_running()
        self.assertEqual(self.main_process(), process)
        self.machine.run("systemctl", "restart", "stagepost")
        self.assert_running()
        self.assertNotEqual(self.main_process(), process)
        ended = self.machine.run("journalctl", "--no-pager", "--unit", "stagepost", "--grep", "INFO stopped$")
        self.assertIn("stopped", ended)

    def test_5_an_upgrade_keeps_data_and_settings(self):
        with open(self.machine.path(SETTINGS), "a", encoding="utf-8") as file:
            file.write("STAGEPOST_LISTEN=127.0.0.1:8090\n")
        self.install(self.new())
        self.assertEqual(self.installed(), self.version)
        self.assert_running()
        self.assertIn("8090", self.stagepost("open"))
        self.report("lint")
        self.assertEqual(self.jobs(), [("lint", "success"), ("unit tests", "success")])

    def test_6_the_older_version_comes_back(self):
        self.install(OLD)
        self.assertEqual(self.installed(), built.OLD_VERSION)
        self.assert_running()
        self.assertEqual(len(self.jobs()), 2)

    def test_7_a_removed_package_leaves_data_and_settings(self):
        self.machine.run("apt-get", "remove", "--yes", "stagepost")
        self.assertNotEqual(self.machine.try_to("systemctl", "is-active", "stagepost").returncode, 0)
        self.assertFalse(os.path.exists(self.machine.path("/usr/bin/stagepost")))
        with open(self.machine.path(SETTINGS), encoding="utf-8") as file:
            self.assertIn("8090", file.read())
        self.assertTrue(os.path.exists(self.machine.path(f"{DATA}/stagepost.db")))
        self.install(self.new())
        self.assert_running()
        self.assertEqual(len(self.jobs()), 2)

    def test_8_an_operator_disables_the_service(self):
        self.machine.run("systemctl", "disable", "--now", "stagepost")
        self.install(OLD)
        for question, answer in (("is-enabled", "disabled"), ("is-active", "inactive")):
            self.assertEqual(self.machine.try_to("systemctl", question, "stagepost").stdout.strip(), answer)

    def test_9_a_purged_package_leaves_only_its_user(self):
        self.machine.run("apt-get", "purge", "--yes", "stagepost")
        for path in (DATA, LOGS, SETTINGS, "/lib/systemd/system/stagepost.service", "/usr/share/doc/stagepost"):
            self.assertFalse(os.path.exists(self.machine.path(path)), path)
        self.machine.run("id", "stagepost")
        self.assertTrue(self.machine.stop(), self.machine.console())
