// The suite of stack-kappa-sigma, on every backend; its statements stand in checks/stack-kappa-sigma.ts.
import { forEachCheck } from '../helpers/backends.js';
import * as checks from './checks/stack-kappa-sigma.js';

forEachCheck(checks);
