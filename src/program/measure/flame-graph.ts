// A profile as a picture that needs nothing but a browser: each call as wide as its instructions, below it what it called.
// A click makes a call as wide as the picture, a click on the uppermost row shows all again.
import { NOT_KEPT_APART, withoutSmall, type Profile, type ProfiledCall } from './profile.js';

const WIDTH = 1200;
const ROW = 18;
const TOP = 30;
/** Of the picture's width; narrower calls are left out. */
const LEAST_PART = 1 / 4000;
const LISTED = 100;

interface Box {
  readonly call: ProfiledCall;
  readonly level: number;
  readonly start: number;
}

/** An SVG document; within a page, an element of it. */
export function flameGraph(profile: Profile): string {
  const boxes: Box[] = [];
  const place = (calls: readonly ProfiledCall[], level: number, start: number): void => {
    let at = start;
    for (const call of calls) {
      boxes.push({ call, level, start: at });
      place(call.callees, level + 1, at);
      at += call.total;
    }
  };
  const all: ProfiledCall = { functionAt: -1, own: 0, total: profile.instructions, calls: 1, callees: withoutSmall(profile.roots, profile.instructions * LEAST_PART) };
  place([all], 0, 0);
  const levels = 1 + boxes.reduce((most, { level }) => Math.max(most, level), 0);
  const height = TOP + levels * ROW + 10;
  const drawn = boxes.map((box) => boxText(box, profile, box.call === all));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="100%" font-family="system-ui, sans-serif" font-size="11">
<style>rect{stroke:#fff;stroke-width:.5}g.call{cursor:pointer}g.call:hover rect{stroke:#000}text{pointer-events:none}g.out{display:none}g.found rect{fill:#b39ddb}</style>
<rect width="100%" height="100%" fill="#fff" style="stroke:none"/>
<text x="6" y="19" font-size="13">${escaped(profile.program)}: ${grouped(profile.instructions)} instructions</text>
${drawn.join('\n')}
<script><![CDATA[${SCRIPT}]]></script>
</svg>
`;
}

function boxText({ call, level, start }: Box, { functions, instructions, program }: Profile, isAll: boolean): string {
  const called = call.functionAt < 0 ? undefined : functions[call.functionAt];
  const name = called?.name ?? (isAll ? program : NOT_KEPT_APART);
  const x = instructions === 0 ? 0 : (start / instructions) * WIDTH;
  const width = instructions === 0 ? WIDTH : (call.total / instructions) * WIDTH;
  const y = TOP + level * ROW;
  const place = called?.file === undefined ? '' : `\n${called.file}:${called.line}`;
  const title = isAll ? `all: ${grouped(call.total)} instructions` : `${name}\n${grouped(call.total)} instructions (${percent(call.total, instructions)}), ${grouped(call.own)} of its own (${percent(call.own, instructions)}), called ${times(call.calls)}${place}`;
  const shown = fitting(name, width);
  return `<g class="call" data-x="${x.toFixed(3)}" data-w="${width.toFixed(3)}" data-l="${level}" data-n="${escaped(name)}"><title>${escaped(title)}</title><rect x="${x.toFixed(2)}" y="${y}" width="${Math.max(width, 0.3).toFixed(2)}" height="${ROW - 1}" rx="2" fill="${isAll ? '#cfd8dc' : colourOf(name)}"/><text x="${(x + 4).toFixed(2)}" y="${y + 12.5}">${escaped(shown)}</text></g>`;
}

/** What fits into a box, an ellipsis in place of the rest. */
function fitting(name: string, width: number): string {
  const most = Math.floor((width - 8) / 6);
  return most < 3 ? '' : name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

/** Warm, and the same for a name wherever it stands. */
function colourOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return `hsl(${5 + (hash % 50)},${75 + ((hash >>> 8) % 20)}%,${62 + ((hash >>> 16) % 14)}%)`;
}

/** A page of its own: search, the picture, and the costliest functions in a table. */
export function profilePage(profile: Profile): string {
  const { program, instructions, functions } = profile;
  const listed = [...functions].sort((a, b) => b.own - a.own).slice(0, LISTED).filter(({ own }) => own > 0);
  const rows = listed.map(({ name, own, calls, file, line }) =>
    `<tr><td>${grouped(own)}</td><td>${percent(own, instructions)}</td><td>${grouped(calls)}</td><td>${escaped(name)}</td><td>${file === undefined ? '' : escaped(`${file}:${line}`)}</td></tr>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(program)}: profile</title>
<style>body{font:14px system-ui,sans-serif;margin:1.5em}td,th{padding:.15em .8em;text-align:left;white-space:nowrap}td:nth-child(-n+3),th:nth-child(-n+3){text-align:right;font-variant-numeric:tabular-nums}tr:nth-child(even){background:#f5f5f5}input{font:inherit;width:20em}</style>
</head><body>
<p><label>Find <input id="find" placeholder="part of a name"></label></p>
${flameGraph(profile)}<h2>Functions by instructions of their own</h2>
<table><tr><th>instructions</th><th></th><th>calls</th><th>function</th><th>declared</th></tr>
${rows.join('\n')}
</table></body></html>
`;
}

/** Runs in the browser: widths and positions are told once, in data attributes. */
const SCRIPT = `
(function () {
  var calls = Array.from(document.querySelectorAll('g.call'));
  function data(g, key) { return Number(g.getAttribute('data-' + key)); }
  function show(target) {
    var from = data(target, 'x'), width = data(target, 'w') || 1, scale = ${WIDTH} / width, level = data(target, 'l');
    calls.forEach(function (g) {
      var x = (data(g, 'x') - from) * scale, w = data(g, 'w') * scale;
      var around = data(g, 'l') < level && data(g, 'x') <= from + 0.001 && data(g, 'x') + data(g, 'w') >= from + width - 0.001;
      if (around) { x = 0; w = ${WIDTH}; }
      g.classList.toggle('out', !around && (x + w <= 0.01 || x >= ${WIDTH} - 0.01 || data(g, 'l') < level));
      var rect = g.querySelector('rect'), text = g.querySelector('text'), name = g.getAttribute('data-n'), most = Math.floor((w - 8) / 6);
      rect.setAttribute('x', x); rect.setAttribute('width', Math.max(w, 0.3));
      text.setAttribute('x', x + 4);
      text.textContent = most < 3 ? '' : name.length <= most ? name : name.slice(0, most - 1) + '\\u2026';
    });
  }
  calls.forEach(function (g) { g.addEventListener('click', function () { show(g); }); });
  var find = document.getElementById('find');
  if (find) find.addEventListener('input', function () {
    calls.forEach(function (g) { g.classList.toggle('found', find.value !== '' && g.getAttribute('data-n').indexOf(find.value) >= 0); });
  });
})();
`;

const percent = (part: number, all: number): string => `${all === 0 ? '0.0' : ((100 * part) / all).toFixed(1)} %`;
const times = (count: number): string => (count === 1 ? 'once' : `${grouped(count)} times`);
/** `1234567` -> `1,234,567`. */
const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
/** Names come from the module: no markup, no control characters. */
const escaped = (text: string): string =>
  text.replace(/[\u0000-\u0009\u000b-\u001f\u007f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
