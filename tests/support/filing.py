"""A retention schedule and a document's record, well-formed and invented."""

from typing import Any


def rule(key: str, classification: str | None, years: int, action: str = "destroy") -> dict[str, Any]:
    about = {"title": f"Aturan {key}", "active_years": years, "inactive_years": 0, "final_action": action}
    return {"key": key, "classification": classification} | about


RETENTION = {
    "source": "JRA contoh",
    "rules": [rule("umum", "000", 1), rule("kinerja", "000.8.6", 3, "keep_permanently"), rule("khusus", None, 0, "review")],
}
FILED = {"classification": "000.8.6.3", "security_class": "limited", "number": "12/2027", "dated": "2027-01-29"}
