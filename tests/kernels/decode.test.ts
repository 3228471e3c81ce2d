// The suite of decode, on every backend; its statements stand in checks/decode.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/decode.js';

forEachCheck(checks);
