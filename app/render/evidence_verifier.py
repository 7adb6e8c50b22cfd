"""verify.py of an evidence bundle: a program of its own, which runs where nothing of ours is installed."""

VERIFY = '''\
"""Checks this bundle: every file is listed and as listed, the chain of the log holds, and documents, marks, transitions and comments
are those that the log tells of. Python 3, nothing else. README.txt says what this cannot see.
"""

import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
MANIFEST = "MANIFEST.sha256"
TRANSITIONS = {
    "step.signed_off": "complete",
    "step.returned": "return",
    "step.claimed": "claim",
    "step.released": "release",
    "instance.suspended": "suspend",
    "instance.resumed": "resume",
    "instance.cancelled": "cancel",
    "team.changed": "change_team",
}
MARKS = {"document.initialed": "initial", "document.signed": "signature"}
UPLOADED = ("sha256", "size", "media_type", "copy_of", "signed_from", "step", "round", "slot")
STATES = {"started": "running", "resumed": "running", "suspended": "suspended", "cancelled": "cancelled", "completed": "completed"}
NAMES = ("field", "signer", "issuer", "serial_number")
wrong = []


def once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name is there twice")
    return dict(pairs)


def text(name):
    return (HERE / name).read_bytes().decode()


def read(name):
    return json.loads(text(name), object_pairs_hook=once)


def digest(path):
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def sha(words):
    return None if words is None else hashlib.sha256(words.encode()).hexdigest()


def moment(said):
    return None if said is None else datetime.fromisoformat(said.replace("Z", "+00:00"))


def plain(event):
    # RFC 8785: sorted names, no spaces; the log holds no fractions, so nothing else differs from plain JSON
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def check_files():
    listed = [line.partition("  ") for line in text(MANIFEST).split("\\n")[:-1]]
    for said, _, name in listed:
        if not (HERE / name).is_file():
            wrong.append(f"{name}: missing")
        elif digest(HERE / name) != said:
            wrong.append(f"{name}: not as listed")
    there = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_symlink() or not path.is_dir()}
    wrong.extend(f"{name}: not listed" for name in sorted(there - {name for _, _, name in listed} - {MANIFEST}))
    return len(listed)


def check_log():
    events, last = [], "0" * 64
    *lines, rest = text("events.jsonl").split("\\n")
    for line in lines + [rest] * bool(rest):
        event = json.loads(line)
        is_plain, said = plain(event) == line, event.pop("hash")
        if not is_plain or (event["sequence"], event["previous_hash"], sha(plain(event))) != (len(events) + 1, last, said):
            wrong.append(f"events.jsonl, event {len(events) + 1}: the chain is broken")
            break
        events.append(event)
        last = said
    if read("audit.json")["head"] != {"sequence": len(events), "hash": last}:
        wrong.append("audit.json: the log does not end where it says")
    return events


def hold(place, event, by, at, **facts):
    """What is written at a place against what its event tells."""
    if event is None:
        wrong.append(f"{place}: the log tells of no such thing")
        return
    actor = event["actor"] or {}
    found = [name for name, value in facts.items() if event["data"].get(name) != value]
    found += [name for name, value in by.items() if actor.get(name) != value] + ["at"] * (moment(event["at"]) != moment(at))
    if found:
        wrong.append(f"{place}: {', '.join(found)} not as the log tells")


def signatures(evidence):
    """With names only as hashes, as the log has them."""
    if evidence is None:
        return None
    found = [
        {(f"{name}_sha256" if name in NAMES else name): (sha(value) if name in NAMES else value) for name, value in signature.items()}
        for signature in evidence["signatures"]
    ]
    return {**evidence, "signatures": found}


def timed(evidence):
    """With moments in place of their texts, which name different zones."""
    if evidence is None:
        return None
    found = [{**signature, "signed_at": moment(signature["signed_at"])} for signature in evidence["signatures"]]
    return {**evidence, "signatures": found, "verified_at": moment(evidence["verified_at"])}


def check_documents(events):
    uploaded, marked, versions = {}, {}, []
    for event in events:
        data = event["data"]
        if event["type"] == "document.uploaded":
            uploaded[data["document_id"], data["version"]] = event
        if event["type"] in MARKS:
            key = data["document_id"], data["version"], MARKS[event["type"]], data["role"], event["actor"]["account_id"]
            marked[key] = {**event, "data": {**data, "evidence": timed(data.get("evidence"))}}
    for version in (version for document in read("documents.json") for version in document["versions"]):
        versions.append(version)
        at, place = (version["id"], version["version"]), f"{version['slot']} v{version['version']}"
        facts = {name: version[name] for name in UPLOADED}
        facts.update(filename_sha256=sha(version["filename"]), note_sha256=sha(version["note"]))
        hold(place, uploaded.pop(at, None), version["uploaded_by"], version["uploaded_at"], **facts)
        for mark in version["marks"]:
            told = marked.pop((*at, mark["mark"], mark["role"], mark["actor"]["account_id"]), None)
            evidence = timed(signatures(mark["evidence"]))
            hold(f"{place}, {mark['mark']}", told, mark["actor"], mark["at"], kind=mark["kind"], sha256=mark["sha256"], evidence=evidence)
        if version["path"] and digest(HERE / version["path"]) != version["sha256"]:
            wrong.append(f"{version['path']}: not as the log tells")
    wrong.extend(f"document {key[0]} v{key[1]}: the log tells more of it than documents.json does" for key in (*uploaded, *marked))
    return versions


def check_instance(events):
    shown = read("instance.json")
    states = [STATES[event["type"][9:]] for event in events if event["type"][:9] == "instance."]
    said = [f"instance:{shown['id']}", sha(shown["title"]), shown["state"], shown["office"]["code"]]
    if said != [events[0]["stream"], events[0]["data"]["title_sha256"], states[-1], events[0]["office"]]:
        wrong.append("instance.json: not the one that the log tells of")


def check_words(events):
    told = [event for event in events if event["type"] in TRANSITIONS]
    shown = read("transitions.json")
    for number, (event, taken) in enumerate(zip(told, shown), start=1):
        said = {f"{name}_sha256": sha(taken[name]) for name in ("reason", "late_reason", "comment")}
        of_step = ("step", "to_step", "decision") if event["type"].startswith("step.") else ()
        where = {name: taken[name] for name in of_step if name in event["data"]}
        kind = {**event, "data": {**event["data"], "action": TRANSITIONS[event["type"]]}}
        hold(f"transitions.json, {number}", kind, taken["actor"], taken["at"], action=taken["action"], **said, **where)
    comments = {event["data"]["comment_id"]: event for event in events if event["type"] == "comment.added"}
    listed = read("comments.json")
    for comment in listed:
        event = comments.pop(comment["id"], None)
        hold(f"comment {comment['id']}", event, comment["actor"], comment["at"], body_sha256=sha(comment["body"]))
    if len(told) != len(shown) or comments:
        wrong.append("transitions.json, comments.json: not all that the log tells of")


def main():
    listed, events, versions = check_files(), [], []
    try:
        events = check_log()
        versions = check_documents(events)
        check_instance(events)
        check_words(events)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        wrong.append(f"cannot be read: {error!r}")
    sys.stdout.reconfigure(errors="backslashreplace")
    for line in wrong:
        print(line)
    left_out = sum(version["path"] is None for version in versions)
    print(f"{listed} files, {len(events)} events, {len(versions)} versions ({left_out} left out): {'NOT INTACT' if wrong else 'intact'}")
    sys.exit(1 if wrong else 0)


main()
'''
