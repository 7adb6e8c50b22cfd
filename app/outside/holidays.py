"""Public holidays and joint leave (cuti bersama) of Indonesia, as the `holidays` package knows them."""

from collections.abc import Iterable, Iterator

from app.domain.calendars import DayOff, DayOffKind

SOURCE = "holidays (PyPI), ID"
_ESTIMATED = " (perkiraan)"
_KINDS: dict[str, DayOffKind] = {"public": "public", "government": "joint_leave"}


def days_off(years: Iterable[int]) -> tuple[DayOff, ...]:
    """The days off of these years in order; a day that is both kinds comes once per kind. Imports the package here: it is 20 MB of memory."""
    return tuple(sorted(_read(sorted(set(years))), key=lambda row: (row.day, row.kind)))


def _read(years: list[int]) -> Iterator[DayOff]:
    import holidays  # noqa: PLC0415

    for category, kind in _KINDS.items():
        # Without the language the names follow the machine's locale, and "(perkiraan)" would never match.
        found = holidays.country_holidays("ID", years=years, language="id", categories=(category,))
        for day in found:
            names = found.get_list(day)
            provisional = all(name.endswith(_ESTIMATED) for name in names)
            yield DayOff(day, kind, "; ".join(name.removesuffix(_ESTIMATED) for name in names), provisional, SOURCE)
