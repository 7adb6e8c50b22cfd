// The SOP of Samboja from step 1 to step 7, as the program of a client: every call is a generated method, every value has a generated type.
// test_contract.py generates ./api and ./types-*, compiles all of it with tsc --strict, and runs it against a real server.

import * as api from "./api";
import { check, equal, got, Person, refused } from "./office";
import type { components as Types30 } from "./types-3.0";
import type { components as Types31 } from "./types-3.1";

const KEY = "pengumpulan-data-kinerja";
const TEAM: api.TeamFormation = {
  members: [{ username: "tim1" }, { username: "tim2" }],
  instrument: { number: "188.45/12/2026", date: "2026-11-23" },
};

type Course = { fills: string[]; signs: string[]; missing: string[]; team?: api.TeamFormation };

/** Per step: the slots that the first signer fills, who signs off, and what is said to be missing until then. */
const COURSE: Course[] = [
  { fills: ["struktur_organisasi", "draf_tim"], signs: ["camat"], missing: ["input_missing", "output_missing"] },
  { fills: [], signs: ["sekretaris"], missing: [], team: TEAM },
  { fills: ["rencana_kegiatan"], signs: ["tim1"], missing: ["output_missing"] },
  { fills: ["data_kinerja", "konsep_laporan"], signs: ["sekretaris", "tim2"], missing: ["input_missing", "output_missing"] },
  { fills: ["konsep_laporan_diperiksa"], signs: ["camat"], missing: ["output_missing"] },
  { fills: ["laporan_final"], signs: ["sekretaris", "tim1"], missing: ["output_missing"] },
  { fills: ["laporan_ditandatangani"], signs: ["staf"], missing: ["output_missing", "initial_missing", "signature_missing"] },
];

type Cast = Map<string, Person>;

function of(cast: Cast, username: string | undefined): Person {
  const person = cast.get(username ?? "");
  check(person !== undefined, `${username} is in the cast`);
  return person;
}

const codes = (refusals: { code: string }[]): string[] => refusals.map(({ code }) => code);

/** For everyone: what actions[] says about signing off is what the server answers when asked in earnest, but for the dry run. */
async function buttonsTellTheTruth(cast: Cast, id: string, step: number): Promise<string[]> {
  const allowed: string[] = [];
  for (const person of cast.values()) {
    const offered = await person.mayComplete(id, step);
    const asked = person.complete(id, { step, ...(offered.needs.includes("team") ? { team: TEAM } : {}) }, { dryRun: true });
    if (offered.allowed) {
      const taken = await got(200, asked);
      equal([taken.transition.id, offered.refusals], [null, []], "a dry run of what is allowed");
      allowed.push(person.username);
      continue;
    }
    const { error } = await asked;
    check(error !== undefined && offered.refusals.length > 0, `${person.username} is told why not at step ${step}`);
    equal(codes(error.refusals), codes(offered.refusals), `why ${person.username} may not complete step ${step}`);
  }
  return allowed;
}

/** Step 7: the report gets its initial and its signature, by people who perform nothing in that step. */
async function mark(cast: Cast, id: string): Promise<void> {
  const listed = await got(200, api.listDocuments({ client: of(cast, "staf").client, path: { instance_id: id } }));
  const pathTo = (slot: string) => {
    const document = listed.items.find((one) => one.slot === slot);
    const version = document?.versions.at(-1);
    check(document !== undefined && version !== undefined, `${slot} is filled`);
    return { document_id: document.id, version: version.version };
  };
  const initialed = await got(201, api.initialDocument({
    client: of(cast, "sekretaris").client, path: pathTo("laporan_final"), body: { kind: "hierarchical" },
  }));
  equal([initialed.mark, initialed.kind], ["initial", "hierarchical"], "the mark on the report");
  equal((await of(cast, "staf").mayComplete(id, 7)).refusals.map(({ code }) => code), ["signature_missing"], "what step 7 still waits for");
  const signed = await got(201, api.signDocument({
    client: of(cast, "camat").client, path: pathTo("laporan_ditandatangani"), body: { kind: "wet" },
  }));
  equal([signed.mark, signed.kind], ["signature", "wet"], "the mark on the signed report");
}

