import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { numberAt, parseMessage } from '../../../src/gateway/sources/json-field.ts';
import { type MqttTopic, mqttSource } from '../../../src/gateway/sources/mqtt.ts';
import { isTopicFilter, matchTopic } from '../../../src/gateway/sources/mqtt-topic.ts';
import { collect, until } from './collect.ts';

const TOPICS: readonly MqttTopic[] = [
  {
    topic: 'tele/plug/SENSOR',
    takes: { import: { path: 'ENERGY.Total', unit: 'kWh' } },
    powers: { import: { path: 'ENERGY.Power', unit: 'W' } },
  },
  {
    topic: 'zigbee2mqtt/meter',
    takes: {
      import: { path: 'energy', unit: 'kWh' },
      export: { path: 'produced_energy', unit: 'kWh' },
    },
    meterPath: 'device.ieeeAddr',
  },
  { topic: 'esphome/water/state', takes: { water: { path: '', unit: 'm3' } } },
];

async function broker(port = 0) {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const bound = (server.address() as { port: number }).port;
  return {
    port: bound,
    url: `mqtt://127.0.0.1:${bound}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((done) => aedes.close(() => done()));
      await new Promise((done) => server.close(done));
    },
  };
}

const KWH = 1_000_000;

describe('sensors on MQTT', () => {
  it('are read as Tasmota, zigbee2mqtt and ESPHome write them', async () => {
    await using running = await broker();
    await using source = collect(mqttSource({ url: running.url, topics: TOPICS }));
    await until(() => source.health.state === 'reading');
    const client = await connectAsync(running.url);
    await client.publishAsync(
      'tele/plug/SENSOR',
      '{"Time":"2026-11-21T10:00:00","ENERGY":{"Total":12.345,"Power":230}}',
    );
    await client.publishAsync(
      'zigbee2mqtt/meter',
      '{"energy":7.5,"produced_energy":"1.25","device":{"ieeeAddr":"0x00158d"}}',
    );
    await client.publishAsync('esphome/water/state', '123.456');
    await client.publishAsync('esphome/water/state', 'unavailable');
    await client.publishAsync('zigbee2mqtt/meter', '{"energy":null}');
    await until(() => source.measured.length === 3);
    await until(() => source.health.refused.get('no-register')?.count === 2);
    await client.endAsync();
    expect(
      source.measured.map(({ meter, amounts }) => [meter, Object.fromEntries(amounts)]),
    ).toEqual([
      [undefined, { import: 12.345 * KWH }],
      ['0x00158d', { import: 7.5 * KWH, export: 1.25 * KWH }],
      [undefined, { water: 123_456_000 }],
    ]);
    expect(source.measured[0]!.powersW.get('import')).toBe(230);
  });

  it('are meters of their own below a wildcard, and no others than those that are named', async () => {
    await using running = await broker();
    const topics: readonly MqttTopic[] = [
      {
        topic: 'tele/+/SENSOR',
        meters: ['roof', 'garage'],
        takes: { production: { path: 'ENERGY.Total', unit: 'kWh' } },
        powers: { production: { path: 'ENERGY.Power', unit: 'W' } },
      },
      { topic: 'gas/#', meters: ['cellar/old'], takes: { gas: { path: '', unit: 'm3' } } },
    ];
    await using source = collect(mqttSource({ url: running.url, topics }));
    await until(() => source.health.state === 'reading');
    const client = await connectAsync(running.url);
    const energy = (total: number) => JSON.stringify({ ENERGY: { Total: total, Power: 100 } });
    await client.publishAsync('tele/roof/SENSOR', energy(1));
    await client.publishAsync('tele/garage/SENSOR', energy(2));
    await client.publishAsync('tele/fridge/SENSOR', energy(3));
    await client.publishAsync('tele/roof/STATE', energy(4));
    await client.publishAsync('gas/cellar/old', '5');
    await until(() => source.measured.length === 3);
    await client.endAsync();
    expect(source.measured.map(({ feed, amounts }) => [feed, Object.fromEntries(amounts)])).toEqual(
      [
        ['roof', { production: KWH }],
        ['garage', { production: 2 * KWH }],
        ['cellar/old', { gas: 5_000_000 }],
      ],
    );
    expect([...source.health.refused]).toMatchObject([
      ['other-meter', { count: 1, detail: 'tele/fridge/SENSOR' }],
    ]);
  });

  it('are read with energy and power under topics of their own, as ESPHome has them', async () => {
    await using running = await broker();
    const topics: readonly MqttTopic[] = [
      { topic: 'home/sensor/total/state', takes: { import: { path: '', unit: 'kWh' } } },
      {
        topic: 'home/sensor/power/state',
        takes: {},
        powers: { import: { path: '', unit: 'W' } },
      },
    ];
    await using source = collect(mqttSource({ url: running.url, topics }));
    await until(() => source.health.state === 'reading');
    const client = await connectAsync(running.url);
    await client.publishAsync('home/sensor/total/state', '1234.567');
    await client.publishAsync('home/sensor/power/state', '-250.5');
    await client.publishAsync('home/sensor/total/state', 'nan');
    await until(() => source.health.refused.get('no-register')?.count === 1);
    await client.endAsync();
    expect(source.imports()).toEqual([1_234_567_000, undefined]);
    expect(source.measured[1]?.powersW.get('import')).toBe(-250.5);
  });

  it('does not take what a broker has kept from earlier', async () => {
    await using running = await broker();
    const client = await connectAsync(running.url);
    await client.publishAsync('esphome/water/state', '1.0', { retain: true });
    await using source = collect(mqttSource({ url: running.url, topics: TOPICS }));
    await until(() => source.refusedReasons().includes('retained'));
    await client.publishAsync('esphome/water/state', '2.0');
    await until(() => source.measured.length === 1);
    await client.endAsync();
    expect(source.measured[0]!.amounts.get('water')).toBe(2_000_000);
  });

  it('come back when the broker does', async () => {
    const first = await broker();
    await using source = collect(mqttSource({ url: first.url, topics: TOPICS }));
    await until(() => source.health.state === 'reading');
    await first[Symbol.asyncDispose]();
    await until(() => source.health.state === 'waiting');
    await using second = await broker(first.port);
    await until(() => source.health.state === 'reading');
    const client = await connectAsync(second.url);
    await client.publishAsync('esphome/water/state', '3');
    await until(() => source.measured.length === 1);
    await client.endAsync();
  });
});

describe('a filter of topics', () => {
  it.each([
    ['tele/+/SENSOR', 'tele/roof/SENSOR', 'roof'],
    ['+/+', 'a/b', 'a/b'],
    ['+/x/#', 'a/x/b/c', 'a/b/c'],
    ['a/#', 'a', ''],
    ['#', 'a/b', 'a/b'],
    ['a/b', 'a/b', ''],
    ['a/+', 'a', undefined],
    ['a/+', 'a/b/c', undefined],
    ['a/b', 'a/B', undefined],
    ['a', 'a/b', undefined],
  ])('%s has in %s for its wildcards: %s', (filter, topic, found) => {
    expect(isTopicFilter(filter)).toBe(true);
    expect(matchTopic(filter, topic)).toBe(found);
  });

  it.each(['', 'a#', 'a/#/b', 'a+/b', 'a\0b', 'x'.repeat(513)])('is not "%s"', (text) => {
    expect(isTopicFilter(text)).toBe(false);
  });
});

describe('a number in a message', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it.each([
    ['{"a":{"b":[1,{"c":2.5}]}}', 'a.b.1.c', 2.5],
    ['{"a":"0012.50"}', 'a', 12.5],
    ['42', '', 42],
    [' -7.25 ', '', -7.25],
  ])('%s at "%s" is %d', (text, path, value) => {
    expect(numberAt(parseMessage(bytes(text)), path)).toBe(value);
  });

  it.each([
    ['{"a":null}', 'a'],
    ['{"a":""}', 'a'],
    ['{"a":"1e9999"}', 'a'],
    ['{"a":[]}', 'a'],
    ['{"a":true}', 'a'],
    ['{}', '__proto__.x'],
    ['{}', 'constructor.length'],
    ['unknown', ''],
    ['', ''],
    [' ', ''],
  ])('%s at "%s" is none', (text, path) => {
    expect(numberAt(parseMessage(bytes(text)), path)).toBeUndefined();
  });

  it('is not looked for in a message that is too long', () => {
    expect(parseMessage(bytes(`"${'a'.repeat(70_000)}"`))).toBeUndefined();
  });
});
