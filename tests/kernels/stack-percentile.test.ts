// The suite of stack-percentile, on every backend; its statements stand in checks/stack-percentile.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-percentile.js';

forEachCheck(checks);
