// The suite of drizzle, on every backend; its statements stand in checks/drizzle.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/drizzle.js';

forEachCheck(checks);