async function signOff(cast: Cast, id: string, step: number, course: Course): Promise<api.Instance> {
  let instance: api.Instance | undefined;
  for (const [index, username] of course.signs.entries()) {
    const body = { step, ...(course.team ? { team: course.team } : {}) };
    const key = `walk-${step}-${username}`;
    const taken = await got(201, of(cast, username).complete(id, body, { key }));
    const again = of(cast, username).complete(id, body, { key });
    equal((await got(201, again)).transition.id, taken.transition.id, "a retry has no second effect");
    equal((await again).response.headers.get("idempotency-replayed"), "true", "Idempotency-Replayed");
    instance = taken.instance;
    const last = index === course.signs.length - 1;
    equal(instance.steps[step - 1]?.state, last ? "completed" : "active", `step ${step} after ${username}`);
    if (!last) equal(codes((await of(cast, username).mayComplete(id, step)).refusals), ["already_signed_off"], "a second sign-off");
  }
  check(instance !== undefined, "somebody signs");
  return instance;
}

async function take(cast: Cast, id: string, step: number, course: Course): Promise<api.Instance> {
  const performer = of(cast, course.signs[0]);
  const before = await performer.mayComplete(id, step);
  equal([...new Set(codes(before.refusals))], course.missing, `what is missing at step ${step}`);
  equal(before.needs, course.team ? ["team"] : [], `what the body must bring at step ${step}`);
  await buttonsTellTheTruth(cast, id, step);
  const tasks = await got(200, api.listTasks({ client: performer.client }));
  check(tasks.items.some((task) => task.instance.id === id && task.step === step && task.kind === "step"), `step ${step} is a task of ${performer.username}`);
  for (const slot of course.fills) await performer.fill(id, slot);
  if (step === 7) await mark(cast, id);
  const allowed = await buttonsTellTheTruth(cast, id, step);
  check(course.signs.every((username) => allowed.includes(username)), `at step ${step} ${course.signs} may sign off: ${allowed}`);
  check(!allowed.includes("tim3"), "who is in no team signs off nothing");
  return signOff(cast, id, step, course);
}

async function timeline(person: Person, instance_id: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: api.EventList = await got(200, api.listInstanceEvents({
      client: person.client, path: { instance_id }, query: { limit: 7, ...(cursor ? { cursor } : {}) },
    }));
    found.push(...page.items.map(({ type }) => type));
    cursor = page.page.next_cursor;
  } while (cursor);
  return found;
}

async function main(): Promise<void> {
  const cast: Cast = new Map();
  for (const username of ["camat", "sekretaris", "tim1", "tim2", "tim3", "staf"]) cast.set(username, await Person.signIn(username));
  const neighbour = await Person.signIn("camat.muarajawa");
  const camat = of(cast, "camat");
  const body = { procedure: KEY, office: "64.02.13", period: { year: 2026, quarter: 4 }, title: "Pengumpulan data" };
  let instance: api.Instance = await got(201, api.startInstance({ client: camat.client, body }));
  const { id } = instance;
  for (const [index, course] of COURSE.entries()) {
    equal([instance.state, instance.current_step], ["running", index + 1], "where the instance stands");
    equal((await refused(404, api.getInstance({ client: neighbour.client, path: { instance_id: id } }))).code, "not_found", "the other office");
    instance = await take(cast, id, index + 1, course);
  }
  equal([instance.state, instance.current_step], ["completed", null], "where the instance ends");
  check((await camat.instance(id)).actions.every(({ allowed }) => !allowed), "nothing is left to do");
  const types = await timeline(camat, id);
  equal([types[0], types.at(-1)], ["instance.started", "instance.completed"], "the timeline");
  equal(types.filter((type) => type === "step.completed").length, 7, "completed steps in the timeline");
  const auditor = await Person.signIn("auditor");
  const verdict = await got(200, api.verifyAudit({ client: auditor.client, query: { instance: id } }));
  equal([verdict.intact, verdict.instances, verdict.events], [true, 1, types.length], "the log");
  // The other generator reads both documents and means the same.
  const same: Types31["schemas"]["Instance"] & Types30["schemas"]["Instance"] = instance;
  console.log(same.state);
}

void main();
