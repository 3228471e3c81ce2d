// The suite of calibrate, on every backend; its statements stand in checks/calibrate.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/calibrate.js';

forEachCheck(checks);
