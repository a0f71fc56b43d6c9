// Messages that wait for their call, as the kernel's plain twin keeps them.

import type { IntakeMessage, MessageTray, StreetIntakes, TakenMessages } from './kernel.ts';
import { takeMessages } from './plain-intake.ts';

const MAX_BYTES: number = 2 ** 20;

export class PlainTray implements MessageTray {
  #messages: IntakeMessage[] = [];
  #byteCount = 0;

  get byteCount(): number {
    return this.#byteCount;
  }

  add(intakes: StreetIntakes, data: Uint8Array, storedAtSeconds: number): boolean {
    if (this.#byteCount + data.length > MAX_BYTES) return false;
    this.#messages.push({ intakes, data, storedAtSeconds });
    this.#byteCount += data.length;
    return true;
  }

  take(): TakenMessages {
    const messages = this.#messages;
    this.#messages = [];
    this.#byteCount = 0;
    return takeMessages(messages);
  }

  [Symbol.dispose](): void {
    this.#messages = [];
    this.#byteCount = 0;
  }
}
