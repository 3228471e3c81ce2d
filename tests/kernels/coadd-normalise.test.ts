// The suite of coadd-normalise, on every backend; its statements stand in checks/coadd-normalise.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/coadd-normalise.js';

forEachCheck(checks);
