// The suite of coadd-accumulate, on every backend; its statements stand in checks/coadd-accumulate.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/coadd-accumulate.js';

forEachCheck(checks);
