// Layouts that tell the OBIS code of each value, in any nesting:
//
// - structures of code, value and perhaps scaler and unit (Aidon, Iskraemeco);
// - the same without structures around them (Kamstrup, Kaifa, Austrian utilities);
// - a list of the objects that are pushed, then their values in that order (Landis+Gyr, Iskraemeco
//   AM550 in Switzerland; IEC 62056-6-2, push setup, attribute push_object_list).

import { printObis } from '../obis.ts';
import type { Data } from './axdr.ts';
import { type Entry, isCode, type Layout, scalerUnit } from './entry.ts';

const VALUE_ATTRIBUTE = 2;
const SCALER_ATTRIBUTE = 3;
/** Classes whose attribute 3 is the scaler and unit: register, and extended register. */
const REGISTER_CLASSES: readonly bigint[] = [3n, 4n];

interface PushedObject {
  readonly classId: bigint;
  readonly name: string;
  readonly attribute: number;
}

export function readCodedLayout(data: Data): Layout {
  const entries: Entry[] = [];
  const unnamed: Data[] = [];
  walk(data.kind === 'list' ? data.items : [data], entries, unnamed);
  return { entries, unnamed };
}

/** Recursion is as deep as the data, which is bounded. */
function walk(items: readonly Data[], entries: Entry[], unnamed: Data[]): void {
  const pushed = pushedObjects(items);
  if (pushed !== undefined) {
    entries.push(...pushedEntries(pushed, items));
    return;
  }
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Data;
    const value = items[at + 1];
    if (isCode(item) && value !== undefined && value.kind !== 'list') {
      const unit = scalerUnit(items[at + 2]);
      entries.push({ name: printObis(item.bytes), value, ...unit });
      at += unit === undefined ? 1 : 2;
    } else if (item.kind === 'list') {
      walk(item.items, entries, unnamed);
    } else if (item.kind !== 'null') {
      unnamed.push(item);
    }
  }
}

function pushedObjects(items: readonly Data[]): readonly PushedObject[] | undefined {
  const [first] = items;
  if (first?.kind !== 'list' || first.items.length === 0 || items.length < 2) return undefined;
  const objects: PushedObject[] = [];
  for (const item of first.items) {
    const object = pushedObject(item);
    if (object === undefined) return undefined;
    objects.push(object);
  }
  return objects;
}

/** Class, logical name, attribute and data index; newer versions have more behind them. */
function pushedObject(item: Data): PushedObject | undefined {
  if (item.kind !== 'list' || item.items.length < 4) return undefined;
  const [classId, code, attribute] = item.items;
  if (classId?.kind !== 'integer' || !isCode(code) || attribute?.kind !== 'integer')
    return undefined;
  return {
    classId: classId.value,
    name: printObis(code.bytes),
    attribute: Number(attribute.value),
  };
}

/** The list is a pushed object too, mostly; where it is not, values begin behind it. */
function pushedEntries(objects: readonly PushedObject[], items: readonly Data[]): readonly Entry[] {
  const values = items.length > objects.length ? items.slice(1) : items;
  const units = new Map<string, ReturnType<typeof scalerUnit>>();
  for (const [index, { classId, name, attribute }] of objects.entries())
    if (attribute === SCALER_ATTRIBUTE && REGISTER_CLASSES.includes(classId))
      units.set(name, scalerUnit(values[index]));
  return objects.flatMap(({ name, attribute }, index) => {
    const value = values[index];
    if (value === undefined || value.kind === 'list') return [];
    return [{ name, value, ...(attribute === VALUE_ATTRIBUTE && units.get(name)) }];
  });
}
