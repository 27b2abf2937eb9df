"""Who waits is woken: by a word, or by the watch that somebody always has."""

import asyncio
import time

from cache_service.waiting import WaitingRoom

KEY = b"k" * 32
TICK_SECONDS = 0.05
PATIENCE_SECONDS = 30.0


async def looks(room: WaitingRoom, count: int, slept: list[float]) -> None:
    """Wait as a reservation does: look, sleep, look again."""
    with room.waiter(KEY) as waiter:
        for _ in range(count):
            await waiter.sleep(PATIENCE_SECONDS, TICK_SECONDS)
            slept.append(time.monotonic())


async def waiting(room: WaitingRoom, number: int) -> tuple[list[asyncio.Task[None]], list[list[float]]]:
    """Let so many wait; the first one has the watch."""
    looked: list[list[float]] = [[] for _ in range(number)]
    tasks = []
    for own in looked:
        tasks.append(asyncio.create_task(looks(room, 1000, own)))
        await asyncio.sleep(0)
    return tasks, looked


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_only_the_watch_looks_by_the_clock() -> None:
    tasks, looked = await waiting(WaitingRoom(None), 3)
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        while len(looked[0]) < 3:
            await asyncio.sleep(TICK_SECONDS)
    await stop(tasks)
    assert looked[1:] == [[], []]


async def test_the_watch_goes_on_when_several_leave_at_once() -> None:
    tasks, looked = await waiting(WaitingRoom(None), 5)
    for task in tasks[:4]:  # the watch, and each who would have it next, as when their process is killed
        task.cancel()
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        while len(looked[4]) < 3:
            await asyncio.sleep(TICK_SECONDS)
    await stop(tasks)


async def test_a_word_wakes_all() -> None:
    room = WaitingRoom(None)
    tasks, looked = await waiting(room, 3)
    await room.wake(KEY)
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        while not all(looked):
            await asyncio.sleep(TICK_SECONDS)
    await stop(tasks)


async def test_the_room_knows_how_many_are_in_it() -> None:
    room = WaitingRoom(None)
    tasks, _ = await waiting(room, 3)
    assert room.inside == 3
    await stop(tasks)
    assert room.inside == 0
