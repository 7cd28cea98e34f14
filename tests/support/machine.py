"""A machine with systemd as its first process: namespaces over this one's file system, to which nothing is written."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.running import eventually

SYSTEMD = "/lib/systemd/systemd"
NEEDS = ("unshare", "nsenter", "chroot", "pivot_root", "systemctl")
BOOT = """\
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
root="$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
mount -t proc proc "$root/proc"
for folder in run tmp dev sys; do mount -t tmpfs -o mode=1777 tmpfs "$root/$folder"; done
chmod 755 "$root/run" "$root/dev" "$root/sys"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev/$device"; done
mkdir -p "$root/sys/fs/cgroup" "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
cp -a "$2/." "$root/"
mkdir -p "$root/opt/python"
mount --bind "$4" "$root/opt/python"
chroot "$root" sh -eu -c "$3"
mkdir "$root/run/before"
cd "$root"
pivot_root . run/before
umount -l /run/before
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin {systemd} --system --unit=basic.target
"""
NOT_NEEDED = "systemd-udevd systemd-udev-trigger systemd-binfmt systemd-firstboot".split()


def lacks() -> str:
    """Why this machine cannot start another one, "" where it can try."""
    missing = [name for name in NEEDS if not shutil.which(name)] + [SYSTEMD] * (not Path(SYSTEMD).exists())
    if missing or os.geteuid() != 0:
        return f"a machine of our own needs root's rights and systemd; missing: {', '.join(missing) or 'root'}"
    return ""


@dataclass
class Machine:
    """`files`: a folder whose files are put over the root; `prepare`: commands of the shell before the start. There our
    Python is /opt/python, where any user may run it."""

    folder: Path
    files: Path
    prepare: str
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        units = self.files / "etc/systemd/system"
        units.mkdir(parents=True, exist_ok=True)
        for name in NOT_NEEDED:
            (units / f"{name}.service").symlink_to("/dev/null")
        boot = BOOT.replace("{systemd}", SYSTEMD)
        words = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net", "--fork", "--kill-child", "sh"]
        here = [str(self.folder), str(self.files), self.prepare, sys.base_prefix]
        with (self.folder.parent / "console").open("wb") as console:
            self.process = subprocess.Popen([*words, "-c", boot, "sh", *here], stdout=console, stderr=console)
        try:
            eventually(lambda: self.process and (self.process.poll() is not None or self.is_up()), 60)
        except AssertionError:
            self.end()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(20)

    @property
    def said(self) -> str:
        return (self.folder.parent / "console").read_text(errors="replace")

    def is_up(self) -> bool:
        return bool(self.first()) and self.run("systemctl is-active basic.target", check=False).strip() == "active"

    def first(self) -> int:
        """The first process of the machine, by its number here; 0 before it began."""
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            found = int(children.read_text().split()[0])
            return found if SYSTEMD.encode() in Path(f"/proc/{found}/cmdline").read_bytes() else 0
        except (OSError, IndexError):
            return 0

    def run(self, command: str, *, check: bool = True) -> str:
        """What a command of the shell prints there, by root."""
        spaces = ["--pid", "--net", "--uts", "--ipc", "--mount", "--root", "--wd"]
        words = ["nsenter", f"--target={self.first()}", *spaces]
        done = subprocess.run([*words, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0 or not check, (command, done.stdout, done.stderr, self.journal())
        return done.stdout

    def journal(self) -> str:
        return self.run("journalctl --no-pager -n 30 -o cat", check=False)

    def write(self, path: str, text: str) -> None:
        self.run(f"cat > {shlex.quote(path)} <<'END'\n{text}\nEND")
