"""Which analysis a file is for, by its content; by its name only where the content is not conclusive."""

from rpc.errors import InvalidArgument
from rpc.reasons import Reason

HEAD_BYTES = 512
"""One C3D block: enough to tell the formats apart."""

EMG_SESSION = "emg.session"

_C3D_MAGIC = 0x50


def pipeline_for(head: bytes, file_name: str) -> str:
    """Return the name of the pipeline for a file that begins with `head`.

    A file that only its name calls C3D goes to the same pipeline, which says what is wrong with it.

    Raises:
        InvalidArgument: FILE_FORMAT_UNKNOWN, FILE_EMPTY.
    """
    if is_c3d(head) or file_name.lower().endswith(".c3d"):
        return EMG_SESSION
    if not head:
        raise InvalidArgument(Reason.FILE_EMPTY, "The file is empty: it has no bytes.")
    raise InvalidArgument(
        Reason.FILE_FORMAT_UNKNOWN, "The file is of no format that can be analysed here; C3D recordings can be."
    )


def is_c3d(head: bytes) -> bool:
    """Tell whether bytes begin a C3D file: its first byte numbers the parameter block, its second is 0x50.

    A header block has many zero bytes and text has none, by which the text "2P…" is told apart.
    """
    return len(head) >= 2 and head[0] >= 2 and head[1] == _C3D_MAGIC and 0 in head
