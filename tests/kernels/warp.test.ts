// The suite of warp, on every backend; its statements stand in checks/warp.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/warp.js';

forEachCheck(checks);
