// A thread of the program: loads the module that it is told of.
const { loadModule } = require('./load-program.cjs');

void loadModule(process.argv[2]);
