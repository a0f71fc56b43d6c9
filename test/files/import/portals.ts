// Mappings for exports of real portals, with a few rows as each writes them: made-up meters and
// values. docs/import.md shows the same mappings.

import { type CsvMapping, parseCsvMapping } from '../../../src/files/import/mapping.ts';

export interface Portal {
  readonly name: string;
  readonly mapping: unknown;
  readonly text: string;
  /** Rows of readings.csv. */
  readonly lines: readonly string[];
}

export function mappingOf(mapping: unknown): CsvMapping {
  return parseCsvMapping(JSON.stringify(mapping), 'mapping.json');
}

export const PORTALS: readonly Portal[] = [
  {
    name: 'e-distribución, Spain',
    mapping: {
      source: 'e-distribución, curvas de consumo: hours of the day counted 1 to 25',
      delimiter: ';',
      decimal: ',',
      timezone: 'Europe/Madrid',
      intervalMinutes: 60,
      meter: { column: 'CUPS' },
      stamp: { columns: ['Fecha'], format: 'DD/MM/YYYY', period: 'Hora' },
      values: [
        { column: 'AE_kWh', kind: 'import', unit: 'kWh' },
        { column: 'AS_kWh', kind: 'export', unit: 'kWh' },
      ],
      estimated: { column: 'REAL/ESTIMADO', equals: 'E' },
    },
    text: 'CUPS;Fecha;Hora;AE_kWh;AS_KWh;AE_AUTOCONS_kWh;REAL/ESTIMADO\nES0031;27/10/2024;1;0,123;0,000;;R\nES0031;27/10/2024;25;1,2345;;;E\n',
    lines: ['ES0031,2024-10-26T22:00:00Z,123,0,', 'ES0031,2024-10-27T22:00:00Z,1235,,'],
  },
  {
    name: 'Datadis, Spain',
    mapping: {
      source: 'Datadis, consumo por horas: each hour by the time it ends, 01:00 to 24:00',
      delimiter: ';',
      decimal: ',',
      timezone: 'Europe/Madrid',
      intervalMinutes: 60,
      meter: { column: 'CUPS' },
      stamp: { at: 'labelled-end', columns: ['Fecha', 'Hora'], format: 'YYYY/MM/DD HH:mm' },
      values: [{ column: 'AE_kWh', kind: 'import', unit: 'kWh' }],
    },
    text: 'CUPS;Fecha;Hora;AE_kWh\nES0021;2024/06/01;01:00;0,1\nES0021;2024/06/01;24:00;0,2\n',
    lines: ['ES0021,2024-05-31T22:00:00Z,100,,', 'ES0021,2024-06-01T21:00:00Z,200,,'],
  },
  {
    name: 'Enedis, France',
    mapping: {
      source: 'Enedis, Mes données: courbe de charge (PRM; mean power, stamped at its end)',
      delimiter: ';',
      timezone: 'Europe/Paris',
      intervalMinutes: 30,
      meter: { column: 'Identifiant PRM' },
      stamp: { at: 'end', columns: ['Horodate'], format: 'YYYY-MM-DD HH:mm:ss' },
      values: [
        {
          column: 'Valeur',
          kind: 'import',
          unit: 'W',
          where: { column: 'Grandeur métier', equals: 'CONS' },
        },
        {
          column: 'Valeur',
          kind: 'export',
          unit: 'W',
          where: { column: 'Grandeur métier', equals: 'PROD' },
        },
      ],
    },
    text: 'Identifiant PRM;Date de début;Date de fin;Grandeur physique;Grandeur métier;Etape métier;Unité;Horodate;Valeur;Nature;Pas\n1912;2024-01-01;2024-02-01;PA;CONS;BRUT;W;2024-01-01 00:30:00;692;B;PT30M\n1912;2024-01-01;2024-02-01;PA;PROD;BRUT;W;2024-01-01 00:30:00;11;B;PT30M\n',
    lines: ['1912,2023-12-31T23:00:00Z,346,6,'],
  },
  {
    name: 'a German portal',
    mapping: {
      source: 'Netzbetreiber-Portal: Lastgang, mean power in kW, Windows encoding',
      delimiter: ';',
      decimal: ',',
      group: '.',
      encoding: 'windows-1252',
      headerLine: 3,
      timezone: 'Europe/Berlin',
      intervalMinutes: 15,
      meter: { name: 'DE-home' },
      stamp: { at: 'labelled-end', columns: ['Datum', 'Uhrzeit bis'], format: 'DD.MM.YYYY HH:mm' },
      values: [{ column: 'Wert (kW)', kind: 'import', unit: 'kW' }],
      missing: ['---'],
    },
    text: 'Lastgang\nZählpunkt;DE00\nDatum;Uhrzeit bis;Wert (kW);Status\n27.10.2024;02:45;1.234,000;W;\n27.10.2024;03:00;4,000;W;\n27.10.2024;02:15;8,000;W;\n27.10.2024;24:00;---;F;\n',
    lines: [
      'DE-home,2024-10-27T00:30:00Z,308500,,',
      'DE-home,2024-10-27T00:45:00Z,1000,,',
      'DE-home,2024-10-27T01:00:00Z,2000,,',
    ],
  },
  {
    name: 'a Dutch portal',
    mapping: {
      source: 'Dutch P1 portals: registers of both tariffs in one total each, offset in a column',
      delimiter: ',',
      intervalMinutes: 15,
      stamp: {
        columns: ['Datum', 'Tijd'],
        format: 'DD-MM-YYYY HH:mm',
        offsetColumn: 'Zone',
        offsets: { zomer: 120, winter: 60 },
      },
      values: [
        { column: 'Afname totaal', kind: 'import', unit: 'kWh', cumulative: true },
        {
          column: 'Teruglevering totaal',
          kind: 'export',
          unit: 'Wh',
          multiplier: '10',
          cumulative: true,
        },
      ],
    },
    text: 'Datum,Tijd,Zone,Afname totaal,Teruglevering totaal\n27-10-2024,02:45,zomer,100.4,5\n27-10-2024,02:00,winter,100.9004,5\n27-10-2024,02:15,winter,101,7\n',
    lines: ['home,2024-10-27T00:45:00Z,500,0,', 'home,2024-10-27T01:00:00Z,100,20,'],
  },
  {
    name: 'ESB Networks, Ireland',
    mapping: {
      source:
        'ESB Networks, harmonised data file: mean kW, stamped at the end of the half hour, newest first',
      timezone: 'Europe/Dublin',
      intervalMinutes: 30,
      meter: { column: 'MPRN' },
      stamp: { at: 'end', columns: ['Read Date and End Time'], format: 'DD-MM-YYYY HH:mm' },
      values: [
        {
          column: 'Read Value',
          kind: 'import',
          unit: 'kW',
          where: { column: 'Read Type', equals: 'Active Import Interval (kW)' },
        },
        {
          column: 'Read Value',
          kind: 'export',
          unit: 'kW',
          where: { column: 'Read Type', equals: 'Active Export Interval (kW)' },
        },
      ],
    },
    text: 'MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n10,1,0.5,Active Import Interval (kW),27-10-2024 02:00\n10,1,0.4,Active Import Interval (kW),27-10-2024 01:30\n10,1,0.3,Active Import Interval (kW),27-10-2024 01:00\n10,1,0.2,Active Import Interval (kW),27-10-2024 01:30\n10,1,0.1,Active Import Interval (kW),27-10-2024 01:00\n',
    lines: [
      '10,2024-10-26T23:30:00Z,50,,',
      '10,2024-10-27T00:00:00Z,100,,',
      '10,2024-10-27T00:30:00Z,150,,',
      '10,2024-10-27T01:00:00Z,200,,',
      '10,2024-10-27T01:30:00Z,250,,',
    ],
  },
];
