// A small FITS file that says who made it.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createFitsWriter } from '../../src/fits/write/create-fits-writer.js';
import type { CardInput } from '../../src/fits/write/format-card.js';
import { provenanceCards } from '../../src/output/cards/provenance-cards.js';

const OURS = provenanceCards({
  software: 'ZeMosaic 0.1.0',
  configDigest: 'abc',
  backend: 'reference',
  versions: {},
  framesUsed: 4,
  framesTotal: 4,
  stages: [],
});

/** One pixel, by this program unless `cards` tell otherwise. */
export async function writeTile(at: string, cards: readonly CardInput[] = OURS): Promise<void> {
  await mkdir(path.dirname(at), { recursive: true });
  const writer = await createFitsWriter(at);
  await writer.beginImage({ bitpix: -32, shape: [1, 1], cards });
  await writer.writeRows(new Float32Array(1));
  await writer.endImage();
  await writer.commit();
}
