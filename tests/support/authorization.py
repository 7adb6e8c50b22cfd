"""Who may call what, as a specification: for every operation, what each kind of caller is answered about an instance of Samboja at step 7.

A row names every caller, once. A cell must not disturb the next one: what would change something is asked for as a dry run, or about a thing
that refuses everybody for a reason of its own which is only told to who may (409, 412, 422): `proof` says so.
"""

from collections.abc import Mapping

from tests.support.authorization_calendars import CALENDARS
from tests.support.authorization_documents import RESTRICTED_RECORDS, SIGNINGS, UPLOADS
from tests.support.cells import (
    ABOVE,
    ADMINS,
    HERE,
    INSPECTORS,
    MACHINES,
    PEOPLE,
    STRANGERS,
    WORKERS,
    Row,
    administered,
    everyone,
    here,
    oneself,
    performed,
    public,
    row,
)
from tests.support.drafts import SHIPPED
from tests.support.office import KEY, SAMBOJA, TEAM

NEW_PASSWORD = "kapal biru di teluk"
DRY = {"dry_run": "true"}
MOMENT = {"office": SAMBOJA, "starts_at": "2027-03-01T08:00:00+08:00"}
MACHINE = {"name": "Dasbor", "offices": [SAMBOJA], "scopes": ["instances:read"], "expires_at": "2026-01-01T00:00:00+08:00"}
CLOSED = {"account_id": "{closed_account}"}
OVER = {"service_account_id": "{revoked_machine}"}
STEP_4 = {"instance_id": "{at_step_4}"}

SESSIONS = (
    public("signIn", 401, json={"username": "tidak-ada-{caller}", "password": "bukan-ini"}),
    public("refreshSession", 401, json={"refresh_token": "bukan-token"}),
    public("resetPassword", 401, json={"username": "tiada-{caller}", "one_time_secret": "AAAA-BBBB-CCCC-DDDD", "new_password": NEW_PASSWORD}),
    public("issueServiceToken", 401, json={"client_id": "svc-tidak-ada-{caller}", "client_secret": "bukan-ini"}),
    row("signOut", {204: f"{PEOPLE} {MACHINES}"}, anew=True),
    public("getKeySet"),
    public("getOpenIdConfiguration"),
)

ME = (
    row("getMe", {200: f"{PEOPLE} {MACHINES}"}),
    oneself(
        "changePassword",
        422,
        code="wrong_password",
        json={"current_password": "bukan-ini", "new_password": NEW_PASSWORD},
        proof="a wrong password is told",
    ),
    oneself("listMySessions", 200),
    oneself("endMySession", 204, path={"session_id": "{own_session}"}),
    row("endMySession", {404: PEOPLE, 403: MACHINES}, path={"session_id": "{session_of_tim2}"}, variant="of another"),
    oneself("listCalendarFeeds", 200),
    oneself("createCalendarFeed", 404, json={"office": "99.99"}, proof="nobody sees such an office"),
    row(
        "createCalendarFeed",
        {201: f"{HERE} {ABOVE}", 404: STRANGERS, 403: MACHINES},
        json={"office": SAMBOJA},
        variant="of Samboja",
        proof="one more is none too many",
    ),
    oneself("revokeCalendarFeed", 404, proof="it is of somebody who does not call"),
    oneself("beginSecondFactor", 422, code="wrong_password", json={"password": "bukan-ini"}, proof="a wrong password is told"),
    oneself("confirmSecondFactor", 409, json={"code": "123456"}, proof="none was begun"),
    oneself("renewRecoveryCodes", 409, json={"code": "123456"}, proof="none is enrolled"),
    oneself("removeSecondFactor", 409, json={"code": "123456"}, proof="none is enrolled"),
)

SERVICE_ACCOUNTS = (
    row("listServiceAccounts", {200: f"{INSPECTORS} admin.muarajawa", 403: f"{WORKERS} arsip camat.muarajawa nothing {MACHINES}"}),
    administered("listServiceAccounts", 200, INSPECTORS, params={"office": SAMBOJA}, variant="of Samboja"),
    administered("createServiceAccount", 422, json=MACHINE, proof="the end named is over"),
    row("getServiceAccount", {200: INSPECTORS, 403: MACHINES, 404: f"{WORKERS} arsip {STRANGERS}"}),
    row(
        "issueServiceAccountSecret",
        {409: ADMINS, 403: f"auditor {MACHINES}", 404: f"{WORKERS} arsip {STRANGERS}"},
        path=OVER,
        proof="it is revoked",
    ),
    row(
        "revokeServiceAccount",
        {409: ADMINS, 403: f"auditor {MACHINES}", 404: f"{WORKERS} arsip {STRANGERS}"},
        path=OVER,
        proof="it is revoked",
    ),
)

