// Lists without OBIS codes, where only the place says what a value is: Kaifa in Norway (description
// of list KFM_001), Iskraemeco AM550 in Slovenia and Croatia. The number of values and the types of
// some of them tell which list it is; what fits none of the lists is not guessed at.

import { asciiText, isPrintableAscii } from '../text.ts';
import { type Data, TYPE } from './axdr.ts';
import type { Entry, Layout } from './entry.ts';

const KAIFA = 'KFM_';
const ISKRA = 'ISK';

interface List {
  readonly names: readonly string[];
  /** The type of the value at a place, where the number of values does not tell the list. */
  readonly mark?: readonly [index: number, type: number | 'boolean'];
}

const POWER = ['1-0:1.7.0', '1-0:2.7.0', '1-0:3.7.0', '1-0:4.7.0'];
const ENERGY = ['1-0:1.8.0', '1-0:2.8.0', '1-0:3.8.0', '1-0:4.8.0'];
const VOLTAGES = ['1-0:32.7.0', '1-0:52.7.0', '1-0:72.7.0'];
const CURRENTS = ['1-0:31.7.0', '1-0:51.7.0', '1-0:71.7.0'];
const CLOCK = '0-0:1.0.0';

const KAIFA_HEAD = ['1-1:0.2.129', '0-0:96.1.0', '0-0:96.1.7', ...POWER];
const KAIFA_ONE_PHASE = [...KAIFA_HEAD, '1-0:31.7.0', '1-0:32.7.0'];
const KAIFA_THREE_PHASE = [...KAIFA_HEAD, ...CURRENTS, ...VOLTAGES];
const KAIFA_LISTS: readonly List[] = [
  { names: KAIFA_ONE_PHASE },
  { names: [...KAIFA_ONE_PHASE, CLOCK, ...ENERGY] },
  { names: KAIFA_THREE_PHASE },
  { names: [...KAIFA_THREE_PHASE, CLOCK, ...ENERGY] },
];
const KAIFA_POWER_ONLY: List = { names: ['1-0:1.7.0'] };

const ISKRA_HEAD = ['0-0:42.0.0', '0-0:96.1.0'];
const ISKRA_PHASE_POWERS = ['21', '41', '61', '22', '42', '62'].map((code) => `1-0:${code}.7.0`);
const ISKRA_LISTS: readonly List[] = [
  { names: [...ISKRA_HEAD, ...POWER, ...VOLTAGES, ...CURRENTS, ...ISKRA_PHASE_POWERS] },
  {
    names: [...ISKRA_HEAD, ...VOLTAGES, ...CURRENTS, ...POWER],
    mark: [2, TYPE.longUnsigned],
  },
  {
    names: [
      ...ISKRA_HEAD,
      '0-0:96.3.10',
      '0-0:96.14.0',
      ...['1.8.0', '1.8.1', '1.8.2', '2.8.0', '2.8.1', '2.8.2', '3.8.0', '4.8.0'].map(
        (code) => `1-0:${code}`,
      ),
    ],
    mark: [2, 'boolean'],
  },
  {
    names: [...ISKRA_HEAD, ...POWER, '1-0:32.7.0', '1-0:31.7.0', '1-0:21.7.0', '1-0:22.7.0'],
    mark: [6, TYPE.longUnsigned],
  },
  {
    names: [
      ...ISKRA_HEAD,
      ...['1.8.1', '1.8.2', '2.8.1', '2.8.2', '3.8.1', '3.8.2', '4.8.1', '4.8.2'].map(
        (code) => `1-0:${code}`,
      ),
    ],
    mark: [6, TYPE.doubleLongUnsigned],
  },
  { names: [...ISKRA_HEAD, '1-0:32.7.0', '1-0:31.7.0', ...POWER] },
];

/** undefined where it is none of the known lists. */
export function readPositionalLayout(data: Data): Layout | undefined {
  if (data.kind !== 'list') return undefined;
  const { items } = data;
  if (items.some((item) => item.kind === 'list')) return undefined;
  const found = listsFor(items).find((list) => fits(list, items));
  if (found === undefined) return undefined;
  const entries: Entry[] = found.names.map((name, index) => ({
    name,
    value: items[index] as Data,
  }));
  return { entries, unnamed: [] };
}

function listsFor(items: readonly Data[]): readonly List[] {
  const [first] = items;
  if (first?.kind === 'integer' && first.type === TYPE.doubleLongUnsigned)
    return [KAIFA_POWER_ONLY];
  if (first?.kind !== 'octets' && first?.kind !== 'text') return [];
  if (!isPrintableAscii(first.bytes)) return [];
  const name = asciiText(first.bytes);
  if (name.startsWith(KAIFA)) return KAIFA_LISTS;
  return name.startsWith(ISKRA) ? ISKRA_LISTS : [];
}

function fits({ names, mark }: List, items: readonly Data[]): boolean {
  if (names.length !== items.length) return false;
  if (!items.every((item, index) => fitsName(names[index] as string, item))) return false;
  if (mark === undefined) return true;
  const marked = items[mark[0]];
  if (mark[1] === 'boolean') return marked?.kind === 'boolean';
  return marked?.kind === 'integer' && marked.type === mark[1];
}

/** What is measured is a number, all else is not, but for the tariff. */
function fitsName(name: string, item: Data): boolean {
  if (name.startsWith('1-0:')) return item.kind === 'integer';
  return name === '0-0:96.14.0' || item.kind !== 'integer';
}
