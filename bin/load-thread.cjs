// A thread of the built program: loads the module that it is told of, with the code that was kept of it where it is part of the joined program.
const { pathToFileURL } = require('node:url');
const { loadKept } = require('./load-program.cjs');

const file = process.argv[2];
if (!loadKept(file)) void import(pathToFileURL(file).href);
