/**
 * Rewrites the JavaScript half of wasm-vips so that it makes no functions out of strings, which the app's content security policy
 * forbids everywhere (https://github.com/kleisauke/wasm-vips/issues/127). Only Emscripten's glue is touched, which is MIT; the
 * `.wasm` files, parts of which are LGPL, are served as they came.
 */

interface Rewrite {
  /** The text of wasm-vips 0.0.19 that is replaced; it must be there exactly once. */
  readonly from: string;
  readonly to: string;
}

/**
 * Stands where Embind glues an invoker together: what the text would have said, as a closure. `parts` are what the text would have
 * named, in the order in which the glue gathers them: seven fixed ones, the stack's two where it is used, the converter of each
 * argument, and their destructors.
 */
const INVOKER = `(function(parts,{types,isMethod,count,destroys,stacks,returns}){
const [,,invoker,fn,runDestructors,fromRetWire,toClassParamWire]=parts;
let at=7;
const save=stacks?parts[at++]:null,restore=stacks?parts[at++]:null;
const toWire=parts.slice(at,at+count);
const dtors=parts.slice(at+count);
const owned=[];
if(!destroys)for(let i=isMethod?1:2;i<types.length;i++)if(types[i].I!==null)owned.push(isMethod?i-1:i-2);
return function(...values){
const destructors=destroys?[]:null,sp=stacks?save():0,wired=[];
let result;
try{
if(isMethod)wired.push(toClassParamWire(destructors,this));
for(let i=0;i<count;i++)wired.push(toWire[i](destructors,values[i]));
result=invoker(fn,...wired)
}finally{if(stacks)restore(sp)}
if(destroys)runDestructors(destructors);
else owned.forEach((place,i)=>dtors[i](wired[place]));
return returns?fromRetWire(result):undefined
}})`;

/** Stands where Embind glues together how C++ calls a function, a method or a constructor of JavaScript. */
const METHOD_CALLER = `(function(scope,{count,kind,isVoid}){
return function(handle,methodName,destructorsRef,args){
const values=[];
for(let i=0;i<count;i++)values.push(scope["argFromPtr"+i](args+i*8));
let result;
switch(kind){
case 0:result=scope.toValue(handle)(...values);break;
case 1:result=scope.toValue(handle)[scope.getStringOrSymbol(methodName)](...values);break;
case 2:result=new (scope.toValue(handle))(...values);break;
default:result=values[count-1]}
return isVoid?undefined:scope.emval_returnValue(scope.toReturnWire,destructorsRef,result)
}})`;

/** Functions that a side module brings as text: none of libvips's does, so this is never reached. */
const NO_TEXT = `(()=>{throw Error("this build runs no code out of strings")})()`;

const REWRITES: readonly Rewrite[] = [
  {
    from: 'new Function(v,n+"}\\n"))(...d)',
    to: `${INVOKER}(d,{types:b,isMethod:c,count:p,destroys:h,stacks:l,returns:m}))`,
  },
  {
    from: 'new Function(Object.keys(h),l))(...Object.values(h))',
    to: `${METHOD_CALLER}(h,{count:g.length,kind:c,isVoid:b.kb}))`,
  },
  { from: 'eval(`(${xa}) => { ${Z} };`)', to: NO_TEXT },
  { from: 'eval(`(${Xa}) => ${tb};`)', to: NO_TEXT },
];

/** The glue without functions out of strings. Throws when a new version of wasm-vips says something else in these places. */
export function rewriteVipsGlue(glue: string): string {
  let result = glue;
  for (const { from, to } of REWRITES) {
    const pieces = result.split(from);
    if (pieces.length !== 2) {
      throw new Error(
        `wasm-vips has changed: “${from}” is there ${pieces.length - 1} times. Adapt scripts/vips-glue.ts.`,
      );
    }
    result = pieces.join(to);
  }
  return result;
}
