// The suite of stack-winsorised, on every backend; its statements stand in checks/stack-winsorised.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-winsorised.js';

forEachCheck(checks);
