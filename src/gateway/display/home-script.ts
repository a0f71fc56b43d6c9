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
const REASONS = {
  started: 'not measured from its beginning',
  gap: 'no measurement near its beginning or its end',
  'clock-step': 'the gateway’s clock was set',
  'meter-exchanged': 'the meter was exchanged',
  'register-reset': 'the meter began anew',
  'register-jumped': 'the meter’s register jumped',
  'above-fuse': 'more than the main fuse lets through',
  'register-decreased': 'less than before',
  'other-meter': 'another meter',
  'unit-changed': 'in another unit than before',
  'clock-not-set': 'the gateway’s clock is not set',
  'no-register': 'without the registers asked for',
  'bad-checksum': 'damaged on the way',
  'cut-short': 'cut short',
  'not-a-number': 'no number',
  'no-answer': 'no answer',
  retained: 'kept by the broker from earlier',
};
const STATES = { starting: 'Starting', reading: 'Reading', waiting: 'Waiting to try again', stopped: 'Stopped' };
const byId = (id) => document.getElementById(id);
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const nameOf = (register) => NAMES[register] || capital(register);
const reasonOf = (reason) => REASONS[reason] || reason;
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

/** Of a day or a month: one unit, so that a column can be compared. */
function sum(register, amount) {
  const isVolume = register === 'gas' || register === 'water';
  return amount === undefined || isVolume ? energy(register, amount) : (amount / 1000).toFixed(2) + ' kWh';
}

function clock(iso, timeZone) {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone };
  return new Intl.DateTimeFormat(undefined, options).format(new Date(iso));
}

function span(iso, seconds, timeZone) {
  const options = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone };
  const start = new Date(iso);
  return new Intl.DateTimeFormat(undefined, options).formatRange(start, new Date(start.getTime() + 1000 * seconds));
}

function moment(iso, timeZone) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium', timeZone }).format(new Date(iso));
}

function showLive(home) {
  const figures = inOrder(home.powersW).map(([register, watts]) =>
    element('div', element('dt', nameOf(register)), element('dd', Math.round(watts) + ' W')));
  byId('live').replaceChildren(...(figures.length > 0 ? figures
    : [element('div', element('dt', 'Power'), element('dd', 'not known'))]));
}

function showSums(home) {
  const followed = Object.fromEntries(home.registers.map((register) => [register, undefined]));
  const registers = inOrder({ ...followed, ...home.today.amounts, ...home.month.amounts }).map(([register]) => register);
  const rows = registers.map((register) => row(nameOf(register),
    sum(register, home.today.amounts[register]), sum(register, home.month.amounts[register])));
  if (home.registers.includes('production') && home.registers.includes('export'))
    rows.push(row('Own consumption of production', sum('', home.today.selfConsumptionWh), sum('', home.month.selfConsumptionWh)));
  byId('sums').replaceChildren(...rows);
  const missing = home.month.missingCount;
  byId('missing').textContent = missing === 0 ? '' : count(missing, 'interval')
    + ' of this month without a reading of every meter: what is missing is not counted, and is not zero.';
}

function row(name, ...cells) {
  const head = element('th', name);
  head.scope = 'row';
  return element('tr', head, ...cells.map((cell) => element('td', cell)));
}

function showInterval(home, interval) {
  const measured = [...inOrder(interval.amounts).map(([register, amount]) => nameOf(register) + ' ' + energy(register, amount)),
    ...Object.entries(interval.missing).map(([register, reason]) => nameOf(register) + ' missing (' + reasonOf(reason) + ')')];
  const left = element('p', measured.length === 0 ? 'Nothing was measured.' : measured.join(', '));
  const right = element('div');
  const status = STATUS[interval.status] || interval.status;
  const when = interval.received ? ' at ' + clock(interval.received, home.timeZone) : '';
  right.append(element('p', capital(status) + when + '.'));
  if (interval.frame) right.append(frameBytes(interval.frame), frameFields(interval.frame));
  return element('li', element('h3', span(interval.start, home.intervalSeconds, home.timeZone)), left, right);
}

function frameBytes(frame) {
  const code = element('code');
  const words = frame.words.join('');
  const at = frame.bytes.indexOf(words, 20);
  const masked = element('b', ...breakable(words));
  code.append(...breakable(frame.bytes.slice(0, at)), masked, ...breakable(frame.bytes.slice(at + words.length)));
  return element('p', frame.byteCount + ' bytes: ', code);
}

/** Lines end between bytes; what is copied is the bytes and no more. */
function breakable(hex) {
  return (hex.match(/.{1,4}/g) || []).flatMap((part) => [part, document.createElement('wbr')]);
}

function frameFields(frame) {
  const list = element('ul',
    element('li', 'version ' + frame.version),
    element('li', 'channels ' + frame.channels.join(', ')),
    element('li', 'slot ' + frame.slot + ' of the street, interval ' + frame.interval));
  frame.words.forEach((word, index) => list.append(element('li', 'masked ' + frame.channels[index] + ' ', element('code', word))));
  list.append(element('li', 'tag ', element('code', frame.tag)));
  return element('details', element('summary', 'Its fields'), list);
}

function showSource(home, source) {
  const item = element('li', element('h3', source.name + ' (' + source.kind + ')'));
  const last = source.measured ? ', last ' + clock(source.measured, home.timeZone) : '';
  item.append(element('p', (STATES[source.state] || source.state) + ', ' + count(source.measuredCount, 'measurement') + last));
  if (source.problem) {
    const problem = element('p', source.problem);
    problem.className = 'alert';
    item.append(problem);
  }
  for (const refused of source.refused)
    item.append(element('p', 'Refused ' + count(refused.count, 'time') + ': ' + reasonOf(refused.reason) + (refused.detail ? ' (last: ' + refused.detail + ')' : '')));
  return item;
}

function count(number, name) {
  return number + ' ' + name + (number === 1 ? '' : 's');
}

/** Far down the page nobody would look for it. */
function showTrouble(home) {
  const silent = home.sources.filter((source) => source.state !== 'reading').map((source) => source.name);
  const trouble = byId('trouble');
  trouble.hidden = silent.length === 0;
  const link = element('a', silent.join(', '));
  link.href = '#sources-title';
  trouble.replaceChildren('Not read at the moment: ', link, '.');
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
    byId('now').textContent = moment(home.now, home.timeZone);
    showTrouble(home);
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
