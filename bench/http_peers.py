"""What the gateway is measured against, each served by the same HTTP server as the gateway.

`python -m bench.http_peers echo RESULT_FILE ANSWER_FILE` answers with fixed bytes: the limit.
`python -m bench.http_peers earlier DATABASE_URL RESULT_FILE SHA256` is the labs' earlier design: FastAPI, the result in
a JSONB column under the SHA-256 of the upload, turned into JSON for every answer.
Either prints its address and serves until its standard input ends.
"""

import asyncio
import hashlib
import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Form, HTTPException, UploadFile
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.__main__ import bound


def echo(result: bytes, answer: bytes) -> Starlette:
    """Return an application that reads what it is sent and answers with fixed bytes."""

    async def get(request: Request) -> Response:
        if request.headers.get("if-none-match"):
            return Response(status_code=304, headers={"ETag": '"x"'})
        return Response(result, media_type="application/json")

    async def post(request: Request) -> Response:
        async for _ in request.stream():
            pass
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/result", get), Route("/analyze", post, methods=["POST"])])


def earlier(pool: AsyncConnectionPool[Any]) -> FastAPI:
    """Return the labs' earlier design."""
    app = FastAPI()
    find = "SELECT job_id, result FROM earlier_results WHERE sha256 = %s"

    @app.post("/analyze")
    async def analyze(file: UploadFile, metadata: str = Form("{}")) -> dict[str, Any]:
        digest = hashlib.sha256(await file.read()).hexdigest()
        async with pool.connection() as connection:
            row = await (await connection.execute(find, [digest])).fetchone()
        if row is None:
            raise HTTPException(404)
        data = {"file_name": file.filename, "user_metadata": json.loads(metadata), **row[1]}
        return {"status": "success", "job_id": row[0], "cached": True, "data": data}

    @app.get("/jobs/{digest}")
    async def job(digest: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            row = await (await connection.execute(find, [digest])).fetchone()
        if row is None:
            raise HTTPException(404)
        return {"job_id": row[0], "data": row[1]}

    return app


async def serve(app: ASGIApp) -> None:
    """Serve on any port until standard input ends."""
    with bound("127.0.0.1:0") as listener:
        await _serve_on(listener, app)


async def _serve_on(listener: socket.socket, app: ASGIApp) -> None:
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none")
    server = uvicorn.Server(config)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


async def serve_earlier(database_url: str, result: str, digest: str) -> None:
    """Put the one result into the table, and serve it."""
    async with AsyncConnectionPool[Any](database_url, min_size=4, max_size=8, open=False) as pool:
        async with pool.connection() as connection:
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS earlier_results (sha256 text PRIMARY KEY, job_id text, result jsonb)"
            )
            row = [digest, "job", Jsonb(json.loads(result))]
            await connection.execute("INSERT INTO earlier_results VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", row)
        await serve(earlier(pool))


def main() -> None:
    """Serve the peer that the arguments name."""
    kind, *given = sys.argv[1:]
    if kind == "echo":
        asyncio.run(serve(echo(*(Path(name).read_bytes() for name in given))))
    else:
        database_url, result_file, digest = given
        asyncio.run(serve_earlier(database_url, Path(result_file).read_text(), digest))


if __name__ == "__main__":
    main()
