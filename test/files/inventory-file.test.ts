import { describe, expect, it } from 'vitest';
import { readInventoryFile } from '../../src/files/inventory-file.ts';

const ID = 'ab'.repeat(32);

function read(text: string) {
  async function* chunks() {
    yield new TextEncoder().encode(text);
  }
  return readInventoryFile({ file: 'inventory.csv', chunks: chunks() });
}

describe('inventory.csv', () => {
  it('says of each gateway where it belongs, and who it is once it has said so', async () => {
    const text = `gateway,area,channels,max_wh,connection_point,identity\na,es/m0/s0,net+export,4312,7,${ID.toUpperCase()}\nb,es/m0/s1,,,,\n`;
    const [a, b] = await read(text);
    expect(a).toEqual({
      ...{ gateway: 'a', area: 'es/m0/s0', channels: ['net', 'export'], maxWh: 4312 },
      ...{ connectionPoint: 7, identity: ID, line: 2 },
    });
    expect(b).toMatchObject({ channels: ['net'], maxWh: undefined, identity: undefined });
  });

  it('gives a gateway without a connection point one that stays, whatever stands around it', async () => {
    const [alone] = await read('gateway,area\nb,es/s0\n');
    const [, second] = await read('gateway,area\na,es/s0\nb,es/s0\n');
    expect(second?.connectionPoint).toBe(alone?.connectionPoint);
    const [other] = await read('gateway,area\na,es/s0\n');
    expect(other?.connectionPoint).not.toBe(alone?.connectionPoint);
  });

  it.each([
    ['', 'a header line'],
    ['gateway\n', 'area'],
    ['gateway,area\n', 'at least one gateway'],
    ['gateway,area\na b,es/s0\n', 'line 2, gateway'],
    ['gateway,area\n../a,es/s0\n', 'line 2, gateway'],
    [`gateway,area\n${'a'.repeat(49)},es/s0\n`, 'line 2, gateway'],
    ['gateway,area\na,es\n', 'line 2, area'],
    ['gateway,area\na,es/s0\na,es/s1\n', 'also on line 2'],
    ['gateway,area\na,es/s0\nb,es/s0/x\n', 'line 3, area'],
    ['gateway,area,channels\na,es/s0,export\n', 'line 2, channels'],
    ['gateway,area,max_wh\na,es/s0,-1\n', 'line 2, max_wh'],
    ['gateway,area,connection_point\na,es/s0,4294967296\n', 'line 2, connection_point'],
    ['gateway,area,connection_point\na,es/s0,1.5\n', 'line 2, connection_point'],
    [`gateway,area,identity\na,es/s0,${ID}00\n`, 'line 2, identity'],
    [`gateway,area,identity\na,es/s0,${ID}\nb,es/s0,${ID.toUpperCase()}\n`, 'also on line 2'],
  ])('refuses %j in one sentence', async (text, expected) => {
    await expect(read(text)).rejects.toThrow(expected);
  });
});
