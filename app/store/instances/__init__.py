"""Instances: loaded whole in one statement, written as the difference of two values in one guarded statement."""

from app.store.instances.collections import COLLECTIONS, INSTANCE, TASK
from app.store.instances.loading import InstanceFacts, Loaded, Unresolved, load, load_many, office_of_instance, people_rows
from app.store.instances.writing import Move, advanced, moved_by_clock, save, save_many

__all__ = [
    "COLLECTIONS",
    "INSTANCE",
    "TASK",
    "InstanceFacts",
    "Loaded",
    "Move",
    "Unresolved",
    "advanced",
    "load",
    "load_many",
    "moved_by_clock",
    "office_of_instance",
    "people_rows",
    "save",
    "save_many",
]
