import type { GeneratedAttribute, GeneratedNumber, GeneratedRandom, GeneratedText } from './plan.ts';
import { type NumberedText, nthText } from './template.ts';

/** A generated value that doesn't follow from what is known: a random one, the next number, a text that nobody else has. */
export type NeededValue =
  | { readonly kind: 'random'; readonly line: GeneratedRandom }
  | { readonly kind: 'number'; readonly line: GeneratedNumber }
  | { readonly kind: 'unique'; readonly line: GeneratedText; readonly text: NumberedText };

/** Such values, found outside, by their lines. */
export type SuppliedValues = ReadonlyMap<GeneratedAttribute, string>;

/** A value as it may turn out, for those who only look: the least number of the range, a text that is free. */
export function sampleOf(needed: NeededValue): string {
  switch (needed.kind) {
    case 'random':
      return 'x'.repeat(needed.line.length);
    case 'number':
      return String(needed.line.from);
    case 'unique':
      return nthText(needed.text, 1) ?? '';
    default:
      return needed satisfies never;
  }
}
