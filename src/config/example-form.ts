import * as z from 'zod';
import { anyText, choice, closedMap, integer, oneOrMore, parsed, text } from './form.ts';
import type { ExampleAnswer, ExampleSection } from './mapping-file.ts';
import { Mistake } from './mistake.ts';

/** How an example in a mapping file is written: a request, what is there, and what the request does. */

function parseRequest(written: string): ExampleSection['request'] | Mistake {
  const { method, target } = /^(?<method>[A-Z]+) +(?<target>\/.*)$/.exec(written)?.groups ?? {};
  if (method !== undefined && target !== undefined) return { method, target };
  return new Mistake(`"${written}" is no request`, 'a method and a path, as in POST /Users or PATCH /Users/{id}');
}

/** A map or a list, which the reader of the file has made JSON text of, or such text as the operator wrote it. */
const json = z.custom<string>((written) => typeof written === 'string', { error: 'is missing' });

const status = integer(100, 599);

const answerMap = closedMap({ status: status.exactOptional(), body: json.exactOptional() });

const answer = choice<ExampleAnswer>(
  (written) => (typeof written === 'string' ? status.transform((code) => ({ status: code })) : answerMap),
  [status, answerMap],
);

export const example = closedMap({
  name: text,
  request: parsed(parseRequest),
  body: json.exactOptional(),
  entry: text.exactOptional(),
  ldif: anyText.exactOptional(),
  search: oneOrMore(text).exactOptional(),
  answer: answer.exactOptional(),
}).refine(({ ldif, search, answer: told }) => ldif !== undefined || search !== undefined || told !== undefined, {
  error: 'the example expects nothing',
  params: { help: 'say what the request does: ldif: (the writes), search: (the filters), answer: (the status)' },
});
