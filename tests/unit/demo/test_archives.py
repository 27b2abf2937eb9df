"""An archive is unpacked as data: files, below the folder that was named, and nothing else."""

import io
import tarfile
from pathlib import Path

import pytest

from assaycache.archives import unpack


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    told = tarfile.TarInfo(name)
    told.type, told.linkname, told.size = kind, target, 4 if kind == tarfile.REGTYPE else 0
    return told


def test_only_regular_files_below_the_folder_are_written(tmp_path: Path) -> None:
    archive, folder = tmp_path / "package.tar.gz", tmp_path / "unpacked"
    folder.mkdir()
    with tarfile.open(archive, "w:gz") as members:
        for told in (
            member("package/database/reference.fasta"),
            member("../outside"),
            member(str(tmp_path / "absolute")),
            member("package/link", tarfile.SYMTYPE, "../../outside"),
        ):
            members.addfile(told, io.BytesIO(b">ITS"))
    unpack(archive, folder)
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()] == [
        "package/database/reference.fasta"
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package.tar.gz", "unpacked"]


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "package.tar.gz"
    archive.write_bytes(b"no archive")
    with pytest.raises(tarfile.TarError):
        unpack(archive, tmp_path)
