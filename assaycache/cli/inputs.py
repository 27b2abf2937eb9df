"""The files that a command line names: by path, by pattern, by folder, or `-` for standard input."""

import glob
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import typer

STANDARD_INPUT = "-"

_ENDINGS = (".c3d", ".fasta", ".fa", ".fna", ".fas", ".fastq", ".fq")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_HEAD_BYTES = 512


@dataclass(frozen=True)
class Input:
    """One file to be analysed."""

    name: str
    """What it is called in messages, and what is recorded."""
    given: Path | IO[bytes]

    def head(self) -> bytes:
        """Return its first bytes, by which formats are told apart.

        Raises:
            OSError: if it cannot be read.
        """
        if isinstance(self.given, Path):
            with self.given.open("rb") as file:
                return file.read(_HEAD_BYTES)
        self.given.seek(0)
        return self.given.read(_HEAD_BYTES)


def inputs_of(named: Iterable[str], *, recursive: bool, name: str) -> list[Input]:
    """Return what was named, each once, in its order; `name` is that of standard input.

    Raises:
        typer.BadParameter: a file is not there, nothing matches a pattern, or a folder was not meant to be opened.
    """
    words = list(dict.fromkeys(named))
    if name and STANDARD_INPUT not in words:
        raise typer.BadParameter("--name names standard input; add - to the files")
    paths = dict.fromkeys(path for word in words for path in _paths(word, recursive))
    return [_standard_input(name) if path is None else Input(path.name, path) for path in paths]


def _paths(word: str, recursive: bool) -> Iterator[Path | None]:
    """Yield the files that a word of the command line means; None for standard input."""
    path = Path(word)
    if word == STANDARD_INPUT:
        yield None
    elif path.is_dir():
        yield from _in_folder(path, recursive)
    elif path.exists():
        yield path
    elif glob.has_magic(word):
        yield from _matching(word, recursive)
    else:
        raise typer.BadParameter(f"{word} does not exist")


def _in_folder(folder: Path, recursive: bool) -> list[Path]:
    if not recursive:
        raise typer.BadParameter(f"{folder} is a folder; --recursive analyses the recordings and sequences in it")
    found = sorted(path for path in folder.rglob("*") if _is_of_ours(path))
    if not found:
        raise typer.BadParameter(f"in {folder} are no files that end in {', '.join(_ENDINGS)}")
    return found


def _matching(pattern: str, recursive: bool) -> Iterator[Path]:
    """Yield the files that match; folders that match are opened only where that was asked for."""
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - Path.glob takes no absolute ones
    if not any(path.is_file() or recursive for path in matches):
        raise typer.BadParameter(f"no file matches {pattern}")
    for path in matches:
        if not path.is_dir():
            yield path
        elif recursive:
            yield from (inner for inner in sorted(path.rglob("*")) if _is_of_ours(inner))


def _is_of_ours(path: Path) -> bool:
    name = path.name.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return name.endswith(_ENDINGS) and not name.startswith(".") and path.is_file()


def _standard_input(name: str) -> Input:
    """Keep what comes in, since it is read twice: hashed, then uploaded if it must be."""
    return Input(name or "stdin", io.BytesIO(sys.stdin.buffer.read()))
