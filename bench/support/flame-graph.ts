import type { CallNode } from './cpu-profile.ts';

const WIDTH = 1200;
const ROW = 16;
const LETTER = 6.5;
/** Narrower ones are left out: nobody could see them. */
const NARROWEST = 0.6;

/** A flame graph: each box is a function, as wide as the time in it and below, on top of the one that called it. Names and shares come as tooltips. */
export function flameGraph(root: CallNode, title: string): string {
  const boxes: string[] = [];
  let depth = 0;
  const draw = (node: CallNode, left: number, level: number): void => {
    const width = (node.total / root.total) * WIDTH;
    if (width < NARROWEST) return;
    depth = Math.max(depth, level);
    boxes.push(box(node, left, level, width, node.total / root.total));
    let x = left;
    for (const child of node.children.toSorted((a, b) => b.total - a.total)) {
      draw(child, x, level + 1);
      x += (child.total / root.total) * WIDTH;
    }
  };
  draw(root, 0, 1);
  const height = (depth + 2) * ROW;
  const style = 'text { font: 11px ui-monospace, monospace; fill: #222 } rect { stroke: #fff; stroke-width: 0.5 }';
  const heading = `<text x="4" y="${ROW - 4}">${escape(title)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>${heading}\n${boxes.join('\n')}\n</svg>\n`;
}

function box({ name, place }: CallNode, left: number, level: number, width: number, share: number): string {
  const label = `${name}${place === '' ? '' : ` · ${place}`}`;
  const letters = Math.floor(width / LETTER) - 1;
  const text = letters < 3 ? '' : `<text x="${(left + 2).toFixed(1)}" y="${level * ROW + 12}">${escape(label.slice(0, letters))}</text>`;
  const title = `<title>${escape(label)}: ${(share * 100).toFixed(1)} %</title>`;
  const size = `x="${left.toFixed(1)}" y="${level * ROW}" width="${width.toFixed(1)}" height="${ROW}"`;
  return `<g>${title}<rect ${size} fill="${colourOf(place)}"/>${text}</g>`;
}

/** Our rooms warm, libraries green, Node.js and V8 grey. */
function colourOf(place: string): string {
  if (place === '' || place.startsWith('node:')) return '#ccc';
  if (place.endsWith('.js') || place.endsWith('.ts')) return '#f4a261';
  return '#a3c99a';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
