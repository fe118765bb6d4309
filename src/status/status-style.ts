/** The page's only style sheet. Its digest is in the page's security policy, so nothing else can style it. */
export const STATUS_STYLE = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5a6675; --line: #d8dee6; --paper: #fff; --card: #f6f8fa; --good: #1a7f37; --bad: #b3261e;
  --warn: #8a5a00; --accent: #0a58ca; --bar: #4c8bf5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --soft: #9aa7b6; --line: #313b47; --paper: #12171d; --card: #1a2129; --good: #56d364;
  --bad: #ff8b80; --warn: #e3b341; --accent: #79b8ff; --bar: #4c8bf5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem .6rem; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.25rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
.facts { color: var(--soft); margin: .2rem 0 .8rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; list-style: none; padding: 0; margin: .8rem 0 0; }
.state { font-size: 1.05rem; font-weight: 600; padding: .6rem .9rem; border-radius: 8px; border: 1px solid currentColor; background: var(--card); }
.state ul { margin: .3rem 0 0; padding-left: 1.2rem; font-weight: 400; font-size: .95rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .soft { color: var(--soft); }
.good, .bad, .warn { font-weight: 600; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--card); color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.path { overflow-wrap: anywhere; min-width: 21rem; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
code, pre, .mono { font-family: ui-monospace, monospace; font-size: .88rem; }
pre { margin: .4rem 0 .2rem; padding: .6rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
summary { cursor: pointer; color: var(--accent); white-space: nowrap; }
.chart { width: 100%; max-width: 44rem; height: auto; display: block; }
.chart text { font-size: 11px; text-anchor: middle; fill: var(--soft); }
.chart .count { fill: var(--ink); font-weight: 600; }
.chart .bar { fill: var(--bar); }
.chart .axis { stroke: var(--line); }
footer { margin-top: 2.5rem; padding-bottom: 2rem; color: var(--soft); font-size: .9rem; }
`;
