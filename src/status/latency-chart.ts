import { type Html, html } from './html.ts';
import type { LatencyStep } from './request-history.ts';

const STEP_WIDTH = 56;
const HEIGHT = 150;
const BELOW = 22;
const ABOVE = 18;

/** The histogram as a drawing, with its numbers in words for those who don't see it. */
export function drawLatencies(steps: readonly LatencyStep[]): Html {
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...steps.map(({ count }) => count));
  const width = steps.length * STEP_WIDTH;
  const words = steps.filter(({ count }) => count > 0).map((step) => `${step.count} ${labelOf(step)}`);
  return html`<svg class="chart" role="img" viewBox="0 0 ${width} ${HEIGHT + ABOVE + BELOW}" aria-labelledby="chart-title chart-words">
<title id="chart-title">How long requests took</title>
<desc id="chart-words">${total === 0 ? 'no requests yet' : words.join(', ')}</desc>
${steps.map((step, index) => bar(step, index, most))}
<line class="axis" x1="0" x2="${width}" y1="${HEIGHT + ABOVE}" y2="${HEIGHT + ABOVE}"/>
</svg>`;
}

function bar(step: LatencyStep, index: number, most: number): Html {
  const { count } = step;
  // What is there at all can be seen.
  const height = count === 0 ? 0 : Math.max(2, Math.round((count / most) * HEIGHT));
  const [x, middle] = [index * STEP_WIDTH, index * STEP_WIDTH + STEP_WIDTH / 2];
  return html`<g>
<rect class="bar" x="${x + 4}" y="${ABOVE + HEIGHT - height}" width="${STEP_WIDTH - 8}" height="${height}" rx="2"/>
${count === 0 ? undefined : html`<text class="count" x="${middle}" y="${ABOVE + HEIGHT - height - 5}">${count}</text>`}
<text x="${middle}" y="${ABOVE + HEIGHT + 16}">${labelOf(step)}</text>
</g>
`;
}

function labelOf({ atMost }: LatencyStep): string {
  if (!Number.isFinite(atMost)) return 'longer';
  return atMost < 1000 ? `≤ ${atMost} ms` : `≤ ${atMost / 1000} s`;
}
