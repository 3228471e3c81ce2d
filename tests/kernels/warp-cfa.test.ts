// The suite of warp-cfa, on every backend; its statements stand in checks/warp-cfa.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/warp-cfa.js';

forEachCheck(checks);
