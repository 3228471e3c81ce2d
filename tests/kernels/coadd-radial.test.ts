// The suite of coadd-radial, on every backend; its statements stand in checks/coadd-radial.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/coadd-radial.js';

forEachCheck(checks);
