// The processes of the benches on the bus: scripts of this folder, told what to do by messages and
// answering with one each; and the file of messages that the publisher sends.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BusMessage } from '../../src/bus/port.ts';
import { FRAME_BYTES } from '../data/street.ts';
import type { StreetMessage } from './bus-network.ts';

const PATIENCE_MS = 120_000;

export interface RunningScript extends Disposable {
  readonly child: ChildProcess;
}

/** Starts a script and waits until it says that it is ready. */
export async function forkScript(name: string, args: readonly string[]): Promise<RunningScript> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = fork(script, [...args], { execArgv: [] });
  await answerOf(child);
  return { child, [Symbol.dispose]: () => void child.kill() };
}

/** A street's frames, so many a message. */
export function splitFrames(
  { subject, frames }: StreetMessage,
  framesPerMessage: number,
): BusMessage[] {
  const step = FRAME_BYTES * framesPerMessage;
  const messages: BusMessage[] = [];
  for (let at = 0; at < frames.length; at += step)
    messages.push({ subject, data: frames.subarray(at, at + step) });
  return messages;
}

/** Throws with what `describe` says where the work takes too long. */
export async function withinPatience<T>(work: Promise<T>, describe: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the bus was silent: ${describe()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** As child.ts reads them. */
export function encodeMessages(messages: readonly BusMessage[]): Uint8Array {
  let length = 0;
  for (const { subject, data } of messages) length += 8 + subject.length + data.length;
  const out = Buffer.alloc(length);
  let at = 0;
  for (const { subject, data } of messages) {
    out.writeUInt32LE(subject.length, at);
    out.writeUInt32LE(data.length, at + 4);
    out.write(subject, at + 8, 'latin1');
    out.set(data, at + 8 + subject.length);
    at += 8 + subject.length + data.length;
  }
  return out;
}

export function answerOf<T = void>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: T & { readonly error?: string }) => {
      child.off('exit', onExit);
      if (answer?.error === undefined) resolve(answer);
      else reject(new Error(`a process failed: ${answer.error}`));
    };
    const onExit = (code: number | null) => {
      child.off('message', onMessage);
      reject(new Error(`a process ended with ${code}`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}
