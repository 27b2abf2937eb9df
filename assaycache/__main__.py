"""`python -m assaycache` is the command line."""

from assaycache.cli import app

app()
