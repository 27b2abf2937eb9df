"""`make demo`: a real recording through the whole of Assaycache, with what must happen checked on the way."""
