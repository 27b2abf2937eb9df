"""Generate the Python stubs of the contract: `python scripts/stubs.py [--check]`.

With --check nothing is written; the exit code is 1 where the committed stubs differ from the contract.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROTOS = ROOT / "protos"
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def generate(target: Path) -> None:
    """Write the stubs of every proto file below `target`."""
    files = [str(path.relative_to(PROTOS)) for path in sorted(PROTOS.rglob("*.proto"))]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}"]
    outputs = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python", "mypy_grpc")]
    plugins = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run([*command, *outputs, *files], check=True, env=plugins)
    for service_stub in target.rglob("*_pb2_grpc.py"):
        messages_only = not service_stub.with_suffix(".pyi").exists()
        if messages_only or "class " not in service_stub.read_text():
            service_stub.unlink()
            service_stub.with_suffix(".pyi").unlink(missing_ok=True)


def stubs_below(folder: Path) -> set[Path]:
    """Return the generated files below `folder`, relative to it."""
    below = folder / "assaycache"
    return {path.relative_to(folder) for pattern in GENERATED for path in below.rglob(pattern)}


def differences(fresh: Path) -> list[Path]:
    """Return the stubs that are missing, superfluous or different in the tree."""
    wanted, present = stubs_below(fresh), stubs_below(ROOT)
    changed = {path for path in wanted & present if not filecmp.cmp(fresh / path, ROOT / path, shallow=False)}
    return sorted((wanted ^ present) | changed)


def main() -> int:
    """Generate, or check."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        stale = differences(fresh)
        if "--check" in sys.argv[1:]:
            for path in stale:
                print(f"stale: {path}")
            return 1 if stale else 0
        for path in stale:
            target = ROOT / path
            if (fresh / path).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(fresh / path, target)
            else:
                target.unlink()
            print(f"written: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
