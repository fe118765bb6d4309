import { BRAKED, type Braked, type Budgets, type Cost } from '../mapping/cost.ts';
import { ScimError } from '../scim/errors.ts';
import type { BrakeCount, BrakeCounter } from '../state/brake-counter.ts';
import type { OperationLog } from './operation-context.ts';

/** How far the brakes of a tenant are. */
export interface BrakesStatus {
  /** When the window ends in which this was counted, in ISO 8601. */
  readonly windowEnds: string;
  /** Until when nothing is held back, in ISO 8601. */
  readonly releasedUntil: string | undefined;
  readonly counts: Readonly<Partial<Record<Braked, { readonly counted: number; readonly most: number | undefined }>>>;
  /** Which of them hold writes back. */
  readonly holding: readonly Braked[];
}

/** What the brakes work with. */
export interface BrakesParts {
  readonly budgets: Budgets;
  readonly counter: BrakeCounter;
  /** How many users there are. */
  readonly population: () => Promise<number>;
  readonly log: OperationLog;
  /** Is told of every write that is held back. */
  readonly heldBack: (kind: Braked) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Holds back more changes of a kind than a tenant may make in a window of time: a client with the wrong scope must not be able to empty
 * the directory. Counted is what is planned, before it is carried out; what failed is given back.
 */
export class Brakes {
  readonly #parts: BrakesParts;
  /** The kinds of which the log has been told in this window. */
  readonly #alarmed = new Set<Braked>();

  constructor(parts: BrakesParts) {
    this.#parts = parts;
  }

  /** @throws ScimError 503 when that would be more than the budget of the window */
  async take(cost: Cost): Promise<void> {
    const asked = BRAKED.filter((kind) => (cost[kind] ?? 0) > 0 && this.#parts.budgets.most[kind] !== undefined);
    const most = this.#most(asked, this.#isShare(asked) ? await this.#population() : undefined);
    // From here on nothing waits: two requests can't both take the last one.
    const count = this.#current();
    const held = asked.find((kind) => (count.counts[kind] ?? 0) + (cost[kind] ?? 0) > (most[kind] ?? Number.POSITIVE_INFINITY));
    if (held !== undefined && count.releasedUntil <= this.#parts.now()) this.#refuse(held, count, most[held]);
    this.#add(count, cost, 1);
  }

  /** What was taken for a write that has not been made. */
  giveBack(cost: Cost): void {
    this.#add(this.#current(), cost, -1);
  }

  /** Lets everything through for one window, and counts anew. */
  release(): void {
    const { counter, budgets, now } = this.#parts;
    this.#alarmed.clear();
    counter.write({ began: now(), counts: {}, releasedUntil: now() + budgets.windowMs });
  }

  async status(): Promise<BrakesStatus> {
    if (this.#isShare(BRAKED)) await this.#population();
    return this.read();
  }

  /** The same without asking the directory: what is a share of all users has no `most` until somebody has counted them. */
  read(): BrakesStatus {
    const { counts, releasedUntil, began } = this.#current();
    const { budgets, now } = this.#parts;
    const most = this.#most(BRAKED, this.#knownPopulation());
    return {
      windowEnds: new Date(began + budgets.windowMs).toISOString(),
      releasedUntil: releasedUntil <= now() ? undefined : new Date(releasedUntil).toISOString(),
      counts: Object.fromEntries(BRAKED.map((kind) => [kind, { counted: counts[kind] ?? 0, most: most[kind] }] as const)),
      holding: [...this.#alarmed],
    };
  }

  #refuse(kind: Braked, { began }: BrakeCount, most: number | undefined): never {
    const { budgets, log, now, heldBack } = this.#parts;
    const retryAfter = Math.max(1, Math.ceil((began + budgets.windowMs - now()) / 1000));
    if (!this.#alarmed.has(kind)) log.error({ brake: kind, most, retryAfter }, 'a brake holds: see scim-ldap-bridge brakes status');
    this.#alarmed.add(kind);
    heldBack(kind);
    throw new ScimError(503, `more ${kind} than the operator allows for a window of time; an operator can release the brakes`, {
      retryAfter,
    });
  }

  /** The count of the window that is now; the first look after its end begins the next one. */
  #current(): BrakeCount {
    const { counter, budgets, now } = this.#parts;
    const count = counter.read();
    if (now() - count.began < budgets.windowMs) return count;
    this.#alarmed.clear();
    const next: BrakeCount = { began: now(), counts: {}, releasedUntil: count.releasedUntil };
    counter.write(next);
    return next;
  }

  #add(count: BrakeCount, cost: Cost, sign: 1 | -1): void {
    const counts = { ...count.counts };
    for (const kind of BRAKED) {
      const by = cost[kind] ?? 0;
      if (by > 0) counts[kind] = Math.max(0, (counts[kind] ?? 0) + sign * by);
    }
    this.#parts.counter.write({ ...count, counts });
  }

  #isShare(kinds: readonly Braked[]): boolean {
    return kinds.some((kind) => 'percent' in (this.#parts.budgets.most[kind] ?? {}));
  }

  /** The budgets of some kinds in numbers; a share is rounded up, and missing while the population is unknown. */
  #most(kinds: readonly Braked[], population: number | undefined): Readonly<Partial<Record<Braked, number>>> {
    const { most } = this.#parts.budgets;
    const numbers = kinds.flatMap((kind) => {
      const budget = most[kind];
      if (budget === undefined) return [];
      if ('count' in budget) return [[kind, budget.count] as const];
      return population === undefined ? [] : [[kind, Math.ceil((population * budget.percent) / 100)] as const];
    });
    return Object.fromEntries(numbers);
  }

  /** As it was when it was first asked for in the window, and who came since: those who go must not make the share smaller. */
  async #population(): Promise<number> {
    if (this.#current().populationWithoutCreates === undefined) {
      const population = await this.#parts.population();
      const count = this.#current();
      this.#parts.counter.write({ ...count, populationWithoutCreates: population - (count.counts['creates'] ?? 0) });
    }
    return this.#knownPopulation() ?? 0;
  }

  #knownPopulation(): number | undefined {
    const { populationWithoutCreates, counts } = this.#current();
    return populationWithoutCreates === undefined ? undefined : populationWithoutCreates + (counts['creates'] ?? 0);
  }
}
