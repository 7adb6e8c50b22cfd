"""Transitions of an instance: attempt (what is asked) → rules (may it be) → effects (what it does) → available (what may come next)."""

from app.domain.transitions.attempt import Action, Attempt, Situation, TeamRequest, TransitionRequest, controllers
from app.domain.transitions.available import AvailableAction, available
from app.domain.transitions.effects import Taken, take
from app.domain.transitions.rules import refusals
from app.domain.transitions.telling import tell

__all__ = [
    "Action",
    "Attempt",
    "AvailableAction",
    "Situation",
    "Taken",
    "TeamRequest",
    "TransitionRequest",
    "available",
    "controllers",
    "refusals",
    "take",
    "tell",
]
