// The suite of stack-min-max, on every backend; its statements stand in checks/stack-min-max.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-min-max.js';

forEachCheck(checks);
