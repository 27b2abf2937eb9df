"""The parameters of a file as the result lists them, for who asks for more than the analysis reads of them."""

from dataclasses import dataclass

from analysis_service.emg.c3d.parameters import Parameters


@dataclass(frozen=True, slots=True)
class EmgFileParameter:
    """One parameter of the file, as it is stored; either texts or numbers.

    Attributes
    ----------
    group : str
        Name of its group, upper case.
    name : str
        Its own name, upper case.
    dimensions : tuple of int
        Extents, the fastest running first; that of texts is followed by how many there are. None: a single value.
    texts : tuple of str
        Without padding.
    numbers : tuple of float
        In the order in which they are stored; integers are read signed.
    """

    group: str
    name: str
    dimensions: tuple[int, ...]
    texts: tuple[str, ...]
    numbers: tuple[float, ...]


def listed(parameters: Parameters) -> tuple[EmgFileParameter, ...]:
    """Every parameter that could be read, group by group, in the file's order."""
    return tuple(
        EmgFileParameter(group, name, found.dimensions, tuple(found.texts()), tuple(found.values()))
        for group, members in parameters.groups().items()
        for name, found in members.items()
    )