OFFICES = (
    everyone("listOffices"),
    here("listOffices", params={"parent": SAMBOJA}, variant="below Samboja"),
    administered(
        "createOffice",
        422,
        json={"code": SAMBOJA, "name": "Kecamatan Samboja", "parent": SAMBOJA, "time_zone": "Asia/Makassar"},
        proof="the code is taken",
    ),
    here("getOffice"),
    administered("renameOffice", 200, json={"name": "Kecamatan Samboja"}, headers={"If-Match": "*"}, proof="it is called so already"),
    row(
        "moveOffice",
        {409: ABOVE, 404: f"{HERE} {STRANGERS}", 403: MACHINES},
        json={"parent": "64.02", "valid_from": "2027-02-01"},
        proof="it stands there already",
    ),
    administered(
        "moveOffice",
        422,
        ABOVE,
        json={"parent": SAMBOJA, "valid_from": "2027-02-01"},
        proof="nothing stands under itself",
        variant="under itself",
    ),
)

ACCOUNTS = (
    everyone("listAccounts"),
    here("listAccounts", params={"office": SAMBOJA}, variant="of Samboja"),
    here("getAccount"),
    administered("getAccountNip", 200),
    administered("createAccount", 422, json={"username": "tim2", "name": "Tim Dua", "office": SAMBOJA}, proof="the username is taken"),
    administered("changeAccount", 200, json={"name": "Tim Dua"}, headers={"If-Match": "*"}, proof="it is called so after the first"),
    administered("closeAccount", 409, json={}, path=CLOSED, proof="it is closed"),
    administered("reopenAccount", 409, proof="it is open"),
    administered("issuePasswordReset", 409, path=CLOSED, proof="it is closed"),
    administered("removeAccountSecondFactor", 200, proof="there is none"),
    administered("listAccountSessions", 200),
    administered("endAccountSessions", 204, proof="of somebody who does not call"),
    administered("endAccountSession", 204, path={"session_id": "{session_of_tim2}"}),
)

ASSIGNMENTS = (
    everyone("listAssignments"),
    here("listAssignments", params={"office": SAMBOJA}, variant="of Samboja"),
    here("getAssignment"),
    administered(
        "createAssignment",
        409,
        json={"username": "tim2", "office": SAMBOJA, "role": "camat", "valid_from": "2027-02-01"},
        proof="there is a definitive camat",
    ),
    administered("changeAssignment", 200, json={"valid_to": None}, headers={"If-Match": "*"}, proof="it has no last day"),
    administered("revokeAssignment", 409, json={}, path={"assignment_id": "{revoked_assignment}"}, proof="it is revoked"),
    everyone("getRoles"),
)

PROCEDURES = (
    everyone("listProcedures"),
    everyone("getProcedure"),
    everyone("getProcedureVersion"),
    everyone("checkProcedure", json=SHIPPED),
    row(
        "publishProcedure",
        {200: "pusat", 403: f"{HERE} kukar {STRANGERS} {MACHINES}"},
        json=SHIPPED,
        proof="the same text adds nothing",
    ),
    here("planProcedure", json=MOMENT),
)

INSTANCES = (
    performed(
        "startInstance",
        409,
        "camat",
        json={"procedure": KEY, "office": SAMBOJA, "period": {"year": 2098, "quarter": 1}},
        proof="one is open for this period",
    ),
    everyone("listInstances"),
    row(
        "listInstances",
        {200: f"{HERE} {ABOVE} machine", 404: f"{STRANGERS} machine.muarajawa", 403: "machine.none"},
        params={"office": SAMBOJA},
        variant="of Samboja",
    ),
    here("getInstance"),
    performed("takeTransition", 200, "staf", params=DRY, json={"action": "complete", "step": 7}, variant="complete step 7"),
    performed("takeTransition", 200, "sekretaris tim1", params=DRY, path=STEP_4, json={"action": "complete", "step": 4}, variant="complete step 4"),
    performed("takeTransition", 200, "camat sekretaris", params=DRY, json={"action": "suspend", "reason": "Banjir."}, variant="suspend"),
    performed("takeTransition", 200, "camat sekretaris", params=DRY, json={"action": "cancel", "reason": "Salah."}, variant="cancel"),
    performed(
        "takeTransition",
        200,
        "sekretaris",
        params=DRY,
        path=STEP_4,
        json={"action": "change_team", "team": TEAM, "reason": "Mutasi."},
        variant="change the team",
    ),
    here("listTransitions"),
    performed("addComment", 201, WORKERS, json={"body": "Menyusul."}, proof="comments disturb nobody"),
    here("listComments"),
    row("listTasks", {200: PEOPLE, 403: MACHINES}),
)

