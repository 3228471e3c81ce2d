// The suite of stack-linear-fit, on every backend; its statements stand in checks/stack-linear-fit.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-linear-fit.js';

forEachCheck(checks);
