"""Source distributions unpacked, as data."""

import tarfile
from pathlib import Path, PurePosixPath


def unpack(archive: Path, folder: Path) -> None:
    """Write the regular files of a tar archive below a folder; whatever else it holds, or would put elsewhere, is not.

    Raises
    ------
    tarfile.TarError
        It is no such archive, or is damaged.
    """
    with tarfile.open(archive) as members:
        files = [member for member in members if member.isreg() and _stays_below(member.name)]
        members.extraction_filter = getattr(tarfile, "data_filter", None)  # Python has it since 3.11.4
        members.extractall(folder, files)  # noqa: S202  only files that stay below the folder


def _stays_below(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
