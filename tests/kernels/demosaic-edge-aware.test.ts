// The suite of demosaic-edge-aware, on every backend; its statements stand in checks/demosaic-edge-aware.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/demosaic-edge-aware.js';

forEachCheck(checks);
