/** A recorded exchange between a SCIM client and the bridge: what `*.exchange` files say. The format is told in `test/entra/README.md`. */
export interface Exchange {
  /** YAML laid over the shipped mapping; empty: the mapping as it is shipped. */
  readonly mapping: string;
  /** LDIF of the entries that are there before the first request. */
  readonly given: string;
  readonly steps: readonly ExchangeStep[];
}

export interface ExchangeStep {
  readonly request: { readonly method: string; readonly target: string } & Message;
  readonly answer: { readonly status: number } & Message;
  /** LDIF of all that is there afterwards; undefined: the same as before. */
  readonly directory: string | undefined;
}

interface Message {
  /** Names as written. An empty value in a request means: without this header. */
  readonly headers: ReadonlyMap<string, string>;
  /** Empty: none. */
  readonly body: string;
}

/** The text is no exchange. `line` counts from 1. */
export class ExchangeSyntaxError extends Error {
  override readonly name = 'ExchangeSyntaxError';

  constructor(reason: string, line: number) {
    super(`${reason} (line ${line})`);
  }
}

/** @throws ExchangeSyntaxError */
export function parseExchange(text: string): Exchange {
  const sections = splitIntoSections(text);
  const mapping = takeSection(sections, 'mapping');
  const given = takeSection(sections, 'given');
  const steps: ExchangeStep[] = [];
  for (let section = sections.shift(); section !== undefined; section = sections.shift()) {
    if (section.name !== 'request') throw new ExchangeSyntaxError(`"--- ${section.name}" has no place here`, section.line);
    steps.push(readStep(section, sections));
  }
  if (steps.length === 0) throw new ExchangeSyntaxError('there is no "--- request"', 1);
  return { mapping: mapping?.text ?? '', given: given?.text ?? '', steps };
}

interface Section {
  readonly name: string;
  /** Of its `---` line. */
  readonly line: number;
  /** Without the blank lines around it. */
  readonly text: string;
}

function splitIntoSections(text: string): Section[] {
  const sections: { name: string; line: number; lines: string[] }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const name = /^--- *(\w+) *$/.exec(line)?.[1];
    if (name !== undefined) sections.push({ name, line: index + 1, lines: [] });
    else if (sections.length > 0) sections.at(-1)?.lines.push(line);
    else if (line.trim() !== '' && !line.startsWith('#')) throw new ExchangeSyntaxError('expected a comment or "--- request"', index + 1);
  }
  return sections.map(({ name, line, lines }) => ({ name, line, text: lines.join('\n').trim() }));
}

function takeSection(sections: Section[], name: string): Section | undefined {
  return sections[0]?.name === name ? sections.shift() : undefined;
}

function readStep(requestSection: Section, following: Section[]): ExchangeStep {
  const answerSection = takeSection(following, 'answer');
  if (answerSection === undefined) throw new ExchangeSyntaxError('a request without "--- answer"', requestSection.line);
  const { start: requestLine, ...request } = readMessage(requestSection);
  const [method = '', target] = requestLine.split(/ (.*)/s);
  if (!/^[A-Z]+$/.test(method) || target === undefined)
    throw new ExchangeSyntaxError('a request begins with its method and target', requestSection.line);
  const { start: statusLine, ...answer } = readMessage(answerSection);
  if (!/^\d{3}$/.test(statusLine)) throw new ExchangeSyntaxError('an answer begins with its status', answerSection.line);
  return {
    request: { method, target, ...request },
    answer: { status: Number(statusLine), ...answer },
    directory: takeSection(following, 'directory')?.text,
  };
}

function readMessage({ text, line }: Section): { readonly start: string } & Message {
  const [head = '', ...body] = text.replace(/^(#.*\n)*/, '').split('\n\n');
  const [start = '', ...headerLines] = head.split('\n');
  const headers = headerLines.map((header): [string, string] => {
    const [, name, value] = /^([\w-]+): *(.*)$/.exec(header) ?? [];
    if (name === undefined || value === undefined) throw new ExchangeSyntaxError(`${header}: is no header`, line);
    return [name, value];
  });
  return { start, headers: new Map(headers), body: body.join('\n\n') };
}
