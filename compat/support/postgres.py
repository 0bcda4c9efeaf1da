"""PostgreSQL for the suites: one cluster for all servers of a run, and a database for each server.

STAGEPOST_TEST_POSTGRES names a cluster that runs already, by the URL of its administrator without a database.
Without it this module starts one. As a program it starts one as well: `python3 postgres.py COMMAND...` runs a
command with that variable set; `python3 postgres.py` prints the URL, and stops the cluster when its input ends.
With STAGEPOST_TEST_POSTGRES_FSYNC=on commits wait for the disk. STAGEPOST_TEST_POSTGRES_FOLDER names a folder that keeps the
cluster: it is made there once, and started again later.
"""

import atexit
import functools
import glob
import itertools
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

VARIABLE = "STAGEPOST_TEST_POSTGRES"
# Runs the cluster until its input ends, as it does when the process that started it ends in whatever way.
# What it starts does not keep its output open.
SUPERVISOR = r"""
trap '' HUP INT QUIT TERM
bin=$1 dir=$2 port=$3 sync=$4 mode=$5
{
    { test -e "$dir/data/PG_VERSION" ||
        "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C --locale-provider=icu \
            --icu-locale=en-US --pgdata="$dir/data"; } &&
    printf 'fsync = %s\nfull_page_writes = %s\nmax_connections = 400\n' "$sync" "$sync" >> "$dir/data/postgresql.conf" &&
    "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait -o "-h 127.0.0.1 -p $port -k $dir" start
} > "$dir/start" 2>&1 && echo ready || cat "$dir/start" "$dir/log"
exec 1>&-
cat > /dev/null
"$bin/pg_ctl" --pgdata="$dir/data" --mode="$mode" --wait stop > "$dir/stop" 2>&1
# The process that made the folder removes what is left: this user may not remove the folder itself.
test "$mode" = fast || rm -rf "$dir" 2> /dev/null
"""


@functools.cache
def programs():
    """The folder of the programs of the newest version."""

    def number(folder):
        return int(re.search(r"/(\d+)/bin$", folder)[1])

    debian = sorted(glob.glob("/usr/lib/postgresql/[0-9]*/bin"), key=number, reverse=True)
    for folder in [*debian, *os.get_exec_path()]:
        if all(os.path.exists(os.path.join(folder, name)) for name in ("postgres", "initdb", "pg_ctl", "psql")):
            return folder
    raise RuntimeError("PostgreSQL is missing. On Debian: apt-get install -y --no-install-recommends postgresql")


@functools.cache
def cluster():
    """The URL of the administrator without a database; starts a cluster unless one was given."""
    return os.environ.get(VARIABLE) or start()


def start():
    kept = os.environ.get(f"{VARIABLE}_FOLDER")
    if kept:
        os.makedirs(kept, mode=0o700, exist_ok=True)
    folder = kept or tempfile.mkdtemp(prefix="stagepost-pg-")
    rights = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        user = next(user for name in ("postgres", "nobody") for user in pwd.getpwall() if user.pw_name == name)
        os.chown(folder, user.pw_uid, user.pw_gid)
        rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port = free_port()
    supervisor = subprocess.Popen(
        [
            "sh",
            "-c",
            SUPERVISOR,
            "supervisor",
            programs(),
            folder,
            str(port),
            os.environ.get(f"{VARIABLE}_FSYNC", "off"),
            "fast" if kept else "immediate",
        ],
        env=plain_environment(),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **rights,
    )
    printed = supervisor.stdout.read()
    atexit.register(end, supervisor, None if kept else folder)
    if printed.strip() != "ready":
        raise RuntimeError(f"PostgreSQL does not start:\n{printed}")
    url = f"postgres://postgres@127.0.0.1:{port}"
    if not kept:
        run(url, "CREATE ROLE stagepost LOGIN")
    return url


def end(supervisor, folder):
    supervisor.stdin.close()
    supervisor.wait()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


numbers = itertools.count()


def database():
    """The URL of a new database, whose owner has no other rights."""
    # The processes of a run share the cluster.
    name = f"compat_{os.getpid()}_{next(numbers)}"
    run(cluster(), f"CREATE DATABASE {name} OWNER stagepost")
    return f"{cluster().replace('postgres@', 'stagepost@')}/{name}"


def run(url, statement):
    """Runs a statement as the administrator."""
    command = [
        os.path.join(programs(), "psql"),
        "--no-psqlrc",
        "--quiet",
        "--dbname",
        f"{url}/postgres",
        "--command",
        statement,
    ]
    subprocess.run(command, env=plain_environment(), stdin=subprocess.DEVNULL, check=True)


def plain_environment():
    """Without the settings of the user's own databases."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def free_port():
    """A free port below those that the system uses for outgoing connections."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def main(command):
    url = cluster()
    if not command:
        print(url, flush=True)
        sys.stdin.read()
        return 0
    return subprocess.run(command, env=os.environ | {VARIABLE: url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
