// The suite of stack-median, on every backend; its statements stand in checks/stack-median.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-median.js';

forEachCheck(checks);
