// The composition root: the one place that knows the pipeline and the backends.
import type { CommandServices } from './services.js';

export declare const services: CommandServices;
