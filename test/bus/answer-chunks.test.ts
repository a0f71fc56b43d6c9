import { describe, expect, it } from 'vitest';
import {
  AnswerAssembler,
  type AnswerResult,
  encodeAnswer,
  encodeRefusal,
} from '../../src/bus/answer-chunks.ts';

const data = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);
const refused = (code: string) => ({ kind: 'refused', error: expect.objectContaining({ code }) });

function takeAll(messages: Iterable<Uint8Array>): AnswerResult | undefined {
  const assembler = new AnswerAssembler();
  let result: AnswerResult | undefined;
  for (const message of messages) {
    result = assembler.take(message);
    if (result.kind !== 'incomplete') return result;
  }
  return result;
}

describe('answer chunks', () => {
  it.each([0, 1, 524_288, 524_289, 1_048_577])('carry %i bytes', (length) => {
    expect(takeAll(encodeAnswer(data(length)))).toEqual({ kind: 'complete', data: data(length) });
  });

  it('keep two answers apart that arrive mixed', () => {
    const one = [...encodeAnswer(data(1_200_000))];
    const two = [...encodeAnswer(data(1_300_000))];
    const mixed = one.flatMap((message, i) => [message, two[i]!]);
    expect(takeAll(mixed)).toEqual({ kind: 'complete', data: data(1_200_000) });
  });

  it('notice a chunk that is missing, twice there or out of order', () => {
    const [first, second, third, end] = [...encodeAnswer(data(1_200_000))] as Uint8Array[];
    for (const messages of [
      [second, third, end],
      [first, third, end],
      [first, second, end],
      [first, first, second, third, end],
      [end],
    ]) {
      expect(takeAll(messages as Uint8Array[])).toEqual(refused('remote-error'));
    }
    expect(takeAll([first!, second!, third!])).toEqual({ kind: 'incomplete' });
  });

  it('never throw on bytes from outside', () => {
    for (const bytes of [
      [],
      [1],
      [2, ...new Array(20).fill(0)],
      [1, 9, ...new Array(20).fill(0)],
    ]) {
      expect(takeAll([Uint8Array.from(bytes)])).toEqual(refused('remote-error'));
    }
  });

  it('carry a refusal, and cut its text', () => {
    expect(takeAll([encodeRefusal('no')])).toEqual({
      kind: 'refused',
      error: expect.objectContaining({ code: 'remote-error', message: 'no' }),
    });
    expect(encodeRefusal('x'.repeat(1_000_000)).length).toBeLessThan(5_000);
  });

  it('do not grow beyond the limit, whatever is sent', () => {
    const assembler = new AnswerAssembler();
    const chunk = [...encodeAnswer(data(524_289))][0]!;
    const view = new DataView(chunk.buffer);
    let result: AnswerResult = { kind: 'incomplete' };
    for (let i = 0; i < 1_000 && result.kind === 'incomplete'; i++) {
      view.setUint32(10, i, true);
      result = assembler.take(chunk);
    }
    expect(result).toEqual(refused('too-large'));
  });
});
