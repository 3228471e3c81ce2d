// The suite of stack-mad, on every backend; its statements stand in checks/stack-mad.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-mad.js';

forEachCheck(checks);
