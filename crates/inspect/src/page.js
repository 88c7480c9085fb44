'use strict';
const page = document.getElementById('page');
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
function size(n) {
  let u = 0;
  while (n >= 999.5 && u < 4) { n /= 1024; u++; }
  return (u === 0 ? n : n < 99.95 ? n.toFixed(1) : n.toFixed(0)) + ' ' + UNITS[u];
}
function make(tag, text, parent, cls) {
  const e = document.createElement(tag);
  if (text !== undefined && text !== null) e.textContent = text;
  if (cls) e.className = cls;
  (parent || page).appendChild(e);
  return e;
}
make('h1', 'Memory of ' + (DATA.script || 'a program'));
make('div', 'peak ' + size(DATA.peak) + ' at ' + DATA.peakSeconds.toFixed(2) + ' s, alive at the end ' + size(DATA.live), page, 'sub');

// The flame view.
const MEASURES = ['peak', 'live', 'total'];
const tools = make('div', null, page, 'tools');
let measure = 0, zoom = DATA.tree, query = '';
const buttons = MEASURES.map((m, i) => {
  const b = make('button', m, tools);
  b.id = 'measure-' + m;
  b.onclick = () => { measure = i; zoom = DATA.tree; draw(); };
  return b;
});
const search = make('input', null, tools);
search.placeholder = 'search functions and files';
search.id = 'search';
search.oninput = () => { query = search.value.toLowerCase(); draw(); };
const reset = make('button', 'reset zoom', tools);
reset.onclick = () => { zoom = DATA.tree; draw(); };
const found = make('span', '', tools);
const flame = make('div', null, page);
flame.id = 'flame';
const detail = make('div', ' ', page);
detail.id = 'detail';
function label(n) { return n.f ? n.n + ' (' + n.f + ':' + n.l + ')' : n.n; }
function hue(text) {
  let h = 0;
  for (const c of text) h = (h * 31 + c.charCodeAt(0)) >>> 0;
  return 'hsl(' + (18 + h % 40) + ' ' + (70 + h % 25) + '% ' + (58 + h % 14) + '%)';
}
function draw() {
  buttons.forEach((b, i) => b.setAttribute('aria-pressed', String(i === measure)));
  flame.textContent = '';
  const whole = zoom.b[measure] || 1;
  let deepest = 0, hits = 0;
  const todo = [[zoom, 0, 0]];
  while (todo.length) {
    const [n, x, level] = todo.pop();
    const w = n.b[measure] / whole;
    if (w < 0.0008) continue;
    deepest = Math.max(deepest, level);
    const cell = make('div', label(n), flame, 'cell');
    const hit = !query || label(n).toLowerCase().includes(query);
    if (!hit) cell.classList.add('miss'); else if (query) hits++;
    cell.style.cssText = 'left:' + x * 100 + '%;width:' + w * 100 + '%;top:' + level * 19 + 'px;background:' + hue(n.f + n.n);
    cell.onclick = () => { zoom = n; draw(); };
    cell.onmouseenter = () => {
      detail.textContent = label(n) + ': ' + MEASURES.map((m, i) => m + ' ' + size(n.b[i]) + ' in ' + n.k[i].toLocaleString('en')).join(' · ');
    };
    let at = x;
    for (const c of [...n.c].sort((a, b) => b.b[measure] - a.b[measure])) {
      todo.push([c, at, level + 1]);
      at += c.b[measure] / whole;
    }
  }
  flame.style.height = (deepest + 1) * 19 + 'px';
  found.textContent = query ? hits + ' found' : '';
}
draw();

// The timeline.
if (DATA.moments.length > 1) {
  make('h2', 'Timeline');
  const end = DATA.moments[DATA.moments.length - 1][0] || 1, top = DATA.peak || 1;
  const points = DATA.moments.map(([t, b]) => (t / end * 1000).toFixed(1) + ',' + (156 - b / top * 150).toFixed(1));
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 1000 160');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.innerHTML = '<polygon fill="#e8964a88" stroke="#c66a1c" points="0,156 ' + points.join(' ') + ' 1000,156"/>';
  page.appendChild(svg);
  make('div', '0 to ' + (end / 1e9).toFixed(2) + ' s, 0 to ' + size(top), page, 'sub');
}

function table(title, headings, rows, cells) {
  if (!rows || !rows.length) return;
  make('h2', title);
  const t = make('table'), head = make('tr', null, make('thead', null, t)), body = make('tbody', null, t);
  headings.forEach(h => make('th', h, head));
  rows.forEach(r => { const tr = make('tr', null, body); cells(r).forEach(c => make('td', c, tr)); });
}
if (DATA.rss) { make('h2', 'Where the memory is'); make('pre', DATA.rss); }
table('Lines', ['at peak', 'live', 'allocated', 'blocks', 'line'], DATA.lines,
  r => [size(r[0]), size(r[1]), size(r[2]), r[3].toLocaleString('en'), r[4] + '  ' + r[5]]);
table('Types', ['bytes', 'objects', 'class'], DATA.classes, r => [size(r[0]), r[1].toLocaleString('en'), r[2]]);
table('What holds it', ['retains', 'itself', 'object and path'], DATA.holders, r => [size(r[0]), size(r[1]), r[2] + '  ←  ' + r[3]]);
if (DATA.pages) {
  make('h2', 'Map of pages');
  make('div', 'each square is 16 KiB: orange objects with references, blue objects without, green buffers, grey free; paler is emptier', page, 'sub');
  const map = make('div'), HUE = [0, 28, 210, 130];
  map.id = 'map';
  for (const [pages, family, , live] of DATA.pages) {
    const full = Math.min(1, live / (pages * 16384));
    for (let i = 0; i < Math.min(pages, 256); i++) {
      const e = make('i', null, map);
      e.style.background = family === 0 ? '#8883' : 'hsl(' + HUE[family] + ' 70% ' + (85 - full * 40) + '%)';
    }
  }
}
