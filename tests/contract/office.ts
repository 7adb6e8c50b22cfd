// People of the demo and their clients, each call through a method that was generated from the document.

import * as api from "./api";
import { type Client, createClient } from "./api/client";

declare const process: { env: Record<string, string | undefined> };

const BASE = setting("ALUR_URL");
const PASSWORD = setting("ALUR_DEMO_PASSWORD");

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export function check(held: boolean, claim: string): asserts held {
  if (!held) throw new Error(`does not hold: ${claim}`);
}

export function equal(found: unknown, wanted: unknown, what: string): void {
  check(JSON.stringify(found) === JSON.stringify(wanted), `${what}: ${JSON.stringify(found)} is ${JSON.stringify(wanted)}`);
}

type Answer<T> = { data: T | undefined; error: unknown; response: Response };

/** What was answered with that status, typed as the document says. */
export async function got<T>(status: number, asked: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await asked;
  check(response.status === status && data != null, `${response.url} answers ${response.status}, not ${status}: ${JSON.stringify(error)}`);
  return data;
}

type Refused<P> = { data: unknown; error: P | undefined; response: Response };

/** The refusal: an RFC 9457 problem, whatever the status. */
export async function refused<P extends api.Problem>(status: number, asked: Promise<Refused<P>>): Promise<P> {
  const { error, response } = await asked;
  check(response.status === status && error !== undefined, `${response.url} answers ${response.status}, not ${status}`);
  equal(response.headers.get("content-type"), "application/problem+json", "the media type of an error");
  equal(error.status, status, "the status in the body");
  return error;
}

export class Person {
  private constructor(
    readonly username: string,
    readonly client: Client,
  ) {}

  static async signIn(username: string): Promise<Person> {
    const anonymous = createClient({ baseUrl: BASE });
    const tokens = await got(201, api.signIn({ client: anonymous, body: { username, password: PASSWORD } }));
    return new Person(username, createClient({ baseUrl: BASE, auth: tokens.access_token }));
  }

  instance(instance_id: string): Promise<api.Instance> {
    return got(200, api.getInstance({ client: this.client, path: { instance_id } }));
  }

  /** What the instance says about signing off the step, to this person. */
  async mayComplete(instance_id: string, step: number): Promise<api.Action> {
    const { actions } = await this.instance(instance_id);
    const found = actions.find((offered) => offered.action === "complete" && offered.step === step);
    check(found !== undefined, `actions[] for ${this.username} names the completion of step ${step}`);
    return found;
  }

  complete(instance_id: string, body: Omit<api.CompleteTransition, "action">, more: { key?: string; dryRun?: boolean } = {}) {
    return api.takeTransition({
      client: this.client,
      path: { instance_id },
      query: { dry_run: more.dryRun ?? false },
      headers: more.key ? { "Idempotency-Key": more.key } : {},
      body: { action: "complete", ...body },
    });
  }

  /** A file through the generated multipart serialiser, and its bytes again. */
  async fill(instance_id: string, slot: string): Promise<api.DocumentVersion> {
    const bytes = new TextEncoder().encode(`%PDF-1.7 ${slot} oleh ${this.username}`);
    const file = new File([bytes], `${slot}.pdf`, { type: "application/pdf" });
    const made = await got(201, api.uploadDocument({ client: this.client, path: { instance_id }, body: { slot, file } }));
    equal([made.slot, made.version, made.size, made.sha256], [slot, 1, bytes.length, await sha256(bytes)], "the version made");
    const path = { document_id: made.id, version: made.version };
    const content = await got(200, api.downloadDocument({ client: this.client, path, parseAs: "blob" }));
    equal(await sha256(await content.arrayBuffer()), made.sha256, "the bytes that come back");
    return made;
  }
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
