"""The words of refusals, one file per noun; `domain/refusals.py` brings them together."""
