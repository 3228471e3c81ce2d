// The suite of drop-rejected, on every backend; its statements stand in checks/drop-rejected.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/drop-rejected.js';

forEachCheck(checks);
