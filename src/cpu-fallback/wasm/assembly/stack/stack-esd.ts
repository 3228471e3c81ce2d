// Kernel stack-esd (src/compute/contracts/stack-esd.ts).
import { StackEsdJob as Job } from '../layout';
import { end, keepRun, medianBetween, rank, stackRanked } from './stack-ranked';

export function stackEsd(job: usize, from: u32, to: u32, scratch: usize): void {
  stackRanked(job, job + Job.ADDRESSES, Job.combine(job) != 0, from, to, scratch, reject);
}

function reject(job: usize, list: usize): void {
  const n = end;
  const most = <u32>((<u64>n * Job.mostPerMille(job)) / 1000);
  const critical = Job.critical_at(job);
  const origin = medianBetween(list, 0, n);
  let lo: u32 = 0;
  let hi = n;
  let a = lo;
  let b = hi;
  for (let taken: u32 = 0; taken < most && hi - lo >= 3 && rank(list, lo) < rank(list, hi - 1); taken++) {
    const m = hi - lo;
    let sum: f64 = 0;
    for (let k = lo; k < hi; k++) sum += <f64>rank(list, k) - origin;
    const mean = sum / <f64>m;
    let squares: f64 = 0;
    for (let k = lo; k < hi; k++) {
      const d = <f64>rank(list, k) - origin - mean;
      squares += d * d;
    }
    const s = Math.sqrt(squares / <f64>(m - 1));
    const below = mean - (<f64>rank(list, lo) - origin);
    const above = <f64>rank(list, hi - 1) - origin - mean;
    if (above >= below) hi--;
    else lo++;
    if (max(above, below) > <f64>load<f32>(critical + (<usize>m << 2)) * s) {
      a = lo;
      b = hi;
    }
  }
  keepRun(list, a, b);
}
