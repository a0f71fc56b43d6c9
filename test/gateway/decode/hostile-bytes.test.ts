import { describe, it } from 'vitest';
import { DSMR_P1 } from '../../../src/gateway/decode/dsmr-p1/dsmr-p1.ts';
import { IEC62056_21 } from '../../../src/gateway/decode/iec62056-21/iec62056-21.ts';
import { LINKY_TIC } from '../../../src/gateway/decode/linky-tic/linky-tic.ts';
import { SML } from '../../../src/gateway/decode/sml/sml.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from './fuzz.ts';
import {
  encryptedP1,
  p1Telegram,
  readout,
  smlFile,
  TEST_KEY,
  TIC_HISTORIC,
  TIC_STANDARD,
  ticFrame,
} from './samples.ts';

describe(`decoders under ${FUZZ_INPUTS} hostile inputs each`, () => {
  it('sml', { timeout: FUZZ_TIMEOUT_MS }, () => {
    // Most damage is found by the CRC; without it what is behind the CRC is reached.
    expectBoth(fuzzDecoder(SML, [smlFile()]));
    expectBoth(fuzzDecoder(SML, [smlFile()], { checksums: 'ignore' }));
  });

  it('dsmr-p1', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const samples = [p1Telegram(), encryptedP1(p1Telegram())];
    expectBoth(fuzzDecoder(DSMR_P1, samples, { key: TEST_KEY }));
    expectBoth(fuzzDecoder(DSMR_P1, samples, { checksums: 'ignore' }));
  });

  it('iec62056-21', { timeout: FUZZ_TIMEOUT_MS }, () => {
    expectBoth(fuzzDecoder(IEC62056_21, [readout()], { checksums: 'require' }));
    expectBoth(fuzzDecoder(IEC62056_21, [readout()]));
  });

  it('linky-tic', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const samples = [ticFrame(TIC_HISTORIC, 'historic'), ticFrame(TIC_STANDARD, 'standard')];
    expectBoth(fuzzDecoder(LINKY_TIC, samples));
    expectBoth(fuzzDecoder(LINKY_TIC, samples, { checksums: 'ignore' }));
  });
});
