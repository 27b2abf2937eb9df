"""Real recordings for tests."""

import os
from pathlib import Path

from assaycache.samples import fetch_demo_recording

CHECKOUT = Path(__file__).parents[2]
SHARED_C3D = CHECKOUT.parent / "shared" / "data" / "c3d"


def demo_recording() -> Path:
    """The demo recording (16 EMG channels, 2 kHz, 8 s), fetched on first use."""
    folder = os.environ.get("ASSAYCACHE_SAMPLES")
    return fetch_demo_recording(Path(folder) if folder else CHECKOUT / ".assaycache" / "samples")
