"""Real sequences to try things on, fetched once and kept: references and isolates of Phytophthora."""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from assaycache.archives import unpack
from assaycache.samples import SampleUnavailableError

_VERSION = "1.0.24"
_PACKAGE = f"thapbi-pict=={_VERSION}"  # MIT licence; carries curated ITS1 references, isolates and reads
_ROOT = f"thapbi_pict-{_VERSION}"


def fetch_demo_sequences(folder: Path) -> Path:
    """The package's files: out of `folder`, or out of a downloaded source distribution, of which nothing is installed.

    Parameters
    ----------
    folder
        Where they are kept; made if need be. Concurrent callers do not disturb each other.

    Returns
    -------
    Path
        The unpacked distribution: `database/*_curated.fasta`, `database/single_isolates/`, `tests/reads/`.

    Raises
    ------
    SampleUnavailableError
        The package could not be downloaded, or is not what it should be.
    """
    target = folder / _ROOT
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        unpacked = _unpack(_download(Path(scratch)), Path(scratch))
        try:
            unpacked.rename(target)  # atomic: both lie in one file system
        except OSError:
            if not target.exists():  # else somebody was quicker
                raise
    return target


def _download(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    options = ["--no-binary", ":all:", "--no-build-isolation", "--dest", str(scratch), _PACKAGE]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603  no input of others
    archives = list(scratch.glob("*.tar.gz"))
    if done.returncode != 0 or not archives:
        raise SampleUnavailableError(f"{_PACKAGE} could not be downloaded: {done.stderr.strip()[-500:]}")
    return archives[0]


def _unpack(archive: Path, scratch: Path) -> Path:
    try:
        unpack(archive, scratch)
    except tarfile.TarError as error:
        raise SampleUnavailableError(f"{archive.name} cannot be unpacked") from error
    if not (scratch / _ROOT / "database").is_dir():
        raise SampleUnavailableError(f"{archive.name} does not hold {_ROOT}/database")
    return scratch / _ROOT
