// The suite of stack-esd, on every backend; its statements stand in checks/stack-esd.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-esd.js';

forEachCheck(checks);
