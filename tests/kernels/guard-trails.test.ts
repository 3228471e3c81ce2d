// The suite of guard-trails, on every backend; its statements stand in checks/guard-trails.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/guard-trails.js';

forEachCheck(checks);
