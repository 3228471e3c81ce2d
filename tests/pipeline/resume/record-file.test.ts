// A file of records that grows while others read.
import path from 'node:path';
import { expect, it } from 'vitest';
import { RecordFile } from '../../../src/pipeline/resume/record-file.js';
import { endsInPlace, whilePoolIsBusy } from '../../helpers/blocked-pool.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();

it.skipIf(process.platform === 'win32')(
  'takes records without the thread pool, in their order: frames are handed on behind them',
  async () => {
    const at = path.join(folder(), 'records.bin');
    const file = await RecordFile.open(at);
    const records = [{ a: 1 }, { b: Float32Array.of(1, NaN) }, { c: 'x'.repeat(100_000) }];
    const ended = await whilePoolIsBusy(folder(), () =>
      endsInPlace(Promise.all(records.map((record) => file.append(record)))),
    );
    await file.close();
    expect(ended).toBe(true);
    const again = await RecordFile.open(at);
    expect(again.records).toEqual(records);
    await again.close();
  },
);
