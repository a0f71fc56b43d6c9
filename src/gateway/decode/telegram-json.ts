// A telegram as the JSON object that `streetwatt decode` prints: what it does not have is absent.

import type { Register, Telegram } from './telegram.ts';

/** Would move a terminal's cursor, or hide text in it; JSON escapes only the first 32. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

export function printTelegram(telegram: Telegram): string {
  const { protocol, meter, time, registers, warnings } = telegram;
  const text = JSON.stringify({
    protocol,
    meter,
    time,
    // fromEntries defines properties, so that a register may be called __proto__.
    registers: Object.fromEntries(
      [...registers].map(([name, register]) => [name, plain(register)]),
    ),
    import_wh: telegram.importWh,
    export_wh: telegram.exportWh,
    production_wh: telegram.productionWh,
    import_w: telegram.importW,
    export_w: telegram.exportW,
    warnings,
  });
  return text.replaceAll(UNPRINTABLE, escapeUnits);
}

function plain({ value, unit, scaler, time, quality }: Register): Record<string, unknown> {
  return { value, unit, scaler, time, quality };
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return escaped;
}
