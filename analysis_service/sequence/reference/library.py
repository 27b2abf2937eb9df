"""The references that are at hand: files in a folder, and an index that names them."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis_service.sequence.reference.artefact import SUFFIX, TREE, Artefact, sweep, sync_folder
from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason

if TYPE_CHECKING:  # what builds and opens references loads numba, which whoever only lists them does not need
    from analysis_service.sequence.reference.builder import Report
    from analysis_service.sequence.reference.reference import About, Reference
    from analysis_service.sequence.reference.source import Source

_INDEX = "references.json"


@dataclass(frozen=True)
class Listing:
    """What a library holds.

    Attributes
    ----------
    default : str
        The name of the reference that is meant where none is named; '' in an empty library.
    digests : dict of str to str
        Each name's digest.
    """

    default: str = ""
    digests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What a reference says of itself.

    Attributes
    ----------
    name, version, licence, citation : str
        As its user said.
    sequences : int
        How many it holds.
    ranks : tuple of str
        Highest first.
    has_tree : bool
        Whether a tree relates them.
    """

    name: str
    version: str
    licence: str
    citation: str
    sequences: int
    ranks: tuple[str, ...]
    has_tree: bool


class Library:
    """References in a folder, several at once, one of them the default.

    Processes may share the folder: the index changes under a lock and by renaming; files never change.

    Parameters
    ----------
    folder
        Made if need be.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sweep(self) -> int:
        """Remove what builds that were killed left behind; return how many files that were."""
        return sweep(self._folder)

    def listing(self) -> Listing:
        """What there is.

        Raises
        ------
        ReferenceProblem
            REFERENCE_DAMAGED, if the index is not what was written.
        """
        try:
            said = json.loads((self._folder / _INDEX).read_bytes())
            return Listing(str(said["default"]), {str(k): str(v) for k, v in said["references"].items()})
        except FileNotFoundError:
            return Listing()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            text = f"{_INDEX} is damaged; remove it and add the references again."
            raise ReferenceProblem(ReferenceReason.REFERENCE_DAMAGED, text) from error

    def digest_of(self, name: str = "") -> str:
        """The digest of a reference by its name, by its digest, or of the default.

        Raises
        ------
        ReferenceProblem
            REFERENCE_UNKNOWN.
        """
        listing = self.listing()
        if name in listing.digests.values():
            return name
        found = listing.digests.get(name or listing.default)
        if not found:
            known = ", ".join(sorted(listing.digests)) or "none"
            asked = f"There is no reference {name!r}" if name else "There is no default reference"
            raise ReferenceProblem(ReferenceReason.REFERENCE_UNKNOWN, f"{asked}; there is: {known}.")
        return found

    def open(self, name: str = "", *, is_verified: bool = True) -> "Reference":
        """Open a reference by name or digest, or the default.

        Raises
        ------
        ReferenceProblem
            REFERENCE_UNKNOWN, REFERENCE_DAMAGED or REFERENCE_UNSUPPORTED.
        """
        from analysis_service.sequence.reference.reference import Reference

        return Reference.open(self.path_of(self.digest_of(name)), is_verified=is_verified)

    def path_of(self, digest: str) -> Path:
        """Where the artefact of a digest lies."""
        return self._folder / f"{digest}{SUFFIX}"

    def facts(self, digest: str) -> Facts:
        """What the artefact of a digest says of itself; its content is not verified.

        Raises
        ------
        ReferenceProblem
            REFERENCE_UNKNOWN, REFERENCE_DAMAGED or REFERENCE_UNSUPPORTED.
        """
        head = Artefact(self.path_of(digest), is_verified=False).head
        arrays, ranks = head["arrays"], tuple(head["ranks"])
        return Facts(**head["about"], sequences=arrays["paths"]["shape"][0], ranks=ranks, has_tree=TREE in arrays)

    def add(
        self, source: "Source", about: "About", report: "Report | None" = None, *, is_replacing: bool = False
    ) -> str:
        """Build a reference, name it, and return its digest; the first one becomes the default.

        Raises
        ------
        ReferenceProblem
            REFERENCE_INVALID, or REFERENCE_EXISTS if the name stands for another one that is not to be replaced.
        """
        if not about.name or "/" in about.name:
            raise ReferenceProblem(ReferenceReason.REFERENCE_INVALID, "A reference needs a name without '/'.")
        from analysis_service.sequence.reference.builder import build

        digest = build(source, about, self._folder, report).name.removesuffix(SUFFIX)
        with self._changing() as listing:
            before = listing.digests.get(about.name, digest)
            digests = {**listing.digests, about.name: digest}
            if before != digest and not is_replacing:
                self._discard(digest, listing)
                text = f"There is another reference {about.name!r}; remove it first, or replace it."
                raise ReferenceProblem(ReferenceReason.REFERENCE_EXISTS, text)
            changed = replace(listing, default=listing.default or about.name, digests=digests)
            self._store(changed)
            self._discard(before, changed)
        return digest

    def choose(self, name: str) -> None:
        """Make a reference the default.

        Raises
        ------
        ReferenceProblem
            REFERENCE_UNKNOWN.
        """
        with self._changing() as listing:
            self._require(name, listing)
            self._store(replace(listing, default=name))

    def remove(self, name: str) -> None:
        """Remove a reference. Processes that have it open keep it until they close it.

        Raises
        ------
        ReferenceProblem
            REFERENCE_UNKNOWN.
        """
        with self._changing() as listing:
            self._require(name, listing)
            digests = {other: digest for other, digest in listing.digests.items() if other != name}
            default = listing.default if listing.default != name else next(iter(sorted(digests)), "")
            changed = Listing(default, digests)
            self._store(changed)
            self._discard(listing.digests[name], changed)

    def _require(self, name: str, listing: Listing) -> None:
        if name not in listing.digests:
            raise ReferenceProblem(ReferenceReason.REFERENCE_UNKNOWN, f"There is no reference {name!r}.")

    def _discard(self, digest: str, listing: Listing) -> None:
        if digest not in listing.digests.values():
            self.path_of(digest).unlink(missing_ok=True)

    @contextmanager
    def _changing(self) -> Iterator[Listing]:
        """The listing, which nobody else changes meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f".{_INDEX}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed
            yield self.listing()

    def _store(self, listing: Listing) -> None:
        text = json.dumps({"default": listing.default, "references": listing.digests}, indent=2, sort_keys=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=f".{_INDEX}-")
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._folder / _INDEX)
        sync_folder(self._folder)
