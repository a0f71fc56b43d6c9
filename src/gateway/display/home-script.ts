// The page's script, as it goes to the browser: asks for the document every few seconds and writes
// text, never markup.

export const HOME_SCRIPT = `'use strict';
const NAMES = { import: 'Import', export: 'Export', production: 'Production' };
const STATUS = {
  received: 'received by the street’s aggregator',
  waiting: 'masked and stored, not confirmed yet',
  'too-late': 'masked, but not confirmed before the street closed: not on the map',
  refused: 'not sent: above what your meter is enrolled for',
  'not-sent': 'nothing was sent',
};
const byId = (id) => document.getElementById(id);
const nameOf = (register) => NAMES[register] || register;
const rankOf = (register) => (Object.keys(NAMES).indexOf(register) + 9) % 9;
const inOrder = (figures) => Object.entries(figures).sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function energy(register, amount) {
  if (amount === undefined) return 'not measured';
  if (register === 'gas' || register === 'water') return (amount / 1000).toFixed(3) + ' m³';
  return Math.abs(amount) < 10000 ? amount + ' Wh' : (amount / 1000).toFixed(1) + ' kWh';
}

function clock(iso, timeZone) {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone };
  return new Intl.DateTimeFormat(undefined, options).format(new Date(iso));
}

function day(iso, timeZone) {
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone };
  return new Intl.DateTimeFormat(undefined, options).format(new Date(iso));
}

function showLive(home) {
  const figures = inOrder(home.powersW).map(([register, watts]) =>
    element('div', element('dt', nameOf(register)), element('dd', Math.round(watts) + ' W')));
  byId('live').replaceChildren(...(figures.length > 0 ? figures
    : [element('div', element('dt', 'Power'), element('dd', 'not known'))]));
}

function showSums(home) {
  const registers = inOrder({ ...home.today.amounts, ...home.month.amounts }).map(([register]) => register);
  const rows = registers.map((register) => row(nameOf(register),
    energy(register, home.today.amounts[register]), energy(register, home.month.amounts[register])));
  if (home.month.selfConsumptionWh !== undefined)
    rows.push(row('Own consumption of production', energy('', home.today.selfConsumptionWh), energy('', home.month.selfConsumptionWh)));
  byId('sums').replaceChildren(...rows);
  const missing = home.month.missingCount;
  byId('missing').textContent = missing === 0 ? '' : missing + (missing === 1 ? ' interval' : ' intervals')
    + ' of this month are missing, and not counted as zero.';
}

function row(name, ...cells) {
  const head = element('th', name);
  head.scope = 'row';
  return element('tr', head, ...cells.map((cell) => element('td', cell)));
}

function showInterval(home, interval) {
  const measured = [...inOrder(interval.amounts).map(([register, amount]) => nameOf(register) + ' ' + energy(register, amount)),
    ...Object.entries(interval.missing).map(([register, reason]) => nameOf(register) + ' missing: ' + reason)];
  const left = element('p', measured.length === 0 ? 'Nothing was measured.' : measured.join(', '));
  const right = element('div');
  const status = STATUS[interval.status] || interval.status;
  const when = interval.received ? ' at ' + clock(interval.received, home.timeZone) : '';
  right.append(element('p', status[0].toUpperCase() + status.slice(1) + when + '.'));
  if (interval.frame) right.append(frameBytes(interval.frame), frameFields(interval.frame));
  return element('li', element('h3', day(interval.start, home.timeZone)), left, right);
}

function frameBytes(frame) {
  const code = element('code');
  const words = frame.words.join('');
  const at = frame.bytes.indexOf(words, 20);
  code.append(frame.bytes.slice(0, at), element('b', words), frame.bytes.slice(at + words.length));
  return element('p', code);
}

function frameFields(frame) {
  const list = element('ul',
    element('li', 'version ' + frame.version + ', ' + frame.byteCount + ' bytes'),
    element('li', 'channels ' + frame.channels.join(', ')),
    element('li', 'slot ' + frame.slot + ' of the street, interval ' + frame.interval));
  frame.words.forEach((word, index) => list.append(element('li', 'masked ' + frame.channels[index] + ' ', element('code', word))));
  list.append(element('li', 'tag ', element('code', frame.tag)));
  return element('details', element('summary', 'Its fields'), list);
}

function showSource(home, source) {
  const item = element('li', element('h3', source.name + ' (' + source.kind + ')'));
  const last = source.measured ? ', last ' + clock(source.measured, home.timeZone) : '';
  item.append(element('p', source.state + ', ' + source.measuredCount + ' measurements' + last));
  if (source.problem) {
    const problem = element('p', source.problem);
    problem.className = 'alert';
    item.append(problem);
  }
  for (const refused of source.refused)
    item.append(element('p', 'refused ' + refused.count + ' times: ' + refused.reason + (refused.detail ? ' (last: ' + refused.detail + ')' : '')));
  return item;
}

/** Opened details stay open while the page goes on. */
function replaceKept(list, items) {
  const open = new Set([...list.querySelectorAll('details[open]')].map((one) => one.closest('li').dataset.key));
  for (const item of items) if (open.has(item.dataset.key)) item.querySelector('details')?.setAttribute('open', '');
  list.replaceChildren(...items);
}

let shownIntervals = '';
async function refresh() {
  try {
    const answer = await fetch('home.json', { cache: 'no-store' });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const home = await answer.json();
    byId('now').textContent = clock(home.now, home.timeZone);
    showLive(home);
    showSums(home);
    byId('outward').textContent = home.outward ? 'Nothing gets out at the moment: ' + home.outward + '.' : '';
    const text = JSON.stringify(home.intervals);
    if (text !== shownIntervals) {
      shownIntervals = text;
      replaceKept(byId('intervals'), home.intervals.map((interval) => {
        const item = showInterval(home, interval);
        item.dataset.key = interval.start;
        return item;
      }));
    }
    byId('sources').replaceChildren(...home.sources.map((source) => showSource(home, source)));
  } catch {
    byId('now').textContent = 'The gateway does not answer.';
  }
  setTimeout(refresh, 5000);
}
void refresh();
`;
