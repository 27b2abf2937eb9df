"""`python -m cache_service.migrations up|down|status`: apply, take back, or list what is not applied."""

import os
import sys

from cache_service.migrations import schema

_COMMANDS = {"up": schema.up, "down": schema.down, "status": schema.pending}


def main(arguments: list[str]) -> int:
    """Run one command on the database that DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL", "")
    if len(arguments) != 1 or arguments[0] not in _COMMANDS or not url:
        print(__doc__, file=sys.stderr)
        return 2
    names = _COMMANDS[arguments[0]](url)
    print("\n".join(names) if names else "nothing")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
