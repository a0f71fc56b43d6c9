// "1 cell", "2 cells": with the reader's own digits.

import { energyFormat } from '../state/formats.ts';

export function plural(count: number, one: string): string {
  return `${energyFormat.count(count)} ${one}${count === 1 ? '' : 's'}`;
}
