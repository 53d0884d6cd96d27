"""System packages that a bare Debian or Ubuntu lacks: found out, then installed or asked for."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from deploy.local.errors import SetupError
from deploy.local.output import say

# What WeasyPrint loads at run time, with the package that brings it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# What Playwright's own driver loads, beside the browser.
DRIVER_LIBRARIES = {"libatomic.so.1": "libatomic1"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def missing_packages(*, browser: bool) -> list[str]:
    """Return the Debian packages to install, the browser of the tests included on demand."""
    libraries = {**LIBRARIES, **(DRIVER_LIBRARIES if browser else {})}
    packages = [package for name, package in libraries.items() if not _loads(name)]
    if importlib.util.find_spec("ensurepip") is None:
        packages.append("python3-venv")
    if browser and not any(shutil.which(name) for name in BROWSERS):
        packages.append("chromium")
    return packages


def install_packages(packages: Sequence[str]) -> None:
    """Install the packages as root or through sudo; without the right, say the one command.

    sudo is asked not to prompt: nothing waits for a password in the middle of an installation.
    """
    if not packages:
        return
    wanted = " ".join(packages)
    command = f"apt-get install --no-install-recommends -y {wanted}"
    prefix = _elevation()
    if shutil.which("apt-get") is None or prefix is None:
        typed = f"« sudo {command} »" if shutil.which("sudo") else f"sous root « {command} »"
        raise SetupError(f"il manque au système : {wanted} ; tapez {typed} puis relancez.")
    say(f"Installation des paquets du système : {wanted}…")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The list of packages may be old or absent; whether it could be renewed shows just after.
    _apt(prefix, "apt-get update", environment)
    done = _apt(prefix, command, environment)
    if done.returncode != 0:
        raise SetupError(
            f"« {command} » a échoué ({_reason(done.stderr)}) ; vérifiez le réseau, l'espace "
            "disque et les dépôts de paquets, tapez cette commande puis relancez."
        )


def _apt(
    prefix: Sequence[str], command: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, *command.split()],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _elevation() -> list[str] | None:
    """Return what to put before a command to run it as root; None when there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.startswith("E:")]
    return lines[0].removeprefix("E:").strip() if lines else "sans explication"
