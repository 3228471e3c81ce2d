// One thread of the solver: searches that it is asked for, one at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { StarCatalogue } from '../../catalogue/star-catalogue.js';
import { FrameSearch } from './frame-search.js';
import { runTask } from './search-task.js';
import { sentResult, type SearchRequest, type SearchThreadStart } from './search-wire.js';

const { catalogue, name } = workerData as SearchThreadStart;
const search = new FrameSearch(new StarCatalogue(catalogue, name));
parentPort?.on('message', ({ task }: SearchRequest) => {
  // what fails here ends the thread, and the error tells the pool why
  void runTask(search, task).then((result) => parentPort?.postMessage(sentResult(result)));
});
