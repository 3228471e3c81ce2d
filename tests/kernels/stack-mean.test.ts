// The suite of stack-mean, on every backend; its statements stand in checks/stack-mean.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-mean.js';

forEachCheck(checks);
