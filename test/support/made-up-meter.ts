// A meter of a test: a file that P1 telegrams are appended to, whose import register moves in the
// middle of each interval, so that the reading of a whole interval is exact.

import { appendFileSync } from 'node:fs';
import { CRC16_ARC, crc16 } from '../../src/gateway/decode/crc16.ts';

export class MadeUpMeter {
  readonly file: string;
  readonly perIntervalWh: number;
  readonly #intervalMs: number;
  readonly #firstInterval: number;

  constructor(file: string, perIntervalWh: number, intervalMs: number) {
    this.file = file;
    this.perIntervalWh = perIntervalWh;
    this.#intervalMs = intervalMs;
    this.#firstInterval = Math.floor(Date.now() / intervalMs);
  }

  /** One telegram of now. */
  speak(nowMs: number = Date.now()): void {
    const halves = Math.floor((2 * nowMs) / this.#intervalMs) - 2 * this.#firstInterval;
    const importWh = 1_000_000 + this.perIntervalWh * Math.floor((halves + 1) / 2);
    appendFileSync(this.file, p1Telegram(importWh));
  }
}

function p1Telegram(importWh: number): Buffer {
  const energy = (importWh / 1000).toFixed(3).padStart(10, '0');
  const text = `/TST5MADE-UP\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(${energy}*kWh)\r\n!`;
  const crc = crc16(CRC16_ARC, Buffer.from(text, 'latin1'));
  return Buffer.from(`${text}${crc.toString(16).toUpperCase().padStart(4, '0')}\r\n`, 'latin1');
}
