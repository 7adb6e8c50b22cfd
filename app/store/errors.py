"""What the store raises; the edge answers it."""


class Collision(Exception):
    """A guarded write wrote nothing: someone else changed the row first. Roll back, reload, decide again."""
