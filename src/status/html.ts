/** Markup that may stand in a page as it is. Only `html` and `raw` make it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand between markup: text is escaped; nothing stays nothing. */
export type HtmlPart = Html | string | number | undefined | readonly HtmlPart[];

/** Markup with parts in it. Whatever is no markup is escaped, for the text of an element and for a value in double quotes alike. */
export function html(markup: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(markup.reduce((before, after, index) => `${before}${markupOf(parts[index - 1])}${after}`));
}

/** Text of our own that is markup already. */
export function raw(markup: string): Html {
  return new Html(markup);
}

function markupOf(part: HtmlPart): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return part.map(markupOf).join('');
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Control characters, those that turn the direction of a line among them, show as a box: they could make a text look like another. */
const CONTROLS = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu;

function escape(text: string): string {
  return text.replace(CONTROLS, '\u2327').replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