DOCUMENTS = (
    performed("uploadDocument", 422, "staf", data={"slot": "bukan_slot"}, files={"file": ("a.pdf", b"%PDF-1.7")}, proof="there is no such slot"),
    here("listDocuments"),
    here("getDocument"),
    here("downloadDocument"),
    performed("initialDocument", 409, "sekretaris", json={"kind": "hierarchical"}, proof="it is initialed"),
    performed("signDocument", 409, "camat", path={"document_id": "{signed_id}"}, json={"kind": "wet"}, proof="it is signed"),
)

DEADLINES = (
    everyone("listDeadlines"),
    here("listDeadlines", params={"office": SAMBOJA}, variant="of Samboja"),
    here("getInstanceDeadlines"),
    everyone("downloadDeadlines"),
    here("downloadDeadlines", params={"office": SAMBOJA, "format": "xlsx"}, variant="of Samboja"),
    here("downloadInstanceDeadlines"),
    public("getCalendarEvents"),
    public("getCalendarEvents", 404, path={"secret": "A" * 43}, proof="no feed has this secret", variant="of nobody"),
    public("getCalendarTasks"),
    row(
        "checkDeadlines",
        {200: f"{ADMINS} admin.muarajawa machine machine.muarajawa", 403: f"{WORKERS} auditor arsip camat.muarajawa nothing machine.none"},
        proof="nothing is due, and to tell something would change no version",
    ),
    here("calculateDeadline", json={**MOMENT, "duration": {"value": 30, "unit": "minute"}}),
)

REPORTS = (
    everyone("getTimelinessReport"),
    here("getTimelinessReport", params={"office": SAMBOJA, "below": "true"}, variant="of Samboja"),
    everyone("downloadTimelinessReport"),
    here("downloadTimelinessReport", params={"office": SAMBOJA}, variant="of Samboja"),
)

LOG = (
    everyone("listEvents"),
    here("listInstanceEvents"),
    row(
        "verifyAudit",
        {200: f"{INSPECTORS} admin.muarajawa machine machine.muarajawa", 403: f"{WORKERS} arsip camat.muarajawa nothing machine.none"},
    ),
    row(
        "verifyAudit",
        {200: f"{INSPECTORS} machine", 403: f"{WORKERS} arsip machine.none", 404: f"{STRANGERS} machine.muarajawa"},
        params={"instance": "{instance_id}"},
        variant="of one instance",
    ),
)

HEALTH = (public("getLiveness"), public("getReadiness"), public("getVersion"))

ROWS: tuple[Row, ...] = (
    *SESSIONS,
    *ME,
    *SERVICE_ACCOUNTS,
    *OFFICES,
    *ACCOUNTS,
    *ASSIGNMENTS,
    *PROCEDURES,
    *INSTANCES,
    *DOCUMENTS,
    *SIGNINGS,
    *RESTRICTED_RECORDS,
    *UPLOADS,
    *CALENDARS,
    *DEADLINES,
    *REPORTS,
    *LOG,
    *HEALTH,
)

SCOPE_OF: Mapping[str, tuple[str, ...]] = {
    "procedures:read": ("listProcedures", "getProcedure", "getProcedureVersion", "checkProcedure"),
    "instances:read": ("listInstances", "getInstance", "listTransitions", "listComments"),
    "documents:read": ("listDocuments", "getDocument", "downloadDocument", "getDocumentLimits", "getDocumentRecord", "listSignings"),
    "evidence:read": ("downloadEvidence",),
    "records:read": ("getRetentionSchedule", "listDueForDisposal", "listRecords"),
    "calendars:read": ("getCalendar", "listCalendarDays", "listDaysOff", "listSeasons", "listSchedules", "listReportDates"),
    "deadlines:read": (
        "listDeadlines",
        "getInstanceDeadlines",
        "calculateDeadline",
        "planProcedure",
        "downloadDeadlines",
        "downloadInstanceDeadlines",
    ),
    "deadlines:check": ("checkDeadlines",),
    "reports:read": ("getTimelinessReport", "downloadTimelinessReport"),
    "events:read": ("listEvents", "listInstanceEvents"),
    "audit:read": ("verifyAudit",),
    "people:read": ("listOffices", "getOffice", "listAccounts", "getAccount", "listAssignments", "getAssignment", "getRoles"),
}
"""What each scope opens to a machine: this and nothing else."""
