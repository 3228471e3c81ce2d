// What two runs must have in common for one to go on where the other stopped: everything that the bytes of the result depend on.
import { createHash } from 'node:crypto';
import type { BackendInfo } from '../../compute/backend.js';
import type { CodedMessage } from '../../config/errors.js';
import { withoutSecrets } from '../../config/secrets.js';
import type { RunConfig } from '../../config/table.js';
import type { FileMark } from '../../frames/file-mark.js';
import type { FrameRecord } from '../../frames/frame-record.js';

/** Version of the state's layout. */
const STATE_VERSION = 1;

/** Keys without a say in the result: what is shown, what is kept, and by whom it is computed, which is compared by name. */
const WITHOUT_A_SAY: ReadonlySet<string> = new Set<keyof RunConfig>([
  'resume',
  'language',
  'qt_theme_mode',
  'log_level',
  'cleanup_temp_artifacts',
  'coadd_cleanup_memmap',
  'cache_retention',
  'runtime_temp_dir',
  'num_processing_workers',
  'backend',
  'require_gpu',
  'use_gpu_phase5',
  'gpu_selector',
  // another key asks the same service
  'astrometry_api_key',
]);

/** One input as it was listed, and what its header told. */
export interface InputMark extends FileMark {
  /** SHA-256 of the frame's record. */
  readonly header: string;
}

export interface ResumeKey {
  readonly stateVersion: number;
  readonly program: string;
  readonly node: string;
  /** `name (device)`. */
  readonly backend: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputMark[];
}

/** Threads do not change bytes, so that a device is the same with more or fewer of them. */
function backendLabel({ name, device }: Pick<BackendInfo, 'name' | 'device'>): string {
  return `${name} (${device.replace(/\d+ × SIMD/, 'SIMD')})`;
}

export function resumeKey(
  program: string,
  config: RunConfig,
  backend: BackendInfo,
  lights: readonly FrameRecord[],
): ResumeKey {
  const inputs = lights.map((record): InputMark => {
    const { path, bytes, modifiedMs } = record;
    const header = createHash('sha256').update(JSON.stringify(record)).digest('hex');
    return { path, bytes, modifiedMs, header };
  });
  return {
    stateVersion: STATE_VERSION,
    program,
    node: process.versions.node.split('.')[0],
    backend: backendLabel(backend),
    config: Object.fromEntries(
      Object.entries(withoutSecrets(config)).filter(([key]) => !WITHOUT_A_SAY.has(key)),
    ),
    inputs,
  };
}

/** Why a run with key `now` cannot go on where one with key `then` stopped, the other backend apart; undefined when it can. */
export function misfit(then: ResumeKey, now: ResumeKey): CodedMessage | undefined {
  const version = ({ program, node, stateVersion }: ResumeKey) => `${program}, Node ${node}, ${stateVersion}`;
  if (version(then) !== version(now)) {
    return { code: 'pipeline_resume_version', params: { then: version(then), now: version(now) } };
  }
  const keys = [...new Set([...Object.keys(then.config), ...Object.keys(now.config)])].filter(
    (key) => JSON.stringify(then.config[key]) !== JSON.stringify(now.config[key]),
  );
  if (keys.length > 0)
    return { code: 'pipeline_resume_config', params: { keys: keys.sort().join(', '), count: keys.length } };
  const before = new Map(then.inputs.map((input) => [input.path, input]));
  const changed = now.inputs.filter(
    (input) => JSON.stringify(before.get(input.path)) !== JSON.stringify(input),
  );
  const present = new Set(now.inputs.map((input) => input.path));
  const gone = then.inputs.filter((input) => !present.has(input.path));
  const different = [...changed, ...gone];
  if (different.length === 0) return undefined;
  return {
    code: 'pipeline_resume_inputs',
    params: { count: different.length, path: different[0].path },
  };
}
