// What stands in the output folder when an incremental run begins: the state whose mosaic is there, looked at before anything else costs time.
import path from 'node:path';
import { CodedError } from '../../errors.js';
import type { RunContext } from '../run-context.js';
import {
  differingKeys,
  mosaicMark,
  readIncrement,
  settingsOf,
  type IncrementState,
} from './increment-state.js';

/** The mosaic that is there cannot be added to. */
export class IncrementError extends CodedError {}

export interface StandingIncrement {
  /** Beside the mosaic: measures of frames, and the state. */
  readonly dir: string;
  /** The science image. */
  readonly mosaicPath: string;
  /** Of the mosaic that is there; where that is not one that was left, the latest. */
  readonly state?: IncrementState;
  /** What is not there as it was left: the science image, or what is added to; undefined where all of `state` stands. */
  readonly lacks?: string;
}

/** @throws IncrementError when what is kept cannot be read, or the mosaic was made with other settings. */
export async function standingIncrement({
  config,
  directories,
}: Pick<RunContext, 'config' | 'directories'>): Promise<StandingIncrement> {
  const stem = path.join(directories.outputDir, config.output_name);
  const [dir, mosaicPath] = [`${stem}_incremental`, `${stem}_science.fits`];
  const states = await readIncrement(dir);
  if (states === 'unreadable') throw new IncrementError('pipeline_incremental_unreadable', { dir });
  if (!states) return { dir, mosaicPath };
  const now = JSON.stringify(await mosaicMark(mosaicPath));
  const its = states.find(({ mosaic }) => JSON.stringify(mosaic) === now);
  const state = its ?? states[0];
  const keys = differingKeys(settingsOf(state.settings), settingsOf(config));
  if (keys.length > 0)
    throw new IncrementError('pipeline_incremental_settings', { keys: keys.join(', '), dir });
  if (!its) return { dir, mosaicPath, state, lacks: mosaicPath };
  const sumPath = its.sum && path.join(dir, its.sum.name);
  const isSumThere = !sumPath || JSON.stringify(await mosaicMark(sumPath)) === JSON.stringify(its.sum!.mark);
  return { dir, mosaicPath, state, ...(!isSumThere && { lacks: sumPath }) };
}
