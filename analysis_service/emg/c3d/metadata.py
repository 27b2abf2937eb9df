"""What a C3D file says about the session: person, game, time."""

from dataclasses import fields

from analysis_service.emg.c3d.parameters import Parameter, Parameters
from analysis_service.emg.c3d.recording import Metadata

_GROUPS = ("INFO", "SUBJECTS", "SUBJECT", "SESSION", "GAME", "TRIAL")

# Rehabilitation games write INFO and SUBJECTS; motion capture writes SUBJECTS or SUBJECT.
_NAMES: dict[str, tuple[str, ...]] = {
    "subject": ("PLAYER_NAME", "NAMES", "NAME", "SUBJECT", "SUBJECT_ID", "PATIENT_ID"),
    "session": ("SESSION_ID", "SESSION_NAME", "SESSION", "SESSION_NUMBER"),
    "game": ("GAME_NAME", "GAME"),
    "level": ("GAME_LEVEL", "LEVEL"),
    "score": ("GAME_SCORE", "SCORE"),
    "duration": ("GAME_DURATION", "DURATION"),
    "therapist": ("THERAPIST_ID", "THERAPIST", "THERAPIST_NAME"),
    "group": ("GROUP_ID", "GROUP", "GROUP_NAME"),
    "time": ("SESSION_TIME", "TIME", "DATE_TIME"),
}


def metadata(parameters: Parameters) -> Metadata:
    """Find each field under any of its names, in any of the groups that carry such things."""
    found = {field.name: _first(parameters, _NAMES[field.name]) for field in fields(Metadata)}
    return Metadata(**{**found, "time": _clock(parameters) or found["time"]})


def _first(parameters: Parameters, names: tuple[str, ...]) -> str | None:
    present = (parameters.find(group, name) for name in names for group in _GROUPS)
    return next((text for parameter in present if parameter and (text := _as_text(parameter))), None)


def _as_text(parameter: Parameter) -> str:
    """The first string, else the first number (without a needless fraction), else nothing."""
    texts = parameter.texts()
    if texts:
        return texts[0]
    values = parameter.values()
    return f"{values[0]:.9g}" if values else ""


def _clock(parameters: Parameters) -> str | None:
    """TRIAL:DATE and TIME, three numbers each, in the notation of ISO 8601."""
    date, time = (parameters.find("TRIAL", name) for name in ("DATE", "TIME"))
    if not date or not time or not date.is_integer or not time.is_integer:
        return None
    year, month, day = (*date.counts(), 0, 0, 0)[:3]
    hour, minute, second = (*time.counts(), 0, 0, 0)[:3]
    if not (year and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
