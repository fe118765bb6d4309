import type { Directory } from '../directory/directory.ts';
import { answerInProcess, type ClientAnswer } from '../http/answer-in-process.ts';
import { createApp, type RequestLog } from '../http/app.ts';
import { digestToken } from '../http/authenticate.ts';
import { ALL_RIGHTS } from '../http/credential.ts';
import { NO_REQUEST_OBSERVER } from '../http/request-observer.ts';
import type { Tenant } from '../http/tenant.ts';
import type { Plan } from '../mapping/plan.ts';
import type { AuditTrail } from '../provisioning/audit.ts';
import { freshContext } from '../provisioning/fresh-context.ts';
import type { PagingLimits } from '../provisioning/operation-context.ts';
import { NO_INTENT_JOURNAL } from '../state/intent-journal.ts';
import type { MadeUp } from './made-up.ts';
import { planningDirectory, type RecordedOperation } from './planning-directory.ts';

/** A tenant, as far as a request to it can be told without its credentials. */
export interface ExplainedTenant {
  readonly name: string;
  readonly path: string;
  /** What `meta.location` begins with. */
  readonly publicUrl: string;
  readonly plan: Plan;
  readonly limits: Tenant['limits'];
  readonly paging: PagingLimits;
}

export interface ExplainedRequest {
  readonly method: string;
  /** Below the tenant's path, or with it; with the query. */
  readonly target: string;
  /** JSON; absent: none. */
  readonly body?: string;
}

/** What a request does: the LDAP operations in their order, what the client is told, and what the log would say. */
export interface Explanation {
  readonly operations: readonly RecordedOperation[];
  readonly answer: ClientAnswer;
  readonly notes: readonly Note[];
}

export interface Note {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Nothing is written. */
const NO_AUDIT_TRAIL: AuditTrail = { keepsValues: false, open: () => ({ widen: () => undefined, keep: () => undefined }) };

const TOKEN = 'of nobody';
const REQUEST_ID = 'explained';

/**
 * Carries a request out by the very code that answers clients, against a directory that only looks as if it were written to.
 *
 * @param directory where the entries come from
 */
export async function explainRequest(
  tenant: ExplainedTenant,
  directory: Directory,
  madeUp: MadeUp,
  { method, target, body }: ExplainedRequest,
): Promise<Explanation> {
  const planning = planningDirectory(directory, madeUp);
  const { name, path, limits, paging, plan, publicUrl } = tenant;
  const baseUrl = `${publicUrl}${path}`;
  const intents = NO_INTENT_JOURNAL;
  const service = freshContext({ tenant: name, plan, directory: planning, ownDn: undefined, intents, paging, baseUrl });
  const credential = { name: 'explain', rights: ALL_RIGHTS, confined: undefined };
  const accepted = { tokens: [{ credential, digest: digestToken(TOKEN) }], certificates: [], jwt: undefined, oauth: undefined };
  const notes: Note[] = [];
  const app = createApp([{ name, path, accepted, limits, allowFrom: undefined, service }], {
    log: noteTaker(notes),
    openAuditTrail: () => NO_AUDIT_TRAIL,
    isTrustedProxy: () => false,
    observer: NO_REQUEST_OBSERVER,
  });
  const answer = await answerInProcess(app, {
    method,
    target: isBelow(target, path) ? target : `${path}${target}`,
    headers: {
      host: new URL(publicUrl).host,
      authorization: `Bearer ${TOKEN}`,
      'x-request-id': REQUEST_ID,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { operations: planning.operations, answer: withoutRequestId(answer), notes };
}

/** Whether a request's target is one of the tenant at `path`. */
export function isBelow(target: string, path: string): boolean {
  return target === path || target.startsWith(`${path}/`) || target.startsWith(`${path}?`);
}

/** Keeps what is worth a line, but for the one that every request gets. */
function noteTaker(notes: Note[]): RequestLog {
  const keep = (fields: object, message: string): void => {
    if (message !== 'request') notes.push({ message, fields: { ...fields } });
  };
  return { debug: () => undefined, info: keep, warn: keep, error: keep, isLevelEnabled: () => false, child: () => noteTaker(notes) };
}

/** Made up as it is, the id says nothing at the end of an error's detail. */
function withoutRequestId(answer: ClientAnswer): ClientAnswer {
  return { ...answer, body: answer.body.replace(` (request ${REQUEST_ID})`, '') };
}
