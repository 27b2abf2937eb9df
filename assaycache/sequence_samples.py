"""Packages that carry real sequences, fetched once and kept as data."""

import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from assaycache.archives import unpack
from assaycache.packages import SampleUnavailableError, downloaded

_AS_SOURCE = ("--no-binary", ":all:", "--no-build-isolation")


class Distribution(NamedTuple):
    """A source distribution, by what pip calls it."""

    package: str
    root: str
    """The folder that it unpacks to."""
    holds: str
    """A folder below it, without which it is not what it should be."""


THAPBI_PICT = Distribution("thapbi-pict==1.0.24", "thapbi_pict-1.0.24", "database")
"""MIT licence; carries curated ITS1 references, isolates and reads."""


def fetch_demo_sequences(folder: Path) -> Path:
    """Real sequences to try things on: `database/*_curated.fasta`, `database/single_isolates/`, `tests/reads/`.

    See `fetch_distribution`.
    """
    return fetch_distribution(THAPBI_PICT, folder)


def fetch_distribution(wanted: Distribution, folder: Path) -> Path:
    """A package's files: out of `folder`, or out of a downloaded source distribution, of which nothing is installed.

    Parameters
    ----------
    wanted
        Which.
    folder
        Where they are kept; made if need be. Concurrent callers do not disturb each other.

    Returns
    -------
    Path
        The unpacked distribution.

    Raises
    ------
    SampleUnavailableError
        The package could not be downloaded, or is not what it should be.
    """
    target = folder / wanted.root
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        unpacked = _unpack(wanted, downloaded(wanted.package, ".tar.gz", Path(scratch), *_AS_SOURCE), Path(scratch))
        try:
            unpacked.rename(target)  # atomic: both lie in one file system
        except OSError:
            if not target.exists():  # else somebody was quicker
                raise
    return target


def _unpack(wanted: Distribution, archive: Path, scratch: Path) -> Path:
    try:
        unpack(archive, scratch)
    except tarfile.TarError as error:
        raise SampleUnavailableError(f"{archive.name} cannot be unpacked") from error
    if not (scratch / wanted.root / wanted.holds).is_dir():
        raise SampleUnavailableError(f"{archive.name} does not hold {wanted.root}/{wanted.holds}")
    return scratch / wanted.root
