// The suite of fix-hot-pixels, on every backend; its statements stand in checks/fix-hot-pixels.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/fix-hot-pixels.js';

forEachCheck(checks);
