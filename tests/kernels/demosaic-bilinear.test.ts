// The suite of demosaic-bilinear, on every backend; its statements stand in checks/demosaic-bilinear.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/demosaic-bilinear.js';

forEachCheck(checks);
