"""Work that is only worth doing while its caller is there."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeVar

from rpc.errors import Cancelled
from rpc.reasons import Reason

Answer = TypeVar("Answer")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def while_present(receive: Receive, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what `work` returns; cancel it when the caller, whose body has been read, disconnects.

    Raises:
        Cancelled: the caller has left.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Cancelled(Reason.CANCELLED, "The caller has left.")
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
