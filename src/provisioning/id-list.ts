/** A resource of a query's answer: its type, as a position among the tenant's types, and its id. */
export interface ListedId {
  readonly type: number;
  /** A UUID (`matchId` finds nothing by any other id). */
  readonly id: string;
}

const ID_LENGTH = 16;
const ITEM_LENGTH = 1 + ID_LENGTH;

/** Ids in the order of an answer, 17 bytes each: a directory of 100,000 users fits into 1.7 MB. */
export class IdList {
  readonly #octets: Buffer;
  readonly length: number;

  constructor(items: readonly ListedId[]) {
    this.#octets = Buffer.alloc(items.length * ITEM_LENGTH);
    for (const [index, item] of items.entries()) writeListedId(item, this.#octets, index * ITEM_LENGTH);
    this.length = items.length;
  }

  slice(start: number, count: number): readonly ListedId[] {
    const items: ListedId[] = [];
    const end = Math.min(start + count, this.length);
    for (let index = start; index < end; index += 1) items.push(readListedId(this.#octets, index * ITEM_LENGTH));
    return items;
  }

  /** How many items of a list in ascending order come before this one or are it; whether it is in the list or not. */
  positionAfter(item: ListedId): number {
    const wanted = packListedId(item);
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = middle * ITEM_LENGTH;
      if (this.#octets.compare(wanted, 0, ITEM_LENGTH, start, start + ITEM_LENGTH) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** 17 bytes, which compare as type and id do. */
export function packListedId(item: ListedId): Buffer {
  const octets = Buffer.alloc(ITEM_LENGTH);
  writeListedId(item, octets, 0);
  return octets;
}

function writeListedId({ type, id }: ListedId, octets: Buffer, offset: number): void {
  octets[offset] = type;
  octets.write(id.replaceAll('-', ''), offset + 1, ID_LENGTH, 'hex');
}

/** What `packListedId` has written. */
export function readListedId(octets: Buffer, offset: number): ListedId {
  const digits = octets.toString('hex', offset + 1, offset + ITEM_LENGTH);
  const groups = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)];
  return { type: octets[offset] ?? 0, id: groups.join('-') };
}
