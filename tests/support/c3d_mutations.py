"""C3D files made wrong: flipped bits, cut and grown files, spliced headers, extreme numbers in the right places."""

import random
from collections.abc import Callable, Sequence

BLOCK = 512
# Where a parameter lies can be found by its name; what follows it is its step, type, dimensions and data.
_NAMES = (b"SCALE", b"GEN_SCALE", b"OFFSET", b"RATE", b"USED", b"FRAMES", b"DATA_START", b"LABELS", b"UNITS", b"FORMAT")
_EXTREMES = (
    bytes(4),
    b"\xff" * 4,
    b"\xff\xff",
    b"\x00\x80",
    b"\xff\x7f",
    b"\x00\x00\x80\x7f",  # infinity of Intel
    b"\x00\x00\xc0\x7f",  # not a number
    b"\x7f\x80\x00\x00",  # infinity of SGI
    b"\x00\x80\x00\x00",  # the reserved operand of DEC
    b"\xff\xff\x7f\x7f",  # the largest of Intel
    b"\x01\x00\x00\x00",  # the smallest of Intel
)

Mutation = Callable[[bytearray, Sequence[bytes], random.Random], None]


def mutated(original: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One file made wrong in one to three ways."""
    content = bytearray(original)
    for mutation in chance.choices(MUTATIONS, k=chance.choice((1, 1, 2, 3))):
        mutation(content, others, chance)
    return bytes(content)


def _flip(content: bytearray, reach: int, chance: random.Random) -> None:
    if not content:
        return
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(min(reach, len(content)))] ^= 1 << chance.randrange(8)


def flip_in_the_header(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    _flip(content, 64, chance)


def flip_in_the_parameters(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    _flip(content, 4 * BLOCK, chance)


def flip_anywhere(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    _flip(content, len(content), chance)


def truncate(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    if content:
        reach = chance.choice((len(content), min(len(content), 4 * BLOCK)))
        del content[chance.randrange(reach) :]


def halve(content: bytearray, _others: Sequence[bytes], _chance: random.Random) -> None:
    del content[len(content) // 2 :]


def grow(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    content += chance.choice((bytes, random.Random(1).randbytes))(chance.randrange(1, 5000))


def splice_the_head(content: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    """The head of another file, as long as its own or not, aligned to blocks or not."""
    other, unit = chance.choice(others), chance.choice((BLOCK, BLOCK, 1))
    theirs = unit * chance.randint(1, 3 * BLOCK // unit)
    ours = theirs if chance.random() < 0.5 else unit * chance.randint(1, 3 * BLOCK // unit)
    content[:ours] = other[:theirs]


def splice_the_tail(content: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    at = BLOCK * chance.randint(1, 4)
    content[at:] = chance.choice(others)[BLOCK * chance.randint(1, 4) :]


def move_a_block(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    blocks = max(1, len(content) // BLOCK)
    source, target = (BLOCK * chance.randrange(blocks) for _ in range(2))
    content[target : target + BLOCK] = content[source : source + BLOCK]


def put_an_extreme_anywhere(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    reach = chance.choice((BLOCK // 16, 4 * BLOCK, len(content)))
    at = chance.randrange(2, max(3, min(reach, len(content))))
    extreme = chance.choice(_EXTREMES)
    content[at : at + len(extreme)] = extreme


def put_an_extreme_into_a_parameter(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    name = chance.choice(_NAMES)
    at = content.find(name)
    if at < 0:
        return
    at += len(name) + chance.randrange(12)
    extreme = chance.choice(_EXTREMES)
    content[at : at + len(extreme)] = extreme


def rename_a_parameter(content: bytearray, _others: Sequence[bytes], chance: random.Random) -> None:
    at = content.find(chance.choice(_NAMES))
    if at >= 0:
        content[at] = chance.randrange(256)


MUTATIONS: tuple[Mutation, ...] = (
    flip_in_the_header,
    flip_in_the_parameters,
    flip_anywhere,
    truncate,
    halve,
    grow,
    splice_the_head,
    splice_the_tail,
    move_a_block,
    put_an_extreme_anywhere,
    put_an_extreme_into_a_parameter,
    rename_a_parameter,
)
