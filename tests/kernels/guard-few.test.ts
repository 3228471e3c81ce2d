// The suite of guard-few, on every backend; its statements stand in checks/guard-few.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/guard-few.js';

forEachCheck(checks);
