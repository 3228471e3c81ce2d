import asc from 'assemblyscript/asc'; import {readFileSync,existsSync,writeFileSync} from 'node:fs';
const {error,stderr}=await asc.main(['index.ts','--outFile','out.wasm','-O3','--noAssert','--runtime','stub','--enable','simd','--use','abort=','--disableWarning','--initialMemory','200'],{readFile:(n:string)=>existsSync('/tmp/s13/meas/mb/'+n)?readFileSync('/tmp/s13/meas/mb/'+n,'utf8'):null,writeFile:(n:string,c:any)=>{if(n.endsWith('.wasm'))writeFileSync('/tmp/s13/meas/mb/out.wasm',c)},listFiles:()=>[]});
if(error)throw new Error(stderr.toString());
const ins=new WebAssembly.Instance(new WebAssembly.Module(readFileSync('/tmp/s13/meas/mb/out.wasm'))); const e:any=ins.exports; const mem=new Uint16Array(e.memory.buffer);
const at=1<<20; const n=4096; const g=()=>{let s=0; for(let i=0;i<12;i++)s+=Math.random(); return s-6;};
for(const sigma of [7,20,0]){ for(let i=-2;i<n+8;i++) mem[(at>>1)+i]=sigma?Math.max(0,Math.round(50+sigma*g())):i%97;
 for(const f of ['v0','v1','v2','v3','v4']) for(const set of [0,464]){ let best=1e9; for(let r=0;r<40;r++){const t=performance.now(); for(let k=0;k<50;k++) e[f](at,n,set); best=Math.min(best,performance.now()-t);} console.log('sigma',sigma,f,'set',set,(best*1e6/50/n).toFixed(2),'ns/px'); } }
