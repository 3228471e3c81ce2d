// The solver outside this program that the configuration names.
import path from 'node:path';
import { astapSolver } from '../../astrometry/external/astap.js';
import { astrometryWebSolver } from '../../astrometry/external/astrometry-web.js';
import type { ExternalSolver } from '../../astrometry/external/external-solver.js';
import { solveFieldSolver } from '../../astrometry/external/solve-field.js';
import { withHome } from '../../config/directories.js';
import type { RunConfig } from '../../config/table.js';
import { looksLikeAddress, webAddress } from '../../config/web-address.js';

/** The part of the configuration that it is made from. */
export type SolverConfig = Pick<
  RunConfig,
  | 'solver_method'
  | 'astap_executable_path'
  | 'astap_data_directory_path'
  | 'astap_default_search_radius'
  | 'astap_default_downsample'
  | 'astap_drizzled_fallback_enabled'
  | 'astap_max_instances'
  | 'astrometry_local_path'
  | 'astrometry_api_key'
  | 'astrometry_api_url'
  | 'astrometry_timeout'
  | 'astrometry_downsample'
>;

/** Where these programs are when nobody says: on the search path, else where their installers put them. */
const ASTAP_PLACES = [
  'astap_cli',
  'astap',
  '/opt/astap/astap',
  '/Applications/ASTAP.app/Contents/MacOS/astap',
  'C:\\Program Files\\astap\\astap.exe',
];
const SOLVE_FIELD_PLACES = [
  'solve-field',
  '/usr/local/astrometry/bin/solve-field',
  '/opt/homebrew/bin/solve-field',
];
/** Where ansvr listens unless told otherwise. */
const ANSVR_URL = 'http://127.0.0.1:8080/api/';

/** Undefined where none is named. */
export function externalSolver(config: SolverConfig): ExternalSolver | undefined {
  const timeoutMs = 1000 * config.astrometry_timeout;
  const local = config.astrometry_local_path;
  const isAddress = looksLikeAddress(local);
  const web = (address: string) =>
    astrometryWebSolver({
      // others are refused with the configuration
      ...webAddress(address)!,
      apiKey: config.astrometry_api_key,
      downsample: config.astrometry_downsample,
      timeoutMs,
    });
  const solveField = () =>
    solveFieldSolver({ programs: candidates(local, ['solve-field'], SOLVE_FIELD_PLACES), timeoutMs });
  switch (config.solver_method) {
    case 'none':
      return undefined;
    case 'astap':
      return astapSolver({
        programs: candidates(config.astap_executable_path, ['astap_cli', 'astap'], ASTAP_PLACES),
        dataDir: config.astap_data_directory_path && path.resolve(withHome(config.astap_data_directory_path)),
        radiusDeg: config.astap_default_search_radius,
        downsample: config.astap_default_downsample,
        retryWithoutScale: config.astap_drizzled_fallback_enabled,
        timeoutMs,
      });
    case 'astrometry':
      return config.astrometry_api_key === '' ? solveField() : web(config.astrometry_api_url);
    case 'ansvr':
      return local !== '' && !isAddress ? solveField() : web(local || ANSVR_URL);
  }
}

/** What to start: the given program, or one of `names` in the given folder; `places` when nothing is given. A bare name is sought on the search path. */
function candidates(given: string, names: readonly string[], places: readonly string[]): readonly string[] {
  if (given === '') return places;
  const at = withHome(given);
  if (!/[/\\]/.test(at)) return [at];
  const absolute = path.resolve(at);
  return [absolute, ...names.map((name) => path.join(absolute, name))];
}
